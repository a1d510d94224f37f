"""Stretches of whole calendar months: months, two months, quarters, years. Pure.

Dates are local dates. Whatever has a first and a last day is taken as a stretch, so a
tax period of a return can be handed on as it is.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

_DAY = timedelta(days=1)


class Days(Protocol):
    """Anything with a first and a last day, both included."""

    @property
    def start(self) -> date:
        """The first day."""

    @property
    def end(self) -> date:
        """The last day."""


@dataclass(frozen=True, order=True)
class Span:
    """Whole calendar months; ValueError for anything else."""

    start: date
    end: date

    def __post_init__(self) -> None:
        is_whole = self.start.day == 1 and self.end == month_end(self.end)
        if not is_whole or self.end < self.start:
            raise ValueError(f"{self.start} to {self.end} are no whole months")

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def months(self) -> int:
        """How many calendar months it holds."""
        return _count(self.end) - _count(self.start) + 1

    @property
    def code(self) -> str:
        """Return 2026-07, 2026-Q3, 2026, or 2026-07/2026-08 for other stretches."""
        first, last = f"{self.start:%Y-%m}", f"{self.end:%Y-%m}"
        if self.months == 1:
            return first
        if self == quarter_of(self.start):
            return f"{self.start.year}-Q{self.end.month // 3}"
        return (
            str(self.start.year) if self == year_of(self.start) else f"{first}/{last}"
        )


def _count(day: date) -> int:
    return day.year * 12 + day.month - 1


def month_end(day: date, later: int = 0) -> date:
    """Return the last day of the month, so many months after a day's."""
    year, month = divmod(_count(day) + later, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def months_from(first: date, months: int) -> Span:
    """Return so many months, the month of a day as the first."""
    return Span(first.replace(day=1), month_end(first, months - 1))


def month_of(day: date) -> Span:
    """Return the month that a day lies in."""
    return months_from(day, 1)


def quarter_of(day: date) -> Span:
    """Return the quarter that a day lies in."""
    return months_from(day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1), 3)


def year_of(day: date) -> Span:
    """Return the calendar year that a day lies in."""
    return Span(date(day.year, 1, 1), date(day.year, 12, 31))


def before(span: Span) -> Span:
    """Return as many months that end the day before."""
    end = span.start - _DAY
    return Span(date(*_first(_count(end) - span.months + 1)), end)


def _first(count: int) -> tuple[int, int, int]:
    year, month = divmod(count, 12)
    return year, month + 1, 1


def months_in(span: Days) -> Iterator[Span]:
    """Yield the months of a stretch."""
    month = month_of(span.start)
    while month.start <= span.end:
        yield month
        month = month_of(month.end + _DAY)


def overlapping(one: Days, other: Days) -> bool:
    """Tell whether two stretches have a day in common."""
    return one.start <= other.end and other.start <= one.end


def covers(parts: Iterable[Days], whole: Days) -> bool:
    """Tell whether stretches that do not overlap hold every day of another."""
    inside = [each for each in parts if overlapping(each, whole)]
    within = all(whole.start <= each.start and each.end <= whole.end for each in inside)
    days = sum((each.end - each.start).days + 1 for each in inside)
    return within and days == (whole.end - whole.start).days + 1


def years_later(day: date, years: int) -> date:
    """Return the same day so many years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
