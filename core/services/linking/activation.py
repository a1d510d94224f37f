"""What switching a plugin on or off touches, for the question beforehand."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, or_, select

from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    RelationRun,
    Transfer,
    TransferState,
)
from core.runtime.database import session

_UNDERWAY = (TransferState.QUEUED, TransferState.WAITING)


@dataclass(frozen=True)
class Work:
    """What goes on over a plugin's connections."""

    names: list[str]
    """Of the shops or administrations that are connected."""
    bookings: bool
    relations: bool
    waiting: int
    """Documents that did not go yet."""


def work_of(tenant_id: int, plugin: str) -> Work:
    """Return what a tenant's plugin does, or did before it was switched off."""
    own = select(Connection.id).where(
        Connection.tenant_id == tenant_id,
        Connection.plugin == plugin,
        Connection.external_id.is_not(None),
        Connection.state != ConnectionState.ENDED,
    )
    names = session().scalars(
        select(Connection.external_name)
        .where(Connection.id.in_(own))
        .order_by(Connection.id)
    )
    either = or_(Coupling.source_id.in_(own), Coupling.target_id.in_(own))
    waiting = select(func.count(Transfer.id)).join(
        Coupling, Coupling.id == Transfer.coupling_id
    )
    return Work(
        names=list(names),
        bookings=_any(select(Coupling.id).where(either, Coupling.enabled)),
        relations=_any(
            select(RelationRun.id).where(RelationRun.connection_id.in_(own))
        ),
        waiting=session().scalar(waiting.where(either, Transfer.state.in_(_UNDERWAY)))
        or 0,
    )


def _any(query: Select[Any]) -> bool:
    return bool(session().scalar(select(exists(query))))
