"""Turnover of a taxpayer, sale by sale: what the KOR and the EU-KOR are judged by.

Own sales come from invoices and shop orders; of a ledger only the entries of periods
that were read count, so a year of it may be incomplete (`Found.is_whole`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.domain.declarations import IcpKind, Rubric, TaxPeriod
from core.domain.money import total
from core.plugin.database import session
from core.rules.sale_place import Scheme
from core.rules.vatrates import MEMBER_STATES
from plugins.belastingdienst.law.small_business import Turnover
from plugins.belastingdienst.models import Administration, Entry, PeriodFigures
from plugins.belastingdienst.models.figures import EntryOrigin
from plugins.belastingdienst.sales import (
    invoices,
    order_figures,
    orders,
    own_sales,
    shops,
)
from plugins.belastingdienst.sales.invoice_figures import COUNTRY, Sale
from plugins.belastingdienst.sales.order_figures import Judged
from plugins.belastingdienst.setup import ledgers

_ABROAD = "intra_services"
"""The kind of VAT code whose sales are taxed where the customer is."""
_RUBRICS = (
    Rubric.R1A, Rubric.R1B, Rubric.R1C, Rubric.R1E, Rubric.R3A, Rubric.R3B,
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The turnover of two calendar years."""

    sales: tuple[Turnover, ...]
    is_whole: bool
    """False: it comes from a ledger, of which not every period was read."""
    known_late: Mapping[str, date]
    """Shops of which orders are here only from a day within those years."""


def of(found: Sequence[Administration], year: int) -> Found:
    """Return the turnover of a year and the one before it, each sale once.

    `found` are the administrations of one taxpayer.
    """
    with _as_it_was():
        return _read(found, year)


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Keep what was loaded: reading sales page by page forgets the rest, and the page
    that asks still needs it."""
    kept = list(session())
    try:
        yield
    finally:
        session().expunge_all()
        session().add_all(kept)


def _read(found: Sequence[Administration], year: int) -> Found:
    books = [one.id for one in found if ledgers.is_ledger(one)]
    own = [one for one in found if not ledgers.is_ledger(one)]
    sales: dict[str, Turnover] = {}
    for period in (TaxPeriod.whole_year(year - 1), TaxPeriod.whole_year(year)):
        sales |= dict(_of_ledgers(books, period))
        for one in own:
            sales |= dict((*_invoices(one, period), *_orders(one, period)))
    ordered = tuple(sorted(sales.values(), key=lambda one: one.on))
    return Found(ordered, not books, _known_late(own, date(year - 1, 1, 1)))


def _known_late(found: Iterable[Administration], first: date) -> dict[str, date]:
    late: dict[str, date] = {}
    for one in found:
        choice = own_sales.of(one.own_sales)
        if choice is not None:
            late |= shops.known_late(one.tenant_id, choice.shops, first)
    return late


_Named = tuple[str, Turnover]
"""With a name of our own: two shops may give the same number."""


def _invoices(administration: Administration, period: TaxPeriod) -> Iterator[_Named]:
    choice = own_sales.of(administration.own_sales)
    mine = list(choice.shops) if choice else []
    if choice is not None and not choice.invoices:
        return
    for sale in list(invoices.sales(administration, period, mine)):
        if not sale.is_order:
            yield from _of_invoice(sale)


def _of_invoice(sale: Sale) -> Iterator[_Named]:
    for country in sorted({one.country for one in sale.sold}):
        amount = total(
            one.amount_excl_vat
            for one in sale.sold
            if one.country == country and one.kind != _ABROAD
        )
        if amount:
            name = f"{sale.number or sale.id} {country}"
            made = Turnover(name, sale.issued_on, country, amount)
            yield f"invoice:{sale.id} {country}", made


def _orders(administration: Administration, period: TaxPeriod) -> Iterator[_Named]:
    choice = own_sales.of(administration.own_sales)
    tenant_id, number = administration.tenant_id, administration.tax_number
    if choice is None or not choice.shops:
        return
    reader = own_sales.Reader.of(tenant_id, number)
    rules = shops.rules_of(tenant_id, list(choice.shops))
    for item in orders.items(
        tenant_id, rules, period.start, period.end, invoices=choice.invoices
    ):
        if item.document is None or reader.seller.day(item.at) not in period:
            continue
        judged = order_figures.judge(item.document, reader.seller, reader.in_oss)
        yield from _of_order(judged)


def _of_order(judged: Judged) -> Iterator[_Named]:
    place = judged.place
    amount = total(one.amount_excl_vat for one in judged.sold)
    if place is None or not amount:
        return
    country = place.country if place.scheme is Scheme.OSS else COUNTRY
    if place.scheme is Scheme.KOR and place.area.code in MEMBER_STATES:
        country = place.area.code  # home's or, beside the EU-KOR, another state's
    made = Turnover(judged.document.order.number, judged.on, country, amount)
    yield judged.document.id, made


def _of_ledgers(ids: Iterable[int], period: TaxPeriod) -> Iterator[_Named]:
    rows = session().execute(
        select(Entry, PeriodFigures.administration_id)
        .join(PeriodFigures, PeriodFigures.id == Entry.period_id)
        .where(
            PeriodFigures.administration_id.in_(list(ids)),
            Entry.origin != EntryOrigin.CORRECTION,
            Entry.rubric.in_(_RUBRICS),
            Entry.booked_on.between(period.start, period.end),
        )
        .order_by(Entry.booked_on, Entry.id)
    )
    for row, administration_id in rows:
        if row.icp_kind != IcpKind.SERVICES and row.turnover:
            name = row.reference or row.source_id or str(row.id)
            made = Turnover(f"{name} {row.id}", row.booked_on, COUNTRY, row.turnover)
            # once, also where its day was read as part of a month and of a quarter
            booking = f"{row.source_id}:{row.rubric}" if row.source_id else str(row.id)
            yield f"ledger:{administration_id}:{booking}", made
