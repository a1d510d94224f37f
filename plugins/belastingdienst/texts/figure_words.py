"""Tax periods, parts of the form and figures as the user reads them."""

from datetime import date

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _

from core.domain.declarations import PeriodKind, TaxPeriod
from core.plugin.texts import period_words
from plugins.belastingdienst.texts.figure_texts import RUBRICS

_VIES = {"EL": "GR"}
"""VIES prefixes that are no ISO code."""


def period(when: TaxPeriod) -> str:
    """Write a period: 3e kwartaal 2026, juli en augustus 2026, juli 2026, 2026."""
    return period_words(when)


def short_period(when: TaxPeriod) -> str:
    """Write a period short, for below a chart: its quarter or month, and year."""
    year = f"’{when.start.year % 100:02}"
    if when.kind is PeriodKind.QUARTER:
        return str(_("K%(number)s %(year)s", number=when.end.month // 3, year=year))
    if when.kind is PeriodKind.YEAR:
        return str(when.start.year)
    month = dates.format_date(when.start, "LLL", locale=get_locale())
    return f"{month.rstrip('.')} {year}"


def period_of(starts_on: date, ends_on: date) -> str:
    """Write the period of two days."""
    return period(TaxPeriod(starts_on, ends_on))


def section(number: str) -> str:
    """Return the heading of a part of the form."""
    return str({
        "1": _("Prestaties binnenland"),
        "2": _("Verleggingsregelingen binnenland"),
        "3": _("Prestaties naar of in het buitenland"),
        "4": _("Prestaties vanuit het buitenland aan u verricht"),
        "5": _("Voorbelasting en eindtotaal"),
    }[number])  # fmt: skip


def rubric(code: str) -> str:
    """Return the form's words for a rubric or a sum."""
    return str(RUBRICS[code])


def member_state(code: str) -> str:
    """Return a country's name by its VIES prefix."""
    if code == "XI":
        return str(_("Noord-Ierland"))
    locale = get_locale()
    territories = locale.territories if locale else {}
    return str(territories.get(_VIES.get(code, code), code))
