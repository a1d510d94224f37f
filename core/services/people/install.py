"""Installing: from a licence to a coupling that books.

Where an installation stands is derived from the rows, so that it can be left and gone
on with at any time, in another browser too.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sqlalchemy import or_, select

from core.domain.clock import utcnow
from core.models import Connection, ConnectionState, Coupling, Licence, Tenant
from core.rules.standing import Dot, Status, side_status
from core.runtime.database import session
from core.services.connections import connections
from core.services.licensing import licences
from core.services.licensing.coverage import LIVE
from core.services.linking import couplings
from core.services.reporting.status import facts_of

SideName = Literal["source", "target"]
SIDES: tuple[SideName, ...] = ("source", "target")


class PairTaken(ValueError):
    """These two connections are coupled already, under another licence."""


def unfinished() -> Licence | None:
    """Return the licence in scope whose installation was not completed, if any."""
    return session().scalar(
        select(Licence)
        .outerjoin(Coupling, Coupling.id == Licence.coupling_id)
        .where(Licence.state.in_(LIVE), Coupling.configured_at.is_(None))
        .order_by(Licence.id)
        .limit(1)
    )


def side_of(licence: Licence, side: SideName) -> Connection | None:
    """Return the connection of a side, once there is one."""
    key = licence.source_id if side == "source" else licence.target_id
    coupling = coupling_of(licence)
    if key is None and coupling is not None:
        key = coupling.source_id if side == "source" else coupling.target_id
    return session().get(Connection, key) if key is not None else None


def coupling_of(licence: Licence) -> Coupling | None:
    """Return what the licence covers, once it is made."""
    return couplings.find(licence.coupling_id) if licence.coupling_id else None


def plugin_of(licence: Licence, side: SideName) -> str:
    """Return the plugin of a side."""
    return licence.source_plugin if side == "source" else licence.target_plugin


def connection_for(licence: Licence, side: SideName) -> Connection:
    """Return the connection to be made for a side, in the caller's transaction."""
    plugin = plugin_of(licence, side)
    if plugin not in connections.enabled_plugins(licence.tenant_id):
        connections.switch_plugin(licence.tenant_id, plugin, enabled=True)
    connection = side_of(licence, side) or _unused(plugin)
    if connection is None:
        connection = connections.create(licence.tenant_id, plugin)
    _set_side(licence, side, connection)
    return connection


def _unused(plugin: str) -> Connection | None:
    """Return a connection that somebody began on Koppelingen and left at that."""
    taken = select(Licence.id).where(
        or_(Licence.source_id == Connection.id, Licence.target_id == Connection.id)
    )
    return session().scalar(
        select(Connection)
        .where(
            Connection.plugin == plugin,
            Connection.state == ConnectionState.NEW,
            ~taken.exists(),
        )
        .limit(1)
    )


def _set_side(licence: Licence, side: SideName, connection: Connection) -> None:
    if side == "source":
        licence.source_id = connection.id
    else:
        licence.target_id = connection.id
    session().flush()


def others(licence: Licence, side: SideName) -> Sequence[Connection]:
    """Return the tenant's own connections that could serve as this side instead."""
    current = side_of(licence, side)
    if licence.coupling_id is not None:
        return ()
    rows = session().scalars(
        select(Connection)
        .where(
            Connection.plugin == plugin_of(licence, side),
            Connection.state == ConnectionState.CONNECTED,
            Connection.id != (current.id if current else 0),
        )
        .order_by(Connection.id)
    )
    return list(rows)


def use(licence: Licence, side: SideName, connection: Connection) -> None:
    """Take a connection that is there already, in the caller's transaction.

    Raises PairTaken when the two are coupled under another licence, ValueError for a
    connection that cannot serve.
    """
    if connection not in others(licence, side):
        raise ValueError(f"{connection.id} cannot be the {side}")
    _set_side(licence, side, connection)
    settle(licence)


def connected(connection: Connection) -> None:
    """Go on with the installations a connection belongs to, in the caller's own
    transaction; called after each Connect."""
    rows = session().scalars(
        select(Licence)
        .outerjoin(Coupling, Coupling.id == Licence.coupling_id)
        .where(
            or_(
                Licence.source_id == connection.id,
                Licence.target_id == connection.id,
                Coupling.source_id == connection.id,
                Coupling.target_id == connection.id,
            )
        )
        .order_by(Licence.id)
    )
    for licence in list(rows):
        with suppress(PairTaken):  # the page of the installation says so
            settle(licence)


def settle(licence: Licence) -> None:
    """Couple once both sides are connected, in the caller's transaction.

    The configuration is left to the user, suggestions and all. Raises PairTaken.
    """
    # Two callbacks at the same moment: the second one sees what the first made.
    session().refresh(licence, with_for_update=True)
    source, target = side_of(licence, "source"), side_of(licence, "target")
    if not (source and target and _is_connected(source) and _is_connected(target)):
        return
    licence.source_id, licence.target_id = source.id, target.id
    licences.resume(licence)
    if licence.coupling_id is not None:
        licences.claim_trial(licence, (source, target))
        return
    coupling = pair(source, target)
    if coupling is None:
        coupling = couplings.create(source, target)
    elif is_licensed_elsewhere(coupling, licence):
        raise PairTaken(licence.key)
    licences.attach(licence, coupling)


def _is_connected(connection: Connection) -> bool:
    return connection.state == ConnectionState.CONNECTED


def pair(source: Connection, target: Connection) -> Coupling | None:
    """Return the coupling of two connections, if there is one."""
    return session().scalar(
        select(Coupling).where(
            Coupling.source_id == source.id, Coupling.target_id == target.id
        )
    )


def is_licensed_elsewhere(coupling: Coupling, licence: Licence) -> bool:
    """Tell whether another licence covers a coupling."""
    covering = select(Licence.id).where(
        Licence.coupling_id == coupling.id, Licence.id != licence.id
    )
    return session().execute(covering).first() is not None


class StepKey(StrEnum):
    """The steps, in their order (manual 004, Installatie)."""

    TERMS = "terms"
    SOURCE = "source"
    TARGET = "target"
    CONFIGURATION = "configuration"


@dataclass(frozen=True)
class Step:
    """One step: whether it is done, and the codes of what is still to be done."""

    key: StepKey
    is_done: bool
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Where an installation stands."""

    source: Connection | None
    target: Connection | None
    coupling: Coupling | None
    steps: tuple[Step, ...]

    @property
    def is_complete(self) -> bool:
        """Installed: both dots green, Configuratie complete and saved."""
        return all(step.is_done for step in self.steps)

    @property
    def is_saved(self) -> bool:
        """Whether its configuration was saved complete once: it is no longer new."""
        return self.coupling is not None and self.coupling.configured_at is not None

    @property
    def current(self) -> StepKey | None:
        """The first step that is not done."""
        return next((step.key for step in self.steps if not step.is_done), None)


def progress(licence: Licence) -> Progress:
    """Return where an installation stands, from the rows alone."""
    tenant = session().get_one(Tenant, licence.tenant_id)
    source, target = side_of(licence, "source"), side_of(licence, "target")
    coupling = coupling_of(licence)
    missing = _missing(licence, source, target, coupling)
    steps = (
        Step(StepKey.TERMS, tenant.terms_accepted_at is not None),
        Step(StepKey.SOURCE, dot(source).dot == Dot.GREEN),
        Step(StepKey.TARGET, dot(target).dot == Dot.GREEN),
        Step(StepKey.CONFIGURATION, not missing, missing),
    )
    return Progress(source, target, coupling, steps)


def dot(connection: Connection | None) -> Status:
    """Return a side's dot; grey before there is a connection."""
    if connection is None:
        return Status(Dot.GREY, "status_new")
    return side_status(facts_of(connection), utcnow())


def _missing(
    licence: Licence,
    source: Connection | None,
    target: Connection | None,
    coupling: Coupling | None,
) -> tuple[str, ...]:
    """Return the codes of what keeps orders from going."""
    if coupling is not None:
        problems = tuple(couplings.problems_of(coupling))
        unsaved = coupling.configured_at is None
        return problems or (("configuration_unsaved",) if unsaved else ())
    if not (source and target and _is_connected(source) and _is_connected(target)):
        return ("sides_missing",)
    known = pair(source, target)
    if known is not None and is_licensed_elsewhere(known, licence):
        return ("pair_licensed",)
    return ("not_coupled",)
