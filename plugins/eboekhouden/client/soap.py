"""The SOAP interface (manual 5.5, contract 2 to 6).

zeep builds the messages by the vendor's WSDL (`descriptions`), `answers` reads what
comes back. Calls go to the SOAP address and nowhere else. One session serves a whole
batch; it is opened again once when it has expired, and closed at the end.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, KoppelwerkError, OutcomeUnknown, RetryLater
from core.net.http import Into
from plugins.eboekhouden import wire
from plugins.eboekhouden.checks import check_texts
from plugins.eboekhouden.client import (
    CallCounter,
    Credentials,
    EntryQuery,
    KnownIds,
    answers,
    descriptions,
    money,
    pages,
)
from plugins.eboekhouden.client.descriptions import Description
from plugins.eboekhouden.client.http import XmlHttp, split
from plugins.eboekhouden.refusals import (
    MONTH_LIMIT,
    SERVICE,
    is_session_lost,
    plain_code,
    refusal,
)
from plugins.eboekhouden.wire import Body, named

_ZONE = "Europe/Amsterdam"
"""Of the vendor, for the day on which a relation is added."""
_WRITES = frozenset(("AddRelatie", "UpdateRelatie", "AddMutatie"))


_ALL_RELATIONS = {"Trefwoord": "", "Code": "", "ID": 0}
LARGE_BYTES = 200_000_000
"""Most of a list of relations, which has no pages: some 190,000 of them."""
LARGE_SECONDS = 90.0
_IN_MEMORY = 2_000_000
"""A list larger than this is kept in a nameless file while it is read."""


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
        self._path = path
        self._session = ""

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
        """Read relations whole (GetRelaties); Trefwoord also searches addresses.

        Of a whole list what is empty is left out, since there may be many. Raises
        AskUser `eboekhouden_list_too_large` above `LARGE_BYTES`, and
        `eboekhouden_unreadable` when the one that is asked for cannot be read.
        """
        query = {"Trefwoord": email, "Code": code, "ID": int(external_id or 0)}
        rows = _rows(self._call("GetRelaties", cFilter=query), "Relaties")
        if query == _ALL_RELATIONS:
            return [_filled(row) for row in rows]
        for row in rows:
            if wire.UNREADABLE in row and "Bedrijf" not in row:
                raise AskUser("eboekhouden_unreadable", **named(row))
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
        if any(wire.UNREADABLE in row and "MutatieRegels" not in row for row in rows):
            # It may be the one that is looked for: it must not seem absent.
            raise RetryLater("remote_nonsense", service=SERVICE, detail="Mutaties")
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
        return [{**row, "MutDatum": _day(row.get("MutDatum"))} for row in rows]

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
        whole_list = arguments.get("cFilter") == _ALL_RELATIONS
        described = descriptions.of(self._wsdl_url)
        self._counter.acquire(operation)
        try:
            envelope = described.envelope(operation, arguments)
        except descriptions.errors() as error:
            detail = str(error)[:200]
            raise AskUser(
                "eboekhouden_not_built", operation=operation, detail=detail
            ) from error
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            into = Into(file, LARGE_BYTES, LARGE_SECONDS) if whole_list else None
            content = self._post(described, operation, envelope, into)
            try:
                return answers.read(content, described.operation(operation))
            except descriptions.errors() as error:
                raise self._unread(operation, error) from error

    def _post(
        self, described: Description, operation: str, envelope: str, into: Into | None
    ) -> IO[bytes]:
        try:
            answer = self.http.request(
                "POST",
                self._path,
                data=envelope,
                headers=described.headers(operation),
                writes=operation in _WRITES,
                endpoint=operation,
                into=into,
            )
        except RetryLater as error:
            if into is None or error.code != "remote_too_large":
                raise
            most = LARGE_BYTES // 1_000_000
            raise AskUser("eboekhouden_list_too_large", most=most) from error
        if not answer.ok:
            raise self._unread(operation, wire.Malformed(f"HTTP {answer.status}"))
        return into.file if into else BytesIO(answer.body)

    def _unread(self, operation: str, error: Exception) -> KoppelwerkError:
        """Return the error of an answer that is none; the WSDL may have changed."""
        descriptions.doubt(self._wsdl_url)
        if operation in _WRITES:
            return OutcomeUnknown(
                "outcome_unknown", service=SERVICE, cause="remote_nonsense"
            )
        detail = type(error).__name__
        return RetryLater("remote_nonsense", service=SERVICE, detail=detail)


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


def _filled(row: Body) -> Body:
    """Return a relation without what is empty; `Bedrijf` tells that it was read."""
    kept = ("ID", "Code", *(("Bedrijf",) if "Bedrijf" in row else ()))
    full = {name: value for name, value in row.items() if value is not None}
    return {**dict.fromkeys(kept), **full}


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
