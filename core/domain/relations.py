"""Relations and sales invoices as plain data: what plugins map to their packages. Pure.

Field names follow the manuals' tables (000, 001 and 002). Texts are empty when unknown.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from core.domain import addresses, jsontext
from core.domain.strings import cut


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

    written: str = field(default="", compare=False)
    """The line as it came, where we would write another; `line` counts."""

    @classmethod
    def of_line(cls, line: str) -> "PostalAddress":
        """Return the address of one line, kept where we would write another."""
        parts, whole = _stored_parts(line), " ".join(line.split())
        return cls(*parts, written="" if addresses.joined(*parts) == whole else whole)

    @property
    def line(self) -> str:
        """Street, number and suffix as one line.

        As it came, as long as its parts are still those of that line.
        """
        return self.written if self.is_as_written else addresses.joined(*self._parts)

    @property
    def is_as_written(self) -> bool:
        """Whether the line that came still has the address's parts."""
        return bool(self.written) and self._parts == _stored_parts(self.written)

    @property
    def _parts(self) -> tuple[str, str, str]:
        return self.street, self.house_number, self.house_number_suffix

    def with_line(self, line: str) -> "PostalAddress":
        """Return the address with another line; our own parts of the same line stay."""
        if " ".join(line.split()) == self.line:
            return self
        found = PostalAddress.of_line(line)
        return replace(
            self,
            street=found.street,
            house_number=found.house_number,
            house_number_suffix=found.house_number_suffix,
            written=found.written,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing but a country is known; blanks are nothing."""
        return not f"{self.street}{self.postal_code}{self.city}".strip()


def _stored_parts(line: str) -> tuple[str, str, str]:
    """Return the parts of a line as the tables can hold them."""
    street, number, suffix = addresses.parts_of(line)
    return cut(street, addresses.STREET), number, suffix


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
    """Return a relation as plain data that JSON can hold.

    An address has its line as it came only where that differs from its parts joined.
    """
    data = asdict(relation)
    for value in data.values():
        if isinstance(value, dict) and not value["written"]:
            del value["written"]
    return data


def relation_from_dict(data: Mapping[str, Any]) -> RelationData:
    """Return the relation that `relation_to_dict` wrote."""
    values: dict[str, Any] = {
        name: PostalAddress(**value) if name.endswith("_address") else value
        for name, value in data.items()
    }
    return RelationData(**values)


def relation_hash(relation: RelationData) -> str:
    """Hash every field, so that a change anywhere is seen.

    How a line was written is none.
    """
    data = relation_to_dict(relation)
    for value in data.values():
        if isinstance(value, dict):
            value.pop("written", None)
    return sha256(jsontext.dumps(data).encode()).hexdigest()
