"""`/api/v1/invoices`: made as a draft, attached to, sent, credited, followed."""

import binascii
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace as replace_fields
from datetime import datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from flask import Response, url_for
from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.money import ZERO
from core.models import (
    InvoiceAttachment,
    InvoiceState,
    Relation,
    SalesInvoice,
    SalesInvoiceLine,
    TenantVatCode,
    Transfer,
    WaitingInvoice,
)
from core.runtime import quota
from core.runtime.database import session
from core.services.api import api_lists
from core.services.invoicing import (
    invoice_sending,
    open_amounts,
    sales_invoices,
    waiting_invoices,
)
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.web.api import gate, paging
from core.web.api.invoice_schemas import (
    EXAMPLE,
    PDF,
    AttachmentIn,
    AttachmentOut,
    InvoiceIn,
    InvoiceOut,
    InvoicePage,
    InvoiceQuery,
    SendIn,
)
from core.web.api.problems import Problem, Wrong
from core.web.api.resource import Resource
from core.web.api.rows import own
from core.web.api.transfer_schemas import shown as shown_transfer

resource = Resource("invoices", "Sales invoices: draft, sent, booked, paid, credited.")
READ, WRITE = "invoices:read", "invoices:write"
SUBJECT = "invoice"
SENT_AS = "api"
_Made = tuple[dict[str, Any], int, dict[str, str]]


def shown(
    row: SalesInvoice,
    transfers: Sequence[Transfer],
    left: Decimal,
    waits: WaitingInvoice | None,
) -> dict[str, Any]:
    """Return an invoice as it is answered; `left` is what is open of it."""
    plain = (
        "id", "number", "relation_id", "credits_id", "issued_on", "due_on",
        "delivered_on", "language", "reference", "note", "amount_excl_vat",
        "vat_amount", "amount_incl_vat", "prepaid_amount", "order_id", "sent_at",
        "paid_on", "created_at",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in plain},
        "state": str(row.state),
        "open_amount": left,
        "overdue": open_amounts.days_overdue(row, left, invoice_sending.today(row)) > 0,
        "vat_proof": _proof(row),
        "sending": _sending(waits),
        "lines": [_line(line) for line in row.lines],
        "attachments": [_attachment(each) for each in row.attachments],
        "transfers": [shown_transfer(each) for each in transfers],
    }


def _proof(row: SalesInvoice) -> dict[str, Any] | None:
    """Return what the VAT register said of the customer's number."""
    if not row.vat_proof:
        return None
    kept = {name: row.vat_proof[name] for name in ("number", "name", "proof")}
    return {**kept, "checked_at": datetime.fromisoformat(row.vat_proof["checked_at"])}


def _sending(waits: WaitingInvoice | None) -> dict[str, str] | None:
    """Return how a draft waits for its VAT number, or why it did not go."""
    if waits is None:
        return None
    return {"state": str(waits.state), "code": waits.code or "invoice_waits_for_vat"}


def _line(line: SalesInvoiceLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "vat_code": line.vat_code.code,
        "vat_rate": line.vat_code.rate,
        "amount_excl_vat": line.amount_excl_vat,
    }


def _attachment(row: InvoiceAttachment) -> dict[str, Any]:
    names = ("id", "filename", "media_type", "is_invoice")
    return {name: getattr(row, name) for name in names}


def _one(row: SalesInvoice) -> dict[str, Any]:
    return _all([row])[0]


def _all(rows: Sequence[SalesInvoice]) -> list[dict[str, Any]]:
    """Return invoices as they are answered, in as many queries as one takes."""
    ids = [row.id for row in rows]
    transfers, left = api_lists.transfers(SUBJECT, ids), open_amounts.of(ids)
    waits = waiting_invoices.of_all(ids)
    return [
        shown(row, transfers.get(row.id, []), left.get(row.id, ZERO), waits.get(row.id))
        for row in rows
    ]


@resource.operation(
    "GET", "/invoices", scope=READ, query=InvoiceQuery, answer=InvoicePage
)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List invoices

    In the order in which they were made. `transfers` says what became of each in the
    bookkeeping package.
    """
    relation_id = query.get("relation_id")
    found = api_lists.invoices(
        query["limit"],
        paging.position(query),
        state=query.get("state", ""),
        number=query["number"],
        relation_id=int(relation_id) if relation_id else None,
    )
    return paging.page(query, _all(found.rows), found.last)


@resource.operation(
    "GET", "/invoices/<int:invoice_id>", scope=READ, answer=InvoiceOut, problems=(404,)
)
def show(invoice_id: int) -> dict[str, Any]:
    """Get an invoice"""
    return _one(own(SalesInvoice, invoice_id))


@resource.operation(
    "POST",
    "/invoices",
    scope=WRITE,
    body=InvoiceIn,
    judge=lambda body: _wrong(body),
    answer=InvoiceOut,
    status=201,
    example=EXAMPLE,
)
def create(body: dict[str, Any]) -> _Made:
    """Make a draft of an invoice

    VAT is worked out per VAT code over the sum of its lines. Nothing is booked before
    the invoice is sent.
    """
    row = sales_invoices.save_draft(gate.current().tenant_id, _draft(body))
    return _one(row), 201, _where(row)


@resource.operation(
    "PUT",
    "/invoices/<int:invoice_id>",
    scope=WRITE,
    body=InvoiceIn,
    judge=lambda body: _wrong(body),
    answer=InvoiceOut,
    example=EXAMPLE,
    problems=(404, 409),
)
def replace(body: dict[str, Any], invoice_id: int) -> dict[str, Any]:
    """Replace a draft

    What the request leaves out becomes empty; attachments stay. A sent invoice never
    changes and is refused with 409.
    """
    row = own(SalesInvoice, invoice_id, with_for_update=True)
    return _one(sales_invoices.save_draft(row.tenant_id, _draft(body), row))


@resource.operation(
    "DELETE",
    "/invoices/<int:invoice_id>",
    scope=WRITE,
    status=204,
    problems=(404, 409),
)
def delete(invoice_id: int) -> Response:
    """Delete a draft

    With its attachments. A sent invoice is refused with 409: it is kept and credited.
    """
    sales_invoices.delete_draft(own(SalesInvoice, invoice_id, with_for_update=True))
    return Response(status=204)


def _where(row: SalesInvoice) -> dict[str, str]:
    return {"Location": url_for("api_invoices.show", invoice_id=row.id)}


def _draft(body: dict[str, Any]) -> Draft:
    if wrong := _wrong(body):
        raise Problem(422, "api_invalid", wrong=tuple(wrong))
    codes = _codes()
    lines = [
        DraftLine(
            line["description"],
            line["quantity"],
            line["unit_price"],
            codes[line["vat_code"]],
        )
        for line in body["lines"]
    ]
    given = {name: value for name, value in body.items() if name != "lines"}
    return Draft(lines=lines, **given)


def _wrong(body: dict[str, Any]) -> list[Wrong]:
    """Return what is wrong with a draft, of the fields that are there."""
    wrong = []
    relation_id = body.get("relation_id")
    if relation_id and session().get(Relation, relation_id) is None:
        wrong.append(Wrong("relation_id", "field_unknown_id"))
    issued_on, due_on = body.get("issued_on"), body.get("due_on")
    if issued_on and due_on and due_on < issued_on:
        wrong.append(Wrong("due_on", "field_before_issue"))
    codes = _codes()
    for index, line in enumerate(body.get("lines", ())):
        if line.get("vat_code", "") not in ("", *codes):
            wrong.append(Wrong(f"lines.{index}.vat_code", "field_unknown_id"))
    return wrong


def _codes() -> dict[str, int]:
    """Return the VAT codes of the tenant in scope that may be used."""
    rows = session().execute(
        select(TenantVatCode.code, TenantVatCode.id).where(TenantVatCode.active)
    )
    return dict(rows.all())


@resource.operation(
    "POST",
    "/invoices/<int:invoice_id>/send",
    scope=WRITE,
    body=SendIn,
    answer=InvoiceOut,
    example={"number": "F-2026-0007"},
    problems=(404,),
)
def send(body: dict[str, Any], invoice_id: int) -> dict[str, Any]:
    """Make a draft final

    With a `number` of your own (unique, and not like ours: a year and five digits), or
    with ours. Your system sends the invoice to the customer; from here it is booked,
    with the attachment that is the invoice. Without attachments ours is made, and then
    all that the law wants on it has to be known. With `mail` we make the invoice and
    mail it to the customer, attachments too.

    An invoice without VAT for a business goes once VIES has confirmed the VAT number:
    the answer is the draft, whose `sending` says that it waits. It goes by itself; a
    change takes it back.
    """
    row = own(SalesInvoice, invoice_id, with_for_update=True)
    if row.state != InvoiceState.DRAFT:
        raise AskUser("invoice_not_draft", number=row.number or "")
    if "mail" in body:
        _mail(row, body)
        return _one(row)
    attachment_id = body.get("attachment_id")
    if attachment_id is None:
        marked = [each.id for each in row.attachments if each.is_invoice]
        attachment_id = marked[-1] if marked else None
    elif attachment_id not in [each.id for each in row.attachments]:
        wrong = (Wrong("attachment_id", "field_unknown_id"),)
        raise Problem(422, "api_invalid", wrong=wrong)
    invoice_sending.otherwise(
        row,
        attachment_id,
        sent_as=SENT_AS,
        number=body.get("number", ""),
        user_id=None,
    )
    return _one(row)


def _mail(row: SalesInvoice, body: dict[str, Any]) -> None:
    if "attachment_id" in body:
        wrong = (Wrong("attachment_id", "field_not_with_mail"),)
        raise Problem(422, "api_invalid", wrong=wrong)
    letter = replace_fields(invoice_sending.proposed(row), **body["mail"])
    number = body.get("number", "")
    invoice_sending.by_mail(row, letter, number=number, user_id=None)


@resource.operation(
    "POST",
    "/invoices/<int:invoice_id>/attachments",
    scope=WRITE,
    body=AttachmentIn,
    answer=AttachmentOut,
    status=201,
    example={"filename": "F-2026-0007.pdf", "content": "JVBERi0=", "is_invoice": True},
    problems=(404,),
)
def attach(body: dict[str, Any], invoice_id: int) -> tuple[dict[str, Any], int]:
    """Attach a PDF to a draft

    One of them is the invoice as the customer got it; it goes to the bookkeeping
    package with the booking.
    """
    row = own(SalesInvoice, invoice_id, with_for_update=True)
    if row.state != InvoiceState.DRAFT:
        raise Problem(409, "invoice_not_draft", {"number": row.number or ""})
    content = _pdf(body["content"])
    quota.admit(row.tenant_id, len(content))
    made = sales_invoices.attach(
        row,
        PurePosixPath(body["filename"].replace("\\", "/")).name or "factuur.pdf",
        PDF,
        content,
        is_invoice=body["is_invoice"],
    )
    return _attachment(made), 201


def _pdf(content: str) -> bytes:
    try:
        data = b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data.startswith(b"%PDF-"):
        raise Problem(422, "api_invalid", wrong=(Wrong("content", "field_pdf"),))
    return data


@resource.operation(
    "POST",
    "/invoices/<int:invoice_id>/credit",
    scope=WRITE,
    answer=InvoiceOut,
    status=201,
    problems=(404,),
)
def credit(invoice_id: int) -> _Made:
    """Draft a credit invoice

    Of the whole invoice, dated today; it becomes final when it is sent as well.
    """
    original = own(SalesInvoice, invoice_id, with_for_update=True)
    made = sales_invoices.credit(original, invoice_sending.today(original))
    return _one(made), 201, _where(made)
