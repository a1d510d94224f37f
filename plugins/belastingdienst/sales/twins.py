"""Invoices that are a shop order once more: of the two only the order counts.

An invoice that somebody made of an order names it as its reference, or has the number
that the shop gave its own invoice; and it comes to the same amount. One that was made
of an order here counts in its place.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import JSON, ColumnElement, cast, func, or_, select

from core.plugin.database import session
from core.plugin.tables import OrderRefund, SalesInvoice, ShopOrder

_BEFORE, _AFTER = timedelta(days=400), timedelta(days=31)
"""So long before or after its order an invoice may be made."""


def of_orders(
    tenant_id: int, shop_ids: Collection[int], invoices: Sequence[SalesInvoice]
) -> set[int]:
    """Return the ids of invoices that are an order, or its refund, of these shops."""
    invoices = [invoice for invoice in invoices if not _is_made_here(invoice)]
    if not shop_ids or not invoices:
        return set()
    sold = _amounts(tenant_id, shop_ids, invoices)
    return {
        invoice.id
        for invoice in invoices
        for name in _names(invoice)
        if invoice.amount_incl_vat in sold.get(name, ())
    }


def _is_made_here(invoice: SalesInvoice) -> bool:
    sale = invoice
    if invoice.credits_id is not None:
        sale = session().get_one(SalesInvoice, invoice.credits_id)
    return sale.order_id is not None


def _names(invoice: SalesInvoice) -> list[str]:
    """Return what an invoice may be known by in the shop; a credit by its sale's."""
    found = [invoice.reference, invoice.number or ""]
    if invoice.credits_id is not None:
        sale = session().get(SalesInvoice, invoice.credits_id)
        found += [sale.reference, sale.number or ""] if sale is not None else []
    return [name.strip() for name in found if name.strip()]


def _amounts(
    tenant_id: int, shop_ids: Collection[int], invoices: Sequence[SalesInvoice]
) -> dict[str, set[Decimal]]:
    """Return what orders and their refunds come to, by order and invoice number."""
    names = {name for invoice in invoices for name in _names(invoice)}
    days = [invoice.issued_on for invoice in invoices]
    begin, end = (datetime.combine(day, time(), UTC) for day in (min(days), max(days)))
    invoice_number = _invoice_number()
    rows = session().execute(
        select(
            ShopOrder.id, ShopOrder.number, invoice_number, ShopOrder.total_incl_vat
        ).where(
            ShopOrder.tenant_id == tenant_id,
            ShopOrder.connection_id.in_(shop_ids),
            ShopOrder.ordered_at.between(begin - _BEFORE, end + _AFTER),
            or_(ShopOrder.number.in_(names), invoice_number.in_(names)),
        )
    )
    found: dict[str, set[Decimal]] = {}
    known: dict[int, list[str]] = {}
    for order_id, number, other, amount in rows:
        known[order_id] = [name for name in (number, other) if name]
        for name in known[order_id]:
            found.setdefault(name, set()).add(amount)
    refunded = select(OrderRefund.order_id, OrderRefund.amount)
    back = session().execute(refunded.where(OrderRefund.order_id.in_(known)))
    for order_id, amount in back:
        for name in known[order_id]:
            found.setdefault(name, set()).add(-amount)
    return found


def _invoice_number() -> ColumnElement[str]:
    """Return the shop's own invoice number, within what is kept of an order."""
    name = "invoice_number"
    if session().get_bind().dialect.name == "sqlite":
        return func.json_extract(ShopOrder.payload, f"$.{name}")
    return func.json_extract_path_text(cast(ShopOrder.payload, JSON), name)
