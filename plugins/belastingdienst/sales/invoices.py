"""The sales invoices kept here, as the pure modules know them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from core.domain.declarations import TaxPeriod, customer_from
from core.plugin.database import session
from core.plugin.tables import InvoiceState, SalesInvoice
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.sales import twins
from plugins.belastingdienst.sales.invoice_figures import Sale, SoldUnderCode, together

SENT = (InvoiceState.SENT, InvoiceState.BOOKED, InvoiceState.PAID)
_ADDRESSES = ("invoice_address", "visiting_address", "postal_address", "home_address")
_CHUNK = 500
_SOLD = aliased(SalesInvoice)


def sales(
    administration: Administration,
    period: TaxPeriod,
    shop_ids: Collection[int] = (),
    *,
    paid: bool = False,
) -> Iterator[Sale]:
    """Yield the invoices that were sent in a period, a few at a time.

    Those that are an order of one of these shops say so. `paid`: those sent before the
    period and paid in it instead.
    """
    last = (date.min, 0)
    tenant_id = administration.tenant_id
    within = _paid_in(period) if paid else _sent_in(period)
    while found := _page(tenant_id, within, last):
        ordered = twins.of_orders(tenant_id, shop_ids, found)
        for invoice in found:
            yield replace(sale(invoice), is_order=invoice.id in ordered)
        last = (found[-1].issued_on, found[-1].id)
        session().expunge_all()


def _sent_in(period: TaxPeriod) -> ColumnElement[bool]:
    return SalesInvoice.issued_on.between(period.start, period.end)


def _paid_in(period: TaxPeriod) -> ColumnElement[bool]:
    paid = SalesInvoice.paid_on.between(period.start, period.end)
    of_paid = SalesInvoice.credits_id.in_(
        select(_SOLD.id).where(_SOLD.paid_on.between(period.start, period.end))
    )
    return and_(SalesInvoice.issued_on < period.start, or_(paid, of_paid))


def _page(
    tenant_id: int, within: ColumnElement[bool], last: tuple[date, int]
) -> list[SalesInvoice]:
    after = (SalesInvoice.issued_on > last[0]) | (
        (SalesInvoice.issued_on == last[0]) & (SalesInvoice.id > last[1])
    )
    query = (
        select(SalesInvoice)
        .where(
            SalesInvoice.tenant_id == tenant_id,
            SalesInvoice.state.in_(SENT),
            within,
            after,
        )
        .order_by(SalesInvoice.issued_on, SalesInvoice.id)
        .limit(_CHUNK)
    )
    return list(session().scalars(query))


def sale(invoice: SalesInvoice) -> Sale:
    """Return an invoice as the pure modules know it.

    The customer is who he was when it was sent; only a VAT number that was not known
    then is taken from the relation as it is now, so that it can still be filled in.
    """
    data = invoice.customer
    number = str(data.get("vat_number") or invoice.relation.vat_number or "")
    return Sale(
        id=str(invoice.id),
        number=invoice.number or "",
        issued_on=invoice.issued_on,
        customer_name=str(data.get("name") or invoice.relation.name or ""),
        customer=customer_from(_country(data), number),
        vat_amount=invoice.vat_amount,
        paid_on=_paid_on(invoice),
        sold=together(
            SoldUnderCode(
                code=line.vat_code.code,
                kind=str(line.vat_code.kind),
                country=line.vat_code.country,
                rate=line.vat_code.rate,
                amount_excl_vat=line.amount_excl_vat,
                charged=line.vat_amount,
            )
            for line in invoice.lines
        ),
    )


def _paid_on(invoice: SalesInvoice) -> date | None:
    """Return when its money came, or went back.

    A credit takes back what was paid, at once; of what never was it takes nothing.
    """
    if invoice.paid_on is not None or invoice.amount_excl_vat >= 0:
        return invoice.paid_on
    if invoice.credits_id is None:
        return invoice.issued_on
    sale = session().get(SalesInvoice, invoice.credits_id)
    if sale is None or sale.paid_on is None:
        return None
    return max(invoice.issued_on, sale.paid_on)


def _country(data: dict[str, Any]) -> str:
    """Return the first country that the customer's addresses name."""
    found = (data.get(name) or {} for name in _ADDRESSES)
    countries = (str(address.get("country") or "") for address in found)
    return next((country for country in countries if country), "")
