"""What goes to the ICP portal by hand, as a PDF: the same bytes each time."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from core.domain.declarations import IcpKind, TaxPeriod
from core.domain.money import total
from core.rules import pdf_parts
from plugins.belastingdienst.law.cases import StockRow
from plugins.belastingdienst.models import Administration, IcpCorrection
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS
from plugins.belastingdienst.texts.icp_texts import STOCK

_AMOUNT = 35


def corrections(
    administration: Administration, period: TaxPeriod, rows: Sequence[IcpCorrection]
) -> bytes:
    """Return the paper of what was declared wrongly over a stretch."""
    title = _("Verbetering ICP-opgaaf %(period)s", period=figure_words.period(period))
    pdf = _document(administration, period, str(title))
    noticed = min((row.noticed_on for row in rows), default=period.end)
    _facts(pdf, administration, period, (_("Opgemerkt op"), pdf_parts.day(noticed)))
    pdf_parts.text(
        pdf,
        _(
            "Vul dit in op het portaal van de Belastingdienst, bij de correctie van de"
            " opgaaf over dit tijdvak. Een min vermindert wat is opgegeven."
        ),
    )
    pdf.ln(4)
    lines = [
        (
            f"{row.customer_country} {row.customer_number},"
            f" {ICP_KINDS[IcpKind(row.icp_kind)]}",
            row.amount,
        )
        for row in rows
    ]
    _table(pdf, _("Klant en soort"), lines, pdf_parts.euro_round)
    return bytes(pdf.output())


def stock(
    administration: Administration, period: TaxPeriod, rows: Sequence[StockRow]
) -> bytes:
    """Return the paper of goods in call-off stock: no message has a place for them."""
    title = _("Voorraad op afroep %(period)s", period=figure_words.period(period))
    pdf = _document(administration, period, str(title))
    _facts(pdf, administration, period)
    pdf_parts.text(
        pdf,
        _(
            "Vul dit in op het portaal van de Belastingdienst, bij de opgaaf over dit"
            " tijdvak. Wat de klant heeft afgenomen, hoort ook in rubriek 3b en bij de"
            " goederen in de opgaaf."
        ),
    )
    pdf.ln(4)
    lines = [
        (f"{STOCK[row.what]}: {row.customer}", row.amount_excl_vat) for row in rows
    ]
    _table(pdf, _("Wat en bij wie"), lines)
    return bytes(pdf.output())


def _document(administration: Administration, period: TaxPeriod, title: str) -> Any:
    locale = get_locale()
    language = str(locale.language) if locale else "nl"
    pdf = pdf_parts.document(title, administration.description, language, period.end)
    pdf_parts.font(pdf, "B", 18)
    pdf_parts.text(pdf, title, 10)
    pdf_parts.font(pdf, "B", 11)
    pdf_parts.text(pdf, administration.description)
    pdf_parts.font(pdf)
    return pdf


def _facts(
    pdf: Any, administration: Administration, period: TaxPeriod, *more: tuple[str, str]
) -> None:
    start, end = pdf_parts.day(period.start), pdf_parts.day(period.end)
    facts = [
        (_("Omzetbelastingnummer"), administration.tax_number or "–"),
        (_("Tijdvak"), _("%(start)s tot en met %(end)s", start=start, end=end)),
        *more,
    ]
    if administration.division:
        facts.insert(1, (_("Btw-id van dit onderdeel"), administration.division))
    for label, value in facts:
        pdf_parts.text(pdf, f"{label}: {value}", 5)
    pdf.ln(5)


def _table(
    pdf: Any,
    heading: str,
    lines: Sequence[tuple[str, Decimal]],
    money: Callable[[Decimal], str] = pdf_parts.euro,
) -> None:
    pdf_parts.font(pdf, "B", 9)
    pdf_parts.row(pdf, heading, [(_("Bedrag"), _AMOUNT)], "B")
    pdf_parts.font(pdf, "", 9)
    for words, amount in lines:
        pdf_parts.row(pdf, words, [(money(amount), _AMOUNT)])
    pdf_parts.font(pdf, "B", 10)
    sums = money(total(amount for _words, amount in lines))
    pdf_parts.row(pdf, _("Samen"), [(sums, _AMOUNT)], "T")


def file_name(what: str, administration: Administration, on: date) -> str:
    """Return what a paper is called when it is saved."""
    return f"icp-{what}-{administration.code}-{on:%Y-%m}.pdf"
