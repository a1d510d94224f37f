"""The local index of a package's records: looked up, kept and replaced."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, delete, func, inspect, select

from core.domain.clock import utcnow
from core.models import Base
from core.models.reference import ReferenceRecord
from core.plugin.database import insert_for, session, upsert

Row = dict[str, Any]
_KEYS = ("connection_id", "kind", "external_id")
_CHANGES = ("key", "name", "data", "read_at")


class Record(NamedTuple):
    """One record of the index, as plain data: nothing to expire with a session."""

    external_id: str
    key: str
    name: str
    data: dict[str, Any]


class RecordTable:
    """A plugin's table of records. Writes belong to the caller's transaction."""

    def __init__(self, model: type[ReferenceRecord]) -> None:
        """Bind to a plugin's model, which is a `Base` too."""
        if not issubclass(model, Base):
            raise TypeError(f"{model.__name__} is no table")
        self.model = model
        columns = inspect(model).columns
        types = {name: columns[name].type for name in ("external_id", "key", "name")}
        self._longest = {
            name: each.length
            for name, each in types.items()
            if isinstance(each, String)
        }

    def find(
        self, connection_id: int, kind: str, *conditions: ColumnElement[bool]
    ) -> list[Record]:
        """Return records of a kind in the order the package gave them."""
        model = self.model
        rows = session().execute(
            select(model.external_id, model.key, model.name, model.data)
            .where(*self.of(connection_id, kind), *conditions)
            .order_by(model.id)
        )
        return [Record(*row) for row in rows]

    def count(self, connection_id: int, kind: str) -> int:
        """Return how many records of a kind there are."""
        counted = select(func.count()).where(*self.of(connection_id, kind))
        return session().scalar(counted) or 0

    def keep(self, rows: Sequence[Row]) -> None:
        """Add records, or bring those we have up to date."""
        if rows:
            session().execute(upsert(self.model, _KEYS, _CHANGES), rows)

    def replace(self, connection_id: int, kind: str, rows: Sequence[Row]) -> None:
        """Let a kind consist of these records."""
        self.remove(connection_id, kind)
        if rows:
            session().execute(insert_for(self.model), rows)

    def remove(
        self, connection_id: int, kind: str, *conditions: ColumnElement[bool]
    ) -> None:
        """Forget records of a kind."""
        chosen = (*self.of(connection_id, kind), *conditions)
        session().execute(delete(self.model).where(*chosen))

    def of(self, connection_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions of a kind's records."""
        model = self.model
        return (model.connection_id == connection_id, model.kind == kind)

    def row(self, owner: tuple[int, int], kind: str, record: Record) -> Row:
        """Return a record as a row of the table; texts that are too long are cut.

        `owner`: ids of the tenant and of the connection.
        """
        tenant_id, connection_id = owner
        values = record._asdict()
        for name, longest in self._longest.items():
            values[name] = values[name][:longest]
        return {
            "tenant_id": tenant_id,
            "connection_id": connection_id,
            "kind": kind,
            "read_at": utcnow(),
            **values,
        }
