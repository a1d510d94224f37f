"""Refunds of orders: kept as the shop tells them, loaded as credit documents.

What becomes of one in each package is decided in `refund_offers`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

from sqlalchemy import bindparam, exists, not_, select
from sqlalchemy.orm import aliased

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.money import ZERO, cents, total
from core.domain.orders import (
    Order,
    Refund,
    RefundKind,
    order_from_dict,
    refund_from_dict,
    refund_to_dict,
)
from core.domain.packages import Credited
from core.models import (
    OrderRefund,
    ShopOrder,
    Transfer,
    TransferState,
    Treatment,
)
from core.runtime.database import session
from core.services.connections.administrations import SALE_ELSEWHERE
from core.services.transfer.inbox import MESSAGE_WAITS
from core.services.transfer.journal import Job
from core.services.transfer.statements import Guard

SUBJECT = "credit"
TOTAL = "total:"
"""What the source id of a refund begins with that only a total tells of."""
_NUMBER = 100
_SOURCE_ID = 120


def record(row: ShopOrder, order: Order, known: list[OrderRefund]) -> list[OrderRefund]:
    """Keep an order's refunds in the caller's transaction; return all there are.

    `known` are those that were kept before, oldest first.

    A refund is known by its source id. One that grows or shrinks after it was decided
    on gets a row of its own for the difference; a total that no refund accounts for
    gets one too. One that the shop names no more is doubtful, and so is a new one
    beside it: it may be the same money by another name.
    """
    if not (order.refunds or order.refunded_amount > ZERO or known):
        return known
    named = {refund.source_id: _kept(refund) for refund in order.refunds}
    is_renamed = any(_is_less(each, named.values(), known) for each in known)
    for refund in named.values():
        _keep(row, refund, known, is_renamed=is_renamed)
    for each in known:
        is_named = any(_is_of(each, refund) for refund in named.values())
        if each.treatment == Treatment.OPEN and not is_named:
            each.is_doubtful |= not each.source_id.startswith(TOTAL)
    missing = cents(order.refunded_amount) - total(
        each.amount for each in known if each.amount > ZERO
    )
    if missing > ZERO:
        source_id = f"{TOTAL}{order.refunded_amount}"
        _add(row, Refund(source_id, missing, order.updated_at), known)
    session().flush()
    return known


def of_order(order_id: int) -> list[OrderRefund]:
    """Return the refunds of an order, oldest first."""
    return of_orders([order_id])[order_id]


def of_orders(order_ids: Iterable[int]) -> defaultdict[int, list[OrderRefund]]:
    """Return the refunds of orders, oldest first."""
    found: defaultdict[int, list[OrderRefund]] = defaultdict(list)
    for row in session().scalars(_OF_ORDERS, {"of_orders": list(order_ids)}):
        found[row.order_id].append(row)
    return found


_OF_ORDERS = (
    select(OrderRefund)
    .where(OrderRefund.order_id.in_(bindparam("of_orders", expanding=True)))
    .order_by(OrderRefund.id)
)
"""Built once: it is asked for every order that is booked."""


def refund_of(row: OrderRefund) -> Refund:
    """Return a refund as it was last read."""
    return refund_from_dict(row.refund)


def credited_before(row: OrderRefund, among: Iterable[OrderRefund]) -> list[Order]:
    """Return the credits of the other refunds of a sale that are settled."""
    return [
        order_from_dict(other.payload)
        for other in among
        if other.id != row.id
        and other.treatment in (Treatment.CREDIT, Treatment.BY_HAND)
        and other.payload
    ]


def _kept(refund: Refund) -> Refund:
    """Return a refund as we keep it: whole cents, and an id that fits its column."""
    source_id = refund.source_id
    if len(source_id) > _SOURCE_ID:
        source_id = sha256(source_id.encode()).hexdigest()
    return replace(refund, source_id=source_id, amount=cents(refund.amount))


def _is_less(
    told: OrderRefund, named: Iterable[Refund], known: Iterable[OrderRefund]
) -> bool:
    """Tell whether of money that was told before the shop names less now, or none."""
    if told.amount <= ZERO or told.source_id.startswith(TOTAL):
        return False
    now = next((refund for refund in named if _is_of(told, refund)), None)
    if now is None:
        return True
    return now.amount < total(each.amount for each in known if _is_of(each, now))


def _keep(
    row: ShopOrder, refund: Refund, known: list[OrderRefund], *, is_renamed: bool
) -> None:
    own = [each for each in known if _is_of(each, refund)]
    if not own:
        found = _told_as_total(refund, known)
        if found is None:
            is_doubtful = refund.amount > ZERO and (is_renamed or _has_total(known))
            _add(row, refund, known, is_doubtful=is_doubtful)
            return
        found.source_id = refund.source_id
        own = [found]
    last, told = own[-1], total(each.amount for each in own)
    if refund.amount == told:
        if last.treatment == Treatment.OPEN and len(own) == 1:
            _fill(last, refund)
    elif last.treatment == Treatment.OPEN and not last.payload:
        amount = refund.amount - told + last.amount
        _fill(last, replace(refund, amount=amount, lines=()) if own[1:] else refund)
    else:
        source_id = f"{refund.source_id}@{refund.amount}"
        rest = replace(
            refund, source_id=source_id, amount=refund.amount - told, lines=()
        )
        _add(row, rest, known)


def _is_of(row: OrderRefund, refund: Refund) -> bool:
    return row.source_id == refund.source_id or row.source_id.startswith(
        f"{refund.source_id}@"
    )


def _told_as_total(refund: Refund, known: Iterable[OrderRefund]) -> OrderRefund | None:
    """Return what was known of a refund by its amount alone."""
    named = (each for each in known if each.source_id.startswith(TOTAL))
    return next((each for each in named if each.amount == refund.amount), None)


def _has_total(known: Iterable[OrderRefund]) -> bool:
    return any(each.source_id.startswith(TOTAL) for each in known)


def _add(
    row: ShopOrder,
    refund: Refund,
    known: list[OrderRefund],
    *,
    is_doubtful: bool = False,
) -> None:
    tail = f"-R{len(known) + 1}"
    made = OrderRefund(
        tenant_id=row.tenant_id,
        order_id=row.id,
        source_id=refund.source_id,
        number=row.number[: _NUMBER - len(tail)] + tail,
        is_doubtful=is_doubtful,
        treatment=Treatment.OPEN,
        payload={},
        content_hash="",
        created_at=utcnow(),
    )
    _fill(made, refund)
    session().add(made)
    known.append(made)


def says_bank_took_it(row: OrderRefund) -> None:
    """Take a refund for a chargeback, as the user says: few shops tell them apart."""
    _fill(row, replace(refund_of(row), kind=RefundKind.CHARGEBACK, lines=()))


def _fill(row: OrderRefund, refund: Refund) -> None:
    if row.kind == RefundKind.CHARGEBACK:  # whatever the shop calls it
        refund = replace(refund, kind=RefundKind.CHARGEBACK, lines=())
    row.amount = refund.amount
    row.refunded_at = refund.refunded_at
    row.kind = refund.kind
    row.refund = refund_to_dict(refund)


def attach(jobs: Sequence[Job]) -> None:
    """Give credit jobs their credit order, the sale it credits, and their guard.

    A write goes only while the credit is what was decided, the sale stands where it
    was booked, and no message about the order waits to be read.
    """
    by_refund = {job.subject_id: job for job in jobs if job.subject == SUBJECT}
    rows = session().execute(
        select(OrderRefund, ShopOrder, Transfer)
        .join(ShopOrder, ShopOrder.id == OrderRefund.order_id)
        .join(
            Transfer,
            (Transfer.subject == "order") & (Transfer.subject_id == ShopOrder.id),
        )
        .where(OrderRefund.id.in_(by_refund))
    )
    for refund, order, sale in rows:
        job = by_refund[refund.id]
        if sale.target_id != job.connection_id:
            continue
        if sale.administration:
            job.refusal = AskUser(SALE_ELSEWHERE, number=order.number)
        job.subject_row = refund
        job.content_hash = refund.content_hash
        job.credited = credited(sale)
        job.guard = Guard(
            _CONDITIONS,
            None,
            {
                "guard_refund": refund.id,
                "guard_hash": refund.content_hash,
                "guard_sale": sale.id,
                "guard_document": sale.external_id,
                "guard_shop": order.connection_id,
                "guard_source": order.source_id,
            },
        )


def credited(sale: Transfer) -> Credited:
    """Return a booked sale as its credit needs to know it."""
    return Credited(
        document=sale.document,
        external_id=sale.external_id,
        external_number=sale.external_number,
        debtor_id=sale.debtor_id,
    )


_UNCHANGED = exists().where(
    OrderRefund.id == bindparam("guard_refund"),
    OrderRefund.content_hash == bindparam("guard_hash"),
    OrderRefund.treatment == Treatment.CREDIT,
)
_Sale = aliased(Transfer)
_SALE_STANDS = exists().where(
    _Sale.id == bindparam("guard_sale"),
    _Sale.external_id == bindparam("guard_document"),
    _Sale.administration == "",
    _Sale.state.in_((TransferState.DONE, TransferState.HELD)),
)
_CONDITIONS = (_UNCHANGED, _SALE_STANDS, not_(MESSAGE_WAITS))
