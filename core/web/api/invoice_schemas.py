"""Sales invoices as the API writes them; amounts in euros, lines excl VAT."""

from marshmallow import fields, validate

from core.models import InvoiceState, WaitingState
from core.runtime.languages import LANGUAGES
from core.web.api.fields import (
    Amount,
    Choice,
    Day,
    Email,
    Flag,
    Form,
    Id,
    Line,
    Moment,
    Note,
    Part,
    Strict,
)
from core.web.api.paging import Paged
from core.web.api.transfer_schemas import TransferOut

MOST_LINES = 500
PDF = "application/pdf"
LONGEST_CONTENT = 4_800_000
"""Characters of base64: a request is at most five million bytes."""


class InvoiceLine(Strict):
    """A line; the quantity is negative on a credit invoice."""

    description = Line(255, least=1, required=True)
    quantity = Amount(6, 4, required=True)
    unit_price = Amount(7, 4, required=True, metadata={"description": "Euros excl VAT"})
    vat_code = Line(
        20, least=1, required=True, metadata={"description": "See GET /vat-codes"}
    )


class InvoiceIn(Strict):
    """A draft of an invoice."""

    relation_id = Id(required=True)
    issued_on = Day(required=True)
    due_on = Day(required=True)
    delivered_on = Day(
        load_default=None,
        allow_none=True,
        metadata={"description": "Where that is another day than the issue date"},
    )
    language = Choice(
        ("", *LANGUAGES),
        load_default="",
        metadata={"description": "Of the invoice and its mail; empty: by the country"},
    )
    reference = Line(100, load_default="")
    note = Note(5000, load_default="")
    lines = fields.List(
        Part(InvoiceLine),
        required=True,
        validate=validate.Length(1, MOST_LINES, error="field_length"),
        error_messages={"required": "field_required", "invalid": "field_type",
                        "null": "field_null"},
    )  # fmt: skip


class MailIn(Strict):
    """The mail that brings an invoice; what is left out is as our pages propose it.

    `{number}` becomes the number.
    """

    recipient = Email(metadata={"description": "Left out: the relation's own"})
    subject = Line(200, least=1)
    text = Note(5000, least=1)


class SendIn(Strict):
    """How an invoice becomes final."""

    mail = Part(MailIn, metadata={"description": "Mail it; left out: your system does"})

    number = Line(
        30,
        metadata={"description": "Your own number; without it ours is drawn"},
        validate=[Form(r"^\S+$", error="field_characters")],
    )
    attachment_id = Id(metadata={"description": "Which attachment is the invoice"})


class AttachmentIn(Strict):
    """A PDF to attach."""

    filename = Line(200, least=1, required=True)
    content = fields.String(
        required=True,
        validate=validate.Length(4, LONGEST_CONTENT, error="field_length"),
        error_messages={"required": "field_required", "invalid": "field_type",
                        "null": "field_null"},
        metadata={"description": "The PDF in base64", "contentEncoding": "base64"},
    )  # fmt: skip
    is_invoice = Flag(
        load_default=False,
        metadata={"description": "Whether it is the invoice as the customer got it"},
    )


class AttachmentOut(Strict):
    """A file of an invoice."""

    id = Id(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    is_invoice = Flag(required=True)


class InvoiceLineOut(InvoiceLine):
    """A line with what it comes to."""

    vat_rate = Amount(3, 3, required=True, metadata={"description": "In percent"})
    amount_excl_vat = Amount(15, required=True)


class VatProofOut(Strict):
    """The register's answer on the customer's VAT number."""

    number = fields.String(required=True)
    name = fields.String(required=True)
    proof = fields.String(
        required=True, metadata={"description": "VIES's number of the consultation"}
    )
    checked_at = Moment(required=True)


class SendingOut(Strict):
    """Where the sending of a draft stands."""

    state = Choice(list(WaitingState), required=True)
    code = fields.String(required=True)


class InvoiceOut(Strict):
    """An invoice."""

    id = Id(required=True)
    number = fields.String(required=True, allow_none=True)
    state = Choice(list(InvoiceState), required=True)
    relation_id = Id(required=True)
    credits_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The invoice that this one credits"},
    )
    issued_on = Day(required=True)
    due_on = Day(required=True)
    delivered_on = Day(required=True, allow_none=True)
    language = fields.String(required=True)
    reference = fields.String(required=True)
    note = fields.String(required=True)
    lines = fields.List(fields.Nested(InvoiceLineOut), required=True)
    amount_excl_vat = Amount(15, required=True)
    vat_amount = Amount(15, required=True)
    amount_incl_vat = Amount(15, required=True)
    prepaid_amount = Amount(
        15, required=True, metadata={"description": "Paid before it was sent"}
    )
    order_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The webshop order that it was made of"},
    )
    open_amount = Amount(
        15, required=True, metadata={"description": "Still to be paid, incl VAT"}
    )
    overdue = Flag(
        required=True, metadata={"description": "Something is open after `due_on`"}
    )
    vat_proof = fields.Nested(
        VatProofOut,
        required=True,
        allow_none=True,
        metadata={"description": "What VIES said, where no VAT is charged for it"},
    )
    sending = fields.Nested(
        SendingOut,
        required=True,
        allow_none=True,
        metadata={"description": "Of a draft that waits for its VAT number"},
    )
    sent_at = Moment(required=True, allow_none=True)
    paid_on = Day(required=True, allow_none=True)
    created_at = Moment(required=True)
    attachments = fields.List(fields.Nested(AttachmentOut), required=True)
    transfers = fields.List(fields.Nested(TransferOut), required=True)


class InvoicePage(Strict):
    """A page of invoices."""

    items = fields.List(fields.Nested(InvoiceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class InvoiceQuery(Paged):
    """What the list is narrowed to."""

    state = Choice(list(InvoiceState))
    number = Line(30, load_default="")
    relation_id = Line(
        10,
        validate=[Form("^[1-9][0-9]{0,8}$", error="field_type")],
        metadata={"description": "The invoices of one relation"},
    )


EXAMPLE = {
    "relation_id": 1,
    "issued_on": "2026-03-31",
    "due_on": "2026-04-30",
    "reference": "Opdracht 7",
    "lines": [
        {
            "description": "Advies",
            "quantity": "2.5",
            "unit_price": "90.00",
            "vat_code": "NL21",
        }
    ],
}
