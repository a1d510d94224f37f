"""The closing count of an own shop's coupling, against a package's sandbox."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.orders import Order, Refund
from core.models import Connection, Coupling, Tally, Transfer
from core.models.coupling import RefundPolicy
from core.runtime.database import session, transaction
from core.services.reporting import tallies
from core.services.transfer import tallying
from tests.contract.coupled import CoupledPackage

MARCH = (date(2023, 3, 1), date(2023, 3, 31))


def by_api(coupled: CoupledPackage[Any]) -> None:
    """Let the shop be one that sends its orders over our API: it has no list."""
    with transaction():
        session().get_one(Connection, coupled.shop_id).plugin = "ownshop"
        coupling = session().get_one(Coupling, coupled.coupling_id)
        coupling.refunds = RefundPolicy.BY_ITSELF
        coupling.refunds_since = None


def refunded(coupled: CoupledPackage[Any], sold: Order, back: Refund) -> None:
    """Let a booked order be refunded, and the credit be booked."""
    later = sold.ordered_at + timedelta(days=2)
    coupled.book(replace(sold, updated_at=later, refunds=(back,)))


def count(
    coupled: CoupledPackage[Any], calls: Callable[[], int]
) -> tuple[tallies.Month, int]:
    """Count March; hold what it said to cost against what it cost."""
    with transaction() as current:
        long_ago = utcnow() - timedelta(minutes=5)
        for row in current.scalars(
            select(Transfer).where(Transfer.booked_at > long_ago)
        ):
            row.booked_at = long_ago
    with transaction():
        tallying.ask_now(coupled.coupling, *MARCH)
        row = session().scalars(select(Tally)).one()
        row.due_at = utcnow() - timedelta(seconds=5)
    _, said = tallying.cost(coupled.coupling, *MARCH)
    before = calls()
    tallying.take_turn(0)
    made = calls() - before
    session().expire_all()
    row = session().scalars(select(Tally)).one()
    assert (row.code, row.package_calls) == ("", said)
    assert made == said, (made, said)
    return tallies.month_of(coupled.coupling, MARCH[0]), made
