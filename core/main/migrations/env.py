"""Alembic's environment: one branch for core, one for each plugin.

A new revision of a branch: `flask db -x branch=NAME revision --autogenerate --head
NAME@head -m "..."`; only that branch's tables are compared then (core: `core`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from core.models import Base
from core.runtime import planner, references, walls
from core.runtime.extensions import db, koppelwerk
from core.runtime.tenancy import system_scope
from core.services.operations.readiness import wanted as wanted_heads

BRANCH = context.get_x_argument(as_dictionary=True).get("branch")


def branch_of(table: str) -> str:
    """Return the branch a table belongs to: the plugin whose prefix it has."""
    for name in koppelwerk().registry.plugins:
        if table.startswith(f"{name}_"):
            return name
    return "core"


def wanted(item: Any, name: str | None, kind: str, _found: bool, _to: Any) -> bool:
    """Compare only the tables of the branch that was asked for."""
    table = name if kind == "table" else item.table.name
    return BRANCH in (None, branch_of(table))


def will_move() -> bool:
    """Tell whether tables may change: not by an upgrade that finds nothing to do, and
    not where nothing but a look was asked for."""
    migration = context.get_context()
    to = migration.opts.get("destination_rev")
    is_done = to == "heads" and wanted_heads() == set(migration.get_current_heads())
    return to is not None and not is_done


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=wanted,
        render_as_batch=is_sqlite,
        user_module_prefix="types.",
    )
    if is_sqlite and will_move():
        references.drop(connection)
        connection.commit()
    with context.begin_transaction():
        context.run_migrations()
        walls.build(connection)
        references.build(connection)
        planner.learn(connection)
    connection.commit()  # on SQLite a transaction ends with the last migration


@contextmanager
def references_kept(connection: Connection) -> Iterator[None]:
    """Let SQLite make tables anew without deleting what refers to them.

    It drops the old table, and that cascades unless foreign keys are off; they can be
    switched outside transactions only.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
    broken = raw.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows that refer to nothing: {broken[:5]}")


with (
    current_app.app_context(),
    db.engine.connect() as connection,
    references_kept(connection),
    system_scope(),  # a migration is about all tenants
):
    run(connection)
