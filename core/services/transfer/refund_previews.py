"""A refund as it would be booked in a package, and why it is not yet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.domain.orders import Order, order_from_dict, order_to_dict
from core.models import (
    Connection,
    Coupling,
    OrderRefund,
    ShopOrder,
    Transfer,
    TransferState,
    Treatment,
)
from core.plugin.capabilities import Orders
from core.rules.booked_content import digest
from core.rules.refunds import (
    BOOKABLE,
    PAYMENT_ONLY,
    Judgement,
    RefundCase,
    RefundPolicy,
    credit_order,
    judge,
)
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections.administrations import SALE_ELSEWHERE
from core.services.transfer import refunds, transfers
from core.services.transfer.refunds import SUBJECT
from core.services.transfer.setting_aside import Aside

TO_BOOK = "refund_to_book"
ASKING = (
    TO_BOOK,
    "refund_rates_assumed",
    "refund_reason_unknown",
    "refund_maybe_told",
    "chargeback_to_book",
    "chargeback_reversal_to_book",
)
"""Codes of what is booked when the user says so; of the others he is only told."""
_TOLD = {
    RefundCase.TOO_MUCH: "refund_exceeds_sale",
    RefundCase.MONEY_IN: "refund_money_in",
    RefundCase.COMPENSATION: "refund_is_damages",
    RefundCase.CHARGEBACK: "charged_back",
    RefundCase.CHARGEBACK_REVERSED: "chargeback_reversed",
}
_PAYMENTS = {
    RefundCase.CHARGEBACK: "chargeback_to_book",
    RefundCase.CHARGEBACK_REVERSED: "chargeback_reversal_to_book",
}


@dataclass(frozen=True)
class Offer:
    """A refund as it would be (or was) booked."""

    refund: OrderRefund
    order: ShopOrder
    sale: Transfer
    judgement: Judgement
    credit: Order
    """Without lines where only a payment is taken back, or nothing can be booked."""

    @property
    def digest(self) -> str:
        """What tells one preview from another."""
        return digest(order_to_dict(self.credit))


def offer_of(
    sale: Transfer,
    order: ShopOrder,
    row: OrderRefund,
    known: Sequence[OrderRefund],
    named: Collection[str],
) -> Offer:
    """Return a refund as it would be booked; `named` as of `named_in`."""
    sold, refund = order_from_dict(order.payload), refunds.refund_of(row)
    before = refunds.credited_before(row, known)
    credited = [line for credit in before for line in credit.lines]
    judgement = judge(sold, refund, credited, named)
    if row.payload:
        made = order_from_dict(row.payload)
    else:
        paid_back = [payment for credit in before for payment in credit.payments]
        made = credit_order(sold, refund, row.number, judgement.lines, paid_back)
    return Offer(row, order, sale, judgement, made)


def named_in(shop_ids: Iterable[int]) -> defaultdict[int, set[str]]:
    """Return by shop what is booked on an account of its own by its name.

    Of all packages it is coupled with: a credit document is the same in each.
    """
    found: defaultdict[int, set[str]] = defaultdict(set)
    wanted = select(Coupling.source_id, Coupling.no_turnover).where(
        Coupling.source_id.in_(set(shop_ids))
    )
    for shop_id, said in session().execute(wanted):
        found[shop_id].update(said.get("names", ()))
    return found


def reason(coupling: Coupling, made: Offer) -> str:
    """Return why a credit does not go by itself; empty when it does."""
    return _why_told(coupling, made) or _why_asked(coupling, made)


def _why_told(coupling: Coupling, made: Offer) -> str:
    """Return why nothing of ours can book a refund; empty when it can be asked."""
    case, refund, sale = made.judgement.case, made.refund, made.sale
    if case not in BOOKABLE and case not in PAYMENT_ONLY:
        return _TOLD[case]
    if sale.administration:
        return SALE_ELSEWHERE
    if sale.set_aside_at is not None:
        is_invoice = sale.code == Aside.INVOICED
        return "refund_of_invoice" if is_invoice else "refund_of_own_booking"
    if coupling.refunds == RefundPolicy.NOT or refund.treatment == Treatment.BY_HAND:
        return _TOLD.get(case, "refund_not_passed_on")
    if case in PAYMENT_ONLY and not _is_settled(coupling, made.credit):
        return _TOLD[case]
    if sale.document not in _package(coupling).credits:
        return _TOLD.get(case, "refund_not_possible")
    is_changed = sale.state == TransferState.HELD and sale.code in transfers.CHANGED
    return "refund_after_change" if is_changed else ""


def _why_asked(coupling: Coupling, made: Offer) -> str:
    judgement, refund = made.judgement, made.refund
    is_by_itself = coupling.refunds == RefundPolicy.BY_ITSELF
    if refund.treatment == Treatment.CREDIT:
        return "" if is_by_itself else TO_BOOK
    if refund.is_doubtful:
        return "refund_maybe_told"
    if judgement.asks_why:
        return "refund_reason_unknown"
    if judgement.is_divided:
        return "refund_rates_assumed"
    # A change that was seen may have taken the refund along: never by itself then.
    was_changed = made.sale.code in {f"seen_{code}" for code in transfers.CHANGED}
    since = coupling.refunds_since
    is_old = since is not None and refund.refunded_at < since
    if is_by_itself and not (was_changed or is_old):
        return ""
    return _PAYMENTS.get(judgement.case, TO_BOOK)


def _is_settled(coupling: Coupling, credit: Order) -> bool:
    """Tell whether the payment that is taken back was booked on a clearing account."""
    methods = {payment.method for payment in credit.payments}
    if not methods:
        return False
    model = _package(coupling).payment_mapping
    chosen = set(
        session().scalars(
            select(model.method).where(
                model.coupling_id == coupling.id, model.clearing_account != ""
            )
        )
    )
    return methods <= chosen


def _package(coupling: Coupling) -> Orders:
    connection = session().get_one(Connection, coupling.target_id)
    return koppelwerk().registry.brought(Orders)[connection.plugin]


def of_transfer(credit: Transfer) -> Offer | None:
    """Return what a credit would book, or did; None where its order is gone."""
    return of_transfers([credit]).get(credit.id)


def of_transfers(given: Iterable[Transfer]) -> dict[int, Offer]:
    """Return the same of many, by transfer; others than credits are left out."""
    wanted = {each.id: each for each in given if each.subject == SUBJECT}
    if not wanted:
        return {}
    refund_ids = {each.subject_id for each in wanted.values()}
    of = select(OrderRefund.order_id).where(OrderRefund.id.in_(refund_ids))
    known = refunds.of_orders(session().scalars(of))
    orders = {
        row.id: row
        for row in session().scalars(select(ShopOrder).where(ShopOrder.id.in_(known)))
    }
    sales = {
        (row.target_id, row.subject_id): row
        for row in session().scalars(
            select(Transfer).where(
                Transfer.subject == "order", Transfer.subject_id.in_(known)
            )
        )
    }
    refunds_by_id = {row.id: row for rows in known.values() for row in rows}
    named = named_in(row.connection_id for row in orders.values())
    found = {}
    for credit in wanted.values():
        refund = refunds_by_id.get(credit.subject_id)
        if refund is None:
            continue
        order, among = orders[refund.order_id], known[refund.order_id]
        sale = sales.get((credit.target_id, order.id))
        if sale is not None:
            of_shop = named[order.connection_id]
            found[credit.id] = offer_of(sale, order, refund, among, of_shop)
    return found


def asks(credit: Transfer) -> bool:
    """Tell whether the user can let a credit be booked."""
    return credit.state == TransferState.HELD and credit.code in ASKING


def may_be_chargeback(credit: Transfer) -> bool:
    """Tell whether money that went back may have been taken by the buyer's bank."""
    return asks(credit) and credit.code not in _PAYMENTS.values()
