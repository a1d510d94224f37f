"""Relations to debtors and creditors: manual 000, tables E and F. Pure.

Numbers in brackets are the manual's. What a table does not name is never written and
never read: a PUT takes the package's record and replaces these fields only. The way
back stands in `relation_values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.relations import PostalAddress, RelationData
from core.domain.strings import cut
from plugins.eaccounting import wire
from plugins.eaccounting.wire import Body

NUMBER = 16
CHAMBER_NUMBER = 20
VAT_NUMBER = 20
WEBSITE = 255
IBAN = 50


class PersonName(StrEnum):
    """How a person's name is shown in the package (manual 000, B3)."""

    LAST = "last"
    FULL = "full"


class Role(StrEnum):
    """What a relation is in the package, which keeps the two apart."""

    DEBTOR = "debtor"
    CREDITOR = "creditor"


@dataclass(frozen=True)
class Defaults:
    """What the package wants of a new record and the CRM does not know."""

    terms_id: str
    country: str
    """ISO code of the company: for addresses without a country."""


# --- out ---------------------------------------------------------------------------


def body_of(relation: RelationData, role: Role, name: PersonName) -> Body:
    """Return the managed fields of a relation as the package spells them."""
    if role == Role.CREDITOR:
        return _creditor(relation, name)
    return _person_debtor(relation, name) if relation.is_person else _debtor(relation)


def _debtor(relation: RelationData) -> Body:
    """An organisation as debtor: table E, first part."""
    return _cleaned({
        "CustomerNumber": relation.debtor_number[:NUMBER],  # [1]
        "Name": cut(relation.name, wire.NAME),  # [2]
        **_address("Delivery", relation.visiting_address),  # [3] [4] [5]
        **_address("Invoice", main_address(relation)),  # [6] [7] [8]
        "CorporateIdentityNumber": relation.chamber_number[:CHAMBER_NUMBER],  # [9]
        "VatNumber": relation.vat_number[:VAT_NUMBER],  # [10]
        "Telephone": relation.phone[: wire.PHONE],  # [11]
        "EmailAddress": relation.email[: wire.EMAIL],  # [12]
        "WwwAddress": relation.website[:WEBSITE],  # [13]
    })  # fmt: skip


def _person_debtor(relation: RelationData, name: PersonName) -> Body:
    """A person as debtor: table E, second part; [9] and [10] are not for persons."""
    return _cleaned({
        "CustomerNumber": relation.debtor_number[:NUMBER],  # [1]
        "Name": cut(_name(relation, name), wire.NAME),  # [2]
        **_address("Delivery", relation.alternative_address),  # [3] [4] [5]
        **_address("Invoice", relation.home_address),  # [6] [7] [8]
        "Telephone": relation.phone[: wire.PHONE],  # [11]
        "EmailAddress": relation.email[: wire.EMAIL],  # [12]
        "WwwAddress": relation.website[:WEBSITE],  # [13]
        "MobilePhone": relation.mobile[: wire.PHONE],  # [14]
    })  # fmt: skip


def _creditor(relation: RelationData, name: PersonName) -> Body:
    """A relation as creditor: table F.

    The manual's [1] says Debiteurnummer beside Cred.nr.: a misprint, since every
    relation with a creditor number goes out as creditor (B2, B3).
    """
    return _cleaned({
        "SupplierNumber": relation.creditor_number[:NUMBER],  # [1]
        "Name": cut(_name(relation, name), wire.NAME),  # [2]
        **_address("", main_address(relation)),  # [3] [4] [5]
        "CorporateIdentityNumber": relation.chamber_number[:CHAMBER_NUMBER],  # [6]
        "VatNumber": relation.vat_number[:VAT_NUMBER],  # [7]
        "Telephone": relation.phone[: wire.PHONE],  # [8]
        "EmailAddress": relation.email[: wire.EMAIL],  # [9]
        "WwwAddress": relation.website[:WEBSITE],  # [10]
        "BankIban": relation.iban.replace(" ", "")[:IBAN],  # [11]
    })  # fmt: skip


def _name(relation: RelationData, name: PersonName) -> str:
    return relation.full_name if name == PersonName.FULL else relation.last_name


def main_address(relation: RelationData) -> PostalAddress:
    """The postal address; the package wants one, so else the visiting address."""
    if relation.is_person:
        return relation.home_address
    if relation.postal_address.is_empty:
        return relation.visiting_address
    return relation.postal_address


def _address(prefix: str, address: PostalAddress) -> Body:
    return {
        f"{prefix}Address1": cut(address.line, wire.ADDRESS),
        f"{prefix}PostalCode": address.postal_code[: wire.POSTAL_CODE],
        f"{prefix}City": cut(address.city, wire.CITY),
        f"{prefix}CountryCode": address.country,
    }


def _cleaned(body: Mapping[str, str]) -> Body:
    return {name: value.strip() for name, value in body.items()}


# --- merge -------------------------------------------------------------------------


def _left_alone(name: str, body: Body) -> bool:
    return name.endswith("CountryCode") and not body[name]


def merged(record: Body, body: Body) -> Body:
    """Return the record to PUT: theirs with our fields in it, nothing wiped."""
    ours = {
        name: value or None
        for name, value in body.items()
        if not _left_alone(name, body)
    }
    return {**record, **ours}


def new_record(relation: RelationData, body: Body, role: Role, new: Defaults) -> Body:
    """Return the record to POST; what is empty is left out (contract 3.2, 3.3)."""
    record = {name: value for name, value in body.items() if value}
    record |= {"TermsOfPaymentId": new.terms_id, "IsActive": True}
    if role == Role.DEBTOR:
        record.setdefault("InvoiceCountryCode", new.country)
        record["IsPrivatePerson"] = relation.is_person
    else:
        record.setdefault("CountryCode", new.country)
    return record


def missing(body: Body, role: Role) -> list[str]:
    """Return our names of the fields that the package cannot do without."""
    needed = {"Name": "name"}
    if role == Role.DEBTOR:
        needed |= {"InvoicePostalCode": "postal_code", "InvoiceCity": "city"}
    return [ours for theirs, ours in needed.items() if not body.get(theirs)]
