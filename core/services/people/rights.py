"""Rights: which role may make and see the connections of which plugin (manual 000, A).

Without anything set an owner may do everything, and a colleague may look but not
make. An owner sets a right on (may make and see) or off (may do neither) per role.
The tabs with orders are for everybody: rights are about connections.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select

from core.models import Coupling, PluginRight, Role
from core.runtime import log
from core.runtime.database import session
from core.runtime.tenancy import current_scope

ROLES = (Role.OWNER, Role.COLLEAGUE)


class Right(StrEnum):
    """What a role may do with the connections of a plugin."""

    MAKE = "make"
    """Make, see, change and end them."""
    LOOK = "look"
    """See them, and press Koppeling uitvoeren."""
    NONE = "none"
    """They are not there."""


_CODES: Mapping[tuple[str, bool | None], str] = {
    (Role.OWNER, True): "owners_right_given",
    (Role.OWNER, False): "owners_right_taken",
    (Role.OWNER, None): "owners_right_default",
    (Role.COLLEAGUE, True): "colleagues_right_given",
    (Role.COLLEAGUE, False): "colleagues_right_taken",
    (Role.COLLEAGUE, None): "colleagues_right_default",
}
"""What the log says, by role and right."""
DEFAULTS: Mapping[str, Right] = {Role.OWNER: Right.MAKE}


@dataclass(frozen=True)
class Rights:
    """The rights of one role."""

    role: str
    given: Mapping[str, bool] = field(default_factory=dict)
    """By plugin; what is not in it is as the default says."""

    def of(self, plugin: str) -> Right:
        """Return what the role may do with a plugin."""
        if plugin not in self.given:
            return DEFAULTS.get(self.role, Right.LOOK)
        return Right.MAKE if self.given[plugin] else Right.NONE

    def allows(self, plugin: str) -> bool:
        """Tell whether connections of a plugin may be made."""
        return self.of(plugin) == Right.MAKE

    def may_see(self, plugin: str) -> bool:
        """Tell whether connections of a plugin may be seen."""
        return self.of(plugin) != Right.NONE

    def shows(self, coupling: Coupling) -> bool:
        """Tell whether both sides of a coupling may be seen."""
        ends = (coupling.source.plugin, coupling.target.plugin)
        return all(self.may_see(plugin) for plugin in ends)


def of_role(role: str) -> Rights:
    """Return the rights of a role of the tenant in scope, in one query."""
    rows = session().execute(
        select(PluginRight.plugin, PluginRight.allowed).where(
            PluginRight.tenant_id == current_scope(), PluginRight.role == role
        )
    )
    return Rights(role, dict(rows.all()))


def allows(role: str, plugin: str) -> bool:
    """Tell whether a role may make (and see) connections of a plugin."""
    return of_role(role).allows(plugin)


def give(
    tenant_id: int, role: Role, plugin: str, allowed: bool | None, *, user_id: int
) -> None:
    """Set a right on or off; None: back to the default. In the caller's transaction."""
    row = session().scalar(
        select(PluginRight).where(
            PluginRight.tenant_id == tenant_id,
            PluginRight.role == role,
            PluginRight.plugin == plugin,
        )
    )
    if allowed is None:
        if row is not None:
            session().delete(row)
    elif row is None:
        session().add(
            PluginRight(tenant_id=tenant_id, role=role, plugin=plugin, allowed=allowed)
        )
    else:
        row.allowed = allowed
    log.write(tenant_id, _CODES[role, allowed], user_id=user_id, plugin=plugin)
