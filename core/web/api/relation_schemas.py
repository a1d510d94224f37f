"""Relations as the API writes them."""

from typing import Any

from marshmallow import fields

from core.rules.relation_fields import (
    ADDRESSES,
    KIND,
    ORGANISATION,
    PARTS,
    PERSON,
    PLAIN,
)
from core.rules.relation_rules import GENDERS, LONGEST, TYPES
from core.web.api.fields import Choice, Country, Id, Line, Moment, Part, Strict
from core.web.api.paging import Since


class Address(Strict):
    """An address, with house number and suffix apart."""

    street = Line(LONGEST["street"], load_default="")
    house_number = Line(LONGEST["house_number"], load_default="")
    house_number_suffix = Line(LONGEST["house_number_suffix"], load_default="")
    postal_code = Line(LONGEST["postal_code"], load_default="")
    city = Line(LONGEST["city"], load_default="")
    country = Country(
        load_default="", metadata={"description": "Empty: the tenant's own country"}
    )


class AddressOut(Address):
    """An address, also as the line that it is written as."""

    line = fields.String(
        required=True,
        metadata={
            "description": "Street, number and suffix: as they came from a package or"
            " a file while the parts are the same, else joined"
        },
    )


class Doubt(Strict):
    """A value that came in from a package and is not understood."""

    field = fields.String(
        required=True,
        metadata={"description": "`vat_number`, `home_address.postal_code`"},
    )
    code = fields.String(required=True)


def _text(name: str, most: int = 0) -> Line:
    return Line(most or LONGEST[name], load_default="")


class RelationIn(Strict):
    """A relation to make, or to put in place of another.

    Numbers may be typed with spaces and points, which are taken out.
    """

    kind = Choice((ORGANISATION, PERSON), required=True)
    relation_type = Choice(TYPES, load_default="to_review")
    name = Line(
        LONGEST["name"],
        least=1,
        required=True,
        metadata={"description": "Of an organisation, or a person's last name"},
    )
    first_name = _text("first_name")
    initials = _text("initials")
    name_prefix = _text("name_prefix")
    gender = Choice(GENDERS, load_default="")
    debtor_number = _text("debtor_number")
    creditor_number = _text("creditor_number")
    phone = _text("phone")
    mobile = _text("mobile")
    fax = _text("fax")
    email = _text("email")
    website = _text("website")
    chamber_number = _text("chamber_number", 40)
    vat_number = _text("vat_number", 40)
    iban = _text("iban", 42)
    bic = _text("bic", 15)
    visiting_address = Part(Address)
    postal_address = Part(Address)
    invoice_address = Part(Address)
    delivery_address = Part(Address)
    home_address = Part(Address)
    alternative_address = Part(Address)


class RelationPatch(RelationIn):
    """What changes of a relation; the rest stays, parts of an address as well."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "partial": True})


class RelationOut(RelationIn):
    """A relation."""

    visiting_address = Part(AddressOut)
    postal_address = Part(AddressOut)
    invoice_address = Part(AddressOut)
    delivery_address = Part(AddressOut)
    home_address = Part(AddressOut)
    alternative_address = Part(AddressOut)
    doubts = fields.List(
        fields.Nested(Doubt),
        required=True,
        metadata={
            "description": "Fields whose value came in as it stands here, but is not"
            " valid: it is not passed on and stands on no invoice"
        },
    )
    id = Id(required=True)
    version = Id(required=True)
    merged_into = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The relation that this one was merged into"},
    )
    created_at = Moment(required=True)
    changed_at = Moment(required=True)


class RelationPage(Strict):
    """A page of relations."""

    items = fields.List(fields.Nested(RelationOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RelationQuery(Since):
    """What the list is narrowed to."""

    search = Line(
        100,
        load_default="",
        metadata={"description": "Begins of words of name, number, e-mail or city"},
    )
    number = Line(
        20, load_default="", metadata={"description": "A debtor or creditor number"}
    )


EXAMPLE = {
    "kind": "organisation",
    "name": "Bakkerij Zoet B.V.",
    "relation_type": "client",
    "debtor_number": "10001",
    "email": "info@zoet.example",
    "vat_number": "NL123456782B90",
    "invoice_address": {
        "street": "Stationstraat",
        "house_number": "12",
        "postal_code": "1000 AA",
        "city": "Amsterdam",
        "country": "NL",
    },
}


def flat(values: dict[str, Any]) -> dict[str, str]:
    """Return what a request gives as a flat row; only the fields that it names."""
    row = {name: values[name] for name in (KIND, *PLAIN) if name in values}
    for role in ADDRESSES:
        given = values.get(role, {})
        row |= {f"{role}.{part}": given[part] for part in PARTS if part in given}
    return row
