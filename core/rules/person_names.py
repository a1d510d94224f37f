"""A person's name as one text: taken apart, and changed. Pure.

Packages know a person by one text: the last name with its prefix, or the full name.
What of it is first name is only certain where the parts known here stand in it.
"""

import re
from dataclasses import replace

from core.domain.relations import RelationData

_PREFIX = (
    r"(?:van|von|de|den|der|du|des|di|da|del|la|le|ter|ten|te|op|aan|uit|in|'t|'s|"
    r"tot|bij|voor|zu|zum|zur|vom|dos)"
)
_WITH_PREFIX = re.compile(
    rf"(?P<first>[^\W\d_].*?) (?P<prefix>{_PREFIX}(?: {_PREFIX})*) (?P<name>\S.*)"
)
_INITIALS = re.compile(r"(?:[^\W\d_]{1,2}\.[ ]?)+|[A-Z]{1,3}")


def renamed(relation: RelationData, text: str, *, full: bool) -> RelationData:
    """Return a relation whose name in the package became `text`.

    `full`: the package has first name (or initials) and last name in one. A first name
    is never wiped: where it is not certain what changed, the relation stays as it is,
    and what it would be in the package still differs from `text`.
    """
    text = " ".join(text.split())
    if not relation.is_person:
        return replace(relation, name=text)
    if full and (relation.first_name or relation.initials):
        return _fully_named(relation, text)
    if full and not relation.name:
        return _new(relation, text)
    return _last_named(relation, text)


def _last_named(relation: RelationData, text: str) -> RelationData:
    prefix = f"{relation.name_prefix} "
    if relation.name_prefix and text.startswith(prefix):
        return replace(relation, name=text.removeprefix(prefix))
    return replace(relation, name=text, name_prefix="")


def _new(relation: RelationData, text: str) -> RelationData:
    """Take a full name apart where a prefix says where the last name begins."""
    found = _WITH_PREFIX.fullmatch(text)
    if found is None:
        return replace(relation, name=text, name_prefix="")
    bare = replace(relation, name=found["name"], name_prefix=found["prefix"])
    return _first_named(bare, found["first"])


def _fully_named(relation: RelationData, text: str) -> RelationData:
    front = relation.first_name or relation.initials
    if text.endswith(f" {relation.last_name}"):
        return _first_named(relation, text.removesuffix(relation.last_name).strip())
    if text.startswith(f"{front} "):
        return _last_named(relation, text.removeprefix(f"{front} "))
    return relation


def _first_named(relation: RelationData, first: str) -> RelationData:
    """Set the first name; what looks like initials are those, where none is known."""
    if first == (relation.first_name or relation.initials):
        return relation
    if not relation.first_name and _INITIALS.fullmatch(first):
        return replace(relation, initials=first[:20])
    return replace(relation, first_name=first[:100])
