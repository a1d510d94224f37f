"""Migrations: one head per branch, and from nothing they make what the models say."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import current, downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import core
from core.main.app import create_app
from core.models import Base, Connection, Coupling, LogEntry, Tenant, Transfer
from core.runtime import references
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from tests.migrating import migrate


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without tables."""
    address = f"sqlite:///{tmp_path / 'empty.db'}"
    app = create_app(replace(settings, database_url=address))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.usefixtures("empty")
def test_each_branch_has_one_head_and_is_its_plugins() -> None:
    script = ScriptDirectory.from_config(
        current_app.extensions["migrate"].migrate.get_config()
    )
    plugins = koppelwerk().registry.plugins
    owners = {"core", *(name for name, found in plugins.items() if found.models)}
    labels = [
        label
        for head in script.get_heads()
        for label in script.get_revision(head).branch_labels
    ]
    assert sorted(labels) == sorted(owners)
    assert len(script.get_bases()) == len(owners)


@pytest.mark.usefixtures("empty")
def test_from_nothing_they_make_the_tables_of_the_models() -> None:
    migrate()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.usefixtures("empty")
def test_the_log_can_only_be_added_to_after_all_of_them() -> None:
    """A migration that makes the table anew on SQLite drops the trigger with it."""
    migrate()
    entry = _insert(LogEntry, id="1", tenant_id="1")
    with db.engine.begin() as connection:
        for row in (ROWS[0], entry):
            connection.execute(text(row))
        with pytest.raises(DBAPIError, match="only added to"):
            connection.execute(text("UPDATE log_entry SET code = 'x'"))


@pytest.mark.usefixtures("empty")
def test_each_table_of_tenants_has_its_triggers_after_all_of_them() -> None:
    """They are taken away for the migrations, and whoever upgrades makes them anew."""
    migrate()
    with db.engine.connect() as connection:
        assert references.lacking(connection) == []
    rows = [
        _insert(Tenant, id="1"),
        _insert(Tenant, id="2"),
        _insert(Connection, id="1", tenant_id="1"),
    ]
    with db.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))
        with pytest.raises(DBAPIError, match=references.REFUSED):
            connection.execute(text("UPDATE connection SET tenant_id = 2"))


@pytest.mark.usefixtures("empty")
def test_an_upgrade_with_nothing_to_do_leaves_the_triggers_alone() -> None:
    """Taken away and made anew, whoever runs meanwhile is without them, and reads the
    whole schema again."""
    migrate()
    before = _version_of_the_schema()
    upgrade(revision="heads")
    current()
    assert _version_of_the_schema() == before
    downgrade(revision="core@-1")
    upgrade(revision="heads")
    assert _version_of_the_schema() > before
    with db.engine.connect() as connection:
        assert references.lacking(connection) == []


def _version_of_the_schema() -> int:
    """Return what SQLite counts up with each change of the schema."""
    with db.engine.connect() as connection:
        return int(connection.execute(text("PRAGMA schema_version")).scalar_one())


def test_what_a_migration_does_is_all_in_it() -> None:
    """But for the types of columns: what the code says now may not change it."""
    types = {
        "from core.models import base as types",
        "from core.plugin import tables as types",
    }
    root = Path(core.__file__).parents[1]
    places = ("core/main/migrations/versions/*.py", "plugins/*/migrations/*.py")
    lines = [
        line
        for place in places
        for path in sorted(root.glob(place))
        for line in path.read_text().splitlines()
        if line.strip().startswith(("from core", "import core", "from plugins"))
    ]
    assert len(lines) > 20
    assert set(lines) <= types


ROWS = (
    "INSERT INTO tenant (id, name, home_country, timezone, language, vat_number,"
    " active, created_at) VALUES (1, 'W', 'NL', 'Europe/Amsterdam', 'nl', '', 1,"
    " '2026-01-01')",
    'INSERT INTO "user" (id, tenant_id, email, name, password_hash, role, language,'
    " session_key, failed_logins, created_at) VALUES (1, 1, 'a@example.com', '', 'x',"
    " 'owner', 'nl', 'k', 0, '2026-01-01')",
    "INSERT INTO log_entry (id, tenant_id, at, level, code, params, user_id)"
    " VALUES (1, 1, '2026-01-01', 'info', 'logged_in', '{}', 1)",
)


@pytest.mark.usefixtures("empty")
def test_rows_survive_an_upgrade() -> None:
    """SQLite makes some tables anew; dropping the old one must not cascade."""
    upgrade(revision="core_0001")
    with db.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    upgrade(revision="heads")
    with db.engine.connect() as connection:
        for table in ("tenant", "user", "log_entry"):
            count = connection.execute(text(f'SELECT count(*) FROM "{table}"'))
            assert count.scalar_one() == 1, table
        found = connection.execute(text("SELECT user_id FROM log_entry"))
        assert found.scalar_one() == 1


BUSY = (
    "INSERT INTO connection (id, tenant_id, plugin, state, enabled, reason,"
    " external_name, facts, settings, cursor, version, interval_minutes,"
    " last_run_error, drain_token, created_at) VALUES (1, 1, 'p', 'connected', 1, '',"
    " '', '{}', '{}', '{}', 1, 60, '', '', '2026-01-01')",
    "INSERT INTO relation_sync (tenant_id, connection_id, cursor, seen_id, busy_until,"
    " token) VALUES (1, 1, '{}', 7, '2026-01-02', 'mine')",
    "INSERT INTO relation_import (id, tenant_id, filename, format, headers, settings,"
    " state, error, rows, position, counts, busy_until, created_at) VALUES (1, 1,"
    " 'f.csv', '', '[]', '{}', 'writing', '', 3, 2, '{}', '2026-01-02', '2026-01-01')",
    "INSERT INTO mail (id, tenant_id, recipient, kind, state, due_at, failures, reason,"
    " created_at) VALUES (1, 1, 'a@example.com', 'x', 'queued', '2026-01-02', 2, '',"
    " '2026-01-01')",
)


@pytest.mark.usefixtures("empty")
def test_due_rows_and_their_leases_survive_the_work_engine() -> None:
    upgrade(revision="core_0003")
    with db.engine.begin() as connection:
        for row in (*ROWS[:1], *BUSY):
            connection.execute(text(row))
    for revision in ("core_0004", "core_0003", "heads"):
        (upgrade if revision != "core_0003" else downgrade)(revision=revision)
    with db.engine.connect() as connection:
        sync = "SELECT lease_until, lease_token, seen_id, attempt FROM relation_sync"
        assert connection.execute(text(sync)).one() == ("2026-01-02", "mine", 7, 0)
        file = "SELECT lease_until, lease_token, position FROM relation_import"
        assert connection.execute(text(file)).one() == ("2026-01-02", "", 2)
        mail = "SELECT due_at, failures, lease_token, attempt FROM mail"
        assert connection.execute(text(mail)).one() == ("2026-01-02", 2, "", 0)


def _insert(model: type[Base], **given: str) -> str:
    """Return an INSERT; what must be there by now and is not given is empty."""
    table = model.__table__
    there = {each["name"] for each in inspect(db.engine).get_columns(table.name)}
    names = {each.name for each in table.columns if not each.nullable} & there
    names |= set(given)
    values = [given.get(name, "''") for name in sorted(names)]
    return (
        f"INSERT INTO {table.name} ({', '.join(sorted(names))})"
        f" VALUES ({', '.join(values)})"
    )


@pytest.mark.usefixtures("empty")
def test_what_a_refusal_of_ours_had_ended_can_be_taken_up() -> None:
    upgrade(revision="core_0018")
    rows = (
        ROWS[0],
        _insert(Connection, id="1", tenant_id="1"),
        _insert(Coupling, id="1", tenant_id="1", target_id="1"),
        _insert(
            Transfer, id="1", tenant_id="1", coupling_id="1", target_id="1",
            state="'skipped'", code="'oauth_misconfigured'",
        ),
    )  # fmt: skip
    with db.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))
    upgrade(revision="heads")
    with db.engine.connect() as connection:
        found = connection.execute(text("SELECT state, code FROM transfer")).one()
    assert found == ("failed", "stopped_by_our_fault")
