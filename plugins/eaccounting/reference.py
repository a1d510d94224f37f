"""The local index of the package: read in pages of a thousand, kept by change date.

Customers and articles are looked up here, so that a known one costs no call. VAT
codes, accounts and the like are few and read whole.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Text, or_, type_coerce

from core.domain import jsontext
from core.domain.clock import utcnow
from core.plugin.database import session, transaction
from core.plugin.records import Record, RecordTable, Row
from core.plugin.tables import Connection
from core.rules.parties import Party
from plugins.eaccounting import wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.models import EAccountingRecord
from plugins.eaccounting.wire import Body

CUSTOMER, ARTICLE = "customer", "article"
VAT_CODE, ACCOUNT, FISCAL_YEAR = "vat_code", "account", "fiscal_year"
TERMS, UNIT, CODING, STANDARD_ACCOUNT = "terms", "unit", "coding", "standard"
COMPANY, COUNTRY = "company", "country"
REFERENCE = "reference"
"""Stands for everything that is read whole, in the connection's cursor."""

OVERLAP = timedelta(minutes=10)
"""Deltas look back so far: clocks differ, and a record may be committed late."""
FRESH_SECONDS = 30.0
"""A delta is read at most this often, and only when something has to be made or a
check failed on what may have changed in the package meanwhile."""
_CHUNK = 500

_LISTS: tuple[tuple[str, str, Callable[[Body], str], str], ...] = (
    (VAT_CODE, "vatcodes", lambda r: str(r["Code"]), "Description"),
    (FISCAL_YEAR, "fiscalyears", lambda r: str(r["StartDate"])[:10], "StartDate"),
    (ACCOUNT, "accounts", lambda r: str(r["Number"]), "Name"),
    (TERMS, "termsofpayments", lambda r: str(r["Name"]), "Name"),
    (UNIT, "units", lambda r: str(r.get("Code") or r["Name"]), "Name"),
    (CODING, "articleaccountcodings", lambda r: str(r["Name"]), "Name"),
    (COUNTRY, "countries", lambda r: str(r["Code"]), "Name"),
)
"""Kind, resource, key and name of what is read whole."""
_CHANGING: dict[str, tuple[str, Callable[[Body], str]]] = {
    CUSTOMER: ("customers", lambda r: str(r.get("EmailAddress") or "").lower()),
    ARTICLE: ("articles", lambda r: str(r["Number"])),
}
"""Kind, resource and key of what is read by change date."""


STATES = {
    "AX": "FI", "BL": "FR", "BQ": "NL", "EA": "ES", "EL": "GR", "GF": "FR", "GG": "GB",
    "GI": "GB", "GP": "FR", "IC": "ES", "IM": "GB", "JE": "GB", "MC": "FR", "MF": "FR",
    "MQ": "FR", "NC": "FR", "PF": "FR", "PM": "FR", "RE": "FR", "SJ": "NO", "SM": "IT",
    "UK": "GB", "VA": "IT", "WF": "FR", "XI": "GB", "XK": "RS", "YT": "FR",
}  # fmt: skip
"""Of a territory with a code of its own: the state whose post goes there, for where the
vendor's list of countries lacks it."""


def load(connection: Connection) -> None:
    """Read everything the configuration and the checks need, now."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    with open_client(connection) as client:
        index = Index(connection_id, tenant_id, client)
        index.read_reference()
        for kind in _CHANGING:
            index.refresh(kind)


class Index:
    """One connection's part of the index, with the client to bring it up to date."""

    def __init__(self, connection_id: int, tenant_id: int, client: EAccounting) -> None:
        self._connection_id = connection_id
        self._owner = (tenant_id, connection_id)
        self._client = client
        self._read: dict[str, float] = {}

    def read_reference(self) -> None:
        """Replace VAT codes, accounts, years, terms, units, codings and settings."""
        started = utcnow()
        for kind, resource, key, name in _LISTS:
            records = [
                self._row(kind, _id_of(kind, item), key(item), str(item[name]), item)
                for item in self._client.all(resource)
            ]
            self._replace(kind, records)
        company = self._client.company_settings()
        row = self._row(COMPANY, COMPANY, COMPANY, str(company.get("Name")), company)
        self._replace(COMPANY, [row])
        # Dutch companies only (3.1): account type to number, for the debtors account.
        standard = [
            self._row(
                STANDARD_ACCOUNT,
                str(item.get("AccountType")),
                str(item.get("AccountType")),
                str(item.get("AccountNumber")),
                item,
            )
            for item in self._client.all("accounts/standardaccounts")
        ]
        self._replace(STANDARD_ACCOUNT, standard)
        self._note(REFERENCE, started)

    def refresh(self, kind: str) -> None:
        """Read customers or articles that changed since the last time."""
        resource, key = _CHANGING[kind]
        connection = session().get_one(Connection, self._connection_id)
        since = connection.cursor.get(kind)
        session().rollback()
        started = utcnow()
        query = ""
        if since:
            moment = datetime.fromisoformat(since) - OVERLAP
            query = f"ChangedUtc ge {wire.utc_literal(moment)}"
        chunk: list[Row] = []
        for item in self._client.all(resource, query):
            chunk.append(
                self._row(kind, str(item["Id"]), key(item), str(item["Name"]), item)
            )
            if len(chunk) >= _CHUNK:
                self._keep(chunk)
                chunk = []
        self._keep(chunk)
        self._note(kind, started)

    def refresh_if_stale(self, kind: str) -> bool:
        """Read changes unless that was done a moment ago; tell whether it was read."""
        if self._is_fresh(kind):
            return False
        self.refresh(kind)
        return True

    def read_reference_if_stale(self) -> bool:
        """Read VAT codes and the like again unless that was done a moment ago."""
        if self._is_fresh(REFERENCE):
            return False
        self.read_reference()
        return True

    def _is_fresh(self, kind: str) -> bool:
        """Tell whether a kind was read a moment ago, by this batch or another."""
        if kind not in self._read:
            connection = session().get_one(Connection, self._connection_id)
            noted = connection.cursor.get(kind)
            session().rollback()
            if noted is None:
                return False
            age = (utcnow() - datetime.fromisoformat(noted)).total_seconds()
            self._read[kind] = monotonic() - age
        return monotonic() - self._read[kind] < FRESH_SECONDS

    def _note(self, kind: str, started: datetime) -> None:
        """Remember up to when a kind was read; the next delta starts there."""
        self._read[kind] = monotonic()
        with transaction():
            connection = session().get_one(Connection, self._connection_id)
            connection.cursor = {**connection.cursor, kind: started.isoformat()}

    def add(self, kind: str, item: Body) -> Record:
        """Keep a record that we just made."""
        _, key = _CHANGING[kind]
        row = self._row(kind, str(item["Id"]), key(item), str(item["Name"]), item)
        self._keep([row])
        return Record(row["external_id"], row["key"], row["name"], row["data"])

    def keep(self, kind: str, items: Iterable[Body]) -> None:
        """Keep records that were read or written by somebody else, so that we know
        them too, in the caller's transaction."""
        _, key = _CHANGING[kind]
        for some in _chunks(list(items)):
            _TABLE.keep(
                [
                    self._row(kind, str(item["Id"]), key(item), str(item["Name"]), item)
                    for item in some
                ]
            )

    def _replace(self, kind: str, rows: list[Row]) -> None:
        with transaction():
            _TABLE.replace(self._connection_id, kind, rows)

    def _keep(self, rows: list[Row]) -> None:
        with transaction():
            _TABLE.keep(rows)

    def _row(self, kind: str, external_id: str, key: str, name: str, data: Body) -> Row:
        record = Record(external_id, key, name, _kept(kind, data))
        return _TABLE.row(self._owner, kind, record)


def _chunks(items: list[Body]) -> Iterator[list[Body]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _id_of(kind: str, item: Body) -> str:
    """Accounts have no id: they exist per fiscal year and number (3.6). Nor have
    countries."""
    if kind == ACCOUNT:
        return f"{item['FiscalYearId']}:{item['Number']}"
    if kind == COUNTRY:
        return str(item["Code"])
    return str(item["Id"])


_KEPT = {
    CUSTOMER: ("IsPrivatePerson", "IsActive", "VatNumber", "CustomerNumber",
               "InvoiceCountryCode", "DeliveryBasedVat", "DeliveryCountryCode",
               "ForceBookkeepVat", "IsNorthernIreland"),
    ARTICLE: ("CodingId", "IsActive", "UnitId"),
}  # fmt: skip
"""Of customers and articles only what booking needs is kept: no personal data more."""


def _kept(kind: str, data: Body) -> Body:
    names = _KEPT.get(kind)
    return {name: data.get(name) for name in names} if names else data


_TABLE = RecordTable(EAccountingRecord)


def records(connection_id: int, kind: str) -> list[Record]:
    """Return all records of a kind in the order the package gave them."""
    return _TABLE.find(connection_id, kind)


def accounts_of(connection_id: int, year_id: str) -> dict[str, Body]:
    """Return a fiscal year's accounts by number."""
    in_year = EAccountingRecord.external_id.startswith(f"{year_id}:", autoescape=True)
    return {row.key: row.data for row in _TABLE.find(connection_id, ACCOUNT, in_year)}


def by_id(connection_id: int, kind: str, external_id: str) -> Record | None:
    """Return one record by the package's id."""
    found = _TABLE.find(
        connection_id, kind, EAccountingRecord.external_id == external_id
    )
    return found[0] if found else None


def by_number(connection_id: int, number: str) -> Record | None:
    """Return the active customer with a debtor number.

    The number stands in the record's data; the texts of a connection's customers are
    searched for it, which takes far less than a call.
    """
    wanted = jsontext.dumps({"CustomerNumber": number})[1:-1]
    holds = type_coerce(EAccountingRecord.data, Text).contains(wanted, autoescape=True)
    found = [
        row
        for row in _TABLE.find(connection_id, CUSTOMER, holds)
        if _is_active(row) and row.data.get("CustomerNumber") == number
    ]
    return found[0] if found else None


def party_of(customer: Record) -> Party:
    """Return what is known here of who a customer is."""
    return Party(
        names=(customer.name,),
        vat_number=str(customer.data.get("VatNumber") or ""),
        emails=(customer.key,),
    )


def by_key(
    connection_id: int, kind: str, keys: Iterable[str]
) -> dict[str, list[Record]]:
    """Return active records by key, each key's in order of age."""
    found: dict[str, list[Record]] = {}
    for row in _TABLE.find(connection_id, kind, EAccountingRecord.key.in_(set(keys))):
        if _is_active(row):
            found.setdefault(row.key, []).append(row)
    return found


def named(connection_id: int, kind: str, names: Iterable[str]) -> list[Record]:
    """Return active records with one of these names, in order of age."""
    rows = _TABLE.find(connection_id, kind, EAccountingRecord.name.in_(set(names)))
    return [row for row in rows if _is_active(row)]


MOST_FOUND = 20
"""So many debtors at most are offered for what was typed."""


def find_customers(connection_id: int, text: str) -> list[Record]:
    """Return active debtors whose name, number or e-mail address holds a text."""
    text = text.strip()
    number = jsontext.dumps({"CustomerNumber": text})[1:-2]
    data = type_coerce(EAccountingRecord.data, Text)
    holds = or_(
        EAccountingRecord.name.icontains(text, autoescape=True),
        EAccountingRecord.key.icontains(text.lower(), autoescape=True),
        data.contains(number, autoescape=True),
    )
    rows = _TABLE.find(connection_id, CUSTOMER, holds)
    active = sorted(filter(_is_active, rows), key=lambda row: row.name)
    return active[:MOST_FOUND]


def _is_active(record: Record) -> bool:
    """Tell whether a record can be used: False only when the package says so."""
    return record.data.get("IsActive") is not False
