"""One of our invoices as a PDF: a single calm page, the same bytes each time.

What Dutch law asks for (Wet OB 1968, article 35a): date, number, both names and
addresses, our VAT number, the customer's where VAT is reverse charged, what was
delivered, amount and rate, VAT in euros, and the words for reverse charge.
"""

from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel import dates, numbers
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from core.models import ServiceInvoice
from core.settings import Settings

FONTS = Path(__file__).resolve().parents[1] / "fonts"
_FONT = "text"
_WIDTH = 170
_AMOUNT = 40
_LINE = 6
_NEXT = {"new_x": "LMARGIN", "new_y": "NEXT"}


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
    from fpdf import FPDF  # here, because it takes 30 MB of a process

    pdf: Any = FPDF(format="A4")
    pdf.add_font(_FONT, "", FONTS / "DejaVuSansCondensed.ttf")
    pdf.add_font(_FONT, "B", FONTS / "DejaVuSansCondensed-Bold.ttf")
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, 20)
    pdf.set_lang(invoice.customer["language"])
    pdf.set_title(_("Factuur %(number)s", number=invoice.number))
    pdf.set_author(settings.seller_name)
    # The day itself is no moment; a fixed one keeps the bytes the same.
    pdf.set_creation_date(datetime.combine(invoice.issued_on, time(), UTC))
    pdf.add_page()
    return pdf


def _font(pdf: Any, style: str = "", size: int = 10) -> None:
    pdf.set_font(_FONT, style, size)


def _text(pdf: Any, text: str, height: int = _LINE) -> None:
    pdf.multi_cell(_WIDTH, height, text, align="L", **_NEXT)


def _heads(pdf: Any, invoice: ServiceInvoice, settings: Settings) -> None:
    """Write who sells, and whom to."""
    _font(pdf, "B", 11)
    _text(pdf, settings.seller_name)
    _font(pdf, "", 9)
    _text(pdf, settings.seller_address, 5)
    numbers_text = _(
        "BTW-nummer %(vat)s · KvK %(chamber)s",
        vat=settings.seller_vat_number,
        chamber=settings.seller_chamber_number,
    )
    _text(pdf, numbers_text, 5)
    pdf.ln(12)
    customer = invoice.customer
    _font(pdf, "B", 11)
    _text(pdf, customer["name"])
    _font(pdf)
    place = f"{customer['postal_code']} {customer['city']}".strip()
    for text in (customer["street"], place, _country(customer["country"])):
        if text:
            _text(pdf, text, 5)
    if customer["vat_number"]:
        _text(pdf, _("BTW-nummer %(vat)s", vat=customer["vat_number"]), 5)


def _facts(pdf: Any, invoice: ServiceInvoice) -> None:
    pdf.ln(12)
    _font(pdf, "B", 18)
    _text(pdf, _("Factuur %(number)s", number=invoice.number), 10)
    _font(pdf)
    _text(pdf, _("Factuurdatum: %(day)s", day=_day(invoice.issued_on)))
    _text(pdf, _("Te betalen vóór of op: %(day)s", day=_day(invoice.due_on)))
    pdf.ln(6)


def _lines(pdf: Any, invoice: ServiceInvoice) -> None:
    _font(pdf, "B")
    _row(pdf, _("Omschrijving"), _("Bedrag excl. BTW"), border="B")
    _font(pdf)
    for line in invoice.lines:
        text = line["text"]
        if line["quantity"] != 1:
            text = f"{line['quantity']} × {text}"
        _row(pdf, text, _euro(Decimal(line["amount"])))


def _row(pdf: Any, text: str, amount: str, border: str | int = 0) -> None:
    """Write a line; a long text takes more lines, the amount stands on the first."""
    top = pdf.get_y()
    pdf.multi_cell(_WIDTH - _AMOUNT, 7, text, border, align="L", **_NEXT)
    end = pdf.get_y()
    pdf.set_xy(pdf.l_margin + _WIDTH - _AMOUNT, top)
    pdf.cell(_AMOUNT, 7, amount, border, align="R")
    pdf.set_xy(pdf.l_margin, end)


def _totals(pdf: Any, invoice: ServiceInvoice) -> None:
    pdf.ln(4)
    _row(pdf, _("Totaal excl. BTW"), _euro(invoice.amount_excl_vat), border="T")
    rate = numbers.format_decimal(invoice.vat_rate, format="0.###", locale=get_locale())
    label = _("BTW %(rate)s%%", rate=rate)
    if invoice.is_reverse_charged:
        label = _("BTW verlegd")
    _row(pdf, label, _euro(invoice.vat_amount))
    _font(pdf, "B")
    _row(pdf, _("Te betalen"), _euro(invoice.amount_incl_vat))
    _font(pdf)


def _notes(pdf: Any, invoice: ServiceInvoice, settings: Settings) -> None:
    pdf.ln(8)
    if invoice.is_reverse_charged:
        text = _(
            "BTW verlegd naar %(customer)s (artikel 44 en 196 van richtlijn"
            " 2006/112/EG).",
            customer=invoice.customer["vat_number"],
        )
        _text(pdf, text)
        pdf.ln(2)
    text = _(
        "Wilt u %(amount)s overmaken op rekening %(iban)s ten name van %(name)s, met"
        " vermelding van %(number)s?",
        amount=_euro(invoice.amount_incl_vat),
        iban=settings.seller_iban,
        name=settings.seller_name,
        number=invoice.number,
    )
    _text(pdf, text)


def _euro(amount: Decimal) -> str:
    return str(numbers.format_currency(amount, "EUR", locale=get_locale()))


def _day(day: Any) -> str:
    return str(dates.format_date(day, "d MMMM yyyy", locale=get_locale()))


def _country(code: str) -> str:
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale else code
