"""One of our invoices as a PDF: a single calm page, the same bytes each time.

What Dutch law asks for (Wet OB 1968, article 35a): date, number, both names and
addresses, our VAT number, the customer's where VAT is reverse charged, what was
delivered, amount and rate, VAT in euros, and the words for reverse charge.
"""

from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from core.models import ServiceInvoice
from core.rules import pdf_parts as parts
from core.runtime.settings import Settings

_AMOUNT = 40


def write(invoice: ServiceInvoice, settings: Settings) -> bytes:
    """Return the PDF, with our own data from the settings."""
    with force_locale(invoice.customer["language"]):
        pdf = _document(invoice, settings)
        _heads(pdf, invoice, settings)
        _facts(pdf, invoice)
        _lines(pdf, invoice)
        _totals(pdf, invoice)
        _notes(pdf, invoice, settings)
        return bytes(pdf.output())


def _document(invoice: ServiceInvoice, settings: Settings) -> Any:
    return parts.document(
        _("Factuur %(number)s", number=invoice.number),
        settings.seller_name,
        invoice.customer["language"],
        invoice.issued_on,
    )


def _heads(pdf: Any, invoice: ServiceInvoice, settings: Settings) -> None:
    """Write who sells, and whom to."""
    parts.font(pdf, "B", 11)
    parts.text(pdf, settings.seller_name)
    parts.font(pdf, "", 9)
    parts.text(pdf, settings.seller_address, 5)
    numbers_text = _(
        "BTW-nummer %(vat)s · KvK %(chamber)s",
        vat=settings.seller_vat_number,
        chamber=settings.seller_chamber_number,
    )
    parts.text(pdf, numbers_text, 5)
    pdf.ln(12)
    customer = invoice.customer
    parts.font(pdf, "B", 11)
    parts.text(pdf, customer["name"])
    parts.font(pdf)
    place = f"{customer['postal_code']} {customer['city']}".strip()
    for text in (customer["street"], place, parts.country(customer["country"])):
        if text:
            parts.text(pdf, text, 5)
    if customer["vat_number"]:
        parts.text(pdf, _("BTW-nummer %(vat)s", vat=customer["vat_number"]), 5)


def _facts(pdf: Any, invoice: ServiceInvoice) -> None:
    pdf.ln(12)
    parts.font(pdf, "B", 18)
    parts.text(pdf, _("Factuur %(number)s", number=invoice.number), 10)
    parts.font(pdf)
    parts.text(pdf, _("Factuurdatum: %(day)s", day=parts.day(invoice.issued_on)))
    parts.text(pdf, _("Te betalen vóór of op: %(day)s", day=parts.day(invoice.due_on)))
    pdf.ln(6)


def _lines(pdf: Any, invoice: ServiceInvoice) -> None:
    parts.font(pdf, "B")
    _row(pdf, _("Omschrijving"), _("Bedrag excl. BTW"), border="B")
    parts.font(pdf)
    for line in invoice.lines:
        text = line["text"]
        if line["quantity"] != 1:
            text = f"{line['quantity']} × {text}"
        _row(pdf, text, parts.euro(Decimal(line["amount"])))


def _row(pdf: Any, text: str, amount: str, border: str | int = 0) -> None:
    parts.row(pdf, text, [(amount, _AMOUNT)], border)


def _totals(pdf: Any, invoice: ServiceInvoice) -> None:
    pdf.ln(4)
    _row(pdf, _("Totaal excl. BTW"), parts.euro(invoice.amount_excl_vat), border="T")
    label = _("BTW %(rate)s%%", rate=parts.number(invoice.vat_rate))
    if invoice.is_reverse_charged:
        label = _("BTW verlegd")
    _row(pdf, label, parts.euro(invoice.vat_amount))
    parts.font(pdf, "B")
    _row(pdf, _("Te betalen"), parts.euro(invoice.amount_incl_vat))
    parts.font(pdf)


def _notes(pdf: Any, invoice: ServiceInvoice, settings: Settings) -> None:
    pdf.ln(8)
    if invoice.is_reverse_charged:
        text = _(
            "BTW verlegd naar %(customer)s (artikel 44 en 196 van richtlijn"
            " 2006/112/EG).",
            customer=invoice.customer["vat_number"],
        )
        parts.text(pdf, text)
        pdf.ln(2)
    text = _(
        "Wilt u %(amount)s overmaken op rekening %(iban)s ten name van %(name)s, met"
        " vermelding van %(number)s?",
        amount=parts.euro(invoice.amount_incl_vat),
        iban=settings.seller_iban,
        name=settings.seller_name,
        number=invoice.number,
    )
    parts.text(pdf, text)
