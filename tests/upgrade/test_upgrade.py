"""What an earlier release stored is all there after our migrations, and is read.

The dump has rows of every table as commit cd31a2a makes them (`make_dump`). It is
loaded into the tables of that time, made by our own migrations up to its revisions.
"""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    inspect,
    select,
    text,
)

from core.domain import jsontext
from core.main.app import create_app
from core.models import Base, Credential, LogEntry, ShopOrder, Transfer
from core.models import Connection as Side
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.connections import credentials
from core.services.transfer import orders
from core.web import policy
from tests import postgres
from tests.meta.project import ROOT

DUMP = jsontext.loads((ROOT / "tests/upgrade/cd31a2a.json").read_bytes())
TABLES: dict[str, list[dict[str, Any]]] = DUMP["tables"]
MOVED = {
    f"accountview_{name}": f"belastingdienst_{name}"
    for name in (
        "administration", "certificate", "entry", "evidence", "filing", "filing_event",
        "period", "profile",
    )
}  # fmt: skip
"""Tables that bear another name since; `tests/contract/belastingdienst` tests how."""
REWRITTEN = {"log_entry": {"params"}, "transfer": {"external_url"}}
"""What migrations change on purpose; each has a test of its own below."""
EMAIL, PASSWORD = "demo@koppelwerk.example", "een lang wachtwoord"
NAME = "koppelwerk_upgrade"


@pytest.fixture(scope="module")
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty database."""
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('upgrade') / 'old.db'}"
        return
    server = request.getfixturevalue("postgresql")
    postgres.create_database(server, NAME)
    yield server.replace("/koppelwerk?", f"/{NAME}?")
    postgres.drop_database(server, NAME)


@pytest.fixture(scope="module")
def upgraded(
    address: str, tmp_path_factory: pytest.TempPathFactory, quicker: None
) -> Iterator[Flask]:
    """The application on what the old release stored, upgraded."""
    app = create_app(
        replace(
            Settings(),
            var_dir=str(tmp_path_factory.mktemp("var")),
            database_url=address,
            public_url="http://localhost",
            secret_keys=DUMP["keys"],
            log_level="ERROR",
        )
    )
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        for revision in DUMP["revisions"]:
            upgrade(revision=revision)
        with system_scope(), db.engine.begin() as connection:
            _load(connection)
        upgrade(revision="heads")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _load(connection: Connection) -> None:
    then = MetaData()
    then.reflect(connection)
    names = {table.name for table in then.sorted_tables} - {"alembic_version"}
    assert names == set(TABLES)
    for table in then.sorted_tables:
        for row in TABLES.get(table.name, ()):
            values = {name: _value(table, name, each) for name, each in row.items()}
            connection.execute(table.insert().values(values))
    if connection.dialect.name == "postgresql":
        for table in then.sorted_tables:
            _count_on(connection, table)


def _value(table: Table, name: str, each: Any) -> Any:
    kind = table.c[name].type
    if each is None:
        return None
    if isinstance(kind, LargeBinary):
        return b64decode(each["bytes"])
    if isinstance(kind, Boolean):
        return bool(each)
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(each)
        return moment.replace(tzinfo=UTC) if kind.timezone else moment
    return date.fromisoformat(each) if isinstance(kind, Date) else each


def _count_on(connection: Connection, table: Table) -> None:
    if "id" in table.c and table.c.id.autoincrement:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'),"
                f' (SELECT max(id) FROM "{table.name}"))'
            )
        )


def test_the_dump_has_rows_of_every_table_of_its_time() -> None:
    assert len(TABLES) == 71
    assert all(TABLES.values())


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_still_there_with_what_it_held(upgraded: Flask, name: str) -> None:
    with upgraded.app_context(), system_scope(), db.engine.connect() as connection:
        then = MetaData()
        now = Table(MOVED.get(name, name), then, autoload_with=connection)
        found = [dict(row._mapping) for row in connection.execute(select(now))]
        keys = [each.name for each in inspect(now).primary_key]
    by_key = {tuple(row[key] for key in keys): row for row in found}
    for old in TABLES[name]:
        held = {key: each for key, each in old.items() if key in now.c}
        values = {key: _value(now, key, each) for key, each in held.items()}
        new = by_key[tuple(values[key] for key in keys)]
        differ = {key for key, each in values.items() if _plain(new[key]) != each}
        assert differ <= REWRITTEN.get(name, set())


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def test_the_log_keeps_every_value_apart_where_it_names_a_person(
    upgraded: Flask,
) -> None:
    with upgraded.app_context(), system_scope():
        rows = {row.id: row for row in db.session.scalars(select(LogEntry))}
    for old in TABLES["log_entry"]:
        row = rows[old["id"]]
        assert {**row.params, **row.personal} == jsontext.loads(old["params"])


def test_the_models_read_every_row(upgraded: Flask) -> None:
    with upgraded.app_context(), system_scope():
        read = {
            mapper.local_table.name: db.session.scalars(select(mapper.class_)).all()
            for mapper in Base.registry.mappers
        }
    missing = {
        name for name, rows in TABLES.items()
        if len(read[MOVED.get(name, name)]) < len(rows)
    }  # fmt: skip
    assert missing == set()


def test_what_was_sealed_and_written_is_understood(upgraded: Flask) -> None:
    with upgraded.app_context(), system_scope():
        for row in db.session.scalars(select(Credential)):
            connection = db.session.get_one(Side, row.connection_id)
            assert credentials.load(connection)
        for order in db.session.scalars(select(ShopOrder)):
            assert orders.load(order).lines
        states = set(db.session.scalars(select(Transfer.state)))
    assert {"done", "queued"} <= states


def test_every_page_of_the_owner_opens(upgraded: Flask) -> None:
    client = upgraded.test_client()
    form = {"email": EMAIL, "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 303
    opened, failed = 0, {}
    for entry in policy.table(upgraded):
        if "GET" not in entry.methods or entry.access in ("webhook", "api", "operator"):
            continue
        page = _filled(entry.rule)
        if page is None:
            continue
        status = client.get(page).status_code
        opened += status == 200
        if status >= 500 and page != "/ready":  # Redis is not there
            failed[page] = status
    assert failed == {}
    assert opened > 40


ID_OF = {
    "transfer_id": "transfer",
    "relation_id": "relation",
    "invoice_id": "sales_invoice",
    "coupling_id": "coupling",
    "connection_id": "connection",
    "import_id": "relation_import",
    "run_id": "relation_run",
    "backfill_id": "backfill",
    "licence_id": "licence",
    "endpoint_id": "webhook_endpoint",
}


def _filled(rule: str) -> str | None:
    """Return a rule's address with the ids of the dump; None when it asks for more."""
    for word, table in ID_OF.items():
        rule = rule.replace(f"<int:{word}>", str(TABLES[table][0].get("id")))
    return None if "<" in rule else rule
