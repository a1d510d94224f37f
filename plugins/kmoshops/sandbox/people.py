"""Made-up buyers: stable names, addresses and VAT numbers for a customer number.

Nobody here exists. The same customer and country always give the same person, because
every choice is drawn from a hash of both. VAT numbers have a right form and check
digits (python-stdnum) but belong to nobody we know; mail goes to example.com.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from stdnum.util import get_cc_module

from plugins.kmoshops.sandbox.places import ELSEWHERE, PLACES, VAT_PATTERNS, Place

_T = TypeVar("_T")
COMPANY_SHARE = 3
"""One customer in so many is a company."""


class Dice:
    """A stable row of draws for one seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def bytes(self) -> bytes:
        """Return the next 32 bytes."""
        self._count += 1
        return hashlib.sha256(f"{self._seed}#{self._count}".encode()).digest()

    def below(self, limit: int) -> int:
        """Return the next number from 0 up to `limit`."""
        return int.from_bytes(self.bytes()[:8], "big") % limit

    def pick(self, choices: Sequence[_T]) -> _T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


@dataclass(frozen=True)
class Buyer:
    """A buyer as the shop knows it."""

    person: dict[str, Any]
    """The fields of the contract's PersonInfo."""
    email: str
    lang: str
    vat_id: str
    """Empty for a private person and outside the EU."""


def buyer(customer: str, country: str, country_name: str) -> Buyer:
    """Return the buyer with a customer number in a country ("" when unknown)."""
    dice = Dice(f"{customer}/{country}")
    place = PLACES.get(country, ELSEWHERE)
    first, last = dice.pick(place.first_names), dice.pick(place.last_names)
    is_company = dice.below(COMPANY_SHARE) == 0
    person = {
        "name": f"{first} {last}",
        "firstName": first,
        "lastName": last,
        "companyName": f"{last} {place.company_form}" if is_company else "",
        **_address(dice, place),
        "countryCode": country,
        "countryName": country_name,
        "phone": "",
    }
    email = f"{_plain(first)}.{_plain(last)}.{customer}@example.com"
    vat_id = _vat_id(dice, country) if is_company else ""
    return Buyer(person, email, place.lang, vat_id)


def _address(dice: Dice, place: Place) -> dict[str, str]:
    city = dice.pick(place.cities)
    street, number = dice.pick(place.streets), dice.below(180) + 1
    written = f"{number} {street}" if place.number_first else f"{street} {number}"
    return {
        "street": written,
        "city": city,
        "postalCode": _fill(place.postal_code, dice),
    }


def _fill(pattern: str, dice: Dice) -> str:
    """Fill `#` with digits and `@` with letters."""
    drawn = iter(dice.bytes())
    return "".join(
        str(next(drawn) % 10)
        if sign == "#"
        else "ABCDEFGHJKLMNPRTUVWXYZ"[next(drawn) % 22]
        if sign == "@"
        else sign
        for sign in pattern
    )


def _vat_id(dice: Dice, country: str) -> str:
    if country not in VAT_PATTERNS:
        return ""
    module: Any = get_cc_module(country.lower(), "vat")
    while True:
        number = _fill(VAT_PATTERNS[country], dice)
        if module.is_valid(number):
            return f"{'EL' if country == 'GR' else country}{number}"


def _plain(name: str) -> str:
    # letters that do not come apart into a base letter and a mark
    name = name.lower().replace("ø", "o").replace("ł", "l").replace("ß", "ss")
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore")
    return ascii_only.decode().replace(" ", "").replace("'", "")
