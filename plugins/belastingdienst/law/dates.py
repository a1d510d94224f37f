"""Until when is filed, paid, corrected and kept. Pure.

Dates are local dates. A weekend or holiday moves no last day to file. Money has to
stand on the tax office's account on that day, and banks book nothing in a weekend: the
last day to pay is the Friday before, or the Thursday where that is Good Friday. Other
days on which banks are closed never are the last of a month.
"""

from datetime import date, timedelta
from enum import StrEnum

from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Days, Span, month_end, year_of


class Urgency(StrEnum):
    """How a declaration that was not filed yet stands to its last day."""

    EARLY = "early"
    """The period runs, or there is plenty of time."""
    SOON = "soon"
    """Within the days to remind before the last day."""
    LATE = "late"
    """The last day is over."""


class Filing(StrEnum):
    """What is filed."""

    VAT_RETURN = "vat_return"
    ICP = "icp"
    OSS = "oss"
    SMALL_BUSINESS = "small_business"
    """The quarterly statement of turnover under the EU-KOR."""


RULES = {
    "month_after": Source(
        "Wet OB art. 14; AWR art. 10(2), 19; advisers (succesvolboekhouden.nl)",
        Sure.SECONDARY,
    ),
    "year_return": Source("Advisers' pages: before 1 April", Sure.SECONDARY),
    "icp": Source(
        "Belastingdienst, opgaaf ICP: the last day of the month after", Sure.VERIFIED
    ),
    "icp_year": Source("ICP of a year by 31 January: no source found", Sure.UNVERIFIED),
    "oss": Source("2006/112/EC art. 369f, 369i; Commission, declare and pay OSS",
                  Sure.VERIFIED),
    "small_business": Source("2006/112/EC art. 284b(2)", Sure.VERIFIED),
    "pay_before_weekend": Source(
        "Baker Tilly, Btw in 2026: money on the last working day before",
        Sure.SECONDARY,
    ),
    "banks_closed": Source(
        "European Central Bank, TARGET: closed on 1 January, Good Friday, Easter"
        " Monday, 1 May, 25 and 26 December",
        Sure.SECONDARY,
    ),
    "suppletie": Source(
        "Uitvoeringsbesluit OB art. 15, since 2025-01-01; advisers' pages (kemna.nl,"
        " bjornlunden.com)",
        Sure.SECONDARY,
    ),
    "correction_years": Source(
        "AWR art. 20(3): five years after the calendar year; advisers' pages",
        Sure.SECONDARY,
    ),
    "oss_correction": Source(
        "2006/112/EC art. 369g(4); 282/2011 art. 61(2): three years from the day the"
        " return was due",
        Sure.VERIFIED,
    ),
    "oss_records": Source("2006/112/EC art. 369k(2): ten years", Sure.UNVERIFIED),
}  # fmt: skip
"""Where each rule stands."""

SUPPLETIE_WEEKS = 8
SUPPLETIE_TERM_FROM = date(2025, 1, 1)
CORRECTION_YEARS = 5
OSS_CORRECTION_YEARS = 3
OSS_RECORD_YEARS = 10
_DAY = timedelta(days=1)
_FRIDAY = 4
_BANKS_CLOSED = (date(2024, 3, 29), date(2029, 3, 30), date(2040, 3, 30))
"""Good Fridays before a weekend that ends a month, up to 2050."""


def last_to_file(kind: Filing, period: Days) -> date:
    """Return the last day on which a declaration is in time."""
    months = 3 if kind is Filing.VAT_RETURN and _is_year(period) else 1
    return month_end(period.end, months)


def urgency(kind: Filing, period: Days, today: date, remind_days: int) -> Urgency:
    """Tell how urgent a declaration is on a local date; `remind_days` may be 0."""
    last = last_to_file(kind, period)
    if today > last:
        return Urgency.LATE
    begins = max(last - remind_days * _DAY, period.end + _DAY)
    return Urgency.SOON if remind_days and today >= begins else Urgency.EARLY


def _is_year(period: Days) -> bool:
    year = year_of(period.start)
    return (period.start, period.end) == (year.start, year.end)


def last_to_pay(kind: Filing, period: Days) -> date | None:
    """Return the last day to pay; None: nothing is paid with such a declaration."""
    if kind in (Filing.ICP, Filing.SMALL_BUSINESS):
        return None
    day = last_to_file(kind, period)
    day -= max(day.weekday() - _FRIDAY, 0) * _DAY
    return day - _DAY if day in _BANKS_CLOSED else day


def suppletie_until(known_on: date) -> date | None:
    """Return the last day for a correction that is known since a day.

    None where it was known before 2025: then "as soon as possible", without a term.
    """
    if known_on < SUPPLETIE_TERM_FROM:
        return None
    return known_on + timedelta(weeks=SUPPLETIE_WEEKS)


def correctable_until(period: Days) -> date:
    """Return the last day on which a VAT return can still be corrected."""
    return date(period.end.year + CORRECTION_YEARS, 12, 31)


def oss_correctable_until(quarter: Span) -> date:
    """Return the last day on which the one stop shop takes a correction."""
    due = last_to_file(Filing.OSS, quarter)
    return month_end(due.replace(day=1), OSS_CORRECTION_YEARS * 12)


def oss_kept_until(quarter: Span) -> date:
    """Return the last day on which the records of a quarter must be at hand.

    Counted from the end of the year of the sale (art. 369k(2)).
    """
    return date(quarter.end.year + OSS_RECORD_YEARS, 12, 31)
