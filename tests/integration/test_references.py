"""No row points at another tenant's, by any foreign key, on both databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    LargeBinary,
    String,
    Table,
    insert,
    update,
)
from sqlalchemy.exc import IntegrityError

from core.models import Base, Tenant, User
from core.models.base import Json, Money, Quantity, Rate, UtcDateTime
from core.runtime import references, walls
from core.runtime.extensions import db
from core.runtime.references import REFUSED
from core.runtime.tenancy import system_scope

OWN, FOREIGN = 1, 2
TABLES = Base.metadata.tables
USER = str(User.__tablename__)
_numbers = count(1_000)


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    """A transaction of a database with two tenants; the tests' own has no triggers."""
    with db.engine.begin() as made:  # else SQLite reads all of it anew at each rollback
        references.build(made)
    with system_scope(), db.engine.connect() as made, made.begin() as changes:
        for number in (OWN, FOREIGN):
            made.execute(insert(Tenant).values(id=number, name=f"T{number}"))
        yield made
        changes.rollback()


def _value(kind: Any) -> Any:
    """Return some value of a column's type, another one each time where it can."""
    number = next(_numbers)
    if isinstance(kind, String):
        return str(number)[-(kind.length or 20) :]
    if isinstance(kind, (UtcDateTime, Date)):
        return datetime.now(UTC) if isinstance(kind, UtcDateTime) else date(2026, 1, 1)
    if isinstance(kind, Json):
        return {}
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, (Money, Rate, Quantity)):
        return Decimal(1)
    return b"x" if isinstance(kind, LargeBinary) else number


def _row(connection: Connection, table: Table, tenant: int | None, **given: Any) -> Any:
    """Make a row with what it cannot do without, of rows of its tenant."""
    values = dict(given)
    for column in table.columns:
        if column.name in values or column.nullable or column.default is not None:
            continue
        if column.name == "tenant_id":
            values[column.name] = tenant
        elif column.foreign_keys:
            (key,) = column.foreign_keys
            made = _row(connection, key.column.table, tenant)
            values[column.name] = made[key.column.name]
        elif column is not table.autoincrement_column:
            values[column.name] = _value(column.type)
    if table.name == USER:
        values.setdefault("tenant_id", tenant)
    made = connection.execute(insert(table).values(values).returning(table))
    return made.mappings().one()


def _refused(connection: Connection, act: Callable[[], Any]) -> bool:
    trial = connection.begin_nested()
    try:
        act()
    except IntegrityError as error:
        if REFUSED not in str(error):
            raise
        return True
    else:
        return False
    finally:
        trial.rollback()


def _change(table: Table, row: Any, **values: Any) -> Any:
    keys = [column == row[column.name] for column in table.primary_key]
    return update(table).where(*keys).values(values)


def _let_through(connection: Connection, to: Callable[[str], Any]) -> list[Any]:
    """Return what may be written, in a new row and in one that is there.

    `to`: the row, by its table, that a row of the own tenant shall point at.
    """
    row = cache(lambda name: _row(connection, TABLES[name], OWN))
    written: list[Any] = []
    for each in references.references():
        table, values = TABLES[each.table], {each.column: to(each.to)["id"]}
        change = _change(table, row(each.table), **values)
        acts: dict[str, Callable[[], Any]] = {
            "insert": lambda t=table, v=values: _row(connection, t, OWN, **v),
            "update": lambda c=change: connection.execute(c),
        }
        written += [
            (each, name) for name, act in acts.items() if not _refused(connection, act)
        ]
    return written


def test_no_row_points_at_another_tenants(connection: Connection) -> None:
    theirs = cache(lambda name: _row(connection, TABLES[name], FOREIGN))
    assert len(references.references()) > 100
    assert _let_through(connection, theirs) == []


def test_own_rows_and_operators_may_be_named(connection: Connection) -> None:
    relation, connected = TABLES["relation"], TABLES["relation_link"]
    for whose in (OWN, None):
        manager = _row(connection, TABLES[USER], whose)
        _row(connection, relation, OWN, manager_id=manager["id"])
    own = _row(connection, relation, OWN)
    _row(connection, connected, OWN, relation_id=own["id"])


def test_without_its_trigger_a_row_points_at_anybodys(connection: Connection) -> None:
    theirs = _row(connection, TABLES["relation"], FOREIGN)
    references.drop(connection)
    _row(connection, TABLES["relation_link"], OWN, relation_id=theirs["id"])


def test_a_row_stays_its_tenants(connection: Connection) -> None:
    for name in sorted(walls.tables() - {"log_entry"}):  # it has a trigger of its own
        row = _row(connection, TABLES[name], OWN)
        change = _change(TABLES[name], row, tenant_id=FOREIGN)
        assert _refused(connection, lambda c=change: connection.execute(c)), name
