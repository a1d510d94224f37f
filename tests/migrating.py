"""Databases made by the migrations, and rows for some halfway, whose models went."""

import atexit
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask_migrate import upgrade
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


@cache
def _kept() -> Path:
    folder = Path(mkdtemp(prefix="koppelwerk-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "migrated.db"


def migrate() -> None:
    """Bring the running application's empty database to the last revision.

    From nothing it takes seconds, so of SQLite it is done once per process, and copied.
    """
    if db.engine.name != "sqlite":  # it has no file of ours
        upgrade(revision="heads")
        return
    path, kept = str(db.engine.url.database), _kept()
    if kept.exists():
        db.engine.dispose()
        shutil.copyfile(kept, path)
        return
    upgrade(revision="heads")
    with closing(sqlite3.connect(path)) as made, closing(sqlite3.connect(kept)) as copy:
        made.backup(copy)


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
def emptied(folder: Path, address: str) -> Iterator[Flask]:
    """The application on a database without tables."""
    app = create_app(
        Settings(
            var_dir=str(folder),
            database_url=address,
            public_url="http://localhost",
            log_level="CRITICAL",
        )
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@contextmanager
def fresh_database(request: pytest.FixtureRequest, kind: str) -> Iterator[str]:
    """Make a database of a kind (`sqlite` or `postgresql`); yield its address."""
    if kind == "sqlite":
        folder: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        yield f"sqlite:///{folder.mktemp('moved') / 'moved.db'}"
        return
    from tests import postgres

    server: str = request.getfixturevalue("postgresql")
    name = f"moved_{uuid4().hex}"
    postgres.create_database(server, name)
    try:
        yield server.replace("/koppelwerk?", f"/{name}?")
    finally:
        postgres.drop_database(server, name)
