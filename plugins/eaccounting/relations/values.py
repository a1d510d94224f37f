"""A relation and its records in one set of words, for the planner. Pure.

Manual 000, tables E and F. A debtor and a creditor of one relation share what both
tables have, so that a change in one reaches the other. What only one table has is only
in its record's values: a person's Chamber of Commerce number is a creditor's alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from core.domain.relations import PostalAddress, RelationData
from core.domain.strings import cut
from core.rules import person_names
from core.rules.parties import Party, party_of
from core.rules.relation_fields import (
    KIND,
    ORGANISATION,
    PERSON,
    in_own_places,
    moved_along,
)
from core.rules.sync import Local, Remote, Values
from plugins.eaccounting import wire
from plugins.eaccounting.relations import mapping as relation_mapping
from plugins.eaccounting.relations.mapping import PersonName, Role
from plugins.eaccounting.wire import Body

_SHARED = {
    "Name": "name",
    "Telephone": "phone",
    "EmailAddress": "email",
    "WwwAddress": "website",
    "CorporateIdentityNumber": "chamber_number",
    "VatNumber": "vat_number",
}
_PARTS = {
    "Address1": "line",
    "PostalCode": "postal_code",
    "City": "city",
    "CountryCode": "country",
}
MAIN, OTHER = "main", "other"
"""The address that invoices go to, and a debtor's delivery address."""


def _places(prefix: str, name: str) -> dict[str, str]:
    return {f"{prefix}{theirs}": f"{name}.{ours}" for theirs, ours in _PARTS.items()}


FIELDS: Mapping[Role, Mapping[str, str]] = {
    Role.DEBTOR: {
        **_SHARED,
        "MobilePhone": "mobile",
        **_places("Invoice", MAIN),
        **_places("Delivery", OTHER),
    },
    Role.CREDITOR: {**_SHARED, "BankIban": "iban", **_places("", MAIN)},
}
"""By role: the package's field and the name of its value."""
NUMBERS = {Role.DEBTOR: "CustomerNumber", Role.CREDITOR: "SupplierNumber"}
_CREDITORS = {"chamber_number": "creditor.chamber_number",
              "vat_number": "creditor.vat_number"}  # fmt: skip
"""A person has these as creditor only (table E, second part, lacks them)."""


def local(key: str, relation: RelationData, name: PersonName) -> Local:
    """Return a relation for the planner, in each role that it has a number for."""
    numbers = {
        Role.DEBTOR.value: relation.debtor_number.strip(),
        Role.CREDITOR.value: relation.creditor_number.strip(),
    }
    filled = {role: number for role, number in numbers.items() if number}
    found = values(relation, name)
    held = (place for place in found if place.endswith(".country") and not found[place])
    return Local(key, found, filled, party_of(relation), held=frozenset(held))


def values(relation: RelationData, name: PersonName) -> dict[str, str]:
    """Return the managed fields of a relation, as they would stand in the package.

    A country that is not known here is never sent: the package keeps its own.
    """
    found = {KIND: PERSON if relation.is_person else ORGANISATION}
    for role in Role:
        body = relation_mapping.body_of(relation, role, name)
        for theirs, ours in FIELDS[role].items():
            if theirs not in body:
                continue
            own = relation.is_person and role == Role.CREDITOR
            found[_CREDITORS.get(ours, ours) if own else ours] = body[theirs]
    return found


def remote(record: Body, role: Role) -> Remote:
    """Return a record for the planner."""
    found = {
        ours: str(record.get(theirs) or "").strip()
        for theirs, ours in FIELDS[role].items()
    }
    if role == Role.DEBTOR and "IsPrivatePerson" in record:
        found[KIND] = PERSON if record["IsPrivatePerson"] else ORGANISATION
    if role == Role.CREDITOR:
        found |= {own: found[shared] for shared, own in _CREDITORS.items()}
    number = str(record.get(NUMBERS[role]) or "").strip()
    return Remote(
        str(record["Id"]),
        role.value,
        number,
        found,
        bool(number),
        party=party(record),
    )


def party(record: Body) -> Party:
    """Return who a customer or supplier is, also by fields that are not ours."""

    def texts(*names: str) -> tuple[str, ...]:
        return tuple(str(record.get(name) or "") for name in names)

    places = ("", "Invoice", "Delivery")
    return Party(
        names=texts("Name"),
        vat_number=str(record.get("VatNumber") or ""),
        chamber_number=str(record.get("CorporateIdentityNumber") or ""),
        emails=(*texts("EmailAddress"), *map(str, record.get("EmailAddresses") or ())),
        postal_codes=texts(*(f"{place}PostalCode" for place in places)),
        cities=texts(*(f"{place}City" for place in places)),
    )


def sent(body: Body, role: Role, names: Collection[str], *, with_number: bool) -> Body:
    """Return of our fields those whose values are among `names`, and the number."""

    def is_sent(theirs: str) -> bool:
        if theirs == NUMBERS[role]:
            return with_number
        ours = FIELDS[role][theirs]
        return ours in names or _CREDITORS.get(ours) in names

    return {theirs: value for theirs, value in body.items() if is_sent(theirs)}


def updated(
    relation: RelationData, changed: Values, numbers: Values, name: PersonName
) -> RelationData:
    """Return a relation with values of the package in it; what it lacks stays.

    One that became a person there, or an organisation, takes its addresses along.
    """
    relation = _of_kind(in_own_places(relation), changed.get(KIND))
    found = replace(relation, **_same_named(relation, changed))
    if "name" in changed:
        is_full = name == PersonName.FULL
        found = person_names.renamed(found, changed["name"], full=is_full)
    first, second = (
        ("home_address", "alternative_address")
        if relation.is_person
        else ("postal_address", "visiting_address")
    )
    places = {
        first: _place(relation_mapping.main_address(relation), MAIN, changed),
        second: _place(getattr(relation, second), OTHER, changed),
    }
    given: dict[str, Any] = {
        field: place for field, place in places.items() if place is not None
    }
    for role, number in numbers.items():
        given[f"{role}_number"] = number
    return replace(found, **given)


def _same_named(relation: RelationData, changed: Values) -> dict[str, Any]:
    names = {"phone": "phone", "email": "email", "website": "website", "iban": "iban"}
    if relation.is_person:
        own = {value: key for key, value in _CREDITORS.items()}
        names |= {"mobile": "mobile", **own}
    else:
        names |= {shared: shared for shared in _CREDITORS}
    return {ours: changed[key] for key, ours in names.items() if key in changed}


def _of_kind(relation: RelationData, kind: str | None) -> RelationData:
    if kind is None or (kind == PERSON) == relation.is_person:
        return relation
    return moved_along(replace(relation, is_person=kind == PERSON))


def _place(known: PostalAddress, name: str, changed: Values) -> PostalAddress | None:
    """Return an address with what changed in it; None: nothing did.

    Our own split of the same line is kept.
    """
    own = {part: changed.get(f"{name}.{part}") for part in _PARTS.values()}
    if all(value is None for value in own.values()):
        return None
    given = {part: value for part, value in own.items() if value is not None}
    line = given.pop("line", None)
    if line is not None and line != cut(known.line, wire.ADDRESS).strip():
        known = known.with_line(line)
    return replace(known, **given)
