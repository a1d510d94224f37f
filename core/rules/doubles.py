"""Which relations may be one party twice: by what they are found, and why. Pure.

Not every pair is compared: each relation has a few keys, and only those that share one
are looked at. Two that share a key because their names begin alike at one postal code
count when the names are alike (`core.rules.parties.names_alike`).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations

from core.domain.relations import RelationData
from core.rules.parties import names_alike, party_of

MARK = "="
"""Every key begins with it; no word that is searched for does."""
LONGEST = 100
_NAME = "=at:"
_STEM = 4
_FIELDS = {
    "=vat:": "vat_number",
    "=kvk:": "chamber_number",
    "=iban:": "iban",
    "=mail:": "email",
}
REASONS = (*_FIELDS.values(), "name")
"""What two may have in common; `name`: alike names at the same postal code."""


def keys(data: RelationData) -> frozenset[str]:
    """Return the keys by which a relation's doubles are found."""
    found = {
        f"{key}{_plain(getattr(data, name))}"
        for key, name in _FIELDS.items()
        if _plain(getattr(data, name))
    }
    stems = {word[:_STEM] for word in _words(data.full_name) if len(word) > 2}
    codes = {_plain(code) for code in party_of(data).postal_codes} - {""}
    found |= {f"{_NAME}{code}:{stem}" for code in codes for stem in stems}
    return frozenset(key[:LONGEST] for key in found)


def reasons(one: RelationData, other: RelationData) -> tuple[str, ...]:
    """Return what makes two relations look like one, in the order of `REASONS`."""
    shared = _shared(one, other)
    found = {_FIELDS.get(f"{key.partition(':')[0]}:", "name") for key in shared}
    return tuple(reason for reason in REASONS if reason in found)


def pairs(
    key: str, members: Sequence[RelationData]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the places of the members of a key that look like one, and why.

    A pair that shares several keys is told of at the first of them only.
    """
    for left, right in combinations(range(len(members)), 2):
        one, other = members[left], members[right]
        if min(_shared(one, other), default="") == key:
            yield left, right, reasons(one, other)


def _shared(one: RelationData, other: RelationData) -> frozenset[str]:
    shared = keys(one) & keys(other)
    if any(key.startswith(_NAME) for key in shared) and not names_alike(
        one.full_name, other.full_name, loosely=True
    ):
        return frozenset(key for key in shared if not key.startswith(_NAME))
    return shared


def _plain(text: str) -> str:
    return re.sub(r"[\s.\-]", "", text).casefold() if "@" not in text else (
        text.strip().casefold()
    )  # fmt: skip


def _words(name: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return re.findall(r"\w+", bare)
