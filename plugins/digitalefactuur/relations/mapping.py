"""Relations between our words and DigitaleFactuur's. Pure.

Source: manual 002, chapters B and C (field numbers in square brackets are those of its
screens); contract notes 1.3 and 1.4. Where the manual's table of persons is cut off
(IBAN), it is read as that of organisations.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from babel import Locale

from core.domain import countries
from core.domain.relations import PostalAddress, RelationData
from core.rules import person_names
from core.rules.parties import Party, party_of
from core.rules.relation_fields import in_own_places
from core.rules.sync import Local, Remote, Values
from core.rules.sync.settings import CREDITOR, DEBTOR, Incoming
from plugins.digitalefactuur import wire

KINDS = {DEBTOR: "debiteur", CREDITOR: "crediteur"}
_ROLES = {kind: role for role, kind in KINDS.items()}
COMES_IN = {DEBTOR: re.compile("1[0-9]{3,}"), CREDITOR: re.compile("2[0-9]{3,}")}
"""Numbers 1xxx come in as debtors, 2xxx as creditors (manual B, 1 and 2)."""

PERSON_FIELDS = (
    "name", "address", "postal_code", "city", "country", "fax", "iban", "bic",
)  # fmt: skip
"""[1] to [6], [8] and [9]: what a person's table links."""
ORGANISATION_FIELDS = (*PERSON_FIELDS, "chamber_number", "vat_number")
"""And [10] and [11]. Field [7] is the role's number."""
_PLACE = ("address", "postal_code", "city", "country")
_POSTAL_CODE = re.compile("([0-9]{4}) ?([A-Z]{2})")


def fields_of(relation: RelationData) -> tuple[str, ...]:
    """Return the linked fields of an organisation or a person."""
    return PERSON_FIELDS if relation.is_person else ORGANISATION_FIELDS


def values(relation: RelationData) -> dict[str, str]:
    """Return the linked fields as they would stand in the package.

    Of an organisation's addresses only the invoice address counts (manual C).
    """
    relation = in_own_places(relation)
    place = _address_of(relation)
    every = {
        "name": relation.last_name if relation.is_person else relation.name,
        "address": _spaced(place.line),
        "postal_code": _postal_code(place.postal_code),
        "city": _spaced(place.city),
        "country": place.country.strip().upper(),
        "fax": relation.fax.strip(),
        "iban": _compact(relation.iban),
        "bic": _compact(relation.bic),
        "chamber_number": relation.chamber_number.strip(),
        "vat_number": relation.vat_number.strip(),
    }
    return {name: every[name] for name in fields_of(relation)}


def is_without_address(relation: RelationData) -> bool:
    """Tell whether the record of a relation would have no address."""
    stored = values(relation)
    return not any(stored[name] for name in ("address", "postal_code", "city"))


def loses_address(relation: RelationData) -> bool:
    """Tell whether that is so although another address of it is known."""
    every = (one for one in vars(relation).values() if isinstance(one, PostalAddress))
    return is_without_address(relation) and any(not one.is_empty for one in every)


def _address_of(relation: RelationData) -> PostalAddress:
    return relation.home_address if relation.is_person else relation.invoice_address


def local(key: str, relation: RelationData) -> Local:
    """Return a relation for the sync: in each role that it has a number for."""
    numbers = {
        DEBTOR: relation.debtor_number.strip(),
        CREDITOR: relation.creditor_number.strip(),
    }
    filled = {role: number for role, number in numbers.items() if number}
    return Local(key, values(relation), filled, party_of(relation))


def remote(customer: wire.Customer) -> Remote:
    """Return a debtor or creditor for the sync; without a type the number tells."""
    creditor = COMES_IN[CREDITOR].fullmatch(customer.number)
    role = _ROLES.get(customer.kind) or (CREDITOR if creditor else DEBTOR)
    return Remote(
        key=customer.id,
        role=role,
        number=customer.number,
        values=remote_values(customer),
        may_come_in=COMES_IN[role].fullmatch(customer.number) is not None,
        party=party(customer),
    )


def party(customer: wire.Customer) -> Party:
    """Return who a debtor or creditor is, also by fields that are not linked."""
    return Party(
        names=(customer.name,),
        vat_number=customer.vat_number,
        chamber_number=customer.chamber_number,
        emails=(customer.contact_email,),
        postal_codes=(customer.postal_code,),
        cities=(customer.city,),
    )


def remote_values(customer: wire.Customer) -> dict[str, str]:
    """Return a record's linked fields in our words."""
    return {
        "name": customer.name,
        "address": _spaced(customer.address),
        "postal_code": _postal_code(customer.postal_code),
        "city": _spaced(customer.city),
        "country": country_code(customer.country),
        "fax": customer.fax,
        "iban": _compact(customer.iban),
        "bic": _compact(customer.bic),
        "chamber_number": customer.chamber_number,
        "vat_number": customer.vat_number,
    }


def customer(
    role: str, number: str, ours: Values, known: wire.Customer | None = None
) -> wire.Customer:
    """Return what to send: our fields, the rest as the package has it.

    What an update leaves out may be lost (not documented), so it is sent along.
    """
    base = known or wire.Customer()
    given = dict(ours)
    if "country" in given:
        given["country"] = country_name(given["country"])
    return replace(base, kind=KINDS[role], number=number or base.number, **given)


def relation(theirs: Values, role: str, number: str, how: Incoming) -> RelationData:
    """Return the relation that a debtor or creditor becomes."""
    empty = RelationData(is_person=how.is_person, name="")
    made = updated(replace(empty, relation_type=how.relation_type), theirs)
    return with_numbers(made, {role: number})


def updated(relation: RelationData, changed: Mapping[str, str]) -> RelationData:
    """Return a relation with what comes in; fields it is not linked by are ignored.

    An organisation's address goes into postal and invoice address (manual C).
    """
    relation = in_own_places(relation)
    linked = {name: changed[name] for name in fields_of(relation) if name in changed}
    if "name" in linked and relation.is_person:
        relation = person_names.renamed(relation, linked.pop("name"), full=False)
    if any(name in linked for name in _PLACE):
        place = _place(_address_of(relation), {**values(relation), **linked})
        if relation.is_person:
            relation = replace(relation, home_address=place)
        else:
            relation = replace(relation, postal_address=place, invoice_address=place)
    as_text: dict[str, Any] = {
        name: text for name, text in linked.items() if name not in _PLACE
    }
    return replace(relation, **as_text)


def with_numbers(relation: RelationData, numbers: Mapping[str, str]) -> RelationData:
    """Return a relation with the package's number in its roles ([7])."""
    return replace(
        relation,
        debtor_number=numbers.get(DEBTOR, relation.debtor_number),
        creditor_number=numbers.get(CREDITOR, relation.creditor_number),
    )


def _place(known: PostalAddress, given: Values) -> PostalAddress:
    return replace(
        known.with_line(given["address"]),
        postal_code=given["postal_code"],
        city=given["city"],
        country=given["country"],
    )


def country_name(code: str) -> str:
    """Return a country as the package's screen shows it; other texts as they are."""
    return str(Locale("nl").territories.get(code, code)) if len(code) == 2 else code


def country_code(text: str) -> str:
    """Return the ISO code of a country's name, or of a code; else the text."""
    return countries.code_of(text) or text.strip()


def _postal_code(text: str) -> str:
    """Write a Dutch postal code as 1234 AB; leave any other."""
    spaced = _spaced(text).upper()
    found = _POSTAL_CODE.fullmatch(spaced)
    return f"{found[1]} {found[2]}" if found else spaced


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _compact(text: str) -> str:
    return "".join(text.split()).upper()
