"""The schemes for small businesses: KOR at home, EU-KOR in other states. Pure.

The KOR ends with the sale that takes the calendar year above 20,000 euros: that sale
and what follows have VAT. The EU-KOR ends in all states when turnover in the whole EU
passes 100,000, and in one state by that state's own limit. Amounts are euros excl VAT;
which turnover counts is the caller's to select and the user's to confirm.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import ZERO, total
from plugins.belastingdienst.law.doubts import Doubt, doubt, hint
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Span, quarter_of

_TABLE = Source("vatcalc.com, table of 2025", Sure.SECONDARY)
RULES = {
    "home_limit": Source(
        "Wet OB art. 25; accountancyvanmorgen.nl: 20,000 in this year and the one"
        " before",
        Sure.SECONDARY,
    ),
    "passing_sale": Source("fundamentvoor.nl, ad-vis.nl: from the sale that passes it",
                           Sure.SECONDARY),
    "closed_years": Source(
        "accountancyvanmorgen.nl: after leaving, the rest of the year and the next one",
        Sure.SECONDARY,
    ),
    "what_counts": Source(
        "All turnover that would be taxed at home, also at 0 %; exempt sales of"
        " property, finance and insurance: startupplan.nl",
        Sure.SECONDARY,
    ),
    "union_limit": Source("2006/112/EC art. 284(2)(a); Belastingdienst, EU-KOR",
                          Sure.VERIFIED),
    "statement": Source("2006/112/EC art. 284b(1): each state, 0 where nothing",
                        Sure.VERIFIED),
    "union_passed": Source("2006/112/EC art. 284b(3): told within 15 working days",
                           Sure.VERIFIED),
    "highest_national": Source("2006/112/EC art. 284(1): at most 85,000",
                               Sure.VERIFIED),
    "union_ends_at_once": Source("2006/112/EC art. 288a: general knowledge",
                                 Sure.UNVERIFIED),
}  # fmt: skip
"""Where each rule stands."""

HOME_LIMIT = Decimal(20_000)
UNION_LIMIT = Decimal(100_000)
HIGHEST_NATIONAL = Decimal(85_000)
UNION_FROM = date(2025, 1, 1)
_WORKING_DAYS, _SATURDAY = 15, 5


@dataclass(frozen=True)
class Limit:
    """A state's own limit in euros from a day on."""

    country: str
    since: date
    amount: Decimal
    services: Decimal | None = None
    """Where services have another one."""
    source: Source = _TABLE


def _known(country: str, amount: int, services: int | None = None) -> Limit:
    of_services = Decimal(services) if services is not None else None
    return Limit(country, UNION_FROM, Decimal(amount), of_services)


NATIONAL_LIMITS = (
    _known("AT", 55_000), _known("BE", 25_000), _known("CY", 15_600),
    _known("DE", 25_000), _known("EE", 40_000), _known("FI", 20_000),
    _known("FR", 85_000, 37_500), _known("HR", 60_000),
)  # fmt: skip
"""Those that were read, of 2025 only. The others are asked: never guessed."""


@dataclass(frozen=True)
class Turnover:
    """Turnover that counts, in one state; a refund is negative."""

    id: str
    on: date
    country: str
    amount_excl_vat: Decimal
    is_service: bool = False


@dataclass(frozen=True)
class Standing:
    """How a calendar year stands to a limit."""

    year: int
    limit: Decimal
    counted: Decimal
    before: Decimal
    """The whole year before."""
    passed_by: str = ""
    """The sale that passed it: the first one with VAT."""
    ends_on: date | None = None
    """The day of that sale; 1 January where the year before was above it already."""

    @property
    def left(self) -> Decimal:
        """What may still be sold without VAT."""
        return ZERO if self.ends_on else max(self.limit - self.counted, ZERO)


def home_standing(year: int, sales: Iterable[Turnover], home: str = "NL") -> Standing:
    """Judge the KOR of a calendar year by turnover at home, also of the year before."""
    own = [sale for sale in sales if sale.country == home]
    return _standing(year, own, HOME_LIMIT)


def union_standing(year: int, sales: Iterable[Turnover]) -> Standing:
    """Judge the EU-KOR of a calendar year by turnover in all states, home too."""
    return _standing(year, sales, UNION_LIMIT)


def _standing(year: int, sales: Iterable[Turnover], limit: Decimal) -> Standing:
    ordered = sorted(sales, key=lambda sale: sale.on)
    own = [sale for sale in ordered if sale.on.year == year]
    earlier = [sale for sale in ordered if sale.on.year == year - 1]
    before = total(sale.amount_excl_vat for sale in earlier)
    counted = total(sale.amount_excl_vat for sale in own)
    passing = _passing(own, limit)
    if _passing(earlier, limit) is not None:
        return Standing(year, limit, counted, before, "", date(year, 1, 1))
    if passing is None:
        return Standing(year, limit, counted, before)
    return Standing(year, limit, counted, before, passing.id, passing.on)


def _passing(sales: Iterable[Turnover], limit: Decimal) -> Turnover | None:
    running = ZERO
    for sale in sales:
        running += sale.amount_excl_vat
        if running > limit:
            return sale
    return None


def may_join(
    on: date, left_on: date | None, sales: Iterable[Turnover]
) -> Iterator[Doubt]:
    """Yield what stands in the way of the KOR from a day on.

    `left_on`: when the scheme was last left.
    """
    if left_on is not None and on.year <= left_on.year + 1:
        yield doubt("kor_closed", str(on.year), date=date(left_on.year + 1, 12, 31))
    found = home_standing(on.year, sales)
    if found.ends_on is not None:
        amount = found.counted if found.passed_by else found.before
        yield doubt("kor_above_limit", str(on.year), amount=amount, limit=found.limit)


def national_limit(
    country: str, on: date, given: Iterable[Limit] = (), *, is_service: bool = False
) -> Decimal:
    """Return a state's own limit on a day, what the user gave first.

    AskUser `national_limit_unknown`: asked with the highest that the directive allows.
    """
    rows = sorted((*NATIONAL_LIMITS, *given), key=lambda row: row.since)
    found = [row for row in rows if row.country == country and row.since <= on]
    if not found:
        raise AskUser("national_limit_unknown", country=country, most=HIGHEST_NATIONAL)
    services = found[-1].services
    return services if is_service and services is not None else found[-1].amount


def national_standing(
    year: int, country: str, sales: Iterable[Turnover], given: Iterable[Limit] = ()
) -> tuple[Standing, tuple[Doubt, ...]]:
    """Judge one state of the EU-KOR, with what is doubtful about it.

    AskUser `national_limit_unknown`.
    """
    own = [sale for sale in sales if sale.country == country]
    on, asked = date(year, 12, 31), tuple(given)
    is_service = bool(own) and all(sale.is_service for sale in own)
    limit = national_limit(country, on, asked, is_service=is_service)
    doubts: list[Doubt] = []
    kinds = {sale.is_service for sale in own if sale.on.year == year}
    if len(kinds) > 1 and limit != national_limit(country, on, asked, is_service=True):
        doubts.append(doubt("national_limit_mixed", country))
    is_given = any(row.country == country for row in asked)
    if not is_given and year > UNION_FROM.year:
        doubts.append(hint("national_limit_old", country, amount=limit))
    return _standing(year, own, limit), tuple(doubts)


@dataclass(frozen=True)
class Statement:
    """The quarterly statement of turnover under the EU-KOR."""

    quarter: Span
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    """Every state, home among them; 0 where nothing was sold."""

    @property
    def amount(self) -> Decimal:
        """Turnover in the whole EU."""
        return total(self.amounts.values())


def statement(
    quarter: Span, sales: Iterable[Turnover], states: Iterable[str]
) -> Statement:
    """Make the statement of a quarter; AskUser `statement_no_quarter`.

    `states` are the member states; turnover in another place is the caller's fault.
    """
    if quarter != quarter_of(quarter.start):
        raise AskUser("statement_no_quarter", period=quarter.code)
    amounts = dict.fromkeys(sorted(states), ZERO)
    for sale in sales:
        if sale.on in quarter:
            amounts[sale.country] += sale.amount_excl_vat
    return Statement(quarter, amounts)


def told_until(passed_on: date) -> date:
    """Return the last of the fifteen working days in which passing 100,000 is told.

    Monday to Friday; holidays are not looked at, so it is never too late.
    """
    day, left = passed_on, _WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def until_passed(
    quarter: Span, sales: Iterable[Turnover], standing: Standing, states: Iterable[str]
) -> Statement | None:
    """Return the statement that is due at once where the quarter passes 100,000.

    It holds what was sold up to the day of passing; None where nothing was passed.
    """
    day = standing.ends_on
    if day is None or not standing.passed_by or day not in quarter:
        return None
    return statement(quarter, (sale for sale in sales if sale.on <= day), states)
