"""Which VAT area an address lies in. Pure; the tables stand in `vat_areas_data`.

The country code alone does not tell: parts of member states lie outside the EU's VAT
area, and places that are no member state inside it (directive 2006/112/EC art. 5-7).
"""

import re
import unicodedata
from datetime import date

from core.domain.errors import AskUser
from core.domain.orders import Address
from core.rules.vat_areas_data import (
    ALSO_IN_THE_NETHERLANDS,
    AREAS,
    BREXIT,
    DUTCH_ISLANDS,
    ISO,
    MATCHES,
    Area,
    Match,
)
from core.rules.vatrates import FIRST_DAY, JOINED, MEMBER_STATES, NUMBER_PREFIXES

_DUTCH_POSTCODE = re.compile(r"[1-9]\d{3}([A-Z]{2})?")
_HAS_PARTS_OUTSIDE = frozenset(
    match.country
    for match in MATCHES
    if match.postcodes and AREAS[match.area].inside_from is None
) & frozenset(MEMBER_STATES) - {"CY"}
"""Countries where only a postcode tells whether goods stay inside."""


def country_of(code: str) -> str:
    """Return the country that rates are listed under: EL is GR, UK is GB."""
    return ISO.get(code, code)


def area_of(address: Address, on: date) -> Area:
    """Return the area of an address on a local day.

    Raises AskUser `vat_area_unclear` where postcode and place do not tell.
    """
    country = country_of(address.country)
    postcode = _plain_postcode(address.postal_code, country)
    place = _plain(address.city)
    island = _dutch_island(postcode, place) if country == "NL" else None
    if island is not None:
        return island
    for match in MATCHES:
        if match.country != country or (match.since and on < match.since):
            continue
        if _fits(match, postcode, place):
            return AREAS[match.area]
    if not postcode and country in _HAS_PARTS_OUTSIDE:
        raise _unclear(country, postcode, place)
    return whole_country(country)


def whole_country(country: str) -> Area:
    """Return the area of a country where nothing in the address says otherwise."""
    source = "2006/112/EC art. 5"
    if country in MEMBER_STATES:
        joined = JOINED.get(country, FIRST_DAY)
        return Area(country, country, source, "A", inside_from=joined)
    if country == "GB":
        last = date.fromordinal(BREXIT.toordinal() - 1)
        source = "withdrawal agreement (2019/C 384 I/01) art. 126, 127"
        return Area(country, country, source, "K", FIRST_DAY, last)
    return Area(country, country, source, "A")


def stored_as(country: str) -> frozenset[str]:
    """Return the country codes of addresses whose rates may be those of a country."""
    aliases = {code for code, own in ISO.items() if own == country}
    areas = {match.country for match in MATCHES if AREAS[match.area].country == country}
    return frozenset({country, *aliases, *areas})


def number_prefix(area: Area) -> str:
    """Return what VAT numbers of an area begin with: FR in Monaco, XI in Belfast."""
    return NUMBER_PREFIXES.get(area.country, area.country)


def _fits(match: Match, postcode: str, place: str) -> bool:
    if not match.postcodes or re.fullmatch(match.postcodes, postcode):
        return True
    if match.shared and re.fullmatch(match.shared, postcode):
        if not place:
            raise _unclear(match.country, postcode, place)
        return _names(place, match.places)
    return not postcode and _names(place, match.places)


def _dutch_island(postcode: str, place: str) -> Area | None:
    """Return an island of the Kingdom that a shop stores under NL; None: it is not."""
    if _DUTCH_POSTCODE.fullmatch(postcode):
        return None
    for code, names in DUTCH_ISLANDS.items():
        if _names(place, names):
            return AREAS[code]
    for name, code in ALSO_IN_THE_NETHERLANDS.items():
        if _names(place, (name,)) and postcode:
            return AREAS[code]
        if _names(place, (name,)):
            raise _unclear("NL", postcode, place)
    if postcode:
        raise _unclear("NL", postcode, place)
    return None


def _unclear(country: str, postcode: str, place: str) -> AskUser:
    return AskUser(
        "vat_area_unclear",
        country=country,
        postcode=postcode or "-",
        place=place or "-",
    )


def _names(place: str, names: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", place) for name in names)


def _plain(text: str) -> str:
    """Return plain lower-case words: without accents and punctuation."""
    replaced = text.casefold().replace("ø", "o").replace("æ", "ae").replace("ð", "d")
    letters = unicodedata.normalize("NFKD", replaced)
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def _plain_postcode(text: str, country: str) -> str:
    """Return a postcode without spaces, in capitals, without a country before it."""
    plain = re.sub(r"[^A-Z0-9]", "", text.upper())
    if country == "GB":
        return plain
    return re.sub(r"^(?!AD|CH|FO)[A-Z]{1,3}(?=\d{3})", "", plain)
