"""Sending a sales invoice: what must be right first, and the mail that brings it."""

from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import select

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import InvoiceState, MailState, SalesInvoice, Tenant, VatKind
from core.plugin.mail import Attachment, BadAddress
from core.rules import pdf_parts
from core.rules.invoice_rules import invoice_address, is_of_register
from core.rules.printing import unprintable
from core.rules.sale_place import is_of_country
from core.runtime.database import session
from core.services.crm import contacts, relations
from core.services.invoicing import (
    invoice_settings,
    sales_invoices,
    vat_codes,
    vat_proofs,
    waiting_invoices,
)
from core.services.mailing import mail

NUMBER = "{number}"
"""What stands in a letter for the number that the invoice gets."""


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
    customer = relations.on_invoice(row.relation)
    if invoice_address(customer).is_empty:
        found.append(AskUser("invoice_customer_incomplete", name=customer.full_name))
    return found + _vat_problems(row, customer) + _unprintable(row, customer)


def _unprintable(row: SalesInvoice, customer: RelationData) -> list[AskUser]:
    """Return what our fonts cannot show: nothing of a name may be left out (2006/112/EC
    article 226(5)), and what is not read is not agreed to."""
    address = invoice_address(customer)
    seller = invoice_settings.seller(_tenant(row))
    texts = {
        "customer": (customer.full_name, address.line, address.postal_code,
                     address.city, customer.vat_number, customer.debtor_number),
        "content": (row.reference, row.note, *(line.description for line in row.lines)),
        "seller": (seller.name, seller.street, seller.postal_code, seller.city,
                   seller.email, seller.phone, seller.chamber_number),
    }  # fmt: skip
    return [
        AskUser(f"invoice_{part}_unprintable", characters=" ".join(lacking), text=text)
        for part, found in texts.items()
        for text in found
        if (lacking := unprintable(text))
    ]


def _vat_problems(row: SalesInvoice, customer: RelationData) -> list[AskUser]:
    kinds = {line.vat_code.kind for line in row.lines}
    if not kinds.intersection(vat_codes.NEED_VAT_NUMBER):
        return []
    number, home = customer.vat_number, _tenant(row).home_country
    if not number:
        return [AskUser("invoice_vat_number_missing", name=customer.full_name)]
    goods_only = VatKind.INTRA_COMMUNITY_SERVICES not in kinds
    if not is_of_register(number, goods_only=goods_only):
        return [AskUser("invoice_vat_number_outside_eu", number=number)]
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


def check_vat_number(row: SalesInvoice) -> None:
    """Ask the VAT register where an invoice needs that, before its transaction.

    Commits by itself. Raises AskUser `invoice_vat_number_missing`,
    `invoice_vat_number_outside_eu`, `invoice_vat_number_of_own_country` or
    `invoice_vat_number_invalid`.
    """
    for problem in _vat_problems(row, relations.on_invoice(row.relation)):
        raise problem
    vat_proofs.ask(row)


def by_mail(
    row: SalesInvoice, letter: Letter, *, number: str = "", user_id: int | None
) -> bool:
    """Send a draft by mail, all its files with it, in the caller's transaction.

    False: its VAT number is not confirmed yet, and it goes by itself once it is.
    The mail is queued with the number's transaction, so both happen or neither does.
    `{number}` in the letter becomes the number. Raises AskUser what `problems` found,
    `invoice_no_email`, and what `sales_invoices.send` raises; TooOften.
    """
    for problem in problems(row):
        raise problem
    address = _address(letter.recipient)
    if vat_proofs.is_lacking(row):
        sales_invoices.hold_draft(row)
        waiting_invoices.add(
            row, "mail", letter=asdict(letter), number=number, user_id=user_id
        )
        return False
    sales_invoices.send(row, "mail", number=number, user_id=user_id)
    _queue(row, replace(letter, recipient=address))
    _note_mailed(row, address, user_id)
    return True


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
    _note_mailed(row, address, user_id)


def _note_mailed(row: SalesInvoice, address: str, user_id: int | None) -> None:
    code = sales_invoices.told(row, "invoice_mailed")
    sales_invoices.note(row, code, recipient=address, user_id=user_id)


def _address(text: str) -> str:
    """Return an address as it was written; AskUser unless mail can go there."""
    try:
        mail.plain_address(text.strip())
    except BadAddress as error:
        raise AskUser("invoice_no_email") from error
    return text.strip()


def _queue(row: SalesInvoice, letter: Letter, again: str = "") -> None:
    seller = invoice_settings.seller(_tenant(row))
    own = relations.on_invoice(row.relation).email.strip()
    known, copies = contacts.recipients(row.relation_id, own)
    numbered = _numbered(letter, row.number or "")
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
        reply_to=_reached(seller.email),
        sender=seller.name,
        to_stranger=_reached(letter.recipient) not in (_reached(own), _reached(known)),
        copies=[_address(each) for each in copies if each != letter.recipient],
        subject=numbered.subject,
        text=numbered.text,
    )


def _reached(address: str) -> str:
    """Return an address by which two are compared; empty where no mail can go."""
    try:
        return mail.plain_address(address.strip()).casefold()
    except BadAddress:
        return ""


def _key(row: SalesInvoice) -> str:
    return f"sales_invoice:{row.id}"


def mail_state(row: SalesInvoice) -> MailState | None:
    """Return where the newest mail that brings an invoice stands."""
    return mail.state_of(_key(row))


def otherwise(
    row: SalesInvoice,
    attachment_id: int | None,
    *,
    sent_as: str = "other",
    number: str = "",
    user_id: int | None,
) -> bool:
    """*Op andere wijze verstuurd*, in the caller's transaction (manual 000, C).

    False: its VAT number is not confirmed yet, and it goes by itself once it is.
    With files of the user's own, one of them is the invoice; with none our PDF is
    made. Raises AskUser what `problems` found where the PDF is ours, else what it found
    of the VAT number, and what `sales_invoices.send` raises.
    """
    customer = relations.on_invoice(row.relation)
    is_ours = not row.attachments
    for problem in problems(row) if is_ours else _vat_problems(row, customer):
        raise problem
    if vat_proofs.is_lacking(row):
        sales_invoices.hold_draft(row)
        waiting_invoices.add(
            row, sent_as, attachment_id=attachment_id, number=number, user_id=user_id
        )
        return False
    sales_invoices.send(
        row, sent_as, attachment_id=attachment_id, number=number, user_id=user_id
    )
    return True


def proposed(row: SalesInvoice) -> Letter:
    """Return the mail as we would write it; `{number}` stands for one still unknown."""
    customer = relations.on_invoice(row.relation)
    subject, text = mail.render(
        "sales_invoice_text",
        row.language,
        {
            "customer": customer.full_name if customer.is_person else "",
            "seller": invoice_settings.seller(_tenant(row)).name,
            "is_credit": row.credits_id is not None,
            "amount": abs(row.amount_incl_vat),
            "due_on": row.due_on,
            "is_paid": bool(row.prepayments),
        },
    )
    recipient, _copies = contacts.recipients(row.relation_id, customer.email)
    return _numbered(Letter(recipient, subject, text), row.number or NUMBER)


def expected(row: SalesInvoice) -> Letter:
    """Return that mail with the number that a draft gets unless another goes first."""
    return _numbered(proposed(row), expected_number(row))


def _numbered(letter: Letter, number: str) -> Letter:
    return replace(
        letter,
        subject=letter.subject.replace(NUMBER, number),
        text=letter.text.replace(NUMBER, number),
    )


def expected_number(row: SalesInvoice) -> str:
    """Return the number that a draft gets when it is the next one to be sent."""
    return invoice_settings.upcoming(row.tenant_id, row.issued_on.year)
