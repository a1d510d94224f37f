"""Sent invoices as structured ones, for what sends or keeps them (EN 16931)."""

from dataclasses import replace

from flask_babel import force_locale
from flask_babel import gettext as _

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceData
from core.domain.structured_invoices import (
    EmbeddedFile,
    Payment,
    StructuredAddress,
    StructuredInvoice,
    StructuredParty,
)
from core.models import InvoiceState, SalesInvoice, Tenant
from core.rules.invoice_rules import invoice_address
from core.rules.structured_invoices import StructuredFacts, structured
from core.runtime.database import session
from core.services.crm import relations
from core.services.invoicing import (
    invoice_settings,
    sales_invoice_pdf,
    sales_invoices,
)
from core.services.invoicing.invoice_settings import Seller


def of_invoice(invoice_id: int, *, files: bool = True) -> StructuredInvoice:
    """Return a sent invoice of the tenant in scope, the file that was sent inside.

    Without `files` they are not read. The seller is as the settings have it now.
    Raises AskUser `invoice_not_sent`.
    """
    row = session().get_one(SalesInvoice, invoice_id)
    if row.state == InvoiceState.DRAFT:
        raise AskUser("invoice_not_sent")
    return _structured(row, _files(row) if files else ())


def of_draft(invoice_id: int) -> StructuredInvoice:
    """Return a draft of the tenant in scope as it is now: no number, no files."""
    return _structured(session().get_one(SalesInvoice, invoice_id), ())


def _structured(
    row: SalesInvoice, files: tuple[EmbeddedFile, ...]
) -> StructuredInvoice:
    seller = invoice_settings.seller(session().get_one(Tenant, row.tenant_id))
    facts = _facts(row, seller, files)
    return structured(_data(row), _party(seller), facts)


def _data(row: SalesInvoice) -> InvoiceData:
    """Return the invoice as it was sent, but for what only addresses it.

    The number in the register of businesses stands on no invoice, and a country may
    have been left out of an address: both are as the relation has them now.
    """
    data = sales_invoices.data_of(row)
    now = relations.on_invoice(row.relation)
    address = invoice_address(data.relation)
    country = address.country or invoice_address(now).country
    return replace(
        data,
        relation=replace(
            data.relation,
            chamber_number=now.chamber_number,
            invoice_address=replace(address, country=country),
        ),
    )


def _party(seller: Seller) -> StructuredParty:
    return StructuredParty(
        name=seller.name,
        address=StructuredAddress(
            seller.street, seller.postal_code, seller.city, seller.country
        ),
        vat_number=seller.vat_number,
        legal_number=seller.chamber_number,
        email=seller.email,
        phone=seller.phone,
    )


def _facts(
    row: SalesInvoice, seller: Seller, files: tuple[EmbeddedFile, ...]
) -> StructuredFacts:
    known = sales_invoices.document_facts(row)
    data = sales_invoices.data_of(row)
    with force_locale(known.language):
        return StructuredFacts(
            delivered_on=known.delivered_on,
            note=known.note,
            credits_on=known.credits_on,
            payment=_payment(row, seller),
            payment_terms=(
                sales_invoice_pdf.credited_words(data) if row.credits_id else ""
            ),
            reasons={
                one.vat_kind: sales_invoice_pdf.vat_reason(
                    one.vat_kind, data.relation.vat_number
                )
                for one in data.totals
            },
            files=files,
        )


def _payment(row: SalesInvoice, seller: Seller) -> Payment | None:
    if not seller.iban:
        return None
    return Payment(seller.iban, seller.name, seller.bic, row.number or "")


def _files(row: SalesInvoice) -> tuple[EmbeddedFile, ...]:
    """Return the invoice as it was sent first, and what went with it."""
    found = sorted(row.attachments, key=lambda each: not each.is_invoice)
    return tuple(
        EmbeddedFile(
            each.filename,
            each.media_type,
            each.content,
            str(_("De factuur") if each.is_invoice else _("Bijlage")),
        )
        for each in found
    )
