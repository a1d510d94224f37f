"""Whose data this code may see: no scope, no query.

A web request runs in the scope of the user's tenant and every query of tenant rows is
filtered by it, wherever in a statement they stand. Workers and commands say
`system_scope()` in so many words. What a filter cannot be added to (tables without
their class, bulk updates by key) is refused in a tenant's scope.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import ClauseElement, Executable, event
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.sql.visitors import iterate

from core.models.base import Base, TenantOwned

SYSTEM = 0
ALL_TENANTS = "all_tenants"
"""Execution option: a question across tenants on purpose (is a company taken?)."""
_scope: ContextVar[int | None] = ContextVar("tenant_scope", default=None)


class NoTenantScope(RuntimeError):
    """Tenant data was asked for outside any scope: a programming error."""


class OutsideTenantScope(RuntimeError):
    """Another tenant's data would be seen or written: a programming error."""


def current_scope() -> int | None:
    """Return the tenant id in scope, SYSTEM, or None."""
    return _scope.get()


@contextmanager
def tenant_scope(tenant_id: int) -> Iterator[None]:
    """Let queries see the rows of one tenant only."""
    token = _scope.set(tenant_id)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def system_scope() -> Iterator[None]:
    """Let queries see all tenants; for workers, commands and log-in only."""
    with tenant_scope(SYSTEM):
        yield


def enter_scope(tenant_id: int) -> None:
    """Set the scope for the rest of this context (a web request)."""
    _scope.set(tenant_id)


def leave_scope() -> None:
    """Drop the scope of this context."""
    _scope.set(None)


class ScopedSession(FlaskSession):
    """A session that does not hand out another tenant's row from its memory.

    `get` answers from the identity map without a query when it can, for instance with
    a row that was loaded while the user logged in.
    """

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """Return the row with this key if the scope may see it, else None."""
        return _visible(super().get(entity, ident, **options))


def _visible(row: Any) -> Any:
    scope = _scope.get()
    if scope == SYSTEM or not isinstance(row, TenantOwned):
        return row
    if scope is None:
        raise NoTenantScope("a tenant's row was asked for outside a tenant's scope")
    return row if row.tenant_id == scope else None


@event.listens_for(Session, "do_orm_execute")
def _guard(state: ORMExecuteState) -> None:
    scope = _scope.get()
    if scope == SYSTEM:
        return
    if scope is None:
        if _names_tenant_rows(state.statement):
            raise NoTenantScope("tenant rows were queried outside a tenant's scope")
    elif not state.execution_options.get(ALL_TENANTS):
        _refuse_unfiltered(state)
        if state.is_insert:
            _refuse_foreign(state, scope)
        state.statement = state.statement.options(_only(scope))


def _refuse_unfiltered(state: ORMExecuteState) -> None:
    by_key = state.is_executemany and not state.is_insert
    if (by_key or not state.is_orm_statement) and _names_tenant_rows(state.statement):
        raise OutsideTenantScope("this statement cannot be filtered by tenant")


def _refuse_foreign(state: ORMExecuteState, tenant_id: int) -> None:
    """Refuse to insert another tenant's row; a select inside is filtered anyway."""
    given = state.parameters or {}
    rows = [given] if isinstance(given, Mapping) else list(given)
    if not state.is_executemany:
        dialect = state.session.get_bind(**state.bind_arguments).dialect
        statement = cast(ClauseElement, state.statement)
        rows.append(statement.compile(dialect=dialect).params)
    named = (
        value
        for row in rows
        for name, value in row.items()
        if name == "tenant_id" or name.startswith("tenant_id_m")
    )
    if any(value not in (None, tenant_id) for value in named):
        raise OutsideTenantScope("a row of another tenant would be added")


@lru_cache(maxsize=1024)
def _only(tenant_id: int) -> Any:
    """Return the option that filters tenant rows, in subqueries and joins as well."""
    return with_loader_criteria(
        TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True
    )


def _names_tenant_rows(statement: Executable) -> bool:
    names = _tenant_tables()
    return any(
        getattr(table, "name", None) in names
        for element in iterate(cast(ClauseElement, statement))
        for table in (element, getattr(element, "table", None))
    )


def _tenant_tables() -> set[str]:
    return {
        str(mapper.local_table.description)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantOwned)
    }


@event.listens_for(Session, "before_flush")
def _guard_writes(session: Session, _context: UOWTransaction, _rows: Any) -> None:
    """Refuse to write a row that is not the tenant's own."""
    scope = _scope.get()
    if scope == SYSTEM:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantOwned):
            continue
        if scope is None:
            raise NoTenantScope("a tenant's row was written outside a tenant's scope")
        if row.tenant_id != scope:
            raise OutsideTenantScope(
                f"a row of {type(row).__name__} is not this tenant's"
            )
