"""Relations between the CRM and e-Boekhouden.nl, both ways (manual 001, E). Pure.

The two tables of the manual stand here as data: 13 fields of an organisation, 15 of a
person. Contact persons are not synchronised. UpdateRelatie wipes what is sent empty
(contract 10), so a change is merged into the whole record that was read before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from core import jsontext
from plugins.eboekhouden import wire
from plugins.eboekhouden.mapping import limited
from plugins.eboekhouden.wire import Body

_GENDERS = {"male": "m", "female": "v"}
_NUMBERED = re.compile(
    r"(?P<street>\D.*?)\s+(?P<number>\d+)(?:\s*[-/]?\s*(?P<rest>.*))?"
)


@dataclass(frozen=True)
class PostalAddress:
    """An address with the house number apart, as the CRM keeps it."""

    street: str = ""
    house_number: str = ""
    house_number_suffix: str = ""
    postal_code: str = ""
    city: str = ""

    @property
    def first_line(self) -> str:
        """Street, number and suffix as one text (manual 001)."""
        number = f"{self.house_number} {self.house_number_suffix}".strip()
        return f"{self.street} {number}".strip()


@dataclass(frozen=True)
class CrmRelation:
    """A relation of the CRM as far as it is synchronised.

    Of an organisation `main_address` is the visiting and `other_address` the postal
    one; of a person the home and the alternative one.
    """

    is_person: bool
    debtor_number: str
    name: str
    """The organisation's name, or the person's last name."""
    full_name: str = ""
    """Of a person; used when the setting says so."""
    gender: str = ""
    """`male`, `female` or empty; persons only."""
    main_address: PostalAddress = field(default_factory=PostalAddress)
    other_address: PostalAddress = field(default_factory=PostalAddress)
    iban: str = ""
    bic: str = ""
    phone: str = ""
    mobile: str = ""
    """Persons only."""
    email: str = ""
    website: str = ""


ORGANISATION_FIELDS = (
    ("debtor_number", "Code"),
    ("name", "Bedrijf"),
    ("main_address.first_line", "Adres"),
    ("main_address.postal_code", "Postcode"),
    ("main_address.city", "Plaats"),
    ("other_address.first_line", "Adres2"),
    ("other_address.postal_code", "Postcode2"),
    ("other_address.city", "Plaats2"),
    ("iban", "IBAN"),
    ("bic", "BIC"),
    ("phone", "Telefoon"),
    ("email", "Email"),
    ("website", "Site"),
)
"""[1] to [13] of the manual's first table: ours, theirs."""
PERSON_FIELDS = (
    ("debtor_number", "Code"),
    ("name", "Bedrijf"),
    ("gender", "Geslacht"),
    ("main_address.first_line", "Adres"),
    ("main_address.postal_code", "Postcode"),
    ("main_address.city", "Plaats"),
    ("other_address.first_line", "Adres2"),
    ("other_address.postal_code", "Postcode2"),
    ("other_address.city", "Plaats2"),
    ("iban", "IBAN"),
    ("bic", "BIC"),
    ("phone", "Telefoon"),
    ("mobile", "GSM"),
    ("email", "Email"),
    ("website", "Site"),
)
"""[1] to [15] of the manual's second table."""


def fields_of(is_person: bool) -> tuple[tuple[str, str], ...]:
    """Return the manual's table for a kind of relation."""
    return PERSON_FIELDS if is_person else ORGANISATION_FIELDS


def relation_body(relation: CrmRelation, *, full_names: bool = False) -> Body:
    """Return what the CRM says of a relation, in the vendor's fields and lengths.

    `full_names`: a person is known there by the full name instead of the last name.
    Raises AskUser `eboekhouden_code_too_long`.
    """
    body: Body = {
        theirs: _value(relation, ours) for ours, theirs in fields_of(relation.is_person)
    }
    if relation.is_person:
        body["Geslacht"] = _GENDERS.get(relation.gender, "")
        if full_names and relation.full_name:
            body["Bedrijf"] = relation.full_name
    body["BP"] = wire.PRIVATE if relation.is_person else wire.BUSINESS
    return limited(body)


def from_body(body: Mapping[str, Any]) -> CrmRelation:
    """Return a relation of the package in the CRM's words (manual 001, B and E).

    The package has one line for an address; street and number are told apart where
    that is certain, else all of it is the street.
    """
    text = {name: str(value or "").strip() for name, value in body.items()}

    def get(name: str) -> str:
        return text.get(name, "")

    is_person = get("BP") == wire.PRIVATE
    genders = {theirs: ours for ours, theirs in _GENDERS.items()}
    return CrmRelation(
        is_person=is_person,
        debtor_number=get("Code"),
        name=get("Bedrijf"),
        full_name=get("Bedrijf") if is_person else "",
        gender=genders.get(get("Geslacht"), "") if is_person else "",
        main_address=address(get("Adres"), get("Postcode"), get("Plaats")),
        other_address=address(get("Adres2"), get("Postcode2"), get("Plaats2")),
        iban=get("IBAN"),
        bic=get("BIC"),
        phone=get("Telefoon"),
        mobile=get("GSM") if is_person else "",
        email=get("Email"),
        website=get("Site"),
    )


def address(line: str, postal_code: str, city: str) -> PostalAddress:
    """Split `Stationstraat 12 bis` into street, number and suffix.

    A line with digits in the street's name, or without a number, stays whole.
    """
    found = _NUMBERED.fullmatch(" ".join(line.split()))
    if found is None or re.search(r"\d", found["street"]):
        return PostalAddress(line, "", "", postal_code, city)
    suffix = (found["rest"] or "").strip()
    return PostalAddress(found["street"], found["number"], suffix, postal_code, city)


def merged(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> Body:
    """Return the whole record to send: what was read, with the CRM's fields over it.

    The CRM wins: a field of its own that is empty there becomes empty here. All that
    the CRM does not know (notes, free fields, the contact person) stays as it is.
    """
    return {**current, **wanted}


def digest(body: Mapping[str, Any]) -> str:
    """Return a hash of the fields that are synchronised; None and empty are equal."""
    names = sorted({theirs for _, theirs in PERSON_FIELDS} | {"BP"})
    values = [str(body.get(name) or "").strip() for name in names]
    return sha256(jsontext.dumps(values).encode()).hexdigest()


def must_write(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether a write would change anything: a call is spent only then."""
    return any(
        str(current.get(name) or "").strip() != str(value or "").strip()
        for name, value in wanted.items()
    )


def _value(relation: CrmRelation, path: str) -> str:
    value: Any = relation
    for part in path.split("."):
        value = getattr(value, part)
    return str(value)
