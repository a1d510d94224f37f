"""Webshop orders as the API writes them; amounts in euros for a whole line."""

from typing import Any

from marshmallow import fields, validate

from core.domain.money import total
from core.domain.orders import Address, LineKind, Order, OrderLine, OrderState
from core.web.api.fields import (
    Amount,
    Choice,
    Country,
    Flag,
    Form,
    Id,
    Line,
    Moment,
    Strict,
)
from core.web.api.paging import Paged
from core.web.api.transfer_schemas import TransferOut

MOST_LINES = 500


class OrderAddress(Strict):
    """An address; the house number is inside the street."""

    name = Line(200, load_default="")
    company = Line(200, load_default="")
    street = Line(200, load_default="")
    postal_code = Line(20, load_default="")
    city = Line(100, load_default="")
    country = Country(load_default="")
    phone = Line(50, load_default="")


class OrderLineIn(Strict):
    """A line after its discounts."""

    kind = Choice(list(LineKind), load_default=LineKind.GOODS.value)
    description = Line(500, least=1, required=True)
    quantity = Amount(6, 4, required=True)
    amount_incl_vat = Amount(required=True)
    vat_amount = Amount(required=True)
    vat_rate = Amount(
        2, 3, signed=False, required=True, metadata={"description": "In percent"}
    )
    article_number = Line(100, load_default="")


class OrderIn(Strict):
    """An order as the shop has it now."""

    shop_id = Id(
        metadata={"description": "See GET /me; not needed when there is one shop"}
    )
    source_id = Line(
        64,
        least=1,
        required=True,
        metadata={"description": "The shop's own id; the same id is the same order"},
    )
    number = Line(
        64, least=1, required=True, metadata={"description": "What the buyer knows"}
    )
    ordered_at = Moment(required=True)
    updated_at = Moment(
        required=True,
        metadata={"description": "An older reading never replaces a newer one"},
    )
    status = Choice(
        list(OrderState),
        required=True,
        metadata={
            "description": "ready: book it; waiting: not yet; cancelled: not at all"
        },
    )
    currency = fields.String(
        load_default="EUR",
        validate=Form("^[A-Z]{3}$", error="field_choice"),
        error_messages={"invalid": "field_type", "null": "field_null"},
    )
    total_incl_vat = Amount(required=True)
    lines = fields.List(
        fields.Nested(OrderLineIn),
        required=True,
        validate=validate.Length(1, MOST_LINES, error="field_length"),
        error_messages={"required": "field_required", "invalid": "field_type",
                        "null": "field_null"},
    )  # fmt: skip
    email = Line(255, load_default="")
    customer_id = Line(100, load_default="")
    billing = fields.Nested(OrderAddress)
    delivery = fields.Nested(OrderAddress)
    vat_number = Line(40, load_default="")
    reverse_charged = Flag(load_default=False)
    payment_method = Line(200, load_default="")
    invoice_number = Line(100, load_default="")


class OrderOut(Strict):
    """An order and what became of it."""

    id = Id(required=True)
    shop_id = Id(required=True)
    source_id = fields.String(required=True)
    number = fields.String(required=True)
    status = Choice(list(OrderState), required=True)
    ordered_at = Moment(required=True)
    updated_at = Moment(required=True)
    total_incl_vat = Amount(15, required=True)
    vat_amount = Amount(15, required=True)
    transfers = fields.List(fields.Nested(TransferOut), required=True)


class OrderPage(Strict):
    """A page of orders."""

    items = fields.List(fields.Nested(OrderOut), required=True)
    next = fields.String(required=True, allow_none=True)


class OrderQuery(Paged):
    """What the list is narrowed to."""

    number = Line(64, load_default="")
    source_id = Line(64, load_default="")


EXAMPLE = {
    "source_id": "8812",
    "number": "W-8812",
    "ordered_at": "2026-03-31T10:15:00+02:00",
    "updated_at": "2026-03-31T10:20:00+02:00",
    "status": "ready",
    "total_incl_vat": "72.60",
    "lines": [
        {
            "description": "Fietsbel",
            "quantity": "2",
            "amount_incl_vat": "66.55",
            "vat_amount": "11.55",
            "vat_rate": "21",
        },
        {
            "kind": "shipping",
            "description": "Verzending",
            "quantity": "1",
            "amount_incl_vat": "6.05",
            "vat_amount": "1.05",
            "vat_rate": "21",
        },
    ],
    "email": "koper@voorbeeld.example",
    "billing": {
        "name": "Sophie Fischer",
        "street": "Stationstraat 12",
        "postal_code": "1000 AA",
        "city": "Amsterdam",
        "country": "NL",
    },
    "payment_method": "iDEAL",
}


def order_of(body: dict[str, Any]) -> Order:
    """Return the order that a request stands for."""
    lines = tuple(
        OrderLine(**{**line, "kind": LineKind(line["kind"])}) for line in body["lines"]
    )
    given = {
        name: value
        for name, value in body.items()
        if name not in ("shop_id", "status", "lines", "billing", "delivery", "email")
    }
    return Order(
        lines=lines,
        vat_amount=total(line.vat_amount for line in lines),
        billing=Address(**body.get("billing", {})),
        delivery=Address(**body.get("delivery", {})),
        email=body["email"].lower(),
        **given,
    )
