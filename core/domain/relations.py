"""Relations and sales invoices as plain data: what plugins map to their packages. Pure.

Field names follow the manuals' tables (000, 001 and 002). Texts are empty when unknown.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from core.domain import jsontext


@dataclass(frozen=True)
class PostalAddress:
    """An address with house number and suffix apart."""

    street: str = ""
    house_number: str = ""
    house_number_suffix: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""

    @property
    def line(self) -> str:
        """Street, number and suffix as one line."""
        number = f"{self.house_number}{_joint(self.house_number_suffix)}"
        return " ".join(part for part in (self.street, number) if part)

    @property
    def is_empty(self) -> bool:
        """Whether nothing but a country is known; blanks are nothing."""
        return not f"{self.street}{self.postal_code}{self.city}".strip()


def _joint(suffix: str) -> str:
    """Write a suffix behind its number: 12a, but 12-2 and 12 bis."""
    if not suffix:
        return ""
    if len(suffix) > 1 and suffix.isalpha():
        return f" {suffix}"
    return suffix if suffix[0].isalpha() or suffix[0] == "-" else f"-{suffix}"


_NUMBERED = re.compile(
    r"(?P<street>.*\D)\s+(?P<number>\d+)\s*-?\s*(?P<suffix>[A-Za-z0-9 ]{0,10})"
)


def split_line(line: str) -> tuple[str, str, str]:
    """Return street, house number and suffix of one address line.

    A line without a number behind the street is all street.
    """
    found = _NUMBERED.fullmatch(" ".join(line.split()))
    if found is None:
        return line.strip(), "", ""
    return found["street"].strip(), found["number"], found["suffix"].strip()


@dataclass(frozen=True)
class RelationData:
    """An organisation or a person; `name` is the organisation's or the last name."""

    is_person: bool
    name: str
    relation_type: str = "to_review"
    first_name: str = ""
    initials: str = ""
    name_prefix: str = ""
    gender: str = ""
    debtor_number: str = ""
    creditor_number: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    email: str = ""
    website: str = ""
    chamber_number: str = ""
    vat_number: str = ""
    iban: str = ""
    bic: str = ""
    visiting_address: PostalAddress = field(default_factory=PostalAddress)
    postal_address: PostalAddress = field(default_factory=PostalAddress)
    invoice_address: PostalAddress = field(default_factory=PostalAddress)
    delivery_address: PostalAddress = field(default_factory=PostalAddress)
    home_address: PostalAddress = field(default_factory=PostalAddress)
    alternative_address: PostalAddress = field(default_factory=PostalAddress)

    @property
    def full_name(self) -> str:
        """First name (or initials), prefix and last name; an organisation's name."""
        if not self.is_person:
            return self.name
        parts = (self.first_name or self.initials, self.name_prefix, self.name)
        return " ".join(part for part in parts if part)

    @property
    def last_name(self) -> str:
        """The last name with its prefix."""
        return " ".join(part for part in (self.name_prefix, self.name) if part)


def relation_to_dict(relation: RelationData) -> dict[str, Any]:
    """Return a relation as plain data that JSON can hold."""
    return asdict(relation)


def relation_from_dict(data: Mapping[str, Any]) -> RelationData:
    """Return the relation that `relation_to_dict` wrote."""
    values: dict[str, Any] = {
        name: PostalAddress(**value) if name.endswith("_address") else value
        for name, value in data.items()
    }
    return RelationData(**values)


def relation_hash(relation: RelationData) -> str:
    """Hash every field, so that a change anywhere is seen."""
    data = relation_to_dict(relation)
    return sha256(jsontext.dumps(data).encode()).hexdigest()
