"""Countries: their codes and the names people write them by. Pure."""

import re
from functools import cache

from babel import Locale

_NO_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)
"""Unions, islands with a code of their own and codes for tests."""


@cache
def codes() -> frozenset[str]:
    """Return every ISO 3166-1 alpha-2 code (and XK for Kosovo)."""
    known = Locale("en").territories
    two_letters = {str(code) for code in known if re.fullmatch("[A-Z]{2}", str(code))}
    return frozenset(two_letters - _NO_COUNTRIES)


def names(language: str) -> list[tuple[str, str]]:
    """Return code and name of every country, by name in a language."""
    known = Locale(language).territories
    pairs = ((code, known.get(code, code)) for code in codes())
    return sorted(pairs, key=lambda pair: pair[1])


def code_of(text: str) -> str:
    """Return the code of a country given by code or by its Dutch or English name.

    Empty when there is no such country.
    """
    given = text.strip()
    if given.upper() in codes():
        return given.upper()
    return _by_name().get(given.casefold(), "")


@cache
def _by_name() -> dict[str, str]:
    found = {"holland": "NL", "the netherlands": "NL"}
    for language in ("nl", "en"):
        found |= {name.casefold(): code for code, name in names(language)}
    return found
