"""Which tax periods there are around a day. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.domain.declarations import PeriodKind, TaxPeriod

_DAY = timedelta(days=1)
RECENT = {PeriodKind.MONTH: 13, PeriodKind.QUARTER: 6, PeriodKind.YEAR: 3}
"""How many periods are worked with: the running one and over a year before it."""


def containing(kind: PeriodKind, day: date) -> TaxPeriod:
    """Return the period of a kind that a local date falls in."""
    if kind is PeriodKind.MONTH:
        return TaxPeriod.month(day.year, day.month)
    if kind is PeriodKind.QUARTER:
        return TaxPeriod.quarter(day.year, (day.month + 2) // 3)
    return TaxPeriod.whole_year(day.year)


def before(period: TaxPeriod) -> TaxPeriod:
    """Return the period of the same kind that ends the day before."""
    return containing(period.kind, period.start - _DAY)


def backwards(kind: PeriodKind, day: date) -> Iterator[TaxPeriod]:
    """Yield the period of a day and all before it, newest first."""
    period = containing(kind, day)
    while True:
        yield period
        period = before(period)
