"""The 10,000 euros a year below which distance sales are taxed at home. Pure.

Counted are goods and digital services to consumers in other member states together,
excl VAT. The sale that passes it, and every one after it, is taxed where it goes; so is
the whole next year. From 2027 goods that leave from another member state count no more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.money import ZERO
from plugins.belastingdienst.law.doubts import Doubt, doubt, hint
from plugins.belastingdienst.law.sources import Source, Sure

RULES = {
    "threshold": Source("2006/112/EC art. 59c(1)(c): this year or the one before",
                        Sure.VERIFIED),
    "from_then_on": Source("2006/112/EC art. 59c(2)", Sure.VERIFIED),
    "passing_sale": Source(
        "That the sale that passes it is itself taxed where it goes: general knowledge",
        Sure.UNVERIFIED,
    ),
    "refund": Source(
        "That a refund counts on its own day, and in no other year than that of its"
        " sale: own choice",
        Sure.UNVERIFIED,
    ),
    "one_state": Source("2006/112/EC art. 59c(1)(a): established in one state only",
                        Sure.VERIFIED),
    "stock_abroad": Source(
        "AEAT, manual 2023: goods leave from the state of establishment only; other"
        " states read the directive otherwise",
        Sure.SECONDARY,
    ),
    "from_2027": Source(
        "Directive (EU) 2025/516 (ViDA), as a page of advice tells it: only what leaves"
        " from the state of establishment counts",
        Sure.SECONDARY,
    ),
    "year_before_2027": Source(
        "By which rule 2026 counts when 2027 is judged: no source found",
        Sure.UNVERIFIED,
    ),
}  # fmt: skip
"""Where each rule stands."""

THRESHOLD = Decimal(10_000)
NARROW_FROM = 2027
"""First year in which only what leaves from home counts."""


@dataclass(frozen=True)
class DistanceSale:
    """A sale to a consumer in another member state; a refund is negative."""

    id: str
    on: date
    """The local day it counts: of a refund its own, for what passed stays passed."""
    amount_excl_vat: Decimal
    dispatched_from: str
    """Goods: where the transport begins; digital services: of the seller."""


@dataclass(frozen=True)
class Standing:
    """How a year stands to the threshold."""

    year: int
    counted: Decimal
    """This year so far, excl VAT."""
    before: Decimal
    """The whole year before."""
    abroad_from: date | None = None
    """First day of taxation where the goods go; None: at home all year so far."""
    passed_by: str = ""
    """The sale that passed it, itself taxed abroad; empty: none of this year did."""
    doubts: tuple[Doubt, ...] = ()

    @property
    def left(self) -> Decimal:
        """What may still be sold at home VAT."""
        return ZERO if self.abroad_from else max(THRESHOLD - self.counted, ZERO)


def counts(sold_on: date, on: date) -> bool:
    """Tell whether a document counts that gives back, on a day, of an earlier sale.

    Not in the year after: that sale is no part of its turnover.
    """
    return sold_on.year == on.year


def standing(year: int, sales: Iterable[DistanceSale], home: str) -> Standing:
    """Judge a calendar year by its sales and those of the year before."""
    ordered = sorted(sales, key=lambda sale: sale.on)
    narrow = year >= NARROW_FROM
    own = list(_counted(year, ordered, home, narrow))
    earlier = list(_counted(year - 1, ordered, home, narrow))
    passing = _passing(own)
    was_passed = _passing(earlier) is not None
    doubts = _doubts(year, ordered, home, was_passed)
    begins = date(year, 1, 1) if was_passed else passing.on if passing else None
    return Standing(
        year,
        sum((sale.amount_excl_vat for sale in own), ZERO),
        sum((sale.amount_excl_vat for sale in earlier), ZERO),
        begins,
        passing.id if passing and not was_passed else "",
        tuple(doubts),
    )


def _counted(
    year: int, sales: Iterable[DistanceSale], home: str, narrow: bool
) -> Iterator[DistanceSale]:
    for sale in sales:
        if sale.on.year == year and (sale.dispatched_from == home or not narrow):
            yield sale


def _passing(sales: Iterable[DistanceSale]) -> DistanceSale | None:
    """Return the sale that passes the threshold: a later refund takes nothing back."""
    running = ZERO
    for sale in sales:
        running += sale.amount_excl_vat
        if running > THRESHOLD:
            return sale
    return None


def _doubts(
    year: int, sales: list[DistanceSale], home: str, was_passed: bool
) -> Iterator[Doubt]:
    if year == NARROW_FROM:
        wide = _passing(_counted(year - 1, sales, home, narrow=False)) is not None
        if wide != was_passed:
            yield doubt("oss_threshold_two_readings", str(year))
    from_abroad = any(
        sale.on.year == year and sale.dispatched_from != home for sale in sales
    )
    if from_abroad and year < NARROW_FROM:
        yield hint("oss_stock_abroad", str(year))
