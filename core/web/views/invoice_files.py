"""The files of an invoice: its PDF, and what goes with it."""

from flask import Blueprint, abort, flash, request
from flask import Response as Answer
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.models import InvoiceAttachment, InvoiceState, SalesInvoice
from core.plugin.pages import get_or_404
from core.rules.invoice_rules import LARGEST_FILE
from core.runtime.database import transaction
from core.services.invoicing import invoice_files, sales_invoices
from core.texts import explain, in_one
from core.web.policy import access
from core.web.views.downloads import send_file
from core.web.views.invoices import back, shown

pages = Blueprint("invoice_files", __name__)


@pages.get("/facturen/<int:sales_invoice_id>/voorbeeld.pdf")
@access("login")
def preview(sales_invoice_id: int) -> Answer:
    """The PDF of a draft as it would be; of a sent invoice, what was sent."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    if row.state != InvoiceState.DRAFT:
        document = sales_invoices.document_of(row.id)
        return _download(document) if document else abort(404)
    return send_file(
        sales_invoices.pdf(row), sales_invoices.PDF, sales_invoices.file_name(row)
    )


@pages.post("/facturen/<int:sales_invoice_id>/bijlagen")
@access("login")
def attach(sales_invoice_id: int) -> str | Response | tuple[str, int]:
    """Add a file to a draft."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    name, content = _uploaded()
    try:
        with transaction():
            invoice_files.add(row, name, content)
    except AskUser as error:
        words = explain(error.code, error.params)
        return shown(row, f"{words.what} {words.action}".strip()), 422
    flash(_("De bijlage is toegevoegd."), "success")
    return back(row.id)


def _uploaded() -> tuple[str, bytes]:
    file = request.files.get("bestand")
    if file is None:
        return "", b""
    with file.stream:
        return file.filename or "", file.read(LARGEST_FILE + 1)


@pages.get("/facturen/<int:sales_invoice_id>/bijlagen/<int:attachment_id>")
@access("login")
def download(sales_invoice_id: int, attachment_id: int) -> Answer:
    """Download a file of an invoice."""
    return _download(_attachment(sales_invoice_id, attachment_id))


def _attachment(sales_invoice_id: int, attachment_id: int) -> InvoiceAttachment:
    found = get_or_404(InvoiceAttachment, attachment_id)
    if found.invoice_id != sales_invoice_id:
        abort(404)
    return found


def _download(file: InvoiceAttachment) -> Answer:
    return send_file(file.content, file.media_type, file.filename)


@pages.post("/facturen/<int:sales_invoice_id>/bijlagen/<int:attachment_id>/weg")
@access("login")
def detach(sales_invoice_id: int, attachment_id: int) -> Response:
    """Take a file off a draft."""
    file = _attachment(sales_invoice_id, attachment_id)
    row = get_or_404(SalesInvoice, sales_invoice_id)
    try:
        with transaction():
            invoice_files.remove(row, file)
    except AskUser as error:
        flash(in_one(error), "error")
    else:
        flash(_("De bijlage is verwijderd."), "info")
    return back(row.id)
