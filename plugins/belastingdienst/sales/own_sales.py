"""Which sales kept here are an administration's own, and their figures of a period.

The choice is asked: invoices, shops, or both. What was not asked yet, or came later,
blocks until it is answered.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.domain.declarations import Doubt, Entry, Figures, TaxPeriod
from core.domain.money import total
from core.plugin.database import session
from core.plugin.setups import seller_of
from core.plugin.tables import Tenant
from core.rules.sale_checks import VatRules
from core.rules.sale_place import Scheme
from core.rules.seller import Seller
from plugins.belastingdienst.law import oss_threshold
from plugins.belastingdienst.law.cash_scheme import Payment
from plugins.belastingdienst.law.oss_threshold import DistanceSale
from plugins.belastingdienst.models import Administration, Taxpayer
from plugins.belastingdienst.sales import cash as cash_figures
from plugins.belastingdienst.sales import invoice_figures, order_figures, orders, shops
from plugins.belastingdienst.sales import invoices as invoice_sales
from plugins.belastingdienst.sales.cash import Cash, Paid
from plugins.belastingdienst.sales.grouping import MORE, MOST, grouped
from plugins.belastingdienst.sales.invoice_figures import Sale
from plugins.belastingdienst.sales.order_figures import COUNTRY, DOCUMENT, Judged
from plugins.belastingdienst.setup import schemes

ASKED = (orders.WAITING, orders.ASIDE, orders.INVOICE_DRAFT)
"""Orders whose being left out has to be confirmed."""
_MAY_BE_LEFT_OUT = frozenset((
    *invoice_figures.MAY_BE_LEFT_OUT, *ASKED, "own_sales_before_installation",
    "own_sales_above_threshold", "invoice_after_small_business",
))  # fmt: skip


_NEVER_LEFT_OUT = ("order_oss_contradicted",)
"""Two answers of the taxpayer himself that cannot both be right."""


def may_be_left_out(doubt: Mapping[str, Any]) -> bool:
    """Tell whether a person may settle a doubt: it belongs in no Dutch return."""
    code = doubt["code"]
    if code in _NEVER_LEFT_OUT:
        return False
    return code in _MAY_BE_LEFT_OUT or DOCUMENT in doubt["params"]


@dataclass(frozen=True)
class Choice:
    """Which sales kept here are somebody's own."""

    invoices: bool
    shops: tuple[int, ...]
    """Connections."""
    asked: tuple[int, ...]
    """The shops there were when it was asked."""

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept; `of` reads it."""
        return {
            "invoices": self.invoices,
            "shops": list(self.shops),
            "asked": list(self.asked),
        }


def of(kept: Mapping[str, Any]) -> Choice | None:
    """Read a choice; None: nobody was asked."""
    if not kept:
        return None
    return Choice(kept["invoices"], tuple(kept["shops"]), tuple(kept["asked"]))


def choose(tenant_id: int, invoices: bool, chosen: Collection[int]) -> Choice:
    """Return a choice out of the shops that a tenant has now."""
    known = tuple(shop.id for shop in shops.of_tenant(tenant_id))
    return Choice(invoices, tuple(one for one in known if one in chosen), known)


def unsaid(choice: Choice | None, known: Collection[shops.Shop]) -> list[shops.Shop]:
    """Return the shops of which nobody said whose sales they are."""
    asked = choice.asked if choice else ()
    return [shop for shop in known if shop.id not in asked]


@dataclass(frozen=True)
class OwnFigures:
    """The figures of a period, and what is in no box without a question."""

    figures: Figures
    left_out: tuple[dict[str, Any], ...]
    """Code, count and amount incl VAT, as `PeriodFigures.left_out` keeps them."""


@dataclass(frozen=True)
class Reader:
    """What deciding on the sales of a tenant needs to know."""

    tenant: Tenant
    seller: Seller
    in_oss: Callable[[date], bool]
    cash: Cash | None = None
    """VAT follows the money; None: it follows the sale."""
    small_until: date = date.max
    """The day on which the limit of the KOR was passed."""

    @classmethod
    def of(cls, tenant_id: int, tax_number: str) -> "Reader":
        """Read it; without a tax number nobody is in the one stop shop."""
        tenant = session().get_one(Tenant, tenant_id)
        row = session().scalar(
            select(Taxpayer).filter_by(tenant_id=tenant_id, tax_number=tax_number)
        )
        seller = seller_of(tenant)
        for loaded in (tenant, row):
            if loaded is not None:
                session().expunge(loaded)  # it is asked after others are forgotten
        if row is None or not tax_number:
            return cls(tenant, seller, _never)
        passed = row.small_business_passed_on or date.max
        return cls(tenant, seller, row.in_oss, _cash(row), passed)

    def is_small_no_more(self, day: date) -> bool:
        """Tell whether a day is said to be under the KOR, and its limit was passed."""
        return day >= self.small_until and self.seller.status(day).small_business


def cash_of(administration: Administration) -> Cash | None:
    """Return whether VAT follows the money at an administration's taxpayer."""
    return _cash(schemes.of([administration]).of(administration))


def _cash(taxpayer: Taxpayer | None) -> Cash | None:
    if taxpayer is None or not taxpayer.cash_scheme or not taxpayer.cash_scheme_since:
        return None
    return Cash(taxpayer.cash_scheme_since)


def _never(_day: date) -> bool:
    return False


class Sums:
    """Entries, doubts and what is left out, as they come by."""

    def __init__(self, period: TaxPeriod) -> None:
        self.period = period
        self.entries: list[Entry] = []
        self.doubts: list[Doubt] = []
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._amounts: defaultdict[str, Decimal] = defaultdict(Decimal)

    def leave_out(self, code: str, amount: Decimal) -> None:
        """Count one document that stands in no box."""
        self._counts[code] += 1
        self._amounts[code] += amount

    def done(self) -> OwnFigures:
        """Return all of it; what has to be confirmed is a doubt."""
        doubts, told = grouped(self.doubts), []
        if len(doubts) > MOST:
            more = Doubt(MORE, "", {"count": str(len(doubts) - MOST)})
            doubts = [*doubts[:MOST], more]
        for code in sorted(self._counts):
            said = {
                "count": str(self._counts[code]),
                "amount": str(self._amounts[code]),
            }
            if code in ASKED:
                doubts.append(Doubt(code, "", said))
            else:
                told.append({"code": code, **said})
        figures = Figures(self.period, tuple(self.entries), tuple(doubts))
        return OwnFigures(figures, tuple(told))


def read(administration: Administration, period: TaxPeriod) -> OwnFigures:
    """Return the figures of an administration's own sales; forgets loaded rows."""
    tenant_id = administration.tenant_id
    choice = of(administration.own_sales)
    reader = Reader.of(tenant_id, administration.tax_number)
    known = shops.of_tenant(tenant_id)
    sums = Sums(period)
    sums.doubts += _doubts(choice, known, reader, period)
    mine = list(choice.shops) if choice else []
    if choice is None or choice.invoices:
        _invoices(administration, mine, reader, sums)
    if choice and choice.shops:
        _orders(choice, reader, sums)
    return sums.done()


def _doubts(
    choice: Choice | None,
    known: list[shops.Shop],
    reader: Reader,
    period: TaxPeriod,
) -> list[Doubt]:
    names = ", ".join(shop.name for shop in unsaid(choice, known))
    found = [Doubt("own_sales_unsaid", "", {"shops": names})] if names else []
    for shop in known:
        since = shops.known_since(shop, reader.tenant)
        if choice and shop.id in choice.shops and since > period.start:
            said = {"shop": shop.name, "date": since.isoformat()}
            found.append(Doubt("own_sales_before_installation", "", said))
    return found


def _invoices(
    administration: Administration, mine: list[int], reader: Reader, sums: Sums
) -> None:
    found = list(invoice_sales.sales(administration, sums.period, mine))
    for sale in found:
        if sale.is_order:
            sums.leave_out("own_sales_twice", sale.amount_incl_vat)
        elif sale.is_foreign and reader.in_oss(sale.issued_on):
            sums.leave_out("own_sales_oss", sale.foreign_incl_vat)
        elif sale.is_exempt and reader.is_small_no_more(sale.issued_on):
            said = {"number": sale.number, "date": reader.small_until.isoformat()}
            sums.doubts.append(Doubt("invoice_after_small_business", sale.id, said))
    made = invoice_figures.compute(sums.period, found, reader.in_oss)
    sums.doubts += made.doubts
    if reader.cash is None:
        sums.entries += made.entries
        return
    found += invoice_sales.sales(administration, sums.period, mine, paid=True)
    for sale in found:
        if not sale.is_order:
            sums.entries += _by_payment(sale, reader.cash, sums.period)


def _by_payment(sale: Sale, cash: Cash, period: TaxPeriod) -> Iterator[Entry]:
    """Yield what an invoice adds on the day that it was paid, as a whole."""
    whole = sale.amount_incl_vat
    payments = (Payment(sale.paid_on, whole),) if sale.paid_on else ()
    paid = Paid(whole, payments, sale.is_reverse_charged)
    yield from cash_figures.entries(
        cash, period, list(invoice_figures.entries_of(sale)), paid
    )


def _orders(choice: Choice, reader: Reader, sums: Sums) -> None:
    tenant_id = reader.tenant.id
    rules = shops.rules_of(tenant_id, list(choice.shops))
    period, cash = sums.period, reader.cash
    first = cash.first_day(period) if cash else period.start
    at_home: list[tuple[date, Decimal]] = []
    for item in orders.items(
        tenant_id, rules, first, period.end,
        invoices=choice.invoices, since=cash.since if cash else None,
    ):  # fmt: skip
        if reader.seller.day(item.at) not in period:
            if cash and item.document is not None:
                judged = order_figures.judge(
                    item.document, reader.seller, reader.in_oss
                )
                sums.entries += _order_by_payment(judged, reader, cash, period)
            continue
        if item.doubt is not None:
            sums.doubts.append(item.doubt)
        elif item.document is None:
            sums.leave_out(item.left_out, item.amount)
        else:
            judged = order_figures.judge(item.document, reader.seller, reader.in_oss)
            if cash:
                sums.entries += _order_by_payment(judged, reader, cash, period)
                sums.doubts += cash_figures.overpaid(
                    item.document.id,
                    judged.document.order.number,
                    _paid(judged, reader),
                )
            else:
                sums.entries += order_figures.entries(judged)
            sums.doubts += judged.doubts
            _keep_out(judged, reader, sums)
            place, distance = judged.place, order_figures.distance_amount(judged)
            if place and place.scheme is Scheme.HOME and distance is not None:
                at_home.append((place.on, distance))
    if at_home:
        sums.doubts += _above_threshold(tenant_id, rules, reader, period, at_home)


def _distance(found: Iterable[Judged]) -> Iterator[DistanceSale]:
    for each in map(order_figures.distance_sale, found):
        if each is not None:
            yield each


def _above_threshold(
    tenant_id: int,
    rules: Mapping[int, VatRules],
    reader: Reader,
    period: TaxPeriod,
    at_home: Iterable[tuple[date, Decimal]],
) -> Iterator[Doubt]:
    """Yield that home VAT was charged after the 10,000 euros were passed.

    By the orders of this year and the one before: of periods that were filed too.
    `at_home` are the day of the sale, also of a refund, and the amount excl VAT.
    """
    year = period.end.year
    begin = date(year - 1, 1, 1)
    found = orders.items(
        tenant_id, rules, begin, period.end, invoices=False, home=COUNTRY
    )
    judged = (
        order_figures.judge(item.document, reader.seller, reader.in_oss)
        for item in found
        if item.document is not None
    )
    passed = oss_threshold.standing(year, _distance(judged), COUNTRY).abroad_from
    if passed is None:
        return
    late = [amount for sold_on, amount in at_home if sold_on >= passed]
    if late:
        said = {"count": str(len(late)), "amount": str(total(late))}
        date_of = {"date": passed.isoformat()}
        yield Doubt("own_sales_above_threshold", "", {**said, **date_of})


def _keep_out(judged: Judged, reader: Reader, sums: Sums) -> None:
    """Count what stands in no box; ask about what is sold as under a KOR that ended."""
    order = judged.document.order
    is_small = judged.place is not None and judged.place.scheme is Scheme.KOR
    if is_small and reader.is_small_no_more(judged.on):
        said = {"date": reader.small_until.isoformat(), DOCUMENT: order.number}
        code = "order_after_small_business"
        sums.doubts.append(Doubt(code, judged.document.id, said))
    elif judged.kept_out:
        sums.leave_out(judged.kept_out, order.total_incl_vat)


def _order_by_payment(
    judged: Judged, reader: Reader, cash: Cash, period: TaxPeriod
) -> Iterator[Entry]:
    """Yield what an order adds on the days that it was paid."""
    made = list(order_figures.entries(judged))
    yield from cash_figures.entries(cash, period, made, _paid(judged, reader))


def _paid(judged: Judged, reader: Reader) -> Paid:
    """Return what is known of an order's payments; none: paid as it was placed."""
    order = judged.document.order
    known = (
        Payment(reader.seller.day(one.paid_at), one.amount) for one in order.payments
    )
    payments = () if order.credits else cash_figures.in_order(known)
    whole = order.total_incl_vat
    if not payments:
        payments = (Payment(judged.on, whole),)
    return Paid(whole, payments)
