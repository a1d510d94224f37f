"""What a package tells of a relation: written our way where certain, else marked. Pure.

A value that the rules do not understand stays as it came and is a doubt: it is shown
and listed, never passed on as valid. Nothing of another's is refused or lost for it.
"""

from dataclasses import dataclass, replace
from typing import Any

from core.domain.relations import PostalAddress, RelationData
from core.rules import relation_fields, relation_rules, value_rules
from core.rules.relation_fields import ADDRESSES, KIND
from core.rules.relation_rules import LONGEST, Problems

UNCLEAR_NAME = "relation_name_unclear"
"""The package changed a person's name so that it is not certain which part changed."""
_NOT_MINOR = (KIND, "relation_type", "debtor_number", "creditor_number")
"""Of these there is no doubt: without them there is no relation."""


@dataclass(frozen=True)
class Received:
    """A relation as it came in."""

    data: RelationData
    doubts: Problems
    """By flat field: why its value is not believed."""
    assumed: frozenset[str]
    """Flat fields that the package left open: its company's own country, a kind."""

    def with_marks(
        self, assumed: frozenset[str], *, unclear_name: bool = False
    ) -> "Received":
        """Return it with what the package's mapping did not know for certain."""
        unclear = {"name": UNCLEAR_NAME} if unclear_name else {}
        return replace(
            self, doubts={**self.doubts, **unclear}, assumed=self.assumed | assumed
        )


def received(
    given: RelationData, before: RelationData | None, home_country: str
) -> Received:
    """Return what came in; `before` is the relation until now: what is as it was
    there is not looked at."""
    placed, assumed = _with_country(given, before, home_country)
    came = relation_fields.changes(before, placed)
    written, problems = relation_rules.checked(
        relation_fields.flat(placed), home_country
    )
    ours = relation_fields.flat(written)
    values, doubts = {}, {}
    for name, (_was, text) in came.items():
        if name in _NOT_MINOR:
            continue
        values[name] = ours[name]
        if name in problems:
            doubts[name] = problems[name]
        if name.endswith(".country") and (not text or name in doubts):
            values[name] = ""
    fitting, cut = _fitting(values)
    data = relation_fields.with_values(placed, fitting)
    return Received(data, {**doubts, **cut}, assumed)


def problems_of(data: RelationData, home_country: str) -> Problems:
    """Return what is still wrong with a relation that is here."""
    return relation_rules.checked(relation_fields.flat(data), home_country)[1]


def without(data: RelationData, names: frozenset[str]) -> RelationData:
    """Return a relation as others may know it: without the values in doubt."""
    minor = {name: "" for name in names if name not in _NOT_MINOR}
    return relation_fields.with_values(data, minor) if minor else data


def _with_country(
    given: RelationData, before: RelationData | None, home_country: str
) -> tuple[RelationData, frozenset[str]]:
    """Put the company's own country in addresses that came without one.

    Packages leave it out at home. An address whose postal code is no domestic one
    keeps none.
    """
    found: dict[str, Any] = {}
    for role in ADDRESSES:
        address: PostalAddress = getattr(given, role)
        is_new = before is None or address != getattr(before, role)
        if is_new and not address.country and _is_domestic(address, home_country):
            found[role] = replace(address, country=home_country)
    assumed = frozenset(f"{role}.country" for role in found)
    return replace(given, **found), assumed


def _is_domestic(address: PostalAddress, home_country: str) -> bool:
    code = address.postal_code
    fits = not code or value_rules.postal_code(code, home_country) is not None
    return not address.is_empty and fits


def _fitting(values: dict[str, str]) -> tuple[dict[str, str], Problems]:
    """Return values as the tables can hold them, and which were cut."""
    most = {name: LONGEST[name.rpartition(".")[2]] for name in values
            if name.rpartition(".")[2] in LONGEST}  # fmt: skip
    long = {name for name, limit in most.items() if len(values[name]) > limit}
    fitting = {
        name: text[: most[name]] if name in long else text
        for name, text in values.items()
    }
    return fitting, dict.fromkeys(long, "relation_text_too_long")
