"""A relation as a flat row of texts: what forms, files and the history speak of. Pure.

A field is named as in `core.domain.relations.RelationData`; a part of an address has
its own name behind a point: `visiting_address.postal_code`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from core.domain.relations import PostalAddress, RelationData

ADDRESSES = (
    "visiting_address",
    "postal_address",
    "invoice_address",
    "delivery_address",
    "home_address",
    "alternative_address",
)
"""Manuals 000 to 002: an organisation's four, then a person's two."""
PARTS = tuple(each.name for each in fields(PostalAddress) if each.compare)
WRITTEN = "written"
"""Of an address: its line as it came. It goes along in a flat row where it is known,
but nobody is shown it: a line that still has the same parts is what counts."""
KIND = "kind"
PLAIN = tuple(
    each.name
    for each in fields(RelationData)
    if each.name not in (*ADDRESSES, "is_person")
)
FIELDS = (KIND, *PLAIN, *(f"{role}.{part}" for role in ADDRESSES for part in PARTS))
"""Every field, in the order of forms and files."""
PERSON_ONLY = ("first_name", "initials", "name_prefix", "gender")
ORGANISATION, PERSON = "organisation", "person"

Change = tuple[str, str]
"""What a field was and what it became."""


def flat(data: RelationData) -> dict[str, str]:
    """Return every field of a relation as text."""
    found = {KIND: PERSON if data.is_person else ORGANISATION}
    found |= {name: getattr(data, name) for name in PLAIN}
    for role in ADDRESSES:
        address = getattr(data, role)
        found |= {f"{role}.{part}": getattr(address, part) for part in PARTS}
    return found


def unflat(values: Mapping[str, str]) -> RelationData:
    """Return the relation of a flat row; what it lacks is empty."""
    given: dict[str, Any] = {name: values.get(name, "") for name in PLAIN}
    given["relation_type"] = given["relation_type"] or "to_review"
    for role in ADDRESSES:
        parts = {part: values.get(f"{role}.{part}", "") for part in (*PARTS, WRITTEN)}
        given[role] = PostalAddress(**parts)
    return RelationData(is_person=values.get(KIND) == PERSON, **given)


def changes(before: RelationData | None, after: RelationData) -> dict[str, Change]:
    """Return what differs by flat field; everything filled in when there was none."""
    old = flat(before) if before else {}
    new = flat(after)
    return {
        name: (old.get(name, ""), value)
        for name, value in new.items()
        if old.get(name, "") != value
    }


def with_values(data: RelationData, values: Mapping[str, str]) -> RelationData:
    """Return a relation with some flat fields replaced."""
    return with_written(unflat({**flat(data), **values}), data)


def with_written(data: RelationData, known: RelationData) -> RelationData:
    """Return a relation whose addresses keep the lines that are known of their parts.

    Forms, files and the API speak of parts; a line that came in outlives them, also
    where the address was copied or moved to another place.
    """
    kept: dict[str, Any] = {
        role: _written_as(getattr(data, role), role, known)
        for role in ADDRESSES
        if not getattr(data, role).is_as_written
    }
    return replace(data, **kept)


def _written_as(
    address: PostalAddress, role: str, known: RelationData
) -> PostalAddress:
    own = replace(address, written=getattr(known, role).written)
    others = (replace(address, written=getattr(known, each).written)
              for each in ADDRESSES)  # fmt: skip
    found = (each for each in (own, *others) if each.is_as_written)
    return next(found, own)


def top_level(names: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of `RelationData` that flat fields belong to."""
    found = {name.partition(".")[0] for name in names}
    return frozenset("is_person" if name == KIND else name for name in found)


def places_of(names: Iterable[str]) -> frozenset[str]:
    """Return the addresses that flat fields are parts of."""
    return frozenset(name.partition(".")[0] for name in names if "." in name)


def outside(values: Mapping[str, str], places: Collection[str]) -> dict[str, str]:
    """Return what is no part of some addresses: those are left whole as they are."""
    return {
        name: text
        for name, text in values.items()
        if name.partition(".")[0] not in places
    }


def home_of(data: RelationData) -> PostalAddress:
    """Return the address that says where a relation is."""
    own = (data.home_address, data.alternative_address)
    others = (data.visiting_address, data.postal_address, data.invoice_address)
    order = (*own, *others) if data.is_person else (*others, *own)
    return next((each for each in order if not each.is_empty), PostalAddress())


def without_persons_fields(data: RelationData) -> RelationData:
    """Return an organisation without what only a person has."""
    return replace(data, first_name="", initials="", name_prefix="", gender="")


def merged(
    now: Mapping[str, str], theirs: Mapping[str, Change], mine: Mapping[str, str]
) -> tuple[dict[str, str], frozenset[str]]:
    """Join two changes of one flat row: `theirs` is in `now` already, `mine` is not.

    Returns the row in which nobody's change is lost, and the fields that both changed
    to something else, where it has mine.
    """
    joined, both = dict(now), set()
    for name, value in mine.items():
        base = theirs[name][0] if name in theirs else now.get(name, "")
        if value == base:
            continue
        joined[name] = value
        if name in theirs and value != now.get(name, ""):
            both.add(name)
    return joined, frozenset(both)


def moved_along(data: RelationData) -> RelationData:
    """Return a relation that became the other kind, with its addresses in that kind's.

    An organisation's postal (or else visiting) address is a person's home address, its
    visiting address the alternative one, and back; an organisation without an invoice
    address gets the home address there as well, which Digitale Factuur reads (manual
    002, C). An address that is filled already stays: whoever filled it meant it.
    """
    if data.is_person:
        moves = {"home_address": "postal_address",
                 "alternative_address": "visiting_address"}  # fmt: skip
        if data.postal_address.is_empty:
            moves = {"home_address": "visiting_address"}
    else:
        moves = {"postal_address": "home_address",
                 "visiting_address": "alternative_address"}  # fmt: skip
        if data.invoice_address.is_empty:
            data = replace(data, invoice_address=data.home_address)
    for into, out_of in moves.items():
        if getattr(data, into).is_empty and not getattr(data, out_of).is_empty:
            moved = {into: getattr(data, out_of), out_of: PostalAddress()}
            data = replace(data, **moved)
    return data


def in_own_places(data: RelationData) -> RelationData:
    """Return a relation with an address where its kind has one, if it has any.

    So that no package loses the address of one whose kind was put right before its
    addresses were.
    """
    own = (data.home_address, data.alternative_address)
    others = (data.visiting_address, data.postal_address, data.invoice_address,
              data.delivery_address)  # fmt: skip
    used = own if data.is_person else others
    return moved_along(data) if all(each.is_empty for each in used) else data
