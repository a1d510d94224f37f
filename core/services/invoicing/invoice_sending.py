"""Sending a sales invoice: what must be right first, and the mail that brings it."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import InvoiceState, MailState, SalesInvoice, Tenant
from core.plugin.mail import Attachment, BadAddress
from core.rules import pdf_parts
from core.rules.invoice_rules import invoice_address
from core.rules.sale_place import is_of_country
from core.runtime.database import session
from core.services.crm import contacts, relations
from core.services.invoicing import invoice_settings, sales_invoices, vat_codes
from core.services.mailing import mail


@dataclass(frozen=True)
class Letter:
    """The mail that brings an invoice, as the user may change it."""

    recipient: str
    subject: str
    text: str


def problems(row: SalesInvoice) -> list[AskUser]:
    """Return what keeps a draft from being sent as our PDF (Wet OB article 35a)."""
    found = [] if row.lines else [AskUser("invoice_empty")]
    if invoice_settings.seller(_tenant(row)).lacking:
        found.append(AskUser("invoice_seller_incomplete"))
    customer = relations.data_of(row.relation)
    if invoice_address(customer).is_empty:
        found.append(AskUser("invoice_customer_incomplete", name=customer.full_name))
    return found + _vat_problems(row, customer)


def _vat_problems(row: SalesInvoice, customer: RelationData) -> list[AskUser]:
    kinds = {line.vat_code.kind for line in row.lines}
    if not kinds.intersection(vat_codes.NEED_VAT_NUMBER):
        return []
    number, home = customer.vat_number, _tenant(row).home_country
    if not number:
        return [AskUser("invoice_vat_number_missing", name=customer.full_name)]
    if kinds.intersection(vat_codes.TO_MEMBER_STATES) and is_of_country(number, home):
        return [AskUser("invoice_vat_number_of_own_country", number=number)]
    return []


def warnings(row: SalesInvoice) -> list[AskUser]:
    """Return what is unusual about a draft's date and does not keep it from going."""
    found = []
    last = _last_sent(row)
    if last is not None and row.issued_on < last.issued_on:
        day = pdf_parts.day(last.issued_on)
        found.append(AskUser("invoice_date_before", number=last.number or "", day=day))
    if row.issued_on > today(row):
        found.append(AskUser("invoice_date_ahead"))
    return found


def _last_sent(row: SalesInvoice) -> SalesInvoice | None:
    """Return the invoice with the last issue date of the same book year."""
    year = row.issued_on.year
    return session().scalar(
        select(SalesInvoice)
        .where(
            SalesInvoice.tenant_id == row.tenant_id,
            SalesInvoice.state != InvoiceState.DRAFT,
            SalesInvoice.issued_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(SalesInvoice.issued_on.desc(), SalesInvoice.id.desc())
        .limit(1)
    )


def today(row: SalesInvoice) -> date:
    """Return the date where the invoice's tenant is."""
    return local_date(utcnow(), _tenant(row).timezone)


def _tenant(row: SalesInvoice) -> Tenant:
    return session().get_one(Tenant, row.tenant_id)


def by_mail(row: SalesInvoice, letter: Letter, *, user_id: int | None) -> None:
    """Send a draft by mail, all its files with it, in the caller's transaction.

    The mail is queued with the number's transaction, so both happen or neither does.
    `{number}` in the letter becomes the number. Raises AskUser what `problems` found,
    `invoice_no_email`, and what `sales_invoices.send` raises; TooOften.
    """
    for problem in problems(row):
        raise problem
    address = _address(letter.recipient)
    sales_invoices.send(row, "mail", user_id=user_id)
    _queue(row, replace(letter, recipient=address))
    sales_invoices.note(row, "invoice_mailed", recipient=address, user_id=user_id)


def mail_again(
    row: SalesInvoice, letter: Letter, once: str, *, user_id: int | None
) -> None:
    """Mail a sent invoice again, as it was sent, in the caller's transaction.

    Nothing else about it changes. The same `once` (up to 40 characters) makes one
    mail, however often the button is pressed. Raises AskUser: `invoice_no_email`;
    TooOften.
    """
    address = _address(letter.recipient)
    if mail.state_of(f"{_key(row)}:{once}") is not None:
        return
    _queue(row, replace(letter, recipient=address), f":{once}")
    sales_invoices.note(row, "invoice_mailed", recipient=address, user_id=user_id)


def _address(text: str) -> str:
    try:
        return mail.plain_address(text.strip())
    except BadAddress as error:
        raise AskUser("invoice_no_email") from error


def _queue(row: SalesInvoice, letter: Letter, again: str = "") -> None:
    seller = invoice_settings.seller(_tenant(row))
    own = relations.data_of(row.relation).email.strip()
    known, copies = contacts.recipients(row.relation_id, own)
    files = sorted(row.attachments, key=lambda item: not item.is_invoice)
    mail.queue(
        letter.recipient,
        "sales_invoice",
        language=row.language,
        tenant_id=row.tenant_id,
        dedup_key=_key(row) + again,
        attachments=[
            Attachment(item.filename, item.media_type, item.content) for item in files
        ],
        reply_to=_reply_to(seller.email),
        sender=seller.name,
        to_stranger=letter.recipient.casefold() not in (own.casefold(), known),
        copies=[_address(each) for each in copies if each != letter.recipient],
        subject=letter.subject.replace("{number}", row.number or ""),
        text=letter.text.replace("{number}", row.number or ""),
    )


def _reply_to(address: str) -> str:
    try:
        return mail.plain_address(address)
    except BadAddress:
        return ""


def _key(row: SalesInvoice) -> str:
    return f"sales_invoice:{row.id}"


def mail_state(row: SalesInvoice) -> MailState | None:
    """Return where the newest mail that brings an invoice stands."""
    return mail.state_of(_key(row))


def otherwise(
    row: SalesInvoice, attachment_id: int | None, *, user_id: int | None
) -> None:
    """*Op andere wijze verstuurd*, in the caller's transaction (manual 000, C).

    With files of the user's own, one of them is the invoice; with none our PDF is
    made. Raises AskUser what `problems` found where the PDF is ours, and what
    `sales_invoices.send` raises.
    """
    if not row.attachments:
        for problem in problems(row):
            raise problem
    sales_invoices.send(row, "other", attachment_id=attachment_id, user_id=user_id)


def proposed(row: SalesInvoice) -> Letter:
    """Return the mail as we would write it; `{number}` stands for one still unknown."""
    customer = relations.data_of(row.relation)
    subject, text = mail.render(
        "sales_invoice_text",
        row.language,
        {
            "customer": customer.full_name if customer.is_person else "",
            "seller": invoice_settings.seller(_tenant(row)).name,
            "is_credit": row.credits_id is not None,
            "amount": row.amount_incl_vat,
            "due_on": row.due_on,
        },
    )
    number = row.number or "{number}"
    recipient, _copies = contacts.recipients(row.relation_id, customer.email)
    return Letter(
        recipient,
        subject.replace("{number}", number),
        text.replace("{number}", number),
    )
