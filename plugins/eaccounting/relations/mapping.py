"""Relations to debtors and creditors: manual 000, tables E and F. Pure.

Numbers in brackets are the manual's. What a table does not name is never written and
never read: a PUT takes the package's record and replaces these fields only. The way
back stands in `relation_values`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.domain.relations import PostalAddress, RelationData
from core.domain.strings import cut
from core.rules.relation_fields import in_own_places
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
    relation = in_own_places(relation)
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


def merged(record: Body, body: Body, *, is_person: bool | None = None) -> Body:
    """Return the record to PUT: theirs with our fields in it, nothing wiped.

    `is_person`: what a customer became here; None: it is still what it was.
    """
    ours = {
        name: value or None
        for name, value in body.items()
        if not _left_alone(name, body)
    }
    kind = {} if is_person is None else {"IsPrivatePerson": is_person}
    return {**record, **ours, **kind}


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


def too_long(
    relation: RelationData, role: Role, name: PersonName, names: Collection[str]
) -> tuple[str, str, int] | None:
    """Return the first of what is sent that the package cannot hold whole.

    As the package's label, the text and the most that it takes. An address may lose
    words (`cut`); a name, a number or a link would become another.
    """
    texts: tuple[tuple[str, str, str, int], ...] = (
        ("name", "Naam", _name(relation, name), wire.NAME),
        ("phone", "Telefoon", relation.phone, wire.PHONE),
        ("mobile", "Mobiel", relation.mobile, wire.PHONE),
        ("email", "E-mailadres", relation.email, wire.EMAIL),
        ("website", "Website", relation.website, WEBSITE),
        ("chamber_number", "KvK-nummer", relation.chamber_number, CHAMBER_NUMBER),
        ("vat_number", "BTW-nummer", relation.vat_number, VAT_NUMBER),
    )
    if role == Role.CREDITOR:
        texts = tuple(row for row in texts if row[0] != "mobile")
    return next(
        (
            (label, text, most)
            for own, label, text, most in texts
            if own in names and len(text) > most
        ),
        None,
    )


def missing(body: Body, role: Role) -> list[str]:
    """Return our names of the fields that the package cannot do without."""
    needed = {"Name": "name"}
    if role == Role.DEBTOR:
        needed |= {"InvoicePostalCode": "postal_code", "InvoiceCity": "city"}
    return [ours for theirs, ours in needed.items() if not body.get(theirs)]
