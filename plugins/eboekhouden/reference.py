"""The local index: relations and ledger accounts, so that a known debtor costs no call.

All relations come in one call by SOAP (contract 1), ledger accounts in another.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_

from core.domain.clock import utcnow
from core.plugin.database import session, transaction
from core.plugin.records import Record, RecordTable, Row
from core.plugin.tables import Connection
from core.rules.parties import Party
from core.rules.sync.settings import SECTION, is_on
from plugins.eboekhouden import wire
from plugins.eboekhouden.budget import budget_of
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.models import EBoekhoudenRecord
from plugins.eboekhouden.wire import Body

RELATION, ACCOUNT = "relation", "account"
FRESH_SECONDS = 60
"""A list is read again at most so often, and only when a check failed on it."""
IDS_SECONDS = 3600
"""So long the ids of ledger accounts stand: accounts may be given other codes."""
ACCOUNTS_SECONDS = 20 * 3600
"""Scheduled runs read ledger accounts once a day, relations every time."""
MOST_FOUND = 20
"""Relations that a search gives."""
_KEPT = {
    RELATION: ("ID", "BTWNummer", "BP"),
    ACCOUNT: ("ID", "Code", "Omschrijving", "Categorie"),
}
"""Of relations no more than booking needs: no personal data beyond name and e-mail."""


def load(connection: Connection) -> None:
    """Read everything the configuration and the checks need, now."""
    with open_client(connection, for_booking=False) as client:
        index = Index(connection, client)
        index.read(ACCOUNT)
        index.read(RELATION)


def refresh(connection: Connection) -> None:
    """Read ledger accounts once a day, and relations (on schedule).

    Where relations are kept in step, that run reads them: once is enough. Afterwards
    the dot warns when the month's calls would run out.
    """
    connection_id = connection.id
    in_step = is_on(connection.settings.get(SECTION))
    with open_client(connection, for_booking=False) as client:
        index = Index(connection, client)
        index.read_if_older(ACCOUNT, ACCOUNTS_SECONDS)
        if not in_step:
            index.read_if_older(RELATION, FRESH_SECONDS)
    with transaction() as current:
        budget_of(current.get_one(Connection, connection_id)).note()


_TABLE = RecordTable(EBoekhoudenRecord)


class Index:
    """One connection's index, with the client that brings it up to date."""

    def __init__(self, connection: Connection, client: EBoekhouden) -> None:
        self._connection_id = connection.id
        self._owner = (connection.tenant_id, connection.id)
        self._client = client

    def read(self, kind: str) -> None:
        """Replace what the index has of a kind by what the administration has."""
        started = utcnow()
        if kind == RELATION:
            self.replace_relations(self._relations(), started)
            return
        rows = [self._row(kind, item) for item in self._client.ledger_accounts()]
        with transaction():
            _TABLE.replace(self._connection_id, kind, rows)
            self._note_read(kind, started)

    def replace_relations(
        self, found: Sequence[Body], started: datetime | None = None
    ) -> None:
        """Take over all relations of the administration, read since `started`.

        What comes without its fields (REST, known ones; what cannot be read) stays as
        it was.
        """
        before = {row.external_id: row for row in records(*self._kind(RELATION))}
        gone = set(before) - {str(item.get("Code") or "") for item in found}
        gone -= _may_be(before, found)
        rows = [self._row(RELATION, item) for item in found if "Bedrijf" in item]
        with transaction():
            if gone:
                names = EBoekhoudenRecord.external_id.in_(gone)
                _TABLE.remove(self._connection_id, RELATION, names)
            _TABLE.keep(rows)
            self._note_read(RELATION, started or utcnow())

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

    def account_ids(self) -> dict[str, int]:
        """Return the ids of the ledger accounts by code, read an hour ago at most."""
        self.read_if_older(ACCOUNT, IDS_SECONDS)
        known = accounts_of(self._connection_id)
        session().rollback()
        return {code: int(row["ID"] or 0) for code, row in known.items()}

    def relation_id(self, code: str) -> int:
        """Return the id of the relation of a code; 0 when it is not known."""
        known = by_code(self._connection_id, code)
        session().rollback()
        return int(known.data.get("ID") or 0) if known else 0

    def add(self, relation: Body) -> Record:
        """Keep a relation that was just made or found."""
        row = self._row(RELATION, relation)
        with transaction():
            _TABLE.keep([row])
        return Record(row["external_id"], row["key"], row["name"], row["data"])

    def _relations(self) -> Sequence[Body]:
        """Read all relations; over REST what is known comes without its fields."""
        known = {str(row.data.get("ID")) for row in records(*self._kind(RELATION))}
        session().rollback()
        return self._client.relations(known=known)

    def _note_read(self, kind: str, started: datetime) -> None:
        connection = session().get_one(Connection, self._connection_id)
        connection.cursor = {**connection.cursor, kind: started.isoformat()}

    def _kind(self, kind: str) -> tuple[int, str]:
        return self._connection_id, kind

    def _row(self, kind: str, item: Body) -> Row:
        code = str(item.get("Code") or "")
        key = str(item.get("Email") or "").strip().lower() if kind == RELATION else code
        name = item.get("Bedrijf" if kind == RELATION else "Omschrijving")
        data = {name: item.get(name) for name in _KEPT[kind]}
        record = Record(code, key, str(name or ""), data)
        return _TABLE.row(self._owner, kind, record)


def _may_be(before: Mapping[str, Record], found: Sequence[Body]) -> set[str]:
    """Return the codes of what may be there still, unreadable and without its code."""
    nameless = [item for item in found if wire.UNREADABLE in item and not item["Code"]]
    ids = {str(item.get("ID") or "") for item in nameless}
    if "" in ids:
        return set(before)
    return {code for code, row in before.items() if str(row.data.get("ID")) in ids}


def records(connection_id: int, kind: str) -> list[Record]:
    """Return all records of a kind in the order the package gave them."""
    return _TABLE.find(connection_id, kind)


def count(connection_id: int, kind: str) -> int:
    """Return how many records of a kind there are."""
    return _TABLE.count(connection_id, kind)


def accounts_of(connection_id: int) -> dict[str, Body]:
    """Return the ledger accounts by code."""
    return {row.external_id: row.data for row in records(connection_id, ACCOUNT)}


def party_of(relation: Record) -> Party:
    """Return what is known here of who a relation is."""
    return Party(
        names=(relation.name,),
        vat_number=str(relation.data.get("BTWNummer") or ""),
        emails=(relation.key,),
    )


def by_code(connection_id: int, code: str) -> Record | None:
    """Return the relation of a code."""
    found = _TABLE.find(connection_id, RELATION, EBoekhoudenRecord.external_id == code)
    return found[0] if found else None


def find_relations(connection_id: int, text: str) -> list[Record]:
    """Return relations whose name, code or e-mail address holds a text, by name."""
    columns = (
        EBoekhoudenRecord.name,
        EBoekhoudenRecord.external_id,
        EBoekhoudenRecord.key,
    )
    holds = or_(*(column.icontains(text, autoescape=True) for column in columns))
    rows = _TABLE.find(connection_id, RELATION, holds)
    return sorted(rows, key=lambda row: (row.name.casefold(), row.external_id))[
        :MOST_FOUND
    ]


def by_email(connection_id: int, emails: Iterable[str]) -> dict[str, list[Record]]:
    """Return relations by e-mail address (lower case), oldest first."""
    found: dict[str, list[Record]] = {}
    for row in _TABLE.find(
        connection_id, RELATION, EBoekhoudenRecord.key.in_(set(emails))
    ):
        found.setdefault(row.key, []).append(row)
    return {
        email: sorted(rows, key=lambda row: int(row.data.get("ID") or 0))
        for email, rows in found.items()
    }
