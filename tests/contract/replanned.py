"""What a changed VAT table does to the last orders, by the package's own planner."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from core.models import Coupling, VatMapping
from core.runtime.database import session
from core.services.linking import couplings, replanning
from core.services.linking.replanning import Replanned
from tests.contract.coupled import CoupledPackage


def by_accounts(
    coupled: CoupledPackage[Any], accounts: Callable[[VatMapping], str]
) -> Replanned:
    """Plan the last orders with other revenue accounts; empty: the line goes."""
    coupling: Coupling = coupled.coupling
    model = couplings.target_of(coupling).vat_mapping

    def change() -> None:
        for line in session().scalars(select(model)).all():
            if account := accounts(line):
                line.revenue_account = account
            else:
                session().delete(line)

    before = _stored(model)
    found = replanning.replan(coupling, change)
    assert _stored(model) == before  # nothing of it is kept
    return found


def _stored(model: type[VatMapping]) -> list[tuple[str, str]]:
    rows = session().scalars(select(model).order_by(model.id))
    found = [(row.vat_code, row.revenue_account) for row in rows]
    session().rollback()
    return found


def moved(found: Replanned) -> set[tuple[str, str, int]]:
    """By account and number of the order: what goes (-1) and comes (1)."""
    return {
        (each.number, line.place.account, 1 if line.then > line.now else -1)
        for each in found.changed
        for line in each.difference.moved
    }
