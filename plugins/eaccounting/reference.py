"""The local index of the package: read in pages of a thousand, kept by change date.

Customers and articles are looked up here, so that a known one costs no call. VAT
codes, accounts and the like are few and read whole.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from core.clock import utcnow
from core.extensions import settings
from core.models import Connection
from core.ratelimit import Limiter
from core.services import credentials
from core.services.database import insert_for, session, transaction
from plugins.eaccounting import wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import EAccountingConnector
from plugins.eaccounting.models import EAccountingRecord
from plugins.eaccounting.wire import Body

CUSTOMER, ARTICLE = "customer", "article"
VAT_CODE, ACCOUNT, FISCAL_YEAR = "vat_code", "account", "fiscal_year"
TERMS, UNIT, CODING, STANDARD_ACCOUNT = "terms", "unit", "coding", "standard"
COMPANY = "company"

OVERLAP = timedelta(minutes=10)
"""Deltas look back so far: clocks differ, and a record may be committed late."""
FRESH = timedelta(seconds=30)
"""A delta is read at most this often, and only when something has to be made."""
_CHUNK = 500

_LISTS: tuple[tuple[str, str, Callable[[Body], str], str], ...] = (
    (VAT_CODE, "vatcodes", lambda r: str(r["Code"]), "Description"),
    (FISCAL_YEAR, "fiscalyears", lambda r: str(r["StartDate"])[:10], "StartDate"),
    (ACCOUNT, "accounts", lambda r: str(r["Number"]), "Name"),
    (TERMS, "termsofpayments", lambda r: str(r["Name"]), "Name"),
    (UNIT, "units", lambda r: str(r.get("Code") or r["Name"]), "Name"),
    (CODING, "articleaccountcodings", lambda r: str(r["Name"]), "Name"),
)
"""Kind, resource, key and name of what is read whole."""
_CHANGING: dict[str, tuple[str, Callable[[Body], str]]] = {
    CUSTOMER: ("customers", lambda r: str(r.get("EmailAddress") or "").lower()),
    ARTICLE: ("articles", lambda r: str(r["Number"])),
}
"""Kind, resource and key of what is read by change date."""


def open_client(connection: Connection) -> EAccounting:
    """Return a client for a connection; its tokens are refreshed as needed."""
    limiter = Limiter(
        settings().redis, settings().eaccounting_calls_per_minute, "eaccounting"
    )
    tokens = credentials.StoredTokens(connection, EAccountingConnector().provider())
    return EAccounting(settings().eaccounting_api_url, tokens, limiter)


def load_all(connection: Connection) -> None:
    """Read everything the configuration and the checks need, now."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    client = open_client(connection)
    with client.http:
        index = Index(connection_id, tenant_id, client)
        index.read_reference()
        for kind in _CHANGING:
            index.refresh(kind)


class Index:
    """One connection's part of the index, with the client to bring it up to date."""

    def __init__(self, connection_id: int, tenant_id: int, client: EAccounting) -> None:
        self._connection_id = connection_id
        self._tenant_id = tenant_id
        self._client = client

    def read_reference(self) -> None:
        """Replace VAT codes, accounts, years, terms, units and codings."""
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
        chunk: list[dict[str, Any]] = []
        for item in self._client.all(resource, query):
            chunk.append(
                self._row(kind, str(item["Id"]), key(item), str(item["Name"]), item)
            )
            if len(chunk) >= _CHUNK:
                self._keep(chunk)
                chunk = []
        self._keep(chunk)
        with transaction():
            connection = session().get_one(Connection, self._connection_id)
            connection.cursor = {**connection.cursor, kind: started.isoformat()}

    def refresh_if_stale(self, kind: str) -> None:
        """Read changes unless that was done a moment ago."""
        connection = session().get_one(Connection, self._connection_id)
        since = connection.cursor.get(kind)
        session().rollback()
        if since is None or utcnow() - datetime.fromisoformat(since) > FRESH:
            self.refresh(kind)

    def add(self, kind: str, item: Body) -> None:
        """Keep a record that we just made."""
        _, key = _CHANGING[kind]
        row = self._row(kind, str(item["Id"]), key(item), str(item["Name"]), item)
        self._keep([row])

    def _replace(self, kind: str, rows: list[dict[str, Any]]) -> None:
        with transaction() as current:
            current.execute(
                delete(EAccountingRecord).where(
                    EAccountingRecord.connection_id == self._connection_id,
                    EAccountingRecord.kind == kind,
                )
            )
            if rows:
                current.execute(insert_for(EAccountingRecord), rows)

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        with transaction() as current:
            for row in rows:
                statement = insert_for(EAccountingRecord).values(row)
                changed = {name: row[name] for name in ("key", "name", "data")}
                current.execute(
                    statement.on_conflict_do_update(
                        index_elements=["connection_id", "kind", "external_id"],
                        set_={**changed, "read_at": row["read_at"]},
                    )
                )

    def _row(
        self, kind: str, external_id: str, key: str, name: str, data: Body
    ) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant_id,
            "connection_id": self._connection_id,
            "kind": kind,
            "external_id": external_id[:100],
            "key": key[:255],
            "name": name[:200],
            "data": _kept(kind, data),
            "read_at": utcnow(),
        }


def _id_of(kind: str, item: Body) -> str:
    """Accounts have no id: they exist per fiscal year and number (3.6)."""
    if kind == ACCOUNT:
        return f"{item['FiscalYearId']}:{item['Number']}"
    return str(item["Id"])


_KEPT = {
    CUSTOMER: ("IsPrivatePerson", "IsActive", "VatNumber", "CustomerNumber",
               "InvoiceCountryCode"),
    ARTICLE: ("CodingId", "IsActive", "UnitId"),
}  # fmt: skip
"""Of customers and articles only what booking needs is kept: no personal data more."""


def _kept(kind: str, data: Body) -> Body:
    names = _KEPT.get(kind)
    return {name: data.get(name) for name in names} if names else data


def records(connection_id: int, kind: str) -> list[EAccountingRecord]:
    """Return all records of a kind in the order the package gave them."""
    return list(
        session().scalars(
            select(EAccountingRecord)
            .where(
                EAccountingRecord.connection_id == connection_id,
                EAccountingRecord.kind == kind,
            )
            .order_by(EAccountingRecord.id)
        )
    )


def by_id(connection_id: int, kind: str, external_id: str) -> EAccountingRecord | None:
    """Return one record by the package's id."""
    return session().scalar(
        select(EAccountingRecord).where(
            EAccountingRecord.connection_id == connection_id,
            EAccountingRecord.kind == kind,
            EAccountingRecord.external_id == external_id,
        )
    )


def by_key(
    connection_id: int, kind: str, keys: Iterable[str]
) -> dict[str, list[EAccountingRecord]]:
    """Return active records by key, each key's in order of age."""
    found: dict[str, list[EAccountingRecord]] = {}
    rows = session().scalars(
        select(EAccountingRecord)
        .where(
            EAccountingRecord.connection_id == connection_id,
            EAccountingRecord.kind == kind,
            EAccountingRecord.key.in_(set(keys)),
        )
        .order_by(EAccountingRecord.id)
    )
    for row in rows:
        if row.data.get("IsActive") is not False:
            found.setdefault(row.key, []).append(row)
    return found
