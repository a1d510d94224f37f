"""Whose data this code may see: no scope, no query.

A web request runs in the scope of the user's tenant and every query of tenant rows
is filtered by it. Workers and commands say `system_scope()` in so many words.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from core.models.base import TenantOwned

SYSTEM = 0
_scope: ContextVar[int | None] = ContextVar("tenant_scope", default=None)


class NoTenantScope(RuntimeError):
    """Tenant data was asked for outside any scope: a programming error."""


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


def _touches_tenant_rows(state: ORMExecuteState) -> bool:
    return any(issubclass(mapper.class_, TenantOwned) for mapper in state.all_mappers)


@event.listens_for(Session, "do_orm_execute")
def _guard(state: ORMExecuteState) -> None:
    scope = _scope.get()
    if scope == SYSTEM or not _touches_tenant_rows(state):
        return
    if scope is None:
        raise NoTenantScope("tenant rows were queried outside a tenant's scope")
    if state.is_select or state.is_update or state.is_delete:
        options: Any = with_loader_criteria(
            TenantOwned, _criteria(scope), include_aliases=True
        )
        state.statement = state.statement.options(options)


def _criteria(tenant_id: int) -> Any:
    return lambda cls: cls.tenant_id == tenant_id
