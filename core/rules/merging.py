"""What one relation becomes when another is merged into it. Pure.

By field the kept one's value stands, or the other's where the kept one has none; the
user may choose otherwise. Numbers are never chosen: the kept one's stay, and where it
has none it takes the other's over, with what is booked under it in the packages.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.domain.relations import PostalAddress, RelationData
from core.rules.relation_fields import ADDRESSES, PERSON_ONLY, PLAIN

NUMBERS = ("debtor_number", "creditor_number")
UNITS = (*(name for name in PLAIN if name not in NUMBERS), *ADDRESSES)
"""What is chosen: a field, or an address as a whole."""


@dataclass(frozen=True)
class Offer:
    """A field in which two relations differ."""

    name: str
    kept: str | PostalAddress
    other: str | PostalAddress
    takes_other: bool
    """What is proposed: the other's value."""


def offers(kept: RelationData, other: RelationData) -> list[Offer]:
    """Return the fields to choose, in the order of forms; not where they agree."""
    return [
        Offer(name, mine, theirs, takes_other=_is_empty(mine))
        for name in UNITS
        if kept.is_person or name not in PERSON_ONLY
        for mine, theirs in [(getattr(kept, name), getattr(other, name))]
        if mine != theirs and not _is_empty(theirs)
    ]


def joined(
    kept: RelationData, other: RelationData, taken: Collection[str]
) -> RelationData:
    """Return the kept relation with the fields `taken` from the other one."""
    values = {
        offer.name: offer.other for offer in offers(kept, other) if offer.name in taken
    }
    return replace(kept, **values, **numbers_taken(kept, other))  # type: ignore[arg-type]


def numbers_taken(kept: RelationData, other: RelationData) -> dict[str, str]:
    """Return the numbers that the kept relation takes over: it has none itself."""
    return {
        name: getattr(other, name)
        for name in NUMBERS
        if getattr(other, name) and not getattr(kept, name)
    }


def _is_empty(value: str | PostalAddress) -> bool:
    return value.is_empty if isinstance(value, PostalAddress) else not value
