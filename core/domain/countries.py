"""Countries: their codes and the names people write them by. Pure."""

import re
import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

_NO_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)
"""Unions, islands with a code of their own and codes for tests."""

_ARTICLES = frozenset(("the", "de", "het", "die", "der", "das", "le", "la", "les", "l"))
_ALSO = {
    "AT": "Oesterreich", "BG": "Balgarija", "BQ": "Bonaire", "CH": "Svizzera",
    "CZ": "Czech Republic;Tsjechische Republiek;République tchèque;Cesko",
    "DE": "BRD;Bondsrepubliek Duitsland", "DK": "Danmark", "EE": "Eesti",
    "ES": "España", "FI": "Suomi",
    "GB": "UK;England;Engeland;Great Britain;Groot-Brittannië;Grande-Bretagne;"
          "Großbritannien;Scotland;Schotland;Wales;Northern Ireland;Noord-Ierland",
    "GR": "EL;Hellas", "HK": "Hong Kong", "HR": "Hrvatska", "HU": "Magyarország",
    "IT": "Italia", "LT": "Lietuva", "LU": "Groothertogdom Luxemburg;Lëtzebuerg",
    "LV": "Latvija", "NL": "Holland", "NO": "Norge", "PL": "Polska",
    "SE": "Sverige", "SI": "Slovenija", "SK": "Slovensko", "TR": "Turkey",
    "US": "USA;Amerika;United States of America;Verenigde Staten van Amerika;VS",
    "VA": "Vaticaan",
}  # fmt: skip
"""Names that the lists of countries (Unicode's CLDR) lack in the four languages, and
how a country's own people name it."""


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
    """Return the code of a country given by code (of two or three letters) or name.

    Names in Dutch, English, French and German. Empty when there is no such country.
    """
    given = text.strip()
    if given.upper() in codes():
        return given.upper()
    return _by_name().get(_plain(given)) or _by_three_letters(given.upper())


def _plain(name: str) -> str:
    """Return a name without accents, signs and case: as files without them have it."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    words = re.sub(r"\W+", " ", bare.replace(".", "")).split()
    return " ".join(words[1:] if words and words[0] in _ARTICLES else words)


def _by_three_letters(code: str) -> str:
    """Return the country of an ISO 3166-1 alpha-3 code (CLDR's aliases have them)."""
    aliases = get_global("territory_aliases").get(code) if len(code) == 3 else None
    found = {str(alias) for alias in aliases or ()} & codes()
    return found.pop() if len(found) == 1 else ""


@cache
def _by_name() -> dict[str, str]:
    found = {
        _plain(name): code for code, row in _ALSO.items() for name in row.split(";")
    }
    for language in ("de", "fr", "nl", "en"):
        found |= {_plain(name): code for code, name in names(language)}
    return found
