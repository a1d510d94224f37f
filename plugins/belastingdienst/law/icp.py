"""The ICP declaration: for which stretches, and how it is corrected. Pure.

Goods are declared monthly from the quarter that passes 50,000 euros on, and for four
quarters after one that did; services may stay quarterly. Amounts are euros excl VAT.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.errors import AskUser
from core.domain.money import ZERO, total
from plugins.belastingdienst.law import taxonomies
from plugins.belastingdienst.law.boxes import whole_owed
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import (
    Span,
    before,
    months_from,
    months_in,
    quarter_of,
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


class Kind(StrEnum):
    """What a row is about; kinds are never mixed in one row."""

    GOODS = "goods"
    SERVICES = "services"
    ABC = "abc"
    """Goods in a simplified triangular supply."""


SUPPLIES = (Kind.GOODS, Kind.ABC)


@dataclass(frozen=True)
class Due:
    """One declaration of a quarter: its stretch, and what it holds."""

    span: Span
    kinds: tuple[Kind, ...]


def goods_spans(
    quarter: Span, goods: Mapping[Span, Decimal], *, is_monthly: bool = False
) -> tuple[Span, ...]:
    """Return the stretches for which goods of a quarter are declared.

    `goods` holds supplies by month, of this quarter and the four before;
    `is_monthly`: declared monthly by own choice.
    """
    months = tuple(months_in(quarter))
    if is_monthly or was_passed(quarter, goods):
        return months
    running = ZERO
    for place, month in enumerate(months):
        running += goods.get(month, ZERO)
        if running > MONTHLY_ABOVE:
            return _passed_in(months, place)
    return (quarter,)


def _passed_in(months: Sequence[Span], place: int) -> tuple[Span, ...]:
    """Months up to the passing one go together, each later one by itself."""
    together = months_from(months[0].start, place + 1)
    return (together, *months[place + 1 :])


def was_passed(quarter: Span, goods: Mapping[Span, Decimal]) -> bool:
    """Tell whether one of the four quarters before passed the limit."""
    for _ in range(QUARTERS_BACK):
        quarter = before(quarter)
        if _quarter_total(quarter, goods) > MONTHLY_ABOVE:
            return True
    return False


def _quarter_total(quarter: Span, goods: Mapping[Span, Decimal]) -> Decimal:
    return total(goods.get(month, ZERO) for month in months_in(quarter))


def due(
    quarter: Span,
    goods: Mapping[Span, Decimal],
    *,
    goods_monthly: bool = False,
    services_monthly: bool = False,
) -> tuple[Due, ...]:
    """Return the declarations of a quarter; a stretch of both kinds is one of them.

    ValueError for anything but a quarter.
    """
    if quarter != quarter_of(quarter.start):
        raise ValueError(f"{quarter.code} is no quarter")
    supplies = goods_spans(quarter, goods, is_monthly=goods_monthly)
    services = tuple(months_in(quarter)) if services_monthly else (quarter,)
    found: dict[Span, tuple[Kind, ...]] = dict.fromkeys(supplies, SUPPLIES)
    for span in services:
        found[span] = (*found.get(span, ()), Kind.SERVICES)
    return tuple(Due(span, kinds) for span, kinds in sorted(found.items(), key=_by_end))


def _by_end(item: tuple[Span, object]) -> tuple[date, date]:
    return item[0].end, item[0].start


def may_be_yearly(
    year_total: Decimal, supplies: Decimal, *, yearly_return: bool
) -> bool:
    """Tell whether a year's ICP may be asked for: `year_total` is all turnover."""
    return yearly_return and year_total <= YEARLY_TOTAL and supplies <= YEARLY_SUPPLIES


Row = tuple[Kind, str]
"""What is declared of whom: a kind, and a VAT number with its country in front."""
Amounts = Mapping[Row, Decimal]


def rows(amounts: Amounts) -> dict[Row, Decimal]:
    """Return the rows in whole euros, rounded down as 3b is; none of zero.

    A customer who got more back than he bought has a negative row.
    """
    whole = {row: whole_owed(amount) for row, amount in sorted(amounts.items())}
    return {row: amount for row, amount in whole.items() if amount}


@dataclass(frozen=True, order=True)
class Correction:
    """What an earlier declaration turned out to lack."""

    corrects: Span
    row: Row
    amount: Decimal
    """In whole euros; never zero."""


def corrections(
    declared: Mapping[Span, Amounts], right: Mapping[Span, Amounts]
) -> Iterator[Correction]:
    """Yield what differs from what was declared, corrections among it; whole euros.

    A declaration that never went out is not corrected but filed.
    """
    for span in sorted(declared):
        known, wanted = declared[span], rows(right.get(span, {}))
        for row in sorted({*known, *wanted}):
            lacking = wanted.get(row, ZERO) - known.get(row, ZERO)
            if lacking:
                yield Correction(span, row, lacking)


class Way(StrEnum):
    """How a correction gets to the tax office."""

    MESSAGE = "message"
    """As rows of the next declaration."""
    PORTAL = "portal"
    """By hand; kept as owed until somebody says that it was done."""


def way(
    carrier: Span, known: Iterable[taxonomies.Taxonomy] = taxonomies.TAXONOMIES
) -> Way:
    """Tell how corrections go that a declaration over `carrier` would carry.

    The version of the declaration that carries them decides, not of what they correct.
    """
    row = taxonomies.taxonomy_for(carrier, taxonomies.ICP, known)
    return Way.MESSAGE if "icp_corrections" in row.names else Way.PORTAL


def owed(
    declared: Mapping[Span, Amounts], right: Mapping[Span, Amounts], carrier: Span
) -> tuple[Correction, ...]:
    """Return what must be typed into the portal: nothing while a message takes it."""
    if way(carrier) is Way.MESSAGE:
        return ()
    return tuple(corrections(declared, right))


def after(
    declared: Mapping[Span, Amounts], done: Iterable[Correction]
) -> dict[Span, dict[Row, Decimal]]:
    """Return what the tax office holds once corrections were made."""
    found = {span: dict(amounts) for span, amounts in declared.items()}
    for one in done:
        if one.corrects not in found:
            raise AskUser("icp_not_filed", period=one.corrects.code)
        amounts = found[one.corrects]
        amounts[one.row] = amounts.get(one.row, ZERO) + one.amount
    return found
