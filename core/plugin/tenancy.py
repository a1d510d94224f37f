"""Whose data code may see: no scope, no query.

Views run in the scope of the user's tenant, tasks in the system's.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from core.plugin.ports import Port


class Tenancy(Protocol):
    """The scopes."""

    def current_scope(self) -> int | None:
        """Return the tenant id in scope, 0 for the system's, or None."""

    def tenant_scope(self, tenant_id: int) -> AbstractContextManager[None]:
        """Let queries see the rows of one tenant only."""

    def system_scope(self) -> AbstractContextManager[None]:
        """Let queries see all tenants: for what proved itself by a signature."""


port = Port[Tenancy]()
current_scope = port.calls.current_scope
tenant_scope = port.calls.tenant_scope
system_scope = port.calls.system_scope
