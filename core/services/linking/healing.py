"""What failed by a cause that the configuration has solved since: it may go now.

Each is judged again by what is known here, as sending would; nothing is asked outside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select

from core.domain.errors import AskUser, Stop
from core.domain.foreseen import CheckState
from core.domain.orders import Order
from core.models import Coupling, ShopOrder, Step, StepState, Transfer, TransferState
from core.plugin.capabilities import Orders
from core.plugin.sending import normalised
from core.runtime.database import session
from core.services.linking import couplings
from core.services.transfer import orders, transfers

MOST = 500
"""Documents that are judged again, newest first."""


@dataclass(frozen=True)
class Healed:
    """Documents of one cause that may go now."""

    code: str
    ids: tuple[int, ...]


def healed(coupling: Coupling) -> list[Healed]:
    """Return what failed before the configuration was last saved and may go now.

    What the package itself refused is left out: we cannot know whether it will take it.
    """
    if coupling.saved_at is None or coupling.configured_at is None:
        return []
    package = couplings.target_of(coupling)
    may_go = _judge(coupling, package)
    found: dict[str, list[int]] = {}
    for transfer, row in session().execute(_failed(coupling)):
        if may_go(orders.load(row)):
            found.setdefault(transfer.code, []).append(transfer.id)
    return [Healed(code, tuple(ids)) for code, ids in found.items()]


def process(coupling: Coupling, code: str, *, user_id: int | None = None) -> list[int]:
    """Press *Verwerk* of what may go now of one cause; return which these were."""
    ids = [key for each in healed(coupling) if each.code == code for key in each.ids]
    for transfer in session().scalars(select(Transfer).where(Transfer.id.in_(ids))):
        transfers.retry(transfer, user_id=user_id)
    return ids


def _failed(coupling: Coupling) -> Any:
    refused = exists().where(
        Step.transfer_id == Transfer.id, Step.state == StepState.REJECTED
    )
    return (
        select(Transfer, ShopOrder)
        .join(ShopOrder, ShopOrder.id == Transfer.subject_id)
        .where(
            Transfer.coupling_id == coupling.id,
            Transfer.subject == orders.SUBJECT,
            Transfer.state == TransferState.FAILED,
            Transfer.changed_at < coupling.saved_at,
            ~refused,
        )
        .order_by(Transfer.id.desc())
        .limit(MOST)
    )


def _judge(coupling: Coupling, package: Orders) -> Callable[[Order], bool]:
    """Return what tells whether booking an order would raise nothing."""
    if package.rehearse is not None:
        rehearsal = package.rehearse(coupling)

        def passes(order: Order) -> bool:
            try:
                rehearsal.check(order)
            except (AskUser, Stop):
                return False
            return True

        return passes
    foresee = package.foresee
    if foresee is None:
        return lambda _order: False
    return lambda order: all(
        check.state != CheckState.FAILED
        for check in foresee(coupling, normalised(order), "").checks
    )
