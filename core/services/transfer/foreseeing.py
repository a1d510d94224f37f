"""A document that was not sent yet, as it would be: nothing is written or asked."""

from sqlalchemy import select

from core.domain.foreseen import Foreseen
from core.domain.orders import Order, OrderState
from core.domain.packages import Credited
from core.models import (
    Connection,
    Coupling,
    ShopOrder,
    Step,
    StepState,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Orders
from core.plugin.sending import normalised
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.transfer import orders, refund_previews, refunds

_SUBJECTS = (orders.SUBJECT, refunds.SUBJECT)
UNSENT = (TransferState.WAITING, TransferState.QUEUED, TransferState.FAILED)


def may_be_foreseen(transfer: Transfer) -> bool:
    """Tell whether there is a preview: of an order or credit not booked yet."""
    if transfer.booked_at is not None or _package(transfer) is None:
        return False
    if transfer.subject == refunds.SUBJECT and refund_previews.asks(transfer):
        return True
    return transfer.subject in _SUBJECTS and transfer.state in UNSENT


def of_transfer(transfer: Transfer) -> Foreseen | None:
    """Return what a transfer's document would become now; None: there is no preview."""
    package = _package(transfer) if may_be_foreseen(transfer) else None
    if package is None or package.foresee is None:
        return None
    order, credited = _subject(transfer)
    if order is None:
        return None
    coupling = session().get_one(Coupling, transfer.coupling_id)
    tried = _tried(transfer, package)
    return package.foresee(coupling, normalised(order), tried, credited)


def _subject(transfer: Transfer) -> tuple[Order | None, Credited | None]:
    """Return the order that is sent, and of a credit the sale it takes back."""
    if transfer.subject == orders.SUBJECT:
        row = session().get(ShopOrder, transfer.subject_id)
        return (orders.load(row) if row else None), None
    offer = refund_previews.of_transfer(transfer)
    if offer is None or not (offer.credit.lines or offer.credit.payments):
        return None, None
    return offer.credit, refunds.credited(offer.sale)


def of_order(coupling: Coupling, order: Order) -> Foreseen | None:
    """Return what an order would become over a coupling; None: there is no preview."""
    target = session().get_one(Connection, coupling.target_id)
    package = koppelwerk().registry.brought(Orders).get(target.plugin)
    if package is None or package.foresee is None:
        return None
    return package.foresee(coupling, normalised(order), "")


def newest_order(coupling: Coupling) -> Order | None:
    """Return the newest order of a coupling's shop that may be passed on."""
    row = session().scalar(
        select(ShopOrder)
        .where(
            ShopOrder.connection_id == coupling.source_id,
            ShopOrder.state == OrderState.READY,
        )
        .order_by(ShopOrder.id.desc())
        .limit(1)
    )
    return orders.load(row) if row is not None else None


def _tried(transfer: Transfer, package: Orders) -> str:
    """Return what it may have arrived as: that is looked up, whatever is chosen now."""
    steps = (
        session()
        .query(Step)
        .filter(
            Step.transfer_id == transfer.id,
            Step.name.in_(package.documents),
            Step.state != StepState.REJECTED,
        )
    )
    found = steps.order_by(Step.id).first()
    return found.name if found else ""


def _package(transfer: Transfer) -> Orders | None:
    target = session().get_one(Connection, transfer.target_id)
    package = koppelwerk().registry.brought(Orders).get(target.plugin)
    return package if package is not None and package.foresee is not None else None
