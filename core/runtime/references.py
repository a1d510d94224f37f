"""The third wall between tenants: a row points at rows of its own tenant only.

A foreign key says that a row is there, not whose it is; the ORM's filter and row-level
security look at the row that is written, not at what it names. So each table of
tenants has a trigger, on both databases: it looks at its foreign keys to others,
whoever asks, and at a row that would go to another tenant. A user may be an operator,
who is of no tenant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    inspect,
    literal_column,
    or_,
    text,
)

from core.models import Base, User
from core.runtime import walls

REFUSED = "a row of another tenant is referred to"
_PREFIX = "own_rows_"
_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT proname FROM pg_proc"
    " WHERE pronamespace = current_schema()::regnamespace",
}
_DROP = {
    "sqlite": 'DROP TRIGGER "{}"',
    "postgresql": 'DROP FUNCTION "{}" CASCADE',
}


@dataclass(frozen=True, order=True)
class Reference:
    """A column of a tenant's rows that names a row of a tenant, by its id."""

    table: str
    column: str
    to: str

    @property
    def is_foreign(self) -> str:
        """The condition that a new row's column names another tenant's row."""
        named = Base.metadata.tables[self.to].c
        new: ColumnElement[int] = literal_column(f"NEW.{self.column}")
        whose = named.tenant_id == literal_column("NEW.tenant_id")
        if self.to == User.__tablename__:
            whose = or_(whose, named.tenant_id.is_(None))
        found = exists().where(named.id == new, whose)
        return str(and_(new.is_not(None), ~found).compile())


def references() -> list[Reference]:
    """Return every reference between tables of tenants, those of plugins too."""
    owned = walls.tables()
    return sorted(
        Reference(name, key.parent.name, key.column.table.name)
        for name in owned
        for key in Base.metadata.tables[name].foreign_keys
        if key.column.table.name in {*owned, User.__tablename__}
    )


def lacking(connection: Connection) -> list[str]:
    """Return the triggers that are not there as they are now."""
    return sorted(set(_wanted(connection.dialect.name)) - _there(connection))


def build(connection: Connection) -> None:
    """Give each table its trigger as it is now, and take older ones away.

    The name of one has a sum of what it does. A table that a migration has not made
    yet, or not all of, gets its trigger by the next upgrade.
    """
    wanted, there = _wanted(connection.dialect.name), _there(connection)
    for name in there - set(wanted):
        _drop(connection, name)
    columns = _columns_there(connection) if set(wanted) - there else set()
    for name in sorted(set(wanted) - there):
        needed, statements = wanted[name]
        if needed <= columns:
            for statement in statements:
                connection.execute(text(statement))


def drop(connection: Connection) -> None:
    """Take all of them away: a migration of SQLite makes tables anew under another
    name, and it renames none while a trigger names what is not there."""
    for name in _there(connection):
        _drop(connection, name)


def _drop(connection: Connection, name: str) -> None:
    connection.execute(text(_DROP[connection.dialect.name].format(name)))


def _there(connection: Connection) -> set[str]:
    names = connection.scalars(text(_NAMES[connection.dialect.name]))
    return {name for name in names if name.startswith(_PREFIX)}


def _columns_there(connection: Connection) -> set[tuple[str, str]]:
    found = inspect(connection).get_multi_columns()
    return {(table, column["name"]) for (_, table), all_ in found.items()
            for column in all_}  # fmt: skip


def _wanted(dialect: str) -> dict[str, tuple[set[tuple[str, str]], list[str]]]:
    """Return by its name what each needs to be there, and the statements of it."""
    made, every = {}, references()
    of_dialect = _sqlite if dialect == "sqlite" else _postgresql
    for table in walls.tables():
        owned = [each for each in every if each.table == table]
        needed = {(table, "tenant_id")}
        needed |= {(table, each.column) for each in owned}
        needed |= {(each.to, "tenant_id") for each in owned}
        for name, statements in of_dialect(table, owned):
            made[name] = (needed, statements)
    return made


def _named(table: str, event: str, body: str) -> str:
    return f"{_PREFIX}{table}_{event}{crc32(body.encode()):08x}"


def _changed(reference: Reference, differs: str) -> str:
    column = reference.column
    return f"NEW.{column} {differs} OLD.{column} AND {reference.is_foreign}"


def _columns(owned: list[Reference]) -> str:
    return ", ".join(["tenant_id", *(each.column for each in owned)])


def _sqlite(table: str, owned: list[Reference]) -> Iterator[tuple[str, list[str]]]:
    """Two: one is for one event, and what was is not to be named in an insert."""
    moved = "NEW.tenant_id <> OLD.tenant_id"
    conditions = {
        "INSERT": [each.is_foreign for each in owned],
        f"UPDATE OF {_columns(owned)}": [
            moved, *(_changed(each, "IS NOT") for each in owned)
        ],
    }  # fmt: skip
    for event, wrong in conditions.items():
        if wrong:
            body = (
                f'AFTER {event} ON "{table}" WHEN {" OR ".join(wrong)}'
                f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
            name = _named(table, event[0].lower(), body)
            yield name, [f'CREATE TRIGGER "{name}" {body}']


def _postgresql(table: str, owned: list[Reference]) -> Iterator[tuple[str, list[str]]]:
    """A function and its trigger; OLD is NULL in an insert."""
    wrong = " OR ".join(
        [
            "TG_OP = 'UPDATE' AND NEW.tenant_id <> OLD.tenant_id",
            *(_changed(each, "IS DISTINCT FROM") for each in owned),
        ]
    )
    body = (
        f"BEGIN IF {wrong} THEN RAISE foreign_key_violation"
        f" USING MESSAGE = '{REFUSED}'; END IF; RETURN NULL; END"
    )
    name, events = _named(table, "", body), f"INSERT OR UPDATE OF {_columns(owned)}"
    yield (
        name,
        [
            f'CREATE FUNCTION "{name}"() RETURNS trigger'
            f" LANGUAGE plpgsql AS $${body}$$",
            f'CREATE TRIGGER "{name}" AFTER {events} ON "{table}"'
            f' FOR EACH ROW EXECUTE FUNCTION "{name}"()',
        ],
    )
