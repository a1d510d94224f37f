"""Until when a declaration may be filed, and when to remind of it. Pure.

A return of a month or a quarter and every ICP declaration are due on the last day of
the month after the period, a return of a year on 31 March. A weekend moves nothing.
Source: the tax office's own rule as advisers repeat it; the contract has no dates.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from core.domain.declarations import DeclarationKind, PeriodKind, TaxPeriod

SAFE_DAYS = 3
"""Delivered so long before the deadline it is surely processed (contract, 4)."""
_YEAR_RETURN_MONTHS = 3


class Urgency(StrEnum):
    """How a declaration that was not filed yet stands to its deadline."""

    EARLY = "early"
    """The period runs, or there is plenty of time."""
    SOON = "soon"
    """Within the days to remind before the deadline."""
    LATE = "late"
    """The deadline is over."""


def deadline(period: TaxPeriod, kind: DeclarationKind) -> date:
    """Return the last day on which a declaration of a period is in time."""
    is_return = kind is not DeclarationKind.ICP
    is_year = period.kind is PeriodKind.YEAR
    return _month_end(period.end, _YEAR_RETURN_MONTHS if is_return and is_year else 1)


def _month_end(day: date, months: int) -> date:
    """Return the last day of the month so many months after a day's."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def urgency(
    period: TaxPeriod, kind: DeclarationKind, today: date, remind_days: int
) -> Urgency:
    """Tell how urgent a declaration is on a local date; `remind_days` may be 0."""
    last = deadline(period, kind)
    if today > last:
        return Urgency.LATE
    begins = max(last - timedelta(days=remind_days), period.end + timedelta(days=1))
    return Urgency.SOON if remind_days and today >= begins else Urgency.EARLY
