"""What a changed configuration would do to the last orders, before it is saved.

Each is planned twice by the package's own preview (`Orders.foresee`): by what is
stored, and by what is about to be. That is stored for as long as it takes and rolled
back, so that it is read as any other; nothing is asked outside, sent or kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, select

from core.domain.foreseen import Foreseen
from core.domain.orders import Order, OrderState
from core.models import Coupling, ShopOrder, Transfer
from core.plugin.capabilities import Orders
from core.plugin.sending import normalised
from core.plugin.setups import read_once
from core.rules.foreseen_changes import Difference, difference
from core.runtime.database import session
from core.services.linking import couplings
from core.services.transfer import orders

LAST = 100
"""Orders that are looked at, newest first."""


@dataclass(frozen=True)
class Planned:
    """One order that would go otherwise."""

    transfer_id: int | None
    number: str
    ordered_at: datetime
    """UTC."""
    total_incl_vat: Decimal
    is_booked: bool
    """It stays as it was booked."""
    difference: Difference


@dataclass(frozen=True)
class Replanned:
    """What becomes of the last orders."""

    seen: int
    """How many were looked at."""
    changed: Sequence[Planned]

    @property
    def same(self) -> int:
        """Count those that stay the same."""
        return self.seen - len(self.changed)

    @property
    def refused(self) -> int:
        """Count those that could not be booked any more."""
        return sum(each.difference.refused is not None for each in self.changed)

    @property
    def freed(self) -> int:
        """Count those that can be booked only then."""
        return sum(each.difference.is_freed for each in self.changed)


def can_replan(coupling: Coupling) -> bool:
    """Tell whether the package has previews."""
    return couplings.target_of(coupling).foresee is not None


def replan(coupling: Coupling, change: Callable[[], None]) -> Replanned:
    """Plan the last orders by what is stored and by what `change` stores.

    Rolls the session back: whatever the caller had not committed is gone.
    """
    found = _last(coupling)
    package = couplings.target_of(coupling)
    loaded = [normalised(orders.load(row)) for row, _transfer in found]
    now = _plans(coupling, package, loaded)
    try:
        with session().no_autoflush:
            change()
        session().flush()
        session().expire_all()
        then = _plans(coupling, package, loaded)
        return _compared(found, now, then)
    finally:
        session().rollback()


def _last(coupling: Coupling) -> list[tuple[ShopOrder, Transfer | None]]:
    own = and_(
        Transfer.subject == orders.SUBJECT,
        Transfer.subject_id == ShopOrder.id,
        Transfer.coupling_id == coupling.id,
    )
    rows = session().execute(
        select(ShopOrder, Transfer)
        .outerjoin(Transfer, own)
        .where(
            ShopOrder.connection_id == coupling.source_id,
            ShopOrder.state == OrderState.READY,
        )
        .order_by(ShopOrder.ordered_at.desc(), ShopOrder.id.desc())
        .limit(LAST)
    )
    return [(row, transfer) for row, transfer in rows]


def _plans(
    coupling: Coupling, package: Orders, loaded: Sequence[Order]
) -> list[Foreseen]:
    if package.foresee is None:
        raise LookupError("a package without previews")
    with read_once():
        return [package.foresee(coupling, order, "") for order in loaded]


def _compared(
    found: Sequence[tuple[ShopOrder, Transfer | None]],
    now: Sequence[Foreseen],
    then: Sequence[Foreseen],
) -> Replanned:
    changed = [
        Planned(
            transfer.id if transfer else None,
            row.number,
            row.ordered_at,
            row.total_incl_vat,
            transfer is not None and transfer.booked_at is not None,
            made,
        )
        for (row, transfer), before, after in zip(found, now, then, strict=True)
        if (made := difference(before, after)).is_any
    ]
    return Replanned(len(found), changed)
