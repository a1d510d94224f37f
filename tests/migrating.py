"""Rows for databases that are halfway their migrations, whose models are gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import MetaData, Table, types
from sqlalchemy.engine import Connection

from core.main.app import create_app
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope

_EMPTY: tuple[tuple[type[types.TypeEngine[Any]], Any], ...] = (
    (types.Boolean, False),
    (types.Integer, 0),
    (types.Numeric, 0),
    (types.DateTime, datetime(2026, 1, 1, tzinfo=UTC)),
    (types.Date, date(2026, 1, 1)),
    (types.LargeBinary, b""),
    (types.JSON, {}),
    (types.Text, "{}"),  # our JSON
    (types.String, ""),
)


def insert(connection: Connection, table_name: str, /, **given: Any) -> None:
    """Insert a row; what must be there and is not given is empty. Money is in cents."""
    table = Table(table_name, MetaData(), autoload_with=connection)
    columns = [one for one in table.columns if one.name != "id"]
    wanted = [one for one in columns if not (one.nullable or one.server_default)]
    values = {one.name: _empty(one.type) for one in wanted}
    with system_scope():
        connection.execute(table.insert().values({**values, **given}))


def _empty(kind: types.TypeEngine[Any]) -> Any:
    return next(value for known, value in _EMPTY if isinstance(kind, known))


@contextmanager
def emptied(settings: Settings, address: str) -> Iterator[Flask]:
    """The application on a database without tables."""
    app = create_app(replace(settings, database_url=address))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@contextmanager
def fresh_database(request: pytest.FixtureRequest, kind: str) -> Iterator[str]:
    """Make a database of a kind (`sqlite` or `postgresql`); yield its address."""
    if kind == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'moved.db'}"
        return
    from tests import postgres

    server: str = request.getfixturevalue("postgresql")
    name = f"moved_{uuid4().hex}"
    postgres.create_database(server, name)
    try:
        yield server.replace("/koppelwerk?", f"/{name}?")
    finally:
        postgres.drop_database(server, name)
