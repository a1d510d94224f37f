"""Row-level security behind the ORM's filter, under a role that it holds for."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.main import backups, database_copies
from core.main.app import create_app
from core.models import Base, Tenant, TenantPlugin
from core.runtime import walls
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import ALL_TENANTS, system_scope, tenant_scope
from tests import postgres

COUNT = text("SELECT count(*) FROM tenant_plugin")
OF = text("SELECT tenant_id FROM tenant_plugin ORDER BY tenant_id")


@pytest.fixture(scope="module")
def address(postgresql: str) -> Iterator[str]:
    """A database that an ordinary role owns, with all tables by the migrations."""
    name = f"walls_{uuid4().hex}"
    postgres.create_database(postgresql, name)
    yield postgresql.replace("/koppelwerk?", f"/{name}?")
    postgres.drop_database(postgresql, name)


@pytest.fixture
def walled(settings: Settings, address: str) -> Iterator[Flask]:
    app = create_app(replace(settings, database_url=address))
    with app.app_context():
        upgrade(revision="heads")
        with system_scope(), transaction() as current:
            current.execute(text("DELETE FROM tenant"))
            for number in (1, 2):
                current.add(Tenant(id=number, name=f"T{number}"))
            current.flush()
            for number in (1, 2, 2):
                plugin = f"p{current.scalar(COUNT)}"
                current.add(TenantPlugin(tenant_id=number, plugin=plugin))
                current.flush()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.usefixtures("walled")
def test_each_table_of_tenants_has_a_wall() -> None:
    """A new table gets one by the next upgrade, a plugin's too."""
    owned = {name for name, table in Base.metadata.tables.items()
             if "tenant_id" in table.c}  # fmt: skip
    assert walls.tables() == owned - walls.OUTSIDE
    with db.engine.connect() as connection:
        assert walls.is_walled(connection)
        assert walls.lacking(connection) == []
        connection.execute(text("DROP POLICY own_tenant ON tenant_plugin"))
        connection.execute(text("ALTER TABLE coupling NO FORCE ROW LEVEL SECURITY"))
        assert walls.lacking(connection) == ["coupling", "tenant_plugin"]
        walls.build(connection)
        assert walls.lacking(connection) == []


@pytest.mark.usefixtures("walled")
def test_raw_sql_sees_the_rows_of_its_tenant_only() -> None:
    current = session()
    with tenant_scope(1):
        assert current.scalars(OF).all() == [1]
        with tenant_scope(2):  # within the same transaction
            assert current.scalars(OF).all() == [2, 2]
        assert current.scalars(OF).all() == [1]
        changed = current.execute(text("UPDATE tenant_plugin SET plugin = 'x'"))
        assert changed.rowcount == 1
        gone = current.execute(text("DELETE FROM tenant_plugin WHERE tenant_id = 2"))
        assert gone.rowcount == 0
        with db.engine.connect() as connection:  # past the session as well
            assert connection.scalars(OF).all() == [1]
    current.rollback()


@pytest.mark.usefixtures("walled")
def test_no_row_goes_to_another_tenant() -> None:
    for statement in (
        "INSERT INTO tenant_plugin (tenant_id, plugin) VALUES (2, 'y')",
        "UPDATE tenant_plugin SET tenant_id = 2",
    ):
        with tenant_scope(1), pytest.raises(ProgrammingError, match="row-level"):
            session().execute(text(statement))
        session().rollback()


@pytest.mark.usefixtures("walled")
def test_without_a_scope_there_is_nothing_and_the_system_sees_all() -> None:
    current = session()
    assert current.scalar(COUNT) == 0
    with system_scope():
        assert current.scalar(COUNT) == 3
    assert current.scalar(COUNT) == 0
    with tenant_scope(1):
        all_of = select(func.count()).select_from(TenantPlugin)
        asked = all_of.execution_options(**{ALL_TENANTS: True})
        assert current.scalar(asked) == 3
        assert current.scalar(all_of) == 1
        assert current.scalar(COUNT) == 1
    current.rollback()


@pytest.mark.usefixtures("walled")
def test_what_a_transaction_named_ends_with_it() -> None:
    """Also where a savepoint takes it back, and for the next one on the connection."""
    current = session()
    with tenant_scope(1):
        assert current.scalar(COUNT) == 1
        inner = current.begin_nested()
        with system_scope():
            assert current.scalar(COUNT) == 3
        inner.rollback()
        assert current.scalar(COUNT) == 1
        current.commit()
        assert current.scalar(COUNT) == 1
        current.rollback()
    with tenant_scope(2):
        assert current.scalar(COUNT) == 2
    current.rollback()
    with db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw.execute("SELECT current_setting('app.tenant', true)").fetchone() in (
            ("",), (None,),
        )  # fmt: skip


@pytest.mark.usefixtures("walled")
def test_without_the_wall_raw_sql_sees_everybody() -> None:
    with db.engine.connect() as connection, tenant_scope(1):
        connection.execute(text("DROP POLICY own_tenant ON tenant_plugin"))
        connection.execute(text("ALTER TABLE tenant_plugin DISABLE ROW LEVEL SECURITY"))
        assert connection.scalar(COUNT) == 3


def test_a_superuser_is_not_asked_for_his_tenant(
    settings: Settings, postgresql: str
) -> None:
    address = postgresql.replace("//koppelwerk@", f"//{postgres.KEEPER}@")
    app = create_app(replace(settings, database_url=address))
    with app.app_context(), db.engine.connect() as connection:
        assert not walls.is_walled(connection)
    with app.app_context():
        db.engine.dispose()


def test_a_backup_has_all_rows_through_the_walls_and_comes_back(
    walled: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = postgres.binaries()
    assert folder is not None
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    assert shutil.which("pg_dump")
    backups.take(tmp_path / "backup")
    with system_scope(), transaction() as current:
        current.execute(text("DELETE FROM tenant_plugin"))
    db.session.remove()
    db.engine.dispose()
    backups.restore(tmp_path / "backup", replaces=True)
    with system_scope():
        assert session().scalar(COUNT) == 3
    with tenant_scope(1):
        assert session().scalar(COUNT) == 1
    session().rollback()
    assert database_copies.of(db.engine.url).is_filled()


@pytest.mark.usefixtures("walled")
def test_a_session_whose_database_crashed_can_be_used_again() -> None:
    me, end = text("SELECT pg_backend_pid()"), text("SELECT pg_terminate_backend(:p)")
    with system_scope():
        with db.engine.connect() as another:
            another.execute(end, {"p": session().scalar(me)})
        with pytest.raises(OperationalError):
            session().scalar(COUNT)
        session().rollback()
        assert session().scalar(COUNT) == 3
    session().rollback()
