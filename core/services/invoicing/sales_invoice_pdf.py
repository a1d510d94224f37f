"""A tenant's sales invoice as a PDF; the same content gives the same bytes.

What the law asks for (VAT directive 2006/112/EC article 226; Wet OB 1968 article 35a;
Belgian KB nr. 1 article 5): date, number, both names and addresses, the seller's VAT
number, the customer's where VAT is reverse charged or goods go to another member
state, what was delivered, how much and when, price without VAT, amount and VAT per
rate, why no VAT is charged, and which invoice a credit is for. Chamber of commerce
number: Handelsregisterwet 2007 article 27.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from core.domain.clock import local_date
from core.domain.invoices import InvoiceData, VatTotal
from core.domain.relations import PostalAddress
from core.rules import pdf_parts as parts
from core.services.invoicing.invoice_settings import Seller
from core.services.invoicing.payment_code import payment_code
from core.texts.payments import payment_word

_QUANTITY, _PRICE, _RATE, _AMOUNT = 20, 28, 16, 30
_SMALL = 5
_CODE = 32
"""Of the QR code with its margin, in millimetres."""


@dataclass(frozen=True)
class Facts:
    """What stands on an invoice besides what a package books of it."""

    language: str
    address: PostalAddress
    """Where it goes."""
    delivered_on: date | None = None
    note: str = ""
    credits_on: date | None = None
    """The date of the invoice that it credits."""
    payment_code: bool = False
    """Whether a QR code to pay with stands on it."""
    timezone: str = "UTC"
    """In which the days of payments are told."""


def write(invoice: InvoiceData, seller: Seller, facts: Facts) -> bytes:
    """Return the PDF; one without a number says that it is a draft."""
    with force_locale(facts.language):
        pdf = parts.document(
            _title(invoice), seller.name, facts.language, invoice.issued_on
        )
        _seller(pdf, seller)
        _customer(pdf, invoice, facts.address)
        _facts(pdf, invoice, facts)
        _lines(pdf, invoice)
        _totals(pdf, invoice, facts)
        _reasons(pdf, invoice)
        _closing(pdf, invoice, seller, facts)
        return bytes(pdf.output())


def _title(invoice: InvoiceData) -> str:
    number = invoice.number or _("concept")
    if invoice.credits_number:
        return str(_("Creditfactuur %(number)s", number=number))
    return str(_("Factuur %(number)s", number=number))


def _seller(pdf: Any, seller: Seller) -> None:
    parts.font(pdf, "B", 11)
    parts.text(pdf, seller.name)
    parts.font(pdf, "", 9)
    place = f"{seller.postal_code} {seller.city}".strip()
    where = (seller.street, place, parts.country(seller.country))
    contact = (seller.email, seller.phone)
    numbers = (
        _("BTW-nummer %(vat)s", vat=seller.vat_number) if seller.vat_number else "",
        _chamber(seller),
        f"IBAN {seller.iban}" if seller.iban else "",
        f"BIC {seller.bic}" if seller.bic else "",
    )
    for line in (where, contact, numbers):
        if any(line):
            parts.text(pdf, " · ".join(filter(None, line)), _SMALL)


def _chamber(seller: Seller) -> str:
    if not seller.chamber_number:
        return ""
    if seller.country == "BE":
        return str(_("Ondernemingsnummer %(number)s", number=seller.chamber_number))
    return str(_("KvK %(number)s", number=seller.chamber_number))


def _customer(pdf: Any, invoice: InvoiceData, address: PostalAddress) -> None:
    pdf.ln(12)
    customer = invoice.relation
    parts.font(pdf, "B", 11)
    parts.text(pdf, customer.full_name)
    parts.font(pdf)
    place = f"{address.postal_code} {address.city}".strip()
    country = parts.country(address.country) if address.country else ""
    for text in (address.line, place, country):
        if text:
            parts.text(pdf, text, _SMALL)
    if customer.vat_number:
        text = _("BTW-nummer %(vat)s", vat=customer.vat_number)
        parts.text(pdf, text, _SMALL)


def _facts(pdf: Any, invoice: InvoiceData, facts: Facts) -> None:
    pdf.ln(12)
    parts.font(pdf, "B", 18)
    parts.text(pdf, _title(invoice), 10)
    parts.font(pdf)
    texts = [_("Factuurdatum: %(day)s", day=parts.day(invoice.issued_on))]
    if facts.delivered_on:
        texts.append(_("Leverdatum: %(day)s", day=parts.day(facts.delivered_on)))
    if invoice.credits_number and facts.credits_on:
        texts.append(
            _(
                "Crediteert factuur %(number)s van %(day)s",
                number=invoice.credits_number,
                day=parts.day(facts.credits_on),
            )
        )
    if invoice.relation.debtor_number:
        number = invoice.relation.debtor_number
        texts.append(_("Debiteurnummer: %(number)s", number=number))
    if invoice.reference:
        texts.append(_("Uw kenmerk: %(reference)s", reference=invoice.reference))
    for text in texts:
        parts.text(pdf, text)
    pdf.ln(6)


def _lines(pdf: Any, invoice: InvoiceData) -> None:
    widths = (_QUANTITY, _PRICE, _RATE, _AMOUNT)
    heads = (_("Aantal"), _("Prijs"), _("BTW"), _("Bedrag"))
    parts.font(pdf, "B", 9)
    parts.row(pdf, _("Omschrijving"), list(zip(heads, widths, strict=True)), border="B")
    parts.font(pdf, "", 9)
    for line in invoice.lines:
        cells = (
            parts.number(line.quantity),
            parts.euro_exact(line.unit_price),
            f"{parts.number(line.vat_rate)}%",
            parts.euro(line.amount_excl_vat),
        )
        parts.row(
            pdf, line.description, list(zip(cells, widths, strict=True)), height=6
        )
    parts.font(pdf)


def _totals(pdf: Any, invoice: InvoiceData, facts: Facts) -> None:
    pdf.ln(4)
    parts.font(pdf, "", 9)
    _row(pdf, _("Totaal exclusief BTW"), invoice.amount_excl_vat, border="T")
    for one in invoice.totals:
        _row(pdf, _vat_words(one), one.vat_amount)
    if invoice.prepayments:
        _row(pdf, _("Totaal inclusief BTW"), invoice.amount_incl_vat, border="T")
        for paid in invoice.prepayments:
            paid_on = local_date(paid.paid_at, facts.timezone)
            _row(pdf, _paid_words(paid.method, paid_on), -paid.amount)
    parts.font(pdf, "B", 11)
    is_credit = invoice.amount_incl_vat < 0
    label = _("Tegoed") if is_credit else _("Te betalen")
    _row(pdf, label, abs(invoice.amount_due))
    parts.font(pdf)


def _paid_words(method: str, on: date) -> str:
    """Return how and when a part was paid before."""
    if not method:
        return str(_("Betaald op %(day)s", day=parts.day(on)))
    how = payment_word(method)
    return str(_("Betaald op %(day)s met %(method)s", day=parts.day(on), method=how))


def _row(pdf: Any, words: str, amount: Decimal, border: str | int = 0) -> None:
    parts.row(pdf, words, [(parts.euro(amount), 40)], border)


def _vat_words(one: VatTotal) -> str:
    over = parts.euro(one.amount_excl_vat)
    if reason := _short_reason(one.vat_kind):
        return str(_("%(reason)s over %(amount)s", reason=reason, amount=over))
    rate = parts.number(one.vat_rate)
    return str(_("BTW %(rate)s%% over %(amount)s", rate=rate, amount=over))


def _short_reason(kind: str) -> str:
    found = {
        "exempt": _("Vrijgesteld van BTW"),
        "reverse_charged": _("BTW verlegd"),
        "intra_community": _("Intracommunautaire levering"),
        "intra_services": _("BTW verlegd"),
        "export": _("Uitvoer"),
    }
    return str(found.get(kind, ""))


def _reasons(pdf: Any, invoice: InvoiceData) -> None:
    """Say why no VAT is charged, and name the number it is charged to."""
    kinds = {one.vat_kind: None for one in invoice.totals}
    vat_number = invoice.relation.vat_number
    texts = [text for kind in kinds if (text := vat_reason(kind, vat_number))]
    if not texts:
        return
    pdf.ln(6)
    parts.font(pdf, "", 9)
    for text in texts:
        parts.text(pdf, text, _SMALL)
    parts.font(pdf)


def vat_reason(kind: str, vat_number: str) -> str:
    """Return why a kind of VAT code charges none; empty where it does.

    The words of article 226 (11, 11a), in the current language; the articles are the
    directive's.
    """
    directive = _("richtlijn 2006/112/EG")
    found = {
        "exempt": _(
            "Vrijgesteld van BTW (titel IX van %(directive)s).", directive=directive
        ),
        "reverse_charged": _("BTW verlegd naar %(number)s.", number=vat_number),
        "intra_community": _(
            "Intracommunautaire levering aan %(number)s, 0%% BTW (artikel 138 van"
            " %(directive)s).",
            number=vat_number,
            directive=directive,
        ),
        "intra_services": _(
            "BTW verlegd naar %(number)s (artikel 44 en 196 van %(directive)s).",
            number=vat_number,
            directive=directive,
        ),
        "export": _(
            "Uitvoer van goederen buiten de EU, 0%% BTW (artikel 146 van"
            " %(directive)s).",
            directive=directive,
        ),
    }
    return str(found.get(kind, ""))


def _closing(pdf: Any, invoice: InvoiceData, seller: Seller, facts: Facts) -> None:
    if facts.note:
        pdf.ln(6)
        parts.text(pdf, facts.note, _SMALL)
    if invoice.amount_incl_vat < 0:
        pdf.ln(6)
        parts.text(pdf, credited_words(invoice), _SMALL)
    if invoice.amount_due <= 0 or not seller.iban:
        return
    pdf.ln(6)
    values = {
        "amount": parts.euro(invoice.amount_due),
        "day": parts.day(invoice.due_on),
        "iban": seller.iban,
        "name": seller.name,
        "number": invoice.number or _("concept"),
    }
    parts.text(
        pdf,
        _(
            "Wilt u %(amount)s uiterlijk op %(day)s overmaken op rekening %(iban)s ten"
            " name van %(name)s, met vermelding van %(number)s?",
            **values,
        ),
        _SMALL,
    )
    # A draft has none: it must not be paid.
    if facts.payment_code and invoice.number and not invoice.credits_number:
        _payment_code(pdf, invoice, seller)


def credited_words(invoice: InvoiceData) -> str:
    """Say what happens with the money of a credit invoice, in the current language."""
    amount = parts.euro(abs(invoice.amount_incl_vat))
    if not invoice.credits_number:
        return str(_("U krijgt %(amount)s van ons terug.", amount=amount))
    return str(
        _(
            "Van factuur %(number)s hoeft u %(amount)s niet te betalen. Hebt u haar al"
            " betaald, dan krijgt u dit bedrag van ons terug.",
            number=invoice.credits_number,
            amount=amount,
        )
    )


def _payment_code(pdf: Any, invoice: InvoiceData, seller: Seller) -> None:
    """Show the code of the transfer that the words above ask for."""
    code = payment_code(
        seller.name, seller.iban, invoice.amount_due, invoice.number, seller.bic
    )
    if code is not None:
        pdf.ln(4)
        text = _("Of scan deze code met de app van uw bank (niet elke app leest haar).")
        parts.picture(pdf, code, _CODE, text)
