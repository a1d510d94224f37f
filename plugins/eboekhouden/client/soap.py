"""The SOAP interface (manual 5.5, contract 2 to 6) through zeep.

The WSDL is read once a process from its own address; calls go to the SOAP address and
nowhere else. One session serves a whole batch; it is opened again once when it has
expired, and closed at the end.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import Any

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, KoppelwerkError, OutcomeUnknown, RetryLater
from plugins.eboekhouden import wire
from plugins.eboekhouden.checks import check_texts
from plugins.eboekhouden.client import (
    CallCounter,
    Credentials,
    EntryQuery,
    KnownIds,
    money,
    pages,
)
from plugins.eboekhouden.client.http import XmlHttp, split
from plugins.eboekhouden.refusals import (
    MONTH_LIMIT,
    SERVICE,
    is_session_lost,
    plain_code,
    refusal,
)
from plugins.eboekhouden.wire import Body

_BINDING = "{http://www.e-boekhouden.nl/soap}soapAppSoap"
_ZONE = "Europe/Amsterdam"
"""Of the vendor, for the day on which a relation is added."""
_WRITES = frozenset(("AddRelatie", "UpdateRelatie", "AddMutatie"))


class _Answered:
    """An answer in the shape that zeep reads."""

    status_code = 200
    encoding = "utf-8"

    def __init__(self, headers: Mapping[str, str], content: bytes) -> None:
        self.headers = headers
        self.content = content


class _Wire:
    """zeep's transport: everything goes over the guarded one, to one address."""

    def __init__(self, http: XmlHttp, path: str) -> None:
        self._http = http
        self._path = path
        self.operation = ""
        self.has_left = False
        """Whether the message was built and given to the network."""

    def load(self, url: str) -> bytes:
        """Refuse to follow what a document points to."""
        raise wire.Malformed(f"the WSDL points elsewhere: {url[:80]}")

    def post_xml(self, _: str, envelope: Any, headers: dict[str, str]) -> _Answered:
        """Post an envelope; the address comes from the settings, not from the WSDL."""
        text = import_module("lxml.etree").tostring(envelope, encoding="unicode")
        self.has_left = True
        answer = self._http.request(
            "POST",
            self._path,
            data=text,
            headers={**headers, "Accept": "text/xml"},
            writes=self.operation in _WRITES,
            endpoint=self.operation,
        )
        if not answer.ok:
            raise wire.Malformed(f"HTTP {answer.status}")
        return _Answered(answer.headers, answer.body)


class SoapEBoekhouden:
    """One administration over SOAP; see `client.EBoekhouden`."""

    lists_whole = True
    known_ids: KnownIds | None = None

    def __init__(
        self,
        credentials: Credentials,
        counter: CallCounter,
        *,
        wsdl_url: str,
        soap_url: str,
    ) -> None:
        """Bind to the codes of one administration; nothing is called yet."""
        self._credentials = credentials
        self._counter = counter
        self._wsdl_url = wsdl_url
        base, path = split(soap_url)
        self.http = XmlHttp(base, service=SERVICE)
        self._wire = _Wire(self.http, path)
        self._address = base + path
        self._session = ""
        self._service: Any = None

    @property
    def last_exchange(self) -> str:
        """The last request and answer, redacted."""
        return self.http.last_exchange

    def login(self) -> None:
        """Open a session (OpenSession)."""
        given = self._credentials
        answer = self._ask(
            "OpenSession",
            Username=given.username,
            SecurityCode1=given.code1,
            SecurityCode2=given.code2,
            Source=wire.SOURCE,
        )
        self._raise(answer)
        session = str(answer.get("SessionID") or "")
        if not session:
            raise RetryLater("remote_nonsense", service=SERVICE, detail="no SessionID")
        self._session = session

    def close(self) -> None:
        """End the session (CloseSession); what fails there changes nothing for us."""
        session, self._session = self._session, ""
        try:
            if session:
                self._ask("CloseSession", SessionID=session)
        except KoppelwerkError:
            pass
        finally:
            self.http.close()

    def administrations(self) -> Sequence[Body]:
        """Read the administrations (GetAdministraties)."""
        return _rows(self._call("GetAdministraties"), "Administraties")

    def ledger_accounts(self) -> Sequence[Body]:
        """Read all ledger accounts (GetGrootboekrekeningen)."""
        query = {"ID": 0, "Code": "", "Categorie": ""}
        return _rows(self._call("GetGrootboekrekeningen", cFilter=query), "Rekeningen")

    def relations(
        self,
        *,
        email: str = "",
        code: str = "",
        external_id: str = "",
        known: Container[str] = (),
    ) -> Sequence[Body]:
        """Read relations whole (GetRelaties); Trefwoord also searches addresses."""
        query = {"Trefwoord": email, "Code": code, "ID": int(external_id or 0)}
        rows = _rows(self._call("GetRelaties", cFilter=query), "Relaties")
        if email:
            rows = [row for row in rows if _lower(row.get("Email")) == email.lower()]
        return [row for row in rows if not code or row.get("Code") == code]

    def add_relation(self, relation: Body) -> str:
        """Add a relation (AddRelatie)."""
        return _number(self._call("AddRelatie", oRel=_whole(relation)), "Rel_ID")

    def update_relation(self, relation: Body) -> None:
        """Replace a relation (UpdateRelatie, which answers cError directly)."""
        self._call("UpdateRelatie", oRel=_whole(relation))

    def add_entry(self, entry: Body) -> str:
        """Book an entry (AddMutatie)."""
        rows = [
            {name: line[name] for name in wire.LINE_FIELDS}
            for line in entry["MutatieRegels"]
        ]
        body = {**entry, "MutatieRegels": {"cMutatieRegel": rows}}
        answer = self._call("AddMutatie", oMut=body)
        return _number(answer, "Mutatienummer")

    def entries(self, query: EntryQuery) -> Sequence[Body]:
        """Read entries (GetMutaties): the newest 500 of what fits."""
        asked = {
            "MutatieNr": query.number,
            "MutatieNrVan": query.first,
            "MutatieNrTm": query.last,
            "Factuurnummer": query.invoice_number,
            "DatumVan": query.since,
            "DatumTm": query.until,
        }
        rows = _rows(self._call("GetMutaties", cFilter=asked), "Mutaties")
        return [_entry(row) for row in rows]

    def payments(self, reference: str, paid_on: date) -> Sequence[Body]:
        """Read the entries of a day (GetMutaties).

        Whether an invoice number finds its payments is not told, a day does. Of a day
        with more rows than one answer holds the older ones are asked for as well.
        """
        query, found = EntryQuery(since=paid_on, until=paid_on), list[Body]()
        for page in pages(self, query):
            found += [row for row in page if row.get("Boekstuk") == reference]
            if found:
                break
        return found

    def open_items(self) -> Sequence[Body]:
        """Read open items of debtors (GetOpenPosten)."""
        rows = _rows(self._call("GetOpenPosten", OpSoort="Debiteuren"), "Openposten")
        for row in rows:
            row["MutDatum"] = _day(row["MutDatum"])
        return rows

    def balance(self, account: str) -> Decimal:
        """Read a balance (GetSaldo)."""
        query = EntryQuery()
        asked = {
            "GbCode": account,
            "KostenPlaatsId": 0,
            "DatumVan": query.since,
            "DatumTot": query.until,
        }
        return money(self._call("GetSaldo", cFilter=asked).get("Saldo"))

    def _call(self, operation: str, **arguments: Any) -> Body:
        """Call within a session; an expired one did nothing, so once more in a new one.

        Raises RetryLater `eboekhouden_session_lost` when the new one is refused too.
        """
        if not self._session:
            self.login()
        answer = self._in_session(operation, arguments)
        if is_session_lost(_error(answer)[0]):
            self.login()
            answer = self._in_session(operation, arguments)
        if is_session_lost(_error(answer)[0]):
            raise RetryLater("eboekhouden_session_lost", service=SERVICE)
        self._raise(answer)
        return answer

    def _in_session(self, operation: str, arguments: Mapping[str, Any]) -> Body:
        return self._ask(
            operation,
            SessionID=self._session,
            SecurityCode2=self._credentials.code2,
            **arguments,
        )

    def _raise(self, answer: Body) -> None:
        code, description = _error(answer)
        if plain_code(code) == MONTH_LIMIT:
            raise self._counter.refused()
        if code:
            raise refusal(code, description)

    def _ask(self, operation: str, **arguments: Any) -> Body:
        """Do one counted call; what cannot be read is unknown for a write.

        A message that cannot be built is a fault of ours: AskUser
        `eboekhouden_unfit_text` or `eboekhouden_not_built`, and nothing left.
        """
        check_texts(arguments)
        service = self._connected()
        self._counter.acquire(operation)
        self._wire.operation, self._wire.has_left = operation, False
        try:
            answer = service[operation](**arguments)
            if answer is None and operation != "CloseSession":
                raise wire.Malformed("no result")
        except _unreadable() as error:
            detail = type(error).__name__
            if not self._wire.has_left:
                raise AskUser(
                    "eboekhouden_not_built",
                    operation=operation,
                    detail=str(error)[:200],
                ) from error
            if operation in _WRITES:
                raise OutcomeUnknown(
                    "outcome_unknown", service=SERVICE, cause="remote_nonsense"
                ) from error
            raise RetryLater(
                "remote_nonsense", service=SERVICE, detail=detail
            ) from error
        return _as_body(answer)

    def _connected(self) -> Any:
        if self._service is None:
            zeep = import_module("zeep")
            document = _document(self._wsdl_url)
            client = zeep.Client(document, transport=self._wire, settings=_settings())
            self._service = client.create_service(_BINDING, self._address)
        return self._service


def _settings() -> Any:
    return import_module("zeep").Settings(
        strict=True,
        xml_huge_tree=False,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
    )


def _unreadable() -> tuple[type[Exception], ...]:
    """What zeep raises on HTML, DTDs, SOAP faults and answers against the schema."""
    from lxml.etree import LxmlError  # heavy, as zeep is: only when asked
    from zeep.exceptions import Error

    return (Error, LxmlError, ValueError, TypeError, LookupError, ArithmeticError)


@lru_cache(maxsize=4)
def _document(wsdl_url: str) -> Any:
    """Read the WSDL, once a process; RetryLater when that fails."""
    base, path = split(wsdl_url)
    with XmlHttp(base, service=SERVICE) as http:
        answer = http.request("GET", path, headers={"Accept": "text/xml"})
        wsdl = import_module("zeep.wsdl")
        try:
            if not answer.ok:
                raise wire.Malformed(f"HTTP {answer.status}")
            document = wsdl.Document(
                BytesIO(answer.body), _Wire(http, ""), settings=_settings()
            )
            document.bindings[_BINDING]
        except _unreadable() as error:
            raise RetryLater(
                "remote_nonsense", service=SERVICE, detail="WSDL"
            ) from error
    _exact(document)
    return document


def _exact(document: Any) -> None:
    """Read doubles as Decimal: amounts of open items are doubles in the schema (4.3).

    A float would lose the vendor's text before anybody could round it.
    """
    xsd = import_module("zeep.xsd")
    for kind in document.types.types:
        for _, element in getattr(kind, "elements", ()):
            if isinstance(element.type, xsd.Double):
                element.type = xsd.Decimal()


def _as_body(answer: Any) -> Body:
    """Return an answer as a dict; an empty one (CloseSession) is an empty dict."""
    helpers = import_module("zeep.helpers")
    value = helpers.serialize_object(answer, dict)
    return value if isinstance(value, dict) else {}


def _error(answer: Body) -> tuple[str, str]:
    """Return an answer's error code and words: in ErrorMsg, or directly (3)."""
    holder = answer.get("ErrorMsg") or answer
    code = str(holder.get("LastErrorCode") or "")
    return code, str(holder.get("LastErrorDescription") or "")


def _number(answer: Body, name: str) -> str:
    """Return the number of what was made; without one it has to be looked up."""
    if not answer.get(name):
        raise OutcomeUnknown(
            "outcome_unknown", service=SERVICE, cause="remote_nonsense"
        )
    return str(answer[name])


def _rows(answer: Body, name: str) -> list[Body]:
    """Return a list answer's rows: the one element inside its holder, maybe absent."""
    holder = answer.get(name) or {}
    rows: list[Body] = []
    for found in holder.values():
        rows += [row for row in found or () if row is not None]
    return rows


def _entry(row: Body) -> Body:
    lines = _rows(row, "MutatieRegels")
    return {**row, "Datum": _day(row["Datum"]), "MutatieRegels": lines}


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


def _lower(value: Any) -> str:
    return str(value or "").strip().lower()


def _whole(relation: Body) -> Body:
    """Return a relation with every tag (2); dates as the manual has them, YYYY-MM-DD.

    Its day of adding is the one that it has, else today.
    """
    given = {name: value for name, value in relation.items() if value is not None}
    whole = {**wire.RELATION_DEFAULTS, **given}
    whole["ID"] = int(whole["ID"] or 0)
    whole["AddDatum"] = _day(whole["AddDatum"] or local_date(utcnow(), _ZONE))
    return whole
