"""Webshop orders as the API writes them; amounts in euros for a whole line."""

from dataclasses import replace
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from core.domain.companies import company_name
from core.domain.money import ZERO, total
from core.domain.orders import (
    Address,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    Payment,
    Purse,
    Refund,
    RefundKind,
)
from core.rules.line_discounts import inside_lines
from core.web.api.fields import (
    Amount,
    Choice,
    Email,
    Flag,
    Form,
    Id,
    IsoCountry,
    Line,
    Moment,
    Part,
    PastMoment,
    Strict,
)
from core.web.api.paging import Paged
from core.web.api.transfer_schemas import TransferOut

MOST_LINES = 500
MOST_PAYMENTS = 50
_LIST_ERRORS: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "field_required",
    "invalid": "field_type",
    "null": "field_null",
}


class OrderAddress(Strict):
    """An address; the house number is inside the street."""

    name = Line(200, load_default="")
    company = Line(200, load_default="")
    street = Line(200, load_default="")
    postal_code = Line(20, load_default="")
    city = Line(100, load_default="")
    country = IsoCountry(load_default="")
    phone = Line(50, load_default="")


class OrderLineIn(Strict):
    """A line after its discounts; a negative one beside others goes inside those."""

    kind = Choice(
        list(LineKind),
        load_default=LineKind.GOODS.value,
        metadata={
            "description": "gift_card, deposit and tip are no turnover: the user"
            " chooses an account for each"
        },
    )
    description = Line(500, least=1, required=True)
    quantity = Amount(6, 4, required=True)
    amount_incl_vat = Amount(required=True)
    vat_amount = Amount(required=True)
    vat_rate = Amount(
        2, 3, signed=False, required=True, metadata={"description": "In percent"}
    )
    article_number = Line(100, load_default="")


def _many(schema: type[Strict], most: int, description: str) -> "fields.List[Any]":
    return fields.List(
        Part(schema),
        load_default=list,
        validate=validate.Length(0, most, error="field_length"),
        error_messages=_LIST_ERRORS,
        metadata={"description": description},
    )


class OrderPaymentIn(Strict):
    """Money received for the order; negative where it was paid back."""

    method = Line(
        200,
        least=1,
        required=True,
        metadata={
            "description": "As the shop names it; what was paid with before has a name"
            f" of ours: {', '.join(Purse)}"
        },
    )
    amount = Amount(required=True)
    paid_at = PastMoment(required=True)


class OrderRefundIn(Strict):
    """Money that went back to the buyer, or a part of what was sold."""

    source_id = Line(
        64,
        least=1,
        required=True,
        metadata={"description": "Unique within the order, the same at each sending"},
    )
    amount = Amount(
        required=True,
        metadata={"description": "Positive; negative is money that came in again"},
    )
    refunded_at = PastMoment(required=True)
    kind = Choice(
        list(RefundKind),
        load_default=RefundKind.UNKNOWN.value,
        metadata={"description": "unknown: the user is asked where it matters"},
    )
    reason = Line(200, load_default="")
    method = Line(
        200,
        load_default="",
        metadata={"description": "Empty: as the order was paid"},
    )
    lines = _many(
        OrderLineIn, MOST_LINES, "What was taken back, positive; may be left out"
    )

    @validates_schema
    def add_up(self, data: dict[str, Any], **_options: Any) -> None:
        """Refuse nothing at all, and lines that are another amount together."""
        if data["amount"] == ZERO:
            raise ValidationError({"amount": ["field_zero"]})
        lines = data["lines"]
        if lines and total(each["amount_incl_vat"] for each in lines) != data["amount"]:
            raise ValidationError({"lines": ["field_sum"]})


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
    ordered_at = PastMoment(required=True)
    updated_at = PastMoment(
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
        Part(OrderLineIn),
        required=True,
        validate=validate.Length(1, MOST_LINES, error="field_length"),
        error_messages=_LIST_ERRORS,
    )
    email = Email(load_default="")
    customer_id = Line(100, load_default="")
    billing = Part(OrderAddress)
    delivery = Part(OrderAddress)
    vat_number = Line(40, load_default="")
    reverse_charged = Flag(load_default=False)
    payment_method = Line(200, load_default="")
    invoice_number = Line(100, load_default="")
    is_collected = Flag(
        load_default=False,
        metadata={"description": "The buyer collects the goods where the shop is"},
    )
    is_business = Flag(
        load_default=None,
        metadata={"description": "Null: not known; then a company name decides"},
    )
    payments = _many(
        OrderPaymentIn, MOST_PAYMENTS, "What was paid; together at most the total"
    )
    refunds = _many(OrderRefundIn, MOST_PAYMENTS, "What went back, each once")

    @validates_schema
    def agree(self, data: dict[str, Any], **_options: Any) -> None:
        """Refuse a refund that is there twice, and more paid than there was to pay."""
        names = [each["source_id"] for each in data["refunds"]]
        if len(set(names)) < len(names):
            raise ValidationError({"refunds": ["field_twice"]})
        sign = -1 if data["total_incl_vat"] < ZERO else 1
        paid = total(each["amount"] for each in data["payments"])
        if sign * paid > sign * data["total_incl_vat"]:
            raise ValidationError({"payments": ["field_paid"]})


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
    lines = inside_lines(_lines(body))
    refunds = tuple(
        Refund(**{**each, "kind": RefundKind(each["kind"]), "lines": _lines(each)})
        for each in body["refunds"]
    )
    given = {
        name: value
        for name, value in body.items()
        if name not in ("shop_id", "status", *_MADE)
    }
    return Order(
        lines=lines,
        vat_amount=total(line.vat_amount for line in lines),
        billing=_address(body.get("billing", {})),
        delivery=_address(body.get("delivery", {})),
        payments=tuple(Payment(**each) for each in body["payments"]),
        refunds=refunds,
        refunded_amount=max(ZERO, total(refund.amount for refund in refunds)),
        **given,
    )


_MADE = ("lines", "billing", "delivery", "payments", "refunds")


def _lines(body: dict[str, Any]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(**{**line, "kind": LineKind(line["kind"])}) for line in body["lines"]
    )


def _address(given: dict[str, Any]) -> Address:
    address = Address(**given)
    return replace(address, company=company_name(address.company))
