"""How the values of a text look to its reader: amounts, rates, dates, places, names.

Values are kept as they were raised, as plain text; what one is follows from its name.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel import dates, numbers
from flask_babel import LazyString, get_locale, get_timezone
from flask_babel import lazy_gettext as _l

from core.domain.declarations import TaxPeriod
from core.texts import vat
from core.texts.payments import payment_word
from core.texts.periods import period_words
from core.texts.purchases import CATEGORIES

AMOUNTS = frozenset({
    "amount", "difference", "gap", "icp", "refunded", "return_3b", "vat",
    "visma_total", "visma_vat",
})  # fmt: skip
"""Values in euros, as plain numbers."""
MAYBE_AMOUNTS = frozenset({"booked", "expected", "found", "lines", "now", "total"})
"""Values in euros where they have cents; names, counts or line numbers otherwise."""
RATES = frozenset({"package_rate", "rate", "visma_rate"})
"""Percentages."""
DATES = frozenset({
    "date", "day", "ends_on", "first", "last", "moment", "on", "starts_on",
})  # fmt: skip
"""Dates, or moments in UTC, as ISO 8601; anything else is shown as it is."""
PLACES = frozenset({"area", "country", "visma_country"})
"""Codes of countries or VAT areas."""
PERIODS = frozenset({"corrected", "due", "next", "other", "period"})
"""Tax periods by their codes, with a comma between; anything else as it is."""
METHODS = frozenset({"method"})
"""Payment methods; ours have a word."""
LISTS: Mapping[str, LazyString] = {
    "relaties": _l("Relaties"),
    "rapportage": _l("Rapportage"),
    "facturen": _l("Facturen"),
    "logboek": _l("Logboek"),
    "migratie": _l("Migratie"),
    "geweigerd": _l("Geweigerde regels"),
}
"""Downloaded lists (`list`), by the first word of their file's name."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_WITH_CENTS = re.compile(r"-?\d+\.\d\d?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00|Z)")


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a text's values as they are shown, in the reader's language."""
    return {name: _shown(name, value) for name, value in values.items()}


def _shown(name: str, value: Any) -> Any:
    text = str(value)
    if name in AMOUNTS and _NUMBER.fullmatch(text):
        return _euros(text)
    if name in MAYBE_AMOUNTS and _WITH_CENTS.fullmatch(text):
        return _euros(text)
    if name in RATES and _NUMBER.fullmatch(text):
        rate = numbers.format_decimal(Decimal(text), format="0.###", locale=_locale())
        return str(rate)
    if name in DATES:
        return _date(text)
    if name in PERIODS:
        return ", ".join(_period(code) for code in text.split(", "))
    if name in PLACES:
        return vat.place_word(text)
    if name == "vat_category":
        return str(CATEGORIES.get(text, text))
    if name == "list":
        return str(LISTS.get(text.partition("-")[0], text))
    return payment_word(text) if name in METHODS else value


def _euros(text: str) -> str:
    return str(numbers.format_currency(Decimal(text), "EUR", locale=_locale()))


def _date(text: str) -> str:
    if _DAY.fullmatch(text):
        on = date.fromisoformat(text)
        return str(dates.format_date(on, "d MMM yyyy", locale=_locale()))
    if _MOMENT.fullmatch(text):
        at = datetime.fromisoformat(text).astimezone(get_timezone() or UTC)
        return str(dates.format_datetime(at, "d MMM yyyy HH:mm", locale=_locale()))
    return text


def _period(code: str) -> str:
    try:
        return period_words(TaxPeriod.from_code(code))
    except ValueError:
        return code


def _locale() -> Any:
    return get_locale() or "nl"
