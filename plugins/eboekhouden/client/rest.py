"""The REST interface v1 (contract 8): a second way to the same administration.

An access token opens a session; the session's token goes bare in the header. The
vendor works VAT out by itself, takes 50 characters of description where SOAP takes
200, and gives relations and entries one by one.
"""

from collections.abc import Container, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    OutcomeUnknown,
    Refused,
    RetryLater,
)
from core.net.http import HttpClient
from plugins.eboekhouden import wire
from plugins.eboekhouden.checks import check_texts
from plugins.eboekhouden.client import (
    CallCounter,
    Credentials,
    EntryQuery,
    KnownIds,
)
from plugins.eboekhouden.client.http import secured
from plugins.eboekhouden.client.rest_records import (
    decimal_of,
    is_page,
    line_of,
    open_item_of,
    to_rest,
)
from plugins.eboekhouden.client.rest_session import Session, refused
from plugins.eboekhouden.refusals import SERVICE, refusal
from plugins.eboekhouden.wire import Body, named

PAGE = 2000
_IDS_REFUSED = ("eboekhouden_account_refused", "eboekhouden_relation_unknown")
_PER_LINE = ("AFW", "AFW_VERK")
_KINDS = {
    "1": wire.PURCHASE_INVOICE,
    "2": wire.SALES_INVOICE,
    "3": wire.PAYMENT_IN,
    "7": wire.JOURNAL,
}
_TYPES = {kind: number for number, kind in _KINDS.items()}


class _Http(HttpClient):
    auth_scheme = ""  # the official quick start sends the bare token (8.1)


class RestEBoekhouden:
    """One administration over REST; see `client.EBoekhouden`."""

    lists_whole = False
    known_ids: KnownIds | None = None

    def __init__(
        self, credentials: Credentials, counter: CallCounter, *, rest_url: str
    ) -> None:
        """Bind to an access token; nothing is called yet."""
        base = secured(rest_url)
        self._plain = HttpClient(base, service=SERVICE)
        self._session = Session(self._plain, credentials.access_token, counter)
        self.http = _Http(base, service=SERVICE, tokens=self._session)
        self._counter = counter
        self._ledgers: dict[str, int] = {}
        self._relation_codes: dict[int, str] = {}

    @property
    def last_exchange(self) -> str:
        """The last request and answer, redacted."""
        return self.http.last_exchange

    def login(self) -> None:
        """Open a session (POST /v1/session)."""
        self._session.access_token()

    def close(self) -> None:
        """End the session (DELETE /v1/session)."""
        token = self._session.take()
        try:
            if token:
                self._counter.acquire("DELETE /v1/session")
                self._plain.request(
                    "DELETE", "v1/session", headers={"Authorization": token}
                )
        except KoppelwerkError:
            pass
        finally:
            self._plain.close()
            self.http.close()

    def administrations(self) -> Sequence[Body]:
        """Read the administrations (GET /v1/administration/linked)."""
        found = self._list("v1/administration/linked")
        return [
            {"Bedrijf": row.get("company"), "Guid": row.get("guid")} for row in found
        ]

    def ledger_accounts(self) -> Sequence[Body]:
        """Read all ledger accounts (GET /v1/ledger)."""
        rows = [
            {
                "ID": row["id"],
                "Code": str(row["code"]),
                "Omschrijving": row.get("description"),
                "Categorie": row.get("category"),
                "Groep": row.get("group"),
            }
            for row in self._list("v1/ledger")
        ]
        self._ledgers = {row["Code"]: int(row["ID"]) for row in rows}
        return rows

    def relations(
        self,
        *,
        email: str = "",
        code: str = "",
        external_id: str = "",
        known: Container[str] = (),
    ) -> Sequence[Body]:
        """Read relations: the list has ids and codes, each record is another call."""
        if external_id:
            return self._relations_of(external_id)
        query = {"email": email, "code": code}
        found = []
        for item in self._list("v1/relation", query):
            external_id = str(item.get("id") or "")
            if external_id in known:
                found.append({"ID": item["id"], "Code": item.get("code")})
            else:
                found.append(self._listed(item, external_id))
        for row in found:
            if (email or code) and wire.UNREADABLE in row:
                raise AskUser("eboekhouden_unreadable", **named(row))
        if email:
            found = [
                row
                for row in found
                if str(row.get("Email") or "").strip().lower() == email.lower()
            ]
        return [row for row in found if not code or row.get("Code") == code]

    def add_relation(self, relation: Body) -> str:
        """Add a relation (POST /v1/relation)."""
        made = self._write("POST", "v1/relation", to_rest(relation))
        return str(_made(made))

    def update_relation(self, relation: Body) -> None:
        """Change a relation (PATCH /v1/relation/{id})."""
        self._write("PATCH", f"v1/relation/{relation['ID']}", to_rest(relation))

    def add_entry(self, entry: Body) -> str:
        """Book an entry (POST /v1/mutation); VAT is worked out by the vendor.

        An id that we knew may be one that is gone: a refusal of it wrote nothing, so
        ids are asked for then and it is sent once more.
        """
        try:
            return self._add_entry(entry)
        except Refused as error:
            if error.code not in _IDS_REFUSED or self.known_ids is None:
                raise
        self.known_ids = None
        self._ledgers, self._relation_codes = {}, {}
        return self._add_entry(entry)

    def entries(self, query: EntryQuery) -> Sequence[Body]:
        """Read entries (GET /v1/mutation), each by its own call for the lines."""
        asked = {"invoiceNumber": query.invoice_number, "id": query.number or ""}
        return [
            self._entry(str(item["id"]), names_codes=query.names_codes)
            for item in self._list("v1/mutation", asked)
            if not query.invoice_number
            or item.get("invoiceNumber") == query.invoice_number
        ]

    def payments(self, reference: str, paid_on: date) -> Sequence[Body]:
        """Read the payments of a day; our reference stands in the list (8.3)."""
        asked = {"type": _TYPES[wire.PAYMENT_IN], "date": paid_on.isoformat()}
        return [
            self._entry(str(item["id"]))
            for item in self._list("v1/mutation", asked)
            if item.get("entryNumber") == reference
        ]

    def open_items(self) -> Sequence[Body]:
        """Read open items of debtors (GET /v1/mutation/invoice/outstanding)."""
        rows = self._list("v1/mutation/invoice/outstanding", {"credDeb": "D"})
        return [open_item_of(row) for row in rows]

    def balance(self, account: str) -> Decimal:
        """Read a balance (GET /v1/ledger/{id}/balance)."""
        body = self._get(f"v1/ledger/{self._ledger_id(account)}/balance")
        return decimal_of(body.get("balance"))

    # --- pieces ------------------------------------------------------------------

    def _add_entry(self, entry: Body) -> str:
        """A payment names invoice and relation in its row, an invoice in its head
        (8.3)."""
        relation_id = self._relation_id(entry["RelatieCode"])
        invoice = {
            "invoiceNumber": entry["Factuurnummer"],
            "relationId": relation_id,
        }
        is_payment = entry["Soort"] == wire.PAYMENT_IN
        body = {
            "type": _TYPES[entry["Soort"]],
            "date": entry["Datum"].isoformat(),
            "ledgerId": self._ledger_id(entry["Rekening"]),
            "entryNumber": entry["Boekstuk"],
            "inExVat": entry["InExBTW"],
            "description": entry["Omschrijving"][: wire.REST_DESCRIPTION],
            "rows": [self._row(line) for line in entry["MutatieRegels"]],
        }
        if is_payment:
            body["rows"] = [{**row, **invoice} for row in body["rows"]]
        else:
            body |= {
                **invoice,
                "termOfPayment": int(entry["Betalingstermijn"]),
                "paymentReference": entry["Betalingskenmerk"],
            }
        return str(_made(self._write("POST", "v1/mutation", body)))

    def _relations_of(self, external_id: str) -> Sequence[Body]:
        """Read the relation of an ID; none when it is not there any more."""
        try:
            return [self._relation(external_id)]
        except Refused as error:
            if error.params.get("error_code") in ("REL_055", "HTTP 404"):
                return []
            raise

    def _listed(self, item: Body, external_id: str) -> Body:
        """Read a relation of the list; one that cannot be read is marked."""
        try:
            if external_id:
                return self._relation(external_id)
        except RetryLater as error:
            if error.code != "remote_nonsense" or is_page(error):
                raise
        names = {"ID": item.get("id"), "Code": item.get("code")}
        return {**names, wire.UNREADABLE: True}

    def _relation(self, external_id: str) -> Body:
        body = self._get(f"v1/relation/{external_id}")
        found = {name: body.get(rest) for name, rest in wire.RELATION_REST.items()}
        if str(found["ID"]) != external_id:
            raise RetryLater("remote_nonsense", service=SERVICE, detail="id")
        self._relation_codes[int(external_id)] = str(found["Code"])
        return found

    def _ledger_id(self, code: str) -> int:
        known = self._ledger_ids()
        if code not in known:
            raise refusal("MUT_007", f"ledger {code}")
        return known[code]

    def _ledger_ids(self) -> dict[str, int]:
        if not self._ledgers and self.known_ids is not None:
            self._ledgers = self.known_ids.account_ids()
        if not self._ledgers:
            self.ledger_accounts()
        return self._ledgers

    def _relation_id(self, code: str) -> int:
        for number, known in self._relation_codes.items():
            if known == code:
                return number
        known_id = self.known_ids.relation_id(code) if self.known_ids else 0
        if known_id:
            return known_id
        for item in self._list("v1/relation", {"code": code}):
            if item.get("code") == code:
                self._relation_codes[int(item["id"])] = code
                return int(item["id"])
        raise refusal("MUT_013", f"relation {code}")

    def _row(self, line: Body) -> Body:
        row = {
            "ledgerId": self._ledger_id(line["TegenrekeningCode"]),
            "vatCode": line["BTWCode"],
            "amount": line["BedragInvoer"],
            "description": line.get(wire.LINE_TEXT, ""),
        }
        if line["BTWCode"] in _PER_LINE:
            row["vatAmount"] = line["BedragBTW"]
        return row

    def _entry(self, number: str, *, names_codes: bool = True) -> Body:
        """Read one entry into the SOAP names; codes are looked up by their ids, unless
        nobody asks for them."""
        body = self._get(f"v1/mutation/{number}")
        known = self._ledger_ids() if names_codes else {}
        ledgers = {number: code for code, number in known.items()}
        rows = body.get("rows") or []
        first = rows[0] if rows else {}
        relation = body.get("relationId") or first.get("relationId") or 0
        if names_codes and relation and relation not in self._relation_codes:
            self._relation(str(relation))
        return {
            "MutatieNr": body["id"],
            "Soort": _KINDS.get(str(body["type"]), str(body["type"])),
            "Datum": date.fromisoformat(str(body["date"])[:10]),
            "Rekening": ledgers.get(body.get("ledgerId")),
            "RelatieCode": self._relation_codes.get(relation, ""),
            "Factuurnummer": body.get("invoiceNumber") or first.get("invoiceNumber"),
            "Boekstuk": body.get("entryNumber"),
            "Omschrijving": body.get("description"),
            "Betalingstermijn": str(body.get("termOfPayment") or ""),
            "InExBTW": body.get("inExVat"),
            "MutatieRegels": [line_of(row, ledgers) for row in rows],
        }

    # --- calls -------------------------------------------------------------------

    def _get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        endpoint = f"GET {path}"
        self._counter.acquire(endpoint)
        answer = self.http.request("GET", path, params=query, endpoint=endpoint)
        if not answer.ok:
            raise refused(answer)
        if not isinstance(answer.body, dict):
            raise RetryLater("remote_nonsense", service=SERVICE, detail=path)
        return answer.body

    def _list(self, path: str, query: dict[str, Any] | None = None) -> Iterator[Body]:
        """Yield a list's items, so many a call; empty filters are left out."""
        asked = {name: value for name, value in (query or {}).items() if value}
        offset, count = 0, 1
        while offset < count:
            page = self._get(path, {**asked, "limit": PAGE, "offset": offset})
            items = page.get("items")
            if not isinstance(items, list) or not isinstance(page.get("count"), int):
                raise RetryLater("remote_nonsense", service=SERVICE, detail=path)
            yield from (item if isinstance(item, dict) else {} for item in items)
            offset, count = offset + PAGE, page["count"]

    def _write(self, method: str, path: str, body: Body) -> Any:
        check_texts(body)
        self._session.access_token()  # a login that fails is not a lost write
        endpoint = f"{method} {path}"
        self._counter.acquire(endpoint)
        answer = self.http.request(
            method, path, json_body=body, writes=True, endpoint=endpoint
        )
        if not answer.ok:
            raise refused(answer)
        return answer.body


def _made(body: Any) -> Any:
    """Return the id of what was made; an answer without one has to be looked up."""
    if not isinstance(body, dict) or not body.get("id"):
        raise OutcomeUnknown(
            "outcome_unknown", service=SERVICE, cause="remote_nonsense"
        )
    return body["id"]
