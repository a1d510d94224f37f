"""Sales invoices: drafted, sent, booked, paid, credited; the only writer of them.

An invoice gets its number when it is sent, in the same transaction, so that the series
has no gaps (Dutch VAT act, article 35a). VAT is worked out per VAT code over the sum
of its lines, as the packages do. A sent invoice never changes: it is credited
(`invoice_credits`). Whoever changes a draft holds its row first, so that of two at the
same moment one finds it sent already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.domain.events import InvoiceSent
from core.domain.invoices import InvoiceData, InvoiceLineData, VatTotal
from core.domain.money import cents, total
from core.domain.relations import RelationData, relation_from_dict, relation_to_dict
from core.models import (
    InvoiceAttachment,
    InvoiceState,
    Relation,
    SalesInvoice,
    SalesInvoiceLine,
    Tenant,
    TenantVatCode,
)
from core.rules.invoice_rules import invoice_address, language_for, vat_per_code
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.languages import LANGUAGES
from core.services.api import webhooks_out
from core.services.connections import connections
from core.services.crm import merged, relations
from core.services.invoicing import (
    invoice_credits,
    invoice_settings,
    invoiced_orders,
    sales_invoice_pdf,
    vat_proofs,
    waiting_invoices,
)

PDF = "application/pdf"


@dataclass(frozen=True)
class DraftLine:
    """What the user fills in for one line; the price in euros excl VAT."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_code_id: int
    vat_amount: Decimal | None = None
    """As a shop charged it; None: it is worked out over all lines of the code."""

    @property
    def amount_excl_vat(self) -> Decimal:
        """Quantity times price, to the cent."""
        return cents(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Draft:
    """What the user fills in for an invoice; dates are local."""

    relation_id: int
    issued_on: date
    due_on: date
    lines: Sequence[DraftLine]
    reference: str = ""
    note: str = ""
    delivered_on: date | None = None
    language: str = ""
    """Empty: by the relation's country."""


def save_draft(
    tenant_id: int,
    draft: Draft,
    row: SalesInvoice | None = None,
    *,
    credits_id: int | None = None,
) -> SalesInvoice:
    """Store a draft in the caller's transaction.

    Raises AskUser `invoice_not_draft` when it was sent already, `line_vat_code` when a
    line names a VAT code that is not the tenant's, and `relation_blocked` for a
    relation whose customer was erased: there only what was sent is credited.
    """
    if row is None:
        row = SalesInvoice(
            tenant_id=tenant_id, state=InvoiceState.DRAFT, credits_id=credits_id
        )
    else:
        hold_draft(row)
    relation = merged.current(session().get_one(Relation, draft.relation_id))
    if row.credits_id is None:
        merged.refuse_merged(relation)
    row.relation = relation
    row.issued_on, row.due_on = draft.issued_on, draft.due_on
    row.delivered_on = draft.delivered_on
    row.reference, row.note = draft.reference, draft.note
    row.language = draft.language or language_for(relations.data_of(relation))
    codes = _codes([line.vat_code_id for line in draft.lines])
    charged = charged_vat(row)
    row.lines = [
        SalesInvoiceLine(
            tenant_id=tenant_id,
            position=position,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount_excl_vat=line.amount_excl_vat,
            vat_amount=charged.get(
                (line.quantity, line.unit_price, codes[line.vat_code_id].code),
                line.vat_amount,
            ),
            vat_code=codes[line.vat_code_id],
        )
        for position, line in enumerate(draft.lines, 1)
    ]
    _add_up(row)
    session().add(row)
    session().flush()
    return row


def charged_vat(row: SalesInvoice) -> dict[tuple[Decimal, Decimal, str], Decimal]:
    """Return the VAT that a shop charged on a line, by quantity, price and VAT code:
    a line keeps it unless a person changes one of these."""
    return {
        (line.quantity, line.unit_price, line.vat_code.code): line.vat_amount
        for line in row.lines or ()
        if line.vat_amount is not None
    }


def hold_draft(row: SalesInvoice) -> None:
    """Keep others from the draft until the caller's transaction ends.

    One that waited to go by itself does so no more. Raises AskUser
    `invoice_not_draft` when it was sent, also a moment ago.
    """
    held = session().scalar(
        update(SalesInvoice)
        .where(SalesInvoice.id == row.id, SalesInvoice.state == InvoiceState.DRAFT)
        .values(state=InvoiceState.DRAFT)
        .returning(SalesInvoice.id)
        .execution_options(synchronize_session=False)
    )
    if held is None or row.state != InvoiceState.DRAFT:
        raise AskUser("invoice_not_draft", number=row.number or "")
    waiting_invoices.take_back(row.id)


def delete_draft(row: SalesInvoice) -> None:
    """Delete a draft in the caller's transaction; it never had a number.

    The webshop order that it was made of stands again where it stood. Raises AskUser
    `invoice_not_draft`.
    """
    hold_draft(row)
    invoiced_orders.give_back(row)
    log.write(
        row.tenant_id, "invoice_draft_deleted", total=f"{row.amount_incl_vat:.2f}"
    )
    session().delete(row)
    session().flush()


def _codes(ids: Sequence[int]) -> dict[int, TenantVatCode]:
    rows = session().scalars(select(TenantVatCode).where(TenantVatCode.id.in_(ids)))
    found = {row.id: row for row in rows}
    if set(ids) - set(found):
        raise AskUser("line_vat_code")
    return found


def _add_up(row: SalesInvoice) -> None:
    row.amount_excl_vat = total(line.amount_excl_vat for line in row.lines)
    row.vat_amount = total(item.vat_amount for item in vat_totals(row))


def vat_totals(row: SalesInvoice) -> tuple[VatTotal, ...]:
    """Return amount and VAT per VAT code, in the order of the lines; euros."""
    return vat_per_code(_line_data(row))


def send(
    row: SalesInvoice,
    sent_as: str,
    *,
    attachment_id: int | None = None,
    user_id: int | None = None,
    number: str = "",
) -> SalesInvoice:
    """Give a draft its number and make it Verstuurd in the caller's transaction.

    `sent_as` is `mail` or `other`. When it goes otherwise than by mail and several
    files are attached, `attachment_id` says which one is the invoice (manual 000, C);
    without files, and by mail, it is the PDF that we make here, once.
    An outside system that numbers its own invoices gives the `number`; else ours is
    drawn. Raises AskUser `invoice_not_draft`, `invoice_empty`, `which_attachment`,
    `credit_is_none`, `credit_exceeds` when more is credited than was invoiced,
    `invoice_waits_for_vat` without proof of a VAT number that it needs,
    `prepaid_differs` when another amount was paid for it than it comes to,
    `order_of_draft_changed` when its webshop order was cancelled or refunded, and of a
    given number `invoice_number_taken` or `invoice_number_own_series`.
    """
    hold_draft(row)
    if not row.lines:
        raise AskUser("invoice_empty")
    if row.credits_id is not None:
        invoice_credits.refuse_too_much(row)
    invoiced_orders.check(row)
    _check_prepaid(row)
    if vat_proofs.is_lacking(row):
        raise AskUser("invoice_waits_for_vat", number=_customer(row).vat_number)
    _choose_document(row, sent_as, attachment_id)
    row.number = _number(row, number)
    row.customer = relation_to_dict(relations.on_invoice(row.relation))
    row.state, row.sent_as, row.sent_at = InvoiceState.SENT, sent_as, utcnow()
    session().flush()
    _make_document(row)
    note(row, told(row, "invoice_sent"), user_id=user_id)
    enabled = connections.enabled_plugins(row.tenant_id)
    event = InvoiceSent(row.tenant_id, row.id)
    koppelwerk().registry.dispatch("on_invoice_sent", enabled, event)
    webhooks_out.invoice(row, "invoice.sent")
    if row.prepayments:
        _paid(row, _prepaid_on(row))
    return row


def _check_prepaid(row: SalesInvoice) -> None:
    """Refuse an invoice that comes to another amount than was paid for it before."""
    paid = data_of(row).prepaid
    if row.prepayments and paid != row.amount_incl_vat:
        raise AskUser("prepaid_differs", total=row.amount_incl_vat, paid=paid)


def _prepaid_on(row: SalesInvoice) -> date:
    """Return the local day of the last payment of before it was sent."""
    zone = session().get_one(Tenant, row.tenant_id).timezone
    return max(local_date(each.paid_at, zone) for each in row.payments)


def told(row: SalesInvoice, code: str) -> str:
    """Return the code that tells of an invoice, or the one that tells of a credit."""
    return f"credit_{code}" if row.credits_id else code


def _number(row: SalesInvoice, given: str) -> str:
    """Draw our next number, or check one that an outside system gave."""
    if not given:
        return invoice_settings.draw(row.tenant_id, row.issued_on.year)
    if invoice_settings.is_own(row.tenant_id, given):
        raise AskUser("invoice_number_own_series", number=given)
    taken = select(SalesInvoice.id).where(
        SalesInvoice.tenant_id == row.tenant_id, SalesInvoice.number == given
    )
    if session().scalar(taken) is not None:
        raise AskUser("invoice_number_taken", number=given)
    return given


def note(row: SalesInvoice, code: str, **values: Any) -> None:
    """Write what happened to an invoice into the log, in the caller's transaction."""
    number = row.number or ""
    log.write(
        row.tenant_id, code, invoice_id=row.id, number=number, invoice=number, **values
    )


def _choose_document(
    row: SalesInvoice, sent_as: str, attachment_id: int | None
) -> None:
    """Mark which file is the invoice; one made by us is marked when it is made."""
    if sent_as == "mail" or not row.attachments:
        return
    chosen = [item for item in row.attachments if item.id == attachment_id]
    if not chosen and len(row.attachments) == 1:
        chosen = row.attachments
    if not chosen:
        raise AskUser("which_attachment")
    for item in row.attachments:
        item.is_invoice = item is chosen[0]


def _make_document(row: SalesInvoice) -> None:
    """Make the PDF unless one of the files is the invoice; it is never made anew."""
    if any(item.is_invoice for item in row.attachments):
        return
    attach(row, file_name(row), PDF, pdf(row), is_invoice=True)


def pdf(row: SalesInvoice) -> bytes:
    """Return the invoice as a PDF; of a draft, as it would be."""
    tenant = session().get_one(Tenant, row.tenant_id)
    return sales_invoice_pdf.write(
        data_of(row), invoice_settings.seller(tenant), document_facts(row)
    )


def document_facts(row: SalesInvoice) -> sales_invoice_pdf.Facts:
    """Return what stands on an invoice and no package asks for."""
    original = session().get(SalesInvoice, row.credits_id) if row.credits_id else None
    return sales_invoice_pdf.Facts(
        language=row.language if row.language in LANGUAGES else LANGUAGES[0],
        address=invoice_address(_customer(row)),
        timezone=session().get_one(Tenant, row.tenant_id).timezone,
        delivered_on=row.delivered_on,
        note=row.note,
        credits_on=original.issued_on if original else None,
        payment_code=invoice_settings.of(row.tenant_id).payment_code,
    )


def file_name(row: SalesInvoice, number: str = "") -> str:
    """Return the name of our PDF: Factuur-202600001.pdf; `number`: what it will be."""
    with force_locale(row.language):
        word = _("Creditfactuur") if row.credits_id else _("Factuur")
        return f"{word}-{row.number or number or _('concept')}.pdf".replace("/", "-")


def credit(row: SalesInvoice, issued_on: date) -> SalesInvoice:
    """Draft a credit invoice of the whole invoice in the caller's transaction.

    It can be edited down before it is sent. Raises AskUser `invoice_not_sent` for a
    draft, `invoice_is_credit` for a credit, `nothing_to_credit` when all of it was.
    """
    if row.state == InvoiceState.DRAFT:
        raise AskUser("invoice_not_sent")
    if row.credits_id is not None:
        raise AskUser("invoice_is_credit", number=row.number or "")
    if row.amount_excl_vat > 0 >= invoice_credits.left_of(row):
        raise AskUser("nothing_to_credit", number=row.number or "")
    lines = [
        DraftLine(
            line.description,
            -line.quantity,
            line.unit_price,
            line.vat_code_id,
            None if line.vat_amount is None else -line.vat_amount,
        )
        for line in row.lines
    ]
    draft = Draft(
        row.relation_id, issued_on, issued_on, lines, row.reference,
        language=row.language,
    )  # fmt: skip
    made = save_draft(row.tenant_id, draft, credits_id=row.id)
    made.vat_proof = row.vat_proof
    session().flush()
    return made


def attach(
    row: SalesInvoice,
    filename: str,
    media_type: str,
    content: bytes,
    *,
    is_invoice: bool = False,
) -> InvoiceAttachment:
    """Add a file in the caller's transaction."""
    made = InvoiceAttachment(
        tenant_id=row.tenant_id,
        filename=filename,
        media_type=media_type,
        content=content,
        is_invoice=is_invoice,
    )
    row.attachments.append(made)
    session().flush()
    return made


def document_of(invoice_id: int) -> InvoiceAttachment | None:
    """Return the file that is the invoice as it was sent, or None."""
    return session().scalar(
        select(InvoiceAttachment).where(
            InvoiceAttachment.invoice_id == invoice_id, InvoiceAttachment.is_invoice
        )
    )


def booked(row: SalesInvoice) -> None:
    """Make it Geboekt, unless it went on already, in the caller's transaction."""
    if row.state == InvoiceState.SENT:
        row.state = InvoiceState.BOOKED
        webhooks_out.invoice(row, "invoice.booked")


def paid(row: SalesInvoice, on: date, *, connection_id: int | None = None) -> None:
    """Make a booked invoice Betaald in the caller's transaction (manual 000, D).

    `connection_id`: of the package that says so.
    """
    if row.state == InvoiceState.BOOKED:
        _paid(row, on, connection_id=connection_id)


def _paid(row: SalesInvoice, on: date, *, connection_id: int | None = None) -> None:
    row.state, row.paid_on = InvoiceState.PAID, on
    note(row, "invoice_paid", connection_id=connection_id)
    webhooks_out.invoice(row, "invoice.paid")


def reopened(row: SalesInvoice, *, connection_id: int | None = None) -> None:
    """Make a paid invoice Geboekt again: the package has it open once more."""
    if row.state == InvoiceState.PAID:
        row.state, row.paid_on = InvoiceState.BOOKED, None
        note(row, "invoice_reopened", connection_id=connection_id)


def data_of(row: SalesInvoice) -> InvoiceData:
    """Return an invoice as plain data; of a sent one, the customer as it was then."""
    return InvoiceData(
        number=row.number or "",
        issued_on=row.issued_on,
        due_on=row.due_on,
        relation=_customer(row),
        lines=_line_data(row),
        totals=vat_totals(row),
        amount_excl_vat=row.amount_excl_vat,
        vat_amount=row.vat_amount,
        reference=row.reference,
        credits_number=_number_of(row.credits_id),
        prepayments=row.payments,
    )


def _line_data(row: SalesInvoice) -> tuple[InvoiceLineData, ...]:
    return tuple(
        InvoiceLineData(
            line.description,
            line.quantity,
            line.unit_price,
            line.amount_excl_vat,
            line.vat_code.code,
            line.vat_code.rate,
            str(line.vat_code.kind),
            line.vat_amount,
        )
        for line in row.lines
    )


def _customer(row: SalesInvoice) -> RelationData:
    if row.customer:
        return relation_from_dict(row.customer)
    return relations.on_invoice(row.relation)


def _number_of(invoice_id: int | None) -> str:
    if invoice_id is None:
        return ""
    return session().get_one(SalesInvoice, invoice_id).number or ""
