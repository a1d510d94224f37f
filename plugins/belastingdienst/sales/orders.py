"""The orders and refunds of shops as documents that count, with what is left out."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from core.domain.declarations import Doubt
from core.domain.money import ZERO, total
from core.domain.orders import Order, OrderLine, OrderState, refund_from_dict
from core.plugin import orders
from core.plugin.database import session
from core.plugin.tables import (
    InvoiceState,
    OrderRefund,
    SalesInvoice,
    ShopOrder,
    Transfer,
    Treatment,
)
from core.rules.refunds import BOOKABLE, PAYMENT_ONLY, RefundCase, credit_order, judge
from core.rules.sale_checks import VatRules
from plugins.belastingdienst.sales.order_figures import DOCUMENT, Document

_CHUNK = 500
_DAY = timedelta(days=1)
_UNREADABLE = "order_unreadable"
_BY_HAND, _INVOICED = "booked_by_hand", "invoiced_here"
"""Codes of transfers: `core.services.transfer`."""
_NOTHING = (*PAYMENT_ONLY, RefundCase.COMPENSATION)
WAITING, CANCELLED, ASIDE = (
    "own_sales_waiting", "own_sales_cancelled", "own_sales_aside",
)  # fmt: skip
INVOICE_DRAFT = "own_sales_invoice_draft"
"""Codes of orders that are left out."""


@dataclass(frozen=True)
class Item:
    """What an order brings: a document, a question, or that it is left out."""

    at: datetime
    """When it counts (UTC): of the order, or of the refund."""
    document: Document | None = None
    doubt: Doubt | None = None
    left_out: str = ""
    amount: Decimal = ZERO
    """Incl VAT, of what is left out."""


def items(
    tenant_id: int,
    rules: Mapping[int, VatRules],
    first: date,
    last: date,
    *,
    invoices: bool,
    home: str = "",
    since: date | None = None,
) -> Iterator[Item]:
    """Yield what the orders of shops bring, a few orders at a time.

    Of orders that were placed, or refunded, between two local days, and of those placed
    from `since` on that changed after the first (a payment changes one); the caller
    takes of the items those he wants. `rules` are the shops' by connection. With `home`
    only orders that go elsewhere. `invoices`: those kept here count as well, so that of
    an order that was invoiced from here the invoice does. Forgets what the session had
    loaded.
    """
    after = 0
    days = since or first, first, last
    while found := _page(tenant_id, list(rules), days, home, after):
        ids = [row.id for row in found]
        refunds, transfers = _refunds(ids), _transfers(tenant_id, ids)
        invoiced = _invoiced(ids) if invoices else set()
        for row in found:
            if row.id in invoiced:
                continue
            of_shop = rules[row.connection_id]
            yield from of_order(
                row,
                of_shop,
                refunds.get(row.id, []),
                transfers.get(row.id, []),
                invoices=invoices,
            )
        after = ids[-1]
        session().expunge_all()


def _page(
    tenant_id: int,
    shops: list[int],
    days: tuple[date, date, date],
    home: str,
    after: int,
) -> list[ShopOrder]:
    since, begin, end = (datetime.combine(day, time(), UTC) for day in days)

    def within(moment: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = moment.between(begin - _DAY, end + 2 * _DAY)
        return found

    changed = ShopOrder.ordered_at.between(since - _DAY, begin) & (
        ShopOrder.updated_at >= begin
    )

    refunded = select(OrderRefund.order_id).where(
        OrderRefund.tenant_id == tenant_id, within(OrderRefund.refunded_at)
    )
    query = select(ShopOrder).where(
        ShopOrder.tenant_id == tenant_id,
        ShopOrder.connection_id.in_(shops),
        ShopOrder.id > after,
        or_(within(ShopOrder.ordered_at), changed, ShopOrder.id.in_(refunded)),
    )
    if home:
        query = query.where(ShopOrder.country != home)
    return list(session().scalars(query.order_by(ShopOrder.id).limit(_CHUNK)))


def _refunds(ids: Collection[int]) -> dict[int, list[OrderRefund]]:
    query = select(OrderRefund).where(OrderRefund.order_id.in_(ids))
    found: dict[int, list[OrderRefund]] = {}
    for row in session().scalars(query.order_by(OrderRefund.id)):
        found.setdefault(row.order_id, []).append(row)
    return found


def _invoiced(ids: Collection[int]) -> set[int]:
    """Return which orders a sent sales invoice was made of."""
    query = select(SalesInvoice.order_id).where(
        SalesInvoice.order_id.in_(ids), SalesInvoice.state != InvoiceState.DRAFT
    )
    return {order_id for order_id in session().scalars(query) if order_id is not None}


def _transfers(tenant_id: int, ids: Collection[int]) -> dict[int, list[Transfer]]:
    query = select(Transfer).where(
        and_(Transfer.subject == "order", Transfer.subject_id.in_(ids)),
        Transfer.tenant_id == tenant_id,
    )
    found: dict[int, list[Transfer]] = {}
    for row in session().scalars(query):
        found.setdefault(row.subject_id, []).append(row)
    return found


def of_order(
    row: ShopOrder,
    rules: VatRules,
    refunds: list[OrderRefund],
    transfers: list[Transfer],
    *,
    invoices: bool,
) -> Iterator[Item]:
    """Yield what one order brings: its sale and its credits, or why it does not count.

    A cancelled sale that was paid back in full stands, and so does what took it back:
    each on its own day. Otherwise it never was, unless it was booked: then is asked.
    """
    why = _why_not(row, refunds, transfers)
    if why == INVOICE_DRAFT and not invoices:
        why = ""
    if why in (WAITING, CANCELLED, ASIDE, INVOICE_DRAFT):
        yield Item(row.ordered_at, left_out=why, amount=row.total_incl_vat)
    elif why:
        doubt = _doubt(why, f"order:{row.id}", row.number, amount=row.total_incl_vat)
        yield Item(row.ordered_at, doubt=doubt)
    else:
        sale = orders.load(row)
        yield Item(row.ordered_at, Document(f"order:{row.id}", sale, rules))
        yield from _credits(sale, rules, refunds)


def _why_not(
    row: ShopOrder, refunds: list[OrderRefund], transfers: list[Transfer]
) -> str:
    """Return the code of why an order does not count; empty when it does."""
    if not row.content_hash or any(one.code == _UNREADABLE for one in transfers):
        return "order_unread"
    aside = [one for one in transfers if one.set_aside_at is not None]
    if aside and len(aside) == len(transfers):
        if any(one.code == _INVOICED for one in aside):
            return INVOICE_DRAFT
        return "" if any(one.code == _BY_HAND for one in aside) else ASIDE
    is_booked = any(one.booked_at is not None for one in transfers)
    if row.state == OrderState.READY:
        return ""
    if row.state == OrderState.WAITING:
        return "" if is_booked else WAITING
    back = total(one.amount for one in refunds if not one.is_doubtful)
    if back >= row.total_incl_vat > ZERO:
        return ""
    return "order_cancelled_after" if is_booked or back else CANCELLED


def _credits(
    sale: Order, rules: VatRules, refunds: Iterable[OrderRefund]
) -> Iterator[Item]:
    credited: list[OrderLine] = []
    for row in refunds:
        found = _credit(sale, rules, row, credited)
        if isinstance(found, Doubt):
            yield Item(row.refunded_at, doubt=found)
        elif found is not None and found.lines:
            credited += found.lines
            yield Item(found.ordered_at, Document(f"refund:{row.id}", found, rules))


def _credit(
    sale: Order, rules: VatRules, row: OrderRefund, credited: list[OrderLine]
) -> Order | Doubt | None:
    """Return a refund's credit document as decided, or as it can only be; a question
    where it may be several things; None where nothing of the sale is taken back."""
    if row.treatment == Treatment.COMPENSATION:
        return None
    if row.payload:
        return orders.load(row)
    about = f"refund:{row.id}"
    if row.is_doubtful:
        return _doubt("refund_doubtful", about, sale.number, amount=row.amount)
    refund = refund_from_dict(row.refund)
    found = judge(sale, refund, credited, rules.no_turnover.names)
    if found.case in _NOTHING:
        return None
    if found.case in BOOKABLE and found.is_certain:
        return credit_order(sale, refund, row.number, found.lines)
    return _doubt("refund_undecided", about, sale.number, amount=row.amount)


def _doubt(code: str, about: str, number: str, *, amount: Decimal) -> Doubt:
    return Doubt(code, about, {DOCUMENT: number, "amount": str(amount)})
