"""The return of the one stop shop, Union scheme: quarterly, per country. Pure.

A sale belongs to the quarter of the day it is taxed; a refund to the quarter of its
sale, so that it lowers what is still to be declared or becomes a correction of what
was. Amounts are euros to the cent and never rounded further. Countries are ISO codes,
`XI` for Northern Ireland (goods only).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.errors import AskUser
from core.domain.money import CENT, ZERO, plain, total, vat_on
from core.rules.vatrates import NoVatRates, is_member_state, rates
from plugins.belastingdienst.law.dates import oss_correctable_until
from plugins.belastingdienst.law.doubts import Doubt, doubt
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Span, quarter_of

RULES = {
    "per_country_and_rate": Source("2006/112/EC art. 369g(1)", Sure.VERIFIED),
    "per_country_of_dispatch": Source("2006/112/EC art. 369g(2)", Sure.VERIFIED),
    "each_quarter": Source("2006/112/EC art. 369f: also without sales", Sure.VERIFIED),
    "not_rounded": Source("282/2011 art. 60", Sure.VERIFIED),
    "corrections": Source(
        "2006/112/EC art. 369g(4), 282/2011 art. 61; AEAT, form 369: one amount of VAT"
        " per country and period",
        Sure.VERIFIED,
    ),
    "refund_corrects_its_quarter": Source(
        "Commission, explanatory notes on e-commerce VAT; AEAT, form 369",
        Sure.SECONDARY,
    ),
    "no_netting_between_countries": Source(
        "Commission, guide to the one stop shop: a state that owes pays back itself",
        Sure.UNVERIFIED,
    ),
    "northern_ireland": Source(
        "Withdrawal agreement, protocol on Northern Ireland art. 8: goods only",
        Sure.UNVERIFIED,
    ),
}
"""Where each rule stands."""

NORTHERN_IRELAND = "XI"
SCHEME_FROM = Span(date(2021, 7, 1), date(2021, 9, 30))
"""The first quarter that is corrected in a later return; before, returns were amended
themselves."""


class Kind(StrEnum):
    """What is sold."""

    GOODS = "goods"
    SERVICES = "services"


class RateKind(StrEnum):
    """What a rate is in its country, as the return asks."""

    STANDARD = "standard"
    REDUCED = "reduced"


@dataclass(frozen=True)
class Sale:
    """What an order or refund adds in one country at one rate; a refund is negative."""

    id: str
    on: date
    """The local day it is taxed: of the sale, also for a refund."""
    country: str
    """Where it is consumed."""
    kind: Kind
    rate: Decimal
    """In percent."""
    amount_excl_vat: Decimal
    vat: Decimal
    """As it was charged."""
    dispatched_from: str
    """Goods: the country where the transport begins; services: of the seller."""
    lines: int = 1
    """Of how many lines it is the sum: each may be rounded by a cent."""
    own_rates: tuple[Decimal, ...] = ()
    """Rates of the area within the country, where it has its own."""
    currency: str = "EUR"


@dataclass(frozen=True, order=True)
class Line:
    """What a return says of one country, kind and rate."""

    country: str
    dispatched_from: str
    kind: Kind
    rate_kind: RateKind
    rate: Decimal
    amount_excl_vat: Decimal
    vat: Decimal


@dataclass(frozen=True, order=True)
class Correction:
    """What an earlier quarter turned out to lack in a country."""

    quarter: Span
    country: str
    vat: Decimal
    """To pay in addition; negative: too much was declared."""


Declared = Mapping[Span, Mapping[str, Decimal]]
"""VAT per country as declared so far, later corrections among it, by the quarter it is
about. A quarter that was filed is there, also without any sale."""


@dataclass(frozen=True)
class OssReturn:
    """The return of one quarter."""

    quarter: Span
    lines: tuple[Line, ...] = ()
    corrections: tuple[Correction, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    """Nothing is filed while one of them blocks."""

    @property
    def is_nil(self) -> bool:
        """Tell whether nothing was sold or is corrected: it is filed all the same."""
        return not self.lines and not self.corrections

    @property
    def balances(self) -> dict[str, Decimal]:
        """VAT per country, corrections among it."""
        found: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in self.lines:
            found[line.country] += line.vat
        for one in self.corrections:
            found[one.country] += one.vat
        return dict(sorted(found.items()))

    @property
    def to_pay(self) -> Decimal:
        """What is paid: a country that owes us lowers nothing of another's."""
        return total(vat for vat in self.balances.values() if vat > ZERO)

    @property
    def to_get_back(self) -> dict[str, Decimal]:
        """What countries pay back themselves, as positive amounts."""
        return {land: -vat for land, vat in self.balances.items() if vat < ZERO}


def declare(
    quarter: Span,
    sales: Iterable[Sale],
    declared: Declared,
    *,
    home: str,
    today: date,
    since: date,
) -> OssReturn:
    """Make the return of a quarter, corrections of the earlier ones among it.

    `sales` are all there are since a day: of the registration, or of the first quarter
    that is still known in full. Quarters before it are left alone. `home` is the state
    of identification. AskUser `oss_no_quarter`, `oss_already_filed`.
    """
    if quarter != quarter_of(quarter.start):
        raise AskUser("oss_no_quarter", period=quarter.code)
    if quarter in declared:
        raise AskUser("oss_already_filed", period=quarter.code)
    known = [sale for sale in sales if since <= sale.on <= quarter.end]
    lines = _lines(sale for sale in known if sale.on in quarter)
    earlier = {
        one: declared[one] for one in declared if since <= one.end < quarter.start
    }
    corrections, doubts = _corrections(quarter, known, earlier, today)
    changed = {(one.quarter, one.country) for one in corrections}
    found = [
        each
        for sale in known
        if sale.on in quarter or (quarter_of(sale.on), sale.country) in changed
        for each in doubts_of(sale, home)
    ]
    found += [
        doubt("oss_negative_line", line.country, amount=line.amount_excl_vat)
        for line in lines
        if line.amount_excl_vat < ZERO or line.vat < ZERO
    ]
    return OssReturn(quarter, lines, corrections, (*found, *doubts))


def _lines(sales: Iterable[Sale]) -> tuple[Line, ...]:
    sums: dict[tuple[str, str, Kind, RateKind, Decimal], list[Decimal]] = {}
    for sale in sales:
        key = sale.country, sale.dispatched_from, sale.kind, rate_kind(sale), sale.rate
        found = sums.setdefault(key, [ZERO, ZERO])
        found[0] += sale.amount_excl_vat
        found[1] += sale.vat
    lines = (Line(*key, *amounts) for key, amounts in sums.items() if any(amounts))
    return tuple(sorted(lines))


def rate_kind(sale: Sale) -> RateKind:
    """Tell what a rate is in its country on the day of the sale."""
    try:
        is_standard = rates(sale.country, sale.on).standard == sale.rate
    except NoVatRates:
        is_standard = False
    return RateKind.STANDARD if is_standard else RateKind.REDUCED


def _corrections(
    quarter: Span, sales: Iterable[Sale], declared: Declared, today: date
) -> tuple[tuple[Correction, ...], list[Doubt]]:
    right = vat_by_quarter(sale for sale in sales if sale.on < quarter.start)
    corrections: list[Correction] = []
    doubts: list[Doubt] = []
    for earlier in sorted({*right, *declared}):
        if earlier not in declared:
            code = earlier.code
            doubts.append(doubt("oss_quarter_not_filed", code, period=code))
            continue
        found = list(_lacking(earlier, right.get(earlier, {}), declared[earlier]))
        if earlier < SCHEME_FROM or today > oss_correctable_until(earlier):
            doubts += (
                doubt("oss_too_old", one.country, period=earlier.code, amount=one.vat)
                for one in found
            )
        else:
            corrections += found
    return tuple(corrections), doubts


def vat_by_quarter(sales: Iterable[Sale]) -> dict[Span, dict[str, Decimal]]:
    """Return what is right: VAT per country by quarter."""
    found: dict[Span, dict[str, Decimal]] = {}
    for sale in sales:
        countries = found.setdefault(quarter_of(sale.on), {})
        countries[sale.country] = countries.get(sale.country, ZERO) + sale.vat
    return found


def _lacking(
    quarter: Span, right: Mapping[str, Decimal], known: Mapping[str, Decimal]
) -> Iterator[Correction]:
    for country in sorted({*right, *known}):
        vat = right.get(country, ZERO) - known.get(country, ZERO)
        if vat:
            yield Correction(quarter, country, vat)


def after(declared: Declared, filed: OssReturn) -> dict[Span, dict[str, Decimal]]:
    """Return what is declared once a return was filed."""
    found = {quarter: dict(countries) for quarter, countries in declared.items()}
    own = found.setdefault(filed.quarter, {})
    for line in filed.lines:
        own[line.country] = own.get(line.country, ZERO) + line.vat
    for one in filed.corrections:
        countries = found.setdefault(one.quarter, {})
        countries[one.country] = countries.get(one.country, ZERO) + one.vat
    return found


def doubts_of(sale: Sale, home: str) -> Iterator[Doubt]:
    """Yield what keeps a sale out of the return."""
    if sale.currency != "EUR":
        yield doubt("oss_not_euro", sale.id, currency=sale.currency)
    place = _place_doubt(sale, home)
    if place is not None:
        yield place
        return
    allowed = (*rates(sale.country, sale.on).all_rates, *sale.own_rates)
    if sale.rate not in allowed:
        yield doubt(
            "oss_rate_not_of_day",
            sale.id,
            country=sale.country,
            rate=plain(sale.rate),
            date=sale.on,
        )
    gap = abs(sale.vat - vat_on(sale.amount_excl_vat, sale.rate))
    if gap > CENT * sale.lines:
        yield doubt("oss_vat_not_at_rate", sale.id, amount=sale.vat, difference=gap)


def _place_doubt(sale: Sale, home: str) -> Doubt | None:
    if not takes_part(sale.country, sale.kind, sale.on):
        return doubt("oss_country", sale.id, country=sale.country, kind=sale.kind)
    if not takes_part(sale.dispatched_from, sale.kind, sale.on):
        return doubt("oss_dispatched_from", sale.id, country=sale.dispatched_from)
    if sale.kind is Kind.SERVICES and sale.dispatched_from != home:
        return doubt("oss_establishment", sale.id, country=sale.dispatched_from)
    if sale.country == sale.dispatched_from:
        return doubt("oss_domestic_sale", sale.id, country=sale.country)
    return None


def takes_part(country: str, kind: Kind, on: date) -> bool:
    """Tell whether the Union scheme reaches a country: Northern Ireland for goods."""
    if country == NORTHERN_IRELAND:
        return kind is Kind.GOODS and on >= date(2021, 1, 1)
    return is_member_state(country, on)


@dataclass(frozen=True)
class PaperRow:
    """One row of what is typed into the portal, in its order."""

    part: str
    """`goods`, `services`, `correction`, `balance`."""
    country: str
    dispatched_from: str = ""
    quarter: str = ""
    """Of a correction."""
    rate_kind: str = ""
    rate: Decimal | None = None
    amount_excl_vat: Decimal | None = None
    vat: Decimal = ZERO


def paper_rows(filed: OssReturn) -> tuple[PaperRow, ...]:
    """Return what is typed into the portal; a nil return has no rows."""
    lines = sorted(filed.lines, key=lambda line: (line.kind, line))
    return (
        *(
            PaperRow(
                line.kind, line.country, line.dispatched_from, "", line.rate_kind,
                line.rate, line.amount_excl_vat, line.vat,
            )
            for line in lines
        ),
        *(
            PaperRow("correction", one.country, quarter=one.quarter.code, vat=one.vat)
            for one in filed.corrections
        ),
        *(
            PaperRow("balance", country, vat=vat)
            for country, vat in filed.balances.items()
        ),
    )  # fmt: skip
