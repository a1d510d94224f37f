"""The sales of a taxpayer in the one stop shop: from shops, and from invoices.

Refunds are of the quarter of their sale. What cannot be placed is a doubt of the
quarter of its own day.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from core.domain.money import ZERO, total
from core.plugin.database import session
from core.plugin.tables import SalesInvoice, SalesInvoiceLine, TenantVatCode
from plugins.belastingdienst.law import oss_threshold
from plugins.belastingdienst.law.doubts import Doubt, doubt, hint
from plugins.belastingdienst.law.oss import Kind, Sale
from plugins.belastingdienst.law.oss_threshold import DistanceSale
from plugins.belastingdienst.law.spans import Span, quarter_of
from plugins.belastingdienst.sales import invoices, order_figures, orders, shops, twins
from plugins.belastingdienst.sales.grouping import MORE, MOST, grouped
from plugins.belastingdienst.sales.invoice_figures import TAXED, SoldUnderCode
from plugins.belastingdienst.sales.order_figures import COUNTRY, Judged
from plugins.belastingdienst.sales.orders import Item
from plugins.belastingdienst.sales.own_sales import Choice, Reader


@dataclass
class Found:
    """What was read, by quarter."""

    since: date
    sales: defaultdict[Span, list[Sale]] = field(
        default_factory=lambda: defaultdict(list)
    )
    doubts: defaultdict[Span, list[Doubt]] = field(
        default_factory=lambda: defaultdict(list)
    )
    distance: list[DistanceSale] = field(default_factory=list)
    _left: defaultdict[tuple[Span, str], list[Decimal]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def ask(self, on: date, asked: Doubt) -> None:
        """Keep a doubt of a day, unless that day is of before what is kept here."""
        if on >= self.since:
            self.doubts[quarter_of(on)].append(asked)

    def leave_out(self, on: date, code: str, amount: Decimal) -> None:
        """Count what is left out, to be told."""
        if on >= self.since:
            self._left[quarter_of(on), code].append(amount)

    def told(self) -> dict[Span, list[Doubt]]:
        """Return all doubts and what is only told, by quarter."""
        found = {}
        for quarter, asked in self.doubts.items():
            same = grouped(asked)
            found[quarter] = same[:MOST]
            if len(same) > MOST:
                found[quarter].append(doubt(MORE, count=len(same) - MOST))
        for (quarter, code), amounts in sorted(self._left.items()):
            make = doubt if code in _BLOCKING else hint
            told = make(code, count=len(amounts), amount=total(amounts))
            found.setdefault(quarter, []).append(told)
        return found


_BLOCKING = ("oss_home_vat_charged", "oss_not_registered", "oss_invoice_kind_unsaid")


@dataclass(frozen=True)
class Question:
    """Whose sales are read, and which."""

    tenant_id: int
    tax_number: str
    choice: Choice
    invoice_kind: str
    """What the invoices kept here sell abroad; empty: not said."""
    since: date
    today: date


def read(question: Question) -> Found:
    """Read all there is since a day; forgets what the session had loaded."""
    reader = Reader.of(question.tenant_id, question.tax_number)
    found = Found(question.since)
    mine = list(question.choice.shops)
    if mine:
        rules = shops.rules_of(question.tenant_id, mine)
        first = min(question.since, date(question.today.year - 1, 1, 1))
        for item in orders.items(
            question.tenant_id,
            rules,
            first,
            question.today,
            invoices=question.choice.invoices,
            home=COUNTRY,
        ):
            _add(item, reader, found)
    if question.choice.invoices:
        _invoices(question, mine, reader, found)
    return found


def _add(item: Item, reader: Reader, found: Found) -> None:
    on = reader.seller.day(item.at)
    if item.doubt is not None:
        found.ask(on, _as_law(item.doubt.code, item.doubt.params))
    elif item.document is None:
        found.leave_out(on, item.left_out, item.amount)
    else:
        judged = order_figures.judge(item.document, reader.seller, reader.in_oss)
        _add_judged(judged, reader, found)


def _as_law(code: str, params: dict[str, str]) -> Doubt:
    return doubt(code, params.get(order_figures.DOCUMENT, ""), **params)


def _add_judged(judged: Judged, reader: Reader, found: Found) -> None:
    place, order = judged.place, judged.document.order
    if place is None:
        _ask_all(judged, judged.on, found)
        return
    distance = order_figures.distance_sale(judged)
    if distance is not None:
        found.distance.append(distance)
    if place.rule == "distance_sale_below_threshold" and reader.in_oss(place.on):
        found.leave_out(place.on, "oss_home_vat_charged", order.total_incl_vat)
    sales = list(order_figures.oss_sales(judged))
    if not sales:
        return
    _ask_all(judged, place.on, found)
    if place.on >= found.since and not reader.in_oss(place.on):
        found.leave_out(place.on, "oss_not_registered", order.total_incl_vat)
    elif place.on >= found.since:
        found.sales[quarter_of(place.on)] += sales
    elif order.credits:
        _tell_older(judged, sales, found)


def _ask_all(judged: Judged, on: date, found: Found) -> None:
    for one in judged.doubts:
        if one.code != "order_oss_unsaid":  # asked by the registration itself
            found.ask(on, _as_law(one.code, one.params))


def _tell_older(judged: Judged, sales: list[Sale], found: Found) -> None:
    """Tell of a refund of a sale whose quarter is not kept here."""
    for sale in sales:
        told = hint(
            "oss_refund_of_before",
            sale.id,
            country=sale.country,
            amount=sale.vat,
            period=quarter_of(sale.on).code,
            document=sale.id,
        )
        found.ask(judged.on, told)


def _invoices(
    question: Question, mine: list[int], reader: Reader, found: Found
) -> None:
    for invoice, on in _foreign(question.tenant_id, question.since):
        if invoice.id in twins.of_orders(question.tenant_id, mine, [invoice]):
            continue
        sale = invoices.sale(invoice)
        sold = [one for one in sale.sold if one.country != COUNTRY]
        amount = total(one.amount_excl_vat + one.vat for one in sold)
        if not reader.in_oss(on):
            found.leave_out(on, "oss_not_registered", amount)
        elif not question.invoice_kind:
            found.leave_out(on, "oss_invoice_kind_unsaid", amount)
        elif on >= question.since:
            kind = Kind(question.invoice_kind)
            found.sales[quarter_of(on)] += _of_invoice(sale.number, on, kind, sold)
        if sale.customer is not None:
            found.ask(on, doubt("oss_invoice_to_business", document=sale.number))
        if any(one.kind not in TAXED for one in sold):
            found.ask(on, doubt("oss_invoice_without_vat", document=sale.number))
        if oss_threshold.counts(on, sale.issued_on):
            excl = total(one.amount_excl_vat for one in sold)
            found.distance.append(
                DistanceSale(sale.number, sale.issued_on, excl, COUNTRY)
            )


def _foreign(tenant_id: int, since: date) -> Iterator[tuple[SalesInvoice, date]]:
    """Yield sent invoices with VAT of another country, and the day of their sale."""
    first = min(since, date(since.year - 1, 1, 1))
    has_foreign = (
        select(SalesInvoiceLine.id)
        .join(TenantVatCode, TenantVatCode.id == SalesInvoiceLine.vat_code_id)
        .where(
            SalesInvoiceLine.invoice_id == SalesInvoice.id,
            TenantVatCode.country != COUNTRY,
        )
        .exists()
    )
    query = select(SalesInvoice).where(
        SalesInvoice.tenant_id == tenant_id,
        SalesInvoice.state.in_(invoices.SENT),
        SalesInvoice.issued_on >= first,
        has_foreign,
    )
    for invoice in session().scalars(query.order_by(SalesInvoice.id)).all():
        credited = None
        if invoice.credits_id is not None:
            credited = session().get(SalesInvoice, invoice.credits_id)
        yield invoice, (credited or invoice).issued_on


def _of_invoice(
    number: str, on: date, kind: Kind, sold: list[SoldUnderCode]
) -> list[Sale]:
    return [
        Sale(
            id=number,
            on=on,
            country=one.country,
            kind=kind,
            rate=one.rate,
            amount_excl_vat=one.amount_excl_vat,
            vat=one.vat,
            dispatched_from=COUNTRY,
        )
        for one in sold
        if one.kind in TAXED and one.amount_excl_vat != ZERO
    ]
