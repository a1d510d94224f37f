"""Tax periods as people write them."""

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _

from core.domain.declarations import PeriodKind, TaxPeriod


def period_words(when: TaxPeriod) -> str:
    """Write a period: 3e kwartaal 2026, juli en augustus 2026, juli 2026, 2026."""
    year = when.start.year
    if when.kind is PeriodKind.QUARTER:
        number = when.end.month // 3
        return str(_("%(number)se kwartaal %(year)s", number=number, year=year))
    if when.kind is PeriodKind.YEAR:
        return str(year)
    last = str(dates.format_date(when.end, "LLLL yyyy", locale=get_locale()))
    if when.kind is PeriodKind.MONTH:
        return last
    first = dates.format_date(when.start, "LLLL", locale=get_locale())
    return str(_("%(first)s en %(last)s", first=first, last=last))
