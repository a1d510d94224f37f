"""The second wall between tenants: row-level security, on PostgreSQL.

Behind the ORM's filter (`core.runtime.tenancy`) each table of tenants has a policy:
rows of the tenant that the transaction names in `app.tenant`, of all for 0, of none
where it names nobody. What a statement may see is the scope's at that moment, raw SQL
included. A superuser, and a role with BYPASSRLS, sees through it all.
"""

from typing import Any

import structlog
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine

from core.models import Base, TenantOwned
from core.runtime.tenancy import ALL_TENANTS, SYSTEM, current_scope

logger = structlog.get_logger(__name__)

POLICY = "own_tenant"
OUTSIDE = {"mail", "turn", "user"}
"""Tables with a tenant that are no tenant's alone: whoever logs in is looked up before
his tenant is known, and mail goes and takes turns across tenants."""
_HELD = "app.tenant"
_IS_WALLED = "is_walled"
_BYPASSES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
_SAVEPOINTS = ("SAVEPOINT", "ROLLBACK TO", "RELEASE")
_NAME = "SELECT set_config('app.tenant', %s, true)"
_OWN = (
    "(SELECT NULLIF(current_setting('app.tenant', true), '')::integer)"
    " IN (0, tenant_id)"
)
_LACKING = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (:names)
AND NOT (c.relforcerowsecurity AND EXISTS (
 SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = :policy))
"""


def tables() -> set[str]:
    """Return the names of the tables that have a wall, those of plugins too."""
    return {
        str(mapper.local_table.description)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantOwned)
    }


def lacking(connection: Connection) -> list[str]:
    """Return the tables that are there without their wall."""
    given = {"names": sorted(tables()), "policy": POLICY}
    return sorted(connection.scalars(text(_LACKING), given))


def build(connection: Connection) -> None:
    """Give each table that lacks it its wall; nothing to do on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    for name in lacking(connection):
        for statement in (
            f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY',
            # The owner too: it is who we usually are.
            f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY',
            f'DROP POLICY IF EXISTS {POLICY} ON "{name}"',
            f'CREATE POLICY {POLICY} ON "{name}" USING ({_OWN}) WITH CHECK ({_OWN})',
        ):
            connection.execute(text(statement))


def is_walled(connection: Connection) -> bool:
    """Tell whether policies hold for the role we run under."""
    return bool(connection.info.get(_IS_WALLED))


def prepare(engine: Engine) -> None:
    """Let each statement name the tenant in scope, on PostgreSQL.

    For its transaction only (SET LOCAL), and again where the scope changes within one.
    """
    if engine.dialect.name != "postgresql":
        return

    warned: list[bool] = []

    @event.listens_for(engine, "connect")
    def _on_connect(raw: Any, record: Any) -> None:
        (bypasses,) = raw.execute(_BYPASSES).fetchone()
        raw.rollback()
        record.info[_IS_WALLED] = not bypasses
        if bypasses and not warned:
            warned.append(True)
            logger.warning("the role of the database sees through the tenants' walls")

    @event.listens_for(engine, "before_cursor_execute")
    def _before(
        connection: Connection, _cursor: Any, sql: str, _given: Any, context: Any,
        _many: bool,
    ) -> None:  # fmt: skip
        if not is_walled(connection):
            return
        if sql.startswith(_SAVEPOINTS):  # what was named goes back with one
            _forget(connection)
            return
        options = context.execution_options if context else {}
        scope = SYSTEM if options.get(ALL_TENANTS) else current_scope()
        if connection.info.get(_HELD, "") != scope:
            raw: Any = connection.connection.dbapi_connection
            raw.execute(_NAME, ("" if scope is None else str(scope),))
            connection.info[_HELD] = scope

    for ending in ("begin", "commit", "rollback"):  # what was named ends with it
        event.listen(engine, ending, _forget)


def _forget(connection: Connection, *_more: Any) -> None:
    if not connection.invalidated:  # one that the server ended holds nothing
        connection.info.pop(_HELD, None)
