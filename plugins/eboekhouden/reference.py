"""The local index: relations and ledger accounts, so that a known debtor costs no call.

All relations come in one call by SOAP (contract 1), ledger accounts in another.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, select

from core.clock import utcnow
from core.models import Connection
from core.services import credentials
from core.services.database import insert_for, session, transaction
from plugins.eboekhouden.budget import budget_of
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import client_of
from plugins.eboekhouden.models import EBoekhoudenRecord
from plugins.eboekhouden.wire import Body

RELATION, ACCOUNT = "relation", "account"
FRESH_SECONDS = 60
"""A list is read again at most so often, and only when a check failed on it."""
ACCOUNTS_SECONDS = 20 * 3600
"""Scheduled runs read ledger accounts once a day, relations every time."""
_KEPT = {
    RELATION: ("ID", "BTWNummer", "BP"),
    ACCOUNT: ("ID", "Code", "Omschrijving", "Categorie"),
}
"""Of relations no more than booking needs: no personal data beyond name and e-mail."""


@contextmanager
def opened(connection: Connection, *, for_booking: bool) -> Iterator[EBoekhouden]:
    """Open an administration for a batch; its session is closed at the end.

    Nothing is called before the first question. AuthenticationLost when nothing was
    filled in (any more).
    """
    values = credentials.values_of(connection)
    client = client_of(values, budget_of(connection, for_booking=for_booking))
    session().rollback()
    try:
        yield client
    finally:
        client.close()


def load_all(connection: Connection) -> None:
    """Read everything the configuration and the checks need, now."""
    with opened(connection, for_booking=False) as client:
        index = Index(connection, client)
        index.read(ACCOUNT)
        index.read(RELATION)


class Record(NamedTuple):
    """One record of the index: plain, so that a batch has nothing to expire."""

    external_id: str
    key: str
    name: str
    data: Body


class Index:
    """One connection's index, with the client that brings it up to date."""

    def __init__(self, connection: Connection, client: EBoekhouden) -> None:
        self._connection_id = connection.id
        self._tenant_id = connection.tenant_id
        self._client = client

    def read(self, kind: str) -> None:
        """Replace what the index has of a kind by what the administration has."""
        started = utcnow()
        if kind == ACCOUNT:
            rows = [self._row(kind, item) for item in self._client.ledger_accounts()]
            gone: set[str] | None = None
        else:
            rows, gone = self._changed_relations()
        with transaction() as current:
            if gone is None:
                current.execute(delete(EBoekhoudenRecord).where(*self._of(kind)))
            elif gone:
                names = EBoekhoudenRecord.external_id.in_(gone)
                current.execute(delete(EBoekhoudenRecord).where(*self._of(kind), names))
            self._keep(rows)
            connection = current.get_one(Connection, self._connection_id)
            connection.cursor = {**connection.cursor, kind: started.isoformat()}

    def read_if_older(self, kind: str, seconds: float) -> bool:
        """Read a kind unless that was done so recently; tell whether it was read."""
        connection = session().get_one(Connection, self._connection_id)
        noted = connection.cursor.get(kind)
        session().rollback()
        if noted is not None:
            age = (utcnow() - datetime.fromisoformat(noted)).total_seconds()
            if age < seconds:
                return False
        self.read(kind)
        return True

    def add(self, relation: Body) -> Record:
        """Keep a relation that was just made or found."""
        row = self._row(RELATION, relation)
        with transaction():
            self._keep([row])
        return Record(row["external_id"], row["key"], row["name"], row["data"])

    def _changed_relations(self) -> tuple[list[dict[str, Any]], set[str]]:
        """Return the relations as read, and the codes that are there no more.

        Over REST what is known already comes without its fields and stays as it was.
        """
        before = records(self._connection_id, RELATION)
        session().rollback()
        known = {str(row.data.get("ID")) for row in before}
        found = self._client.relations(known=known)
        there = {str(item.get("Code") or "") for item in found}
        rows = [self._row(RELATION, item) for item in found if "Bedrijf" in item]
        return rows, {row.external_id for row in before} - there

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        statement = insert_for(EBoekhoudenRecord)
        changed = ("key", "name", "data", "read_at")
        statement = statement.on_conflict_do_update(
            index_elements=["connection_id", "kind", "external_id"],
            set_={name: statement.excluded[name] for name in changed},
        )
        session().execute(statement, rows)

    def _of(self, kind: str) -> tuple[ColumnElement[bool], ...]:
        return (
            EBoekhoudenRecord.connection_id == self._connection_id,
            EBoekhoudenRecord.kind == kind,
        )

    def _row(self, kind: str, item: Body) -> dict[str, Any]:
        code = str(item.get("Code") or "")
        key = str(item.get("Email") or "").strip().lower() if kind == RELATION else code
        name = item.get("Bedrijf" if kind == RELATION else "Omschrijving")
        return {
            "tenant_id": self._tenant_id,
            "connection_id": self._connection_id,
            "kind": kind,
            "external_id": code[:50],
            "key": key[:255],
            "name": str(name or "")[:200],
            "data": {field: item.get(field) for field in _KEPT[kind]},
            "read_at": utcnow(),
        }


def _select(
    connection_id: int, kind: str, *conditions: ColumnElement[bool]
) -> list[Record]:
    rows = session().execute(
        select(
            EBoekhoudenRecord.external_id,
            EBoekhoudenRecord.key,
            EBoekhoudenRecord.name,
            EBoekhoudenRecord.data,
        )
        .where(
            EBoekhoudenRecord.connection_id == connection_id,
            EBoekhoudenRecord.kind == kind,
            *conditions,
        )
        .order_by(EBoekhoudenRecord.id)
    )
    return [Record(*row) for row in rows]


def records(connection_id: int, kind: str) -> list[Record]:
    """Return all records of a kind in the order the package gave them."""
    return _select(connection_id, kind)


def accounts_of(connection_id: int) -> dict[str, Body]:
    """Return the ledger accounts by code."""
    return {row.external_id: row.data for row in records(connection_id, ACCOUNT)}


def by_code(connection_id: int, code: str) -> Record | None:
    """Return the relation of a code."""
    found = _select(connection_id, RELATION, EBoekhoudenRecord.external_id == code)
    return found[0] if found else None


def by_email(connection_id: int, emails: Iterable[str]) -> dict[str, list[Record]]:
    """Return relations by e-mail address (lower case), oldest first."""
    found: dict[str, list[Record]] = {}
    for row in _select(connection_id, RELATION, EBoekhoudenRecord.key.in_(set(emails))):
        found.setdefault(row.key, []).append(row)
    return {
        email: sorted(rows, key=lambda row: int(row.data.get("ID") or 0))
        for email, rows in found.items()
    }
