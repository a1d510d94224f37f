"""The ICP declaration: for which stretches, and how it is corrected. Pure.

Goods are declared monthly from the quarter that passes 50,000 euros on, and for four
quarters after one that did; services may stay quarterly. Amounts are euros excl VAT.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.declarations import Customer, IcpKind, TaxPeriod
from core.domain.errors import AskUser
from core.domain.money import ZERO, total
from plugins.belastingdienst.law import taxonomies
from plugins.belastingdienst.law.boxes import whole_owed
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import (
    Days,
    Span,
    before,
    months_from,
    months_in,
    overlapping,
    quarter_of,
    year_of,
)

RULES = {
    "monthly": Source(
        "Belastingdienst, opgaaf ICP: goods over 50,000 in this quarter or in one of"
        " the four before",
        Sure.VERIFIED,
    ),
    "passing_month": Source(
        "Belastingdienst, opgaaf ICP: three months; two months and one; the quarter",
        Sure.VERIFIED,
    ),
    "services": Source("icp-opgave.nl: services may always be quarterly",
                       Sure.SECONDARY),
    "triangular_goods": Source(
        "That ABC supplies count as goods: general knowledge", Sure.UNVERIFIED
    ),
    "yearly": Source(
        "leyestaete.nl: a yearly VAT return, 200,000 in all, 15,000 within the EU",
        Sure.SECONDARY,
    ),
    "credit_note": Source("A new credit note is an ordinary negative row",
                          Sure.SECONDARY),
    "fiscal_unity": Source(
        "Belastingdienst, opgaaf ICP door fiscale eenheden: each part declares apart,"
        " under the unity's number, with its own btw-id in it",
        Sure.VERIFIED,
    ),
    "corrections": Source(
        "NT14 to NT19 have rows of corrections; their names in NT20 are unknown",
        Sure.VERIFIED,
    ),
}  # fmt: skip
"""Where each rule stands."""

MONTHLY_ABOVE = Decimal(50_000)
QUARTERS_BACK = 4
YEARLY_TOTAL = Decimal(200_000)
YEARLY_SUPPLIES = Decimal(15_000)


SUPPLIES = (IcpKind.GOODS, IcpKind.ABC)
ALL = (*SUPPLIES, IcpKind.SERVICES)


class Rhythm(StrEnum):
    """How often a taxpayer declares, as far as that is his own choice."""

    LAW = "law"
    """As seldom as the rules let him."""
    GOODS = "goods"
    """Goods monthly."""
    MONTH = "month"
    """Everything monthly."""
    YEAR = "year"
    """Yearly, by a permission of the tax office."""


@dataclass(frozen=True)
class Due:
    """One declaration of a quarter or year: its stretch, and what it holds."""

    span: Span
    kinds: tuple[IcpKind, ...]

    @property
    def period(self) -> TaxPeriod:
        """The stretch as declarations know it."""
        return TaxPeriod(self.span.start, self.span.end)


class Why(StrEnum):
    """Why goods are declared over these stretches."""

    CHOICE = "choice"
    PASSED_BEFORE = "passed_before"
    PASSED = "passed"
    UNDER_LIMIT = "under_limit"


@dataclass(frozen=True)
class Reason:
    """Why, and what made it so."""

    why: Why
    span: Span
    """The quarter that passed the limit, or the month of this one that did; else the
    stretch itself."""


def reason(
    quarter: Span, goods: Mapping[Span, Decimal], rhythm: Rhythm = Rhythm.LAW
) -> Reason:
    """Return why goods of a quarter are declared as `due` says."""
    if rhythm is not Rhythm.LAW:
        return Reason(Why.CHOICE, quarter)
    earlier = passed_before(quarter, goods)
    if earlier is not None:
        return Reason(Why.PASSED_BEFORE, earlier)
    month = passed_in(quarter, goods)
    return Reason(Why.PASSED, month) if month else Reason(Why.UNDER_LIMIT, quarter)


def goods_spans(
    quarter: Span, goods: Mapping[Span, Decimal], *, is_monthly: bool = False
) -> tuple[Span, ...]:
    """Return the stretches for which goods of a quarter are declared.

    `goods` holds supplies by month, of this quarter and the four before;
    `is_monthly`: declared monthly by own choice.
    """
    months = tuple(months_in(quarter))
    if is_monthly or passed_before(quarter, goods):
        return months
    month = passed_in(quarter, goods)
    return _together(months, months.index(month)) if month else (quarter,)


def passed_in(quarter: Span, goods: Mapping[Span, Decimal]) -> Span | None:
    """Return the month in which a quarter's goods passed the limit, if they did."""
    running = ZERO
    for month in months_in(quarter):
        running += goods.get(month, ZERO)
        if running > MONTHLY_ABOVE:
            return month
    return None


def _together(months: Sequence[Span], place: int) -> tuple[Span, ...]:
    """Months up to the passing one go together, each later one by itself."""
    together = months_from(months[0].start, place + 1)
    return (together, *months[place + 1 :])


def passed_before(quarter: Span, goods: Mapping[Span, Decimal]) -> Span | None:
    """Return which of the four quarters before passed the limit, the last first."""
    for _ in range(QUARTERS_BACK):
        quarter = before(quarter)
        if _quarter_total(quarter, goods) > MONTHLY_ABOVE:
            return quarter
    return None


def _quarter_total(quarter: Span, goods: Mapping[Span, Decimal]) -> Decimal:
    return total(goods.get(month, ZERO) for month in months_in(quarter))


def due(
    quarter: Span, goods: Mapping[Span, Decimal], rhythm: Rhythm = Rhythm.LAW
) -> tuple[Due, ...]:
    """Return the declarations of a quarter; a stretch of both kinds is one of them.

    Of a yearly declarer that is the year's. ValueError for anything but a quarter.
    """
    if quarter != quarter_of(quarter.start):
        raise ValueError(f"{quarter.code} is no quarter")
    if rhythm is Rhythm.YEAR:
        return (Due(year_of(quarter.start), ALL),)
    supplies = goods_spans(quarter, goods, is_monthly=rhythm is not Rhythm.LAW)
    services = tuple(months_in(quarter)) if rhythm is Rhythm.MONTH else (quarter,)
    found: dict[Span, tuple[IcpKind, ...]] = dict.fromkeys(supplies, SUPPLIES)
    for span in services:
        found[span] = (*found.get(span, ()), IcpKind.SERVICES)
    return tuple(Due(span, kinds) for span, kinds in sorted(found.items(), key=_by_end))


def _by_end(item: tuple[Span, object]) -> tuple[date, date]:
    return item[0].end, item[0].start


def remaining(found: Iterable[Due], filed: Iterable[Due]) -> tuple[Due, ...]:
    """Return what is due beside declarations over other stretches that went before.

    Of what they hold nothing is declared again: the months that are left go by
    themselves. One over the same stretch and kind stays.
    """
    before_it, dues = tuple(filed), tuple(found)
    left: dict[Span, list[IcpKind]] = {}
    for kind in ALL:
        spans = [one.span for one in dues if kind in one.kinds]
        for whole in _not_beside(spans, kind, before_it):
            for span in _left(whole, kind, before_it):
                left.setdefault(span, []).append(kind)
    made = (Due(span, tuple(kinds)) for span, kinds in left.items())
    return tuple(sorted(made, key=lambda each: _by_end((each.span, each))))


def _not_beside(
    spans: Sequence[Span], kind: IcpKind, filed: Sequence[Due]
) -> Sequence[Span]:
    """Put stretches of a kind together where one of them went without it.

    Over the same days nothing is declared twice: services of months that went for
    goods only stay quarterly, though the taxpayer declares them monthly by now.
    """
    taken = {one.span for one in filed if kind not in one.kinds}
    if taken.isdisjoint(spans) or len(spans) < 2:
        return spans
    whole = Span(spans[0].start, spans[-1].end)
    held = any(overlapping(one.span, whole) for one in filed if kind in one.kinds)
    return spans if held or whole in taken else (whole,)


def _left(span: Span, kind: IcpKind, filed: Sequence[Due]) -> Iterable[Span]:
    beside = [one for one in filed if overlapping(one.span, span)]
    holding = [one for one in beside if kind in one.kinds]
    is_taken = any(one.span == span for one in beside)
    if any(one.span == span for one in holding) or not (holding or is_taken):
        return (span,)
    return [
        month
        for month in months_in(span)
        if not any(overlapping(one.span, month) for one in holding)
    ]


def may_be_yearly(
    year_total: Decimal, supplies: Decimal, *, yearly_return: bool
) -> bool:
    """Tell whether a year's ICP may be asked for: `year_total` is all turnover."""
    return yearly_return and year_total <= YEARLY_TOTAL and supplies <= YEARLY_SUPPLIES


Key = tuple[IcpKind, Customer]
"""Of whom what is declared; kinds are never mixed in one row."""
Amounts = Mapping[Key, Decimal]


@dataclass(frozen=True)
class Row:
    """What one customer got of one kind, in whole euros excl VAT; never zero."""

    kind: IcpKind
    customer: Customer
    amount: Decimal
    corrects: TaxPeriod | None = None
    """The earlier declaration that a row of correction repairs."""

    @property
    def key(self) -> Key:
        """Of whom what it tells."""
        return self.kind, self.customer


@dataclass(frozen=True)
class Declaration:
    """An ICP declaration."""

    period: TaxPeriod
    rows: tuple[Row, ...]
    division: str = ""
    """Own btw-id of a part of a fiscal unity, without NL."""

    @property
    def amount(self) -> Decimal:
        """Sum of the rows of this period, without corrections."""
        return total(row.amount for row in self.rows if row.corrects is None)


def rows(amounts: Amounts) -> tuple[Row, ...]:
    """Return the rows in whole euros, rounded down as 3b is; none of zero.

    Per customer and kind, so that one customer never makes a difference of a euro; one
    who got more back than he bought has a negative row.
    """
    made = (Row(*key, whole_owed(amount)) for key, amount in sorted(amounts.items()))
    return tuple(row for row in made if row.amount)


def corrections(
    declared: Mapping[TaxPeriod, Amounts], right: Mapping[TaxPeriod, Amounts]
) -> Iterator[Row]:
    """Yield what differs from what was declared, corrections among it; whole euros.

    A declaration that never went out is not corrected but filed.
    """
    for period in sorted(declared):
        known = declared[period]
        wanted = {row.key: row.amount for row in rows(right.get(period, {}))}
        for key in sorted({*known, *wanted}):
            lacking = wanted.get(key, ZERO) - known.get(key, ZERO)
            if lacking:
                yield Row(*key, lacking, period)


class Way(StrEnum):
    """How a correction gets to the tax office."""

    MESSAGE = "message"
    """As rows of the next declaration."""
    PORTAL = "portal"
    """By hand; kept as owed until somebody says that it was done."""


def way(
    carrier: Days, known: Iterable[taxonomies.Taxonomy] = taxonomies.TAXONOMIES
) -> Way:
    """Tell how corrections go that a declaration over `carrier` would carry.

    The version of the declaration that carries them decides, not of what they correct.
    """
    row = taxonomies.taxonomy_for(carrier, taxonomies.ICP, known)
    return Way.MESSAGE if "icp_corrections" in row.names else Way.PORTAL


def after(
    declared: Mapping[TaxPeriod, Amounts], done: Iterable[Row]
) -> dict[TaxPeriod, dict[Key, Decimal]]:
    """Return what the tax office holds once corrections were made.

    AskUser `icp_not_filed` for a correction of what never went out.
    """
    found = {period: dict(amounts) for period, amounts in declared.items()}
    for one in done:
        if one.corrects is None or one.corrects not in found:
            code = one.corrects.code if one.corrects else ""
            raise AskUser("icp_not_filed", period=code)
        amounts = found[one.corrects]
        amounts[one.key] = amounts.get(one.key, ZERO) + one.amount
    return found
