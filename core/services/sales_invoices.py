"""Sales invoices: drafted, sent, booked, paid, credited; the only writer of them.

An invoice gets its number when it is sent, in the same transaction, so that the series
has no gaps (Dutch VAT act, article 35a). VAT is worked out per VAT code over the sum
of its lines, as the packages do. A sent invoice never changes: it is credited.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from core.clock import local_date, utcnow
from core.crm import (
    InvoiceData,
    InvoiceLineData,
    RelationData,
    VatTotal,
    relation_from_dict,
    relation_to_dict,
)
from core.domain import InvoiceSent
from core.errors import AskUser
from core.extensions import koppelwerk
from core.models import (
    InvoiceAttachment,
    InvoiceState,
    SalesInvoice,
    SalesInvoiceLine,
    Tenant,
    TenantVatCode,
)
from core.money import cents, total, vat_on
from core.services import connections, log, numbers, relations
from core.services.database import session

SERIES = "sales_invoice"


@dataclass(frozen=True)
class DraftLine:
    """What the user fills in for one line; the price in euros excl VAT."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_code_id: int

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


def save_draft(
    tenant_id: int, draft: Draft, row: SalesInvoice | None = None
) -> SalesInvoice:
    """Store a draft in the caller's transaction.

    Raises AskUser `invoice_not_draft` when it was sent already, and `line_vat_code`
    when a line names a VAT code that is not the tenant's.
    """
    if row is None:
        row = SalesInvoice(tenant_id=tenant_id, state=InvoiceState.DRAFT)
        session().add(row)
    _refuse_unless(row, InvoiceState.DRAFT, "invoice_not_draft")
    row.relation_id = draft.relation_id
    row.issued_on, row.due_on = draft.issued_on, draft.due_on
    row.reference, row.note = draft.reference, draft.note
    codes = _codes([line.vat_code_id for line in draft.lines])
    row.lines = [
        SalesInvoiceLine(
            tenant_id=tenant_id,
            position=position,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount_excl_vat=line.amount_excl_vat,
            vat_code=codes[line.vat_code_id],
        )
        for position, line in enumerate(draft.lines, 1)
    ]
    _add_up(row)
    session().flush()
    return row


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
    sums: dict[int, Decimal] = {}
    codes: dict[int, TenantVatCode] = {}
    for line in row.lines:
        code = line.vat_code
        codes[code.id] = code
        sums[code.id] = sums.get(code.id, Decimal(0)) + line.amount_excl_vat
    return tuple(
        VatTotal(
            codes[key].code,
            codes[key].rate,
            amount,
            vat_on(amount, codes[key].rate),
            str(codes[key].kind),
        )
        for key, amount in sums.items()
    )


def send(
    row: SalesInvoice,
    sent_as: str,
    *,
    attachment_id: int | None = None,
    user_id: int | None = None,
) -> SalesInvoice:
    """Give a draft its number and make it Verstuurd in the caller's transaction.

    `sent_as` is `mail` or `other`. When it goes otherwise than by mail and several
    files are attached, `attachment_id` says which one is the invoice (manual 000, C).
    Raises AskUser `invoice_not_draft`, `invoice_empty`, `which_attachment`, or
    `credit_exceeds` when more is credited than was invoiced.
    """
    _refuse_unless(row, InvoiceState.DRAFT, "invoice_not_draft")
    if not row.lines:
        raise AskUser("invoice_empty")
    _refuse_too_much_credit(row)
    _choose_document(row, sent_as, attachment_id)
    year = row.issued_on.year
    row.number = f"{year}{numbers.draw(row.tenant_id, SERIES, year):05d}"
    row.customer = relation_to_dict(relations.data_of(row.relation))
    row.state, row.sent_as, row.sent_at = InvoiceState.SENT, sent_as, utcnow()
    session().flush()
    log.write(row.tenant_id, "invoice_sent", number=row.number, user_id=user_id)
    enabled = connections.enabled_plugins(row.tenant_id)
    event = InvoiceSent(row.tenant_id, row.id)
    koppelwerk().registry.dispatch("on_invoice_sent", enabled, event)
    return row


def _refuse_unless(row: SalesInvoice, state: InvoiceState, code: str) -> None:
    if row.state != state:
        raise AskUser(code, number=row.number or "")


def _refuse_too_much_credit(row: SalesInvoice) -> None:
    """An invoice is credited at most for what it was, all credits together."""
    if row.credits_id is None:
        return
    original = session().get_one(SalesInvoice, row.credits_id, with_for_update=True)
    credited = session().scalars(
        select(SalesInvoice).where(
            SalesInvoice.credits_id == original.id,
            SalesInvoice.state != InvoiceState.DRAFT,
        )
    )
    left = original.amount_incl_vat + total(item.amount_incl_vat for item in credited)
    if left + row.amount_incl_vat < 0:
        raise AskUser("credit_exceeds", number=original.number or "", left=str(left))


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


def credit(row: SalesInvoice) -> SalesInvoice:
    """Draft a credit invoice of the whole invoice in the caller's transaction.

    Raises AskUser `invoice_not_sent` for a draft, `invoice_is_credit` for a credit.
    """
    if row.state == InvoiceState.DRAFT:
        raise AskUser("invoice_not_sent")
    if row.credits_id is not None:
        raise AskUser("invoice_is_credit", number=row.number or "")
    tenant = session().get_one(Tenant, row.tenant_id)
    today = local_date(utcnow(), tenant.timezone)
    lines = [
        DraftLine(line.description, -line.quantity, line.unit_price, line.vat_code_id)
        for line in row.lines
    ]
    draft = Draft(row.relation_id, today, today, lines, row.reference)
    made = save_draft(row.tenant_id, draft)
    made.credits_id = row.id
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


def paid(row: SalesInvoice, on: date) -> None:
    """Make a booked invoice Betaald in the caller's transaction (manual 000, D)."""
    if row.state == InvoiceState.BOOKED:
        row.state, row.paid_on = InvoiceState.PAID, on
        log.write(
            row.tenant_id,
            "invoice_paid",
            invoice=row.number or "",
            number=row.number or "",
        )


def reopened(row: SalesInvoice) -> None:
    """Make a paid invoice Geboekt again: the package has it open once more."""
    if row.state == InvoiceState.PAID:
        row.state, row.paid_on = InvoiceState.BOOKED, None
        log.write(row.tenant_id, "invoice_reopened", number=row.number or "")


def data_of(row: SalesInvoice) -> InvoiceData:
    """Return an invoice as plain data; of a sent one, the customer as it was then."""
    return InvoiceData(
        number=row.number or "",
        issued_on=row.issued_on,
        due_on=row.due_on,
        relation=_customer(row),
        lines=tuple(
            InvoiceLineData(
                line.description,
                line.quantity,
                line.unit_price,
                line.amount_excl_vat,
                line.vat_code.code,
                line.vat_code.rate,
                str(line.vat_code.kind),
            )
            for line in row.lines
        ),
        totals=vat_totals(row),
        amount_excl_vat=row.amount_excl_vat,
        vat_amount=row.vat_amount,
        reference=row.reference,
        credits_number=_number_of(row.credits_id),
    )


def _customer(row: SalesInvoice) -> RelationData:
    if row.customer:
        return relation_from_dict(row.customer)
    return relations.data_of(row.relation)


def _number_of(invoice_id: int | None) -> str:
    if invoice_id is None:
        return ""
    return session().get_one(SalesInvoice, invoice_id).number or ""


def sent_between(tenant_id: int, first: date, last: date) -> Iterator[SalesInvoice]:
    """Yield what was sent with an issue date in a period, both days included."""
    rows = session().scalars(
        select(SalesInvoice)
        .where(
            SalesInvoice.tenant_id == tenant_id,
            SalesInvoice.state != InvoiceState.DRAFT,
            SalesInvoice.issued_on.between(first, last),
        )
        .order_by(SalesInvoice.issued_on, SalesInvoice.id)
    )
    yield from rows
