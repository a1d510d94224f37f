"""What was paid for an order and what went back, as the shop says it. Pure.

What the shop takes off the total because it was paid with before (gift card, store
credit, loyalty points) is a payment: the order is booked for its total before it.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from core.domain.money import ZERO, total
from core.domain.orders import Order, Payment, Purse, Refund, RefundKind
from plugins.kmoshops import wire
from plugins.kmoshops.wire import Document

PARTLY_REFUNDED, REFUNDED = "PARTIALLY_REFUNDED", "REFUNDED"
PAID = ("PAID", PARTLY_REFUNDED, REFUNDED)
"""Statuses of an order whose money came in; it may have gone back since."""
PURSES = frozenset(Purse)
LONGEST_METHOD = 200
LONGEST_REASON = 200
REST = "rest"
"""`source_id` of what was refunded beyond the list of refunds."""


def order_total(document: Document) -> Decimal:
    """Return the order's total incl VAT, before what was paid with before (P)."""
    before = wire.money(document, "totalBeforeGiftCardRedemption")
    after = wire.money(document, "total") + _gift_card(document)
    return (before or after) + _store_credit(document) + _loyalty(document)


def payments(
    document: Document, ordered_at: datetime, wanted: Decimal
) -> tuple[Payment, ...]:
    """Return the payments of a paid order; together they are its total (`wanted`).

    The shop tells no moment of payment: that of the order is taken, which is right for
    what is paid at check-out. A bank transfer comes later; when, the document does not
    say, and its last change moves with every other change.
    """
    if wire.text(document, "paymentStatus") not in PAID:
        return ()
    purses = (
        (Purse.GIFT_CARD, _gift_card(document)),
        (Purse.STORE_CREDIT, _store_credit(document)),
        (Purse.LOYALTY, _loyalty(document)),
    )
    rest = wanted - total(amount for _, amount in purses)
    return tuple(
        Payment(str(method), amount, ordered_at)
        for method, amount in (*purses, (payment_method(document), rest))
        if amount
    )


def payment_method(document: Document) -> str:
    """Return the method as the shop names it."""
    return wire.text(document, "paymentMethod")[:LONGEST_METHOD]


def status_of(order: Order) -> str:
    """Return the payment status that an order's amounts bear out.

    One that is called refunded while less went back than was paid (an owner sets the
    status, and keeps the shipping) is refunded in part: the rest was sold. What a purse
    paid does not come back as money, so it counts for neither.
    """
    came = total(each.amount for each in order.payments if each.method not in PURSES)
    is_part = ZERO < order.refunded_amount < came
    is_refunded = order.payment_status == REFUNDED
    return PARTLY_REFUNDED if is_refunded and is_part else order.payment_status


def _gift_card(document: Document) -> Decimal:
    return wire.money(document, "giftCardRedemption")


def _store_credit(document: Document) -> Decimal:
    return _redeemed(document, "storeCredit")


def _loyalty(document: Document) -> Decimal:
    return _redeemed(document, "loyalty")


def _redeemed(document: Document, purse: str) -> Decimal:
    """Return what a purse paid: an object with id, amount and cancelled; once a number.

    One that was cancelled paid nothing. If the total is still the one after it, the
    lines do not add up and the user is asked.
    """
    given = wire.part(document, purse).get("redemption")
    if not isinstance(given, dict):
        return wire.money(wire.part(document, purse), "redemption")
    return ZERO if wire.flag(given, "cancelled") else wire.money(given, "amount")


# --- refunds --------------------------------------------------------------------------


def refunded_amount(document: Document) -> Decimal:
    """Return what went back in all: as the shop says, or its refunds together."""
    listed = total(wire.money(r, "amount") for r in wire.parts(document, "refunds"))
    return max(wire.money(document, "refundedAmount"), listed)


def refunds(
    document: Document, updated_at: datetime, wanted: Decimal
) -> tuple[Refund, ...]:
    """Return the refunds, with ids that stay the same at each reading.

    The shop gives a refund a day, a source, a reason and an amount; no id, no lines and
    no VAT. What `refundedAmount` says beyond the list is one more, of unknown day (the
    last change is taken). Only one of the whole total is known to be for what was
    sold; of any other the reason is not known.
    """
    found = list(_listed(document, updated_at))
    rest = refunded_amount(document) - total(refund[1] for refund in found)
    if rest:
        found.append((REST, rest, updated_at, ""))
    is_whole = len(found) == 1 and found[0][1] == wanted
    is_over = wire.text(document, "paymentStatus") == REFUNDED
    kind = RefundKind.RETURNED if is_whole and is_over else RefundKind.UNKNOWN
    method = _back_to(document, total(refund[1] for refund in found))
    return tuple(
        Refund(name, amount, moment, kind, reason, method)
        for name, amount, moment, reason in found
    )


def _listed(
    document: Document, updated_at: datetime
) -> Iterator[tuple[str, Decimal, datetime, str]]:
    seen: Counter[str] = Counter()
    for refund in wire.parts(document, "refunds"):
        amount = wire.money(refund, "amount")
        if not amount:
            continue
        is_dated = bool(wire.text(refund, "date"))
        moment = wire.date(refund, "date") if is_dated else updated_at
        day = moment.strftime("%Y%m%dT%H%M%S") if is_dated else "undated"
        name = f"{day}-{amount}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}-{seen[name]}"
        yield name, amount, moment, wire.text(refund, "reason")[:LONGEST_REASON]


def _back_to(document: Document, refunded: Decimal) -> str:
    """Tell that all went back as store credit; empty where the shop does not say."""
    credit = wire.money(wire.part(document, "storeCredit"), "refund")
    return str(Purse.STORE_CREDIT) if credit and credit == refunded else ""
