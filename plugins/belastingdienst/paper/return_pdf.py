"""The VAT return with its ICP declaration as a PDF: the same bytes each time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from babel import numbers
from flask_babel import get_locale
from flask_babel import gettext as _

from core.domain.declarations import Rubric
from core.rules import pdf_parts
from plugins.belastingdienst.law.icp import Declaration, Row
from plugins.belastingdienst.law.returns import TURNOVER_ONLY, VatReturn
from plugins.belastingdienst.law.vat_accounts import AccountLine
from plugins.belastingdienst.texts import figure_words
from plugins.belastingdienst.texts.figure_texts import ICP_KINDS, RUBRICS, VAT_ROLES

_AMOUNT = 28
_CODE = 12
_ROW = 6
_TOGETHER = 20
"""So many lines of a part are kept on one page."""
_SECTIONS = (
    ("1", (Rubric.R1A, Rubric.R1B, Rubric.R1C, Rubric.R1D, Rubric.R1E)),
    ("2", (Rubric.R2A,)),
    ("3", (Rubric.R3A, Rubric.R3B, Rubric.R3C)),
    ("4", (Rubric.R4A, Rubric.R4B)),
)


@dataclass(frozen=True)
class Heading:
    """Whose return it is, and what its state is, in words."""

    company: str
    tax_number: str
    state: str
    """Such as: Concept, nog niet ingediend."""
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """Label and value: reference, moment of sending, who approved."""
    title: str = ""
    """Empty: the return of its period."""
    beside: Sequence[tuple[str, Decimal]] = field(default_factory=tuple)
    """Of a suppletie, below 5g: what was declared before, and what it adds."""


@dataclass(frozen=True)
class VatAccounts:
    """The VAT accounts of the books beside the boxes."""

    lines: Sequence[AccountLine]
    known: str = ""
    """As of when, in a sentence; empty: now."""


def write(
    heading: Heading,
    vat_return: VatReturn,
    icp: Declaration | None = None,
    vat_accounts: VatAccounts | None = None,
) -> bytes:
    """Return the PDF of a return in whole euros, in the reader's language.

    Without ICP rows (or with None) there is no part about ICP, without VAT accounts
    none about how they agree with the boxes.
    """
    pdf = _document(heading, vat_return)
    _head(pdf, heading, vat_return)
    _rubrics(pdf, vat_return)
    _sums(pdf, vat_return, heading.beside)
    if icp is not None and icp.rows:
        _icp(pdf, icp)
    if vat_accounts is not None and vat_accounts.lines:
        _vat_accounts(pdf, vat_accounts)
    return bytes(pdf.output())


def _document(heading: Heading, vat_return: VatReturn) -> Any:
    locale = get_locale()
    language = str(locale.language) if locale else "nl"
    end = vat_return.period.end
    return pdf_parts.document(
        _title(heading, vat_return), heading.company, language, end
    )


def _title(heading: Heading, vat_return: VatReturn) -> str:
    if heading.title:
        return heading.title
    period = figure_words.period(vat_return.period)
    return str(_("Btw-aangifte %(period)s", period=period))


def _head(pdf: Any, heading: Heading, vat_return: VatReturn) -> None:
    pdf_parts.font(pdf, "B", 18)
    pdf_parts.text(pdf, _title(heading, vat_return), 10)
    pdf_parts.font(pdf, "B", 11)
    pdf_parts.text(pdf, heading.company)
    pdf_parts.font(pdf)
    period = vat_return.period
    start, end = pdf_parts.day(period.start), pdf_parts.day(period.end)
    facts = [
        (_("Omzetbelastingnummer"), heading.tax_number or "–"),
        (_("Tijdvak"), _("%(start)s tot en met %(end)s", start=start, end=end)),
        (_("Stand"), heading.state),
        *heading.facts,
    ]  # fmt: skip
    for label, value in facts:
        pdf_parts.text(pdf, f"{label}: {value}", 5)
    pdf.ln(5)


def _rubrics(pdf: Any, vat_return: VatReturn) -> None:
    pdf_parts.font(pdf, "B", 9)
    _row(pdf, "", "", _("Omzet excl. btw"), _("Btw"), border="B")
    for number, rubrics in _SECTIONS:
        pdf_parts.font(pdf, "B", 9)
        _row(pdf, number, figure_words.section(number))
        pdf_parts.font(pdf, "", 9)
        for rubric in rubrics:
            box = vat_return.box(rubric)
            vat = "" if rubric in TURNOVER_ONLY else pdf_parts.euro_round(box.vat)
            _row(
                pdf,
                rubric,
                str(RUBRICS[rubric]),
                pdf_parts.euro_round(box.turnover),
                vat,
            )


def _sums(
    pdf: Any, vat_return: VatReturn, beside: Sequence[tuple[str, Decimal]]
) -> None:
    pdf_parts.font(pdf, "B", 9)
    _row(pdf, "5", figure_words.section("5"))
    pdf_parts.font(pdf, "", 9)
    lines = [
        ("5a", vat_return.owed),
        ("5b", vat_return.input_vat),
        ("5c", vat_return.balance),
    ]
    for code, amount in lines:
        _row(pdf, code, str(RUBRICS[code]), "", pdf_parts.euro_round(amount))
    pdf_parts.font(pdf, "B", 10)
    label = _("Terug te vragen") if vat_return.payable < 0 else _("Te betalen")
    if beside:
        label = _("Nieuw totaal")
    _row(pdf, "5g", label, "", pdf_parts.euro_round(vat_return.payable), border="T")
    for words, amount in beside:
        _row(pdf, "", words, "", pdf_parts.euro_round(amount))


def _part(pdf: Any, lines: int) -> None:
    """Begin a part; its heading and first lines stay together."""
    if pdf.will_page_break(8 + 9 + _ROW * lines):
        pdf.add_page()
    else:
        pdf.ln(8)


def _icp(pdf: Any, icp: Declaration) -> None:
    _part(pdf, 3)
    pdf_parts.font(pdf, "B", 14)
    period = figure_words.period(icp.period)
    pdf_parts.text(pdf, _("Opgaaf ICP %(period)s", period=period), 9)
    for kind, rows in groupby(icp.rows, key=lambda row: row.kind):
        pdf_parts.font(pdf, "B", 9)
        _row(pdf, "", str(ICP_KINDS[kind]), "", _("Bedrag"), border="B")
        pdf_parts.font(pdf, "", 9)
        for row in rows:
            _row(
                pdf,
                row.customer.country,
                _number(row),
                "",
                pdf_parts.euro_round(row.amount),
            )
    pdf_parts.font(pdf, "B", 10)
    _row(pdf, "", _("Totaal"), "", pdf_parts.euro_round(icp.amount), border="T")


def _vat_accounts(pdf: Any, accounts: VatAccounts) -> None:
    lines = accounts.lines
    _part(pdf, min(2 + 2 * len(lines), _TOGETHER))
    pdf_parts.font(pdf, "B", 14)
    pdf_parts.text(pdf, _("Btw-aansluiting"), 9)
    if accounts.known:
        pdf_parts.font(pdf)
        pdf_parts.text(pdf, accounts.known)
    pdf_parts.font(pdf, "B", 9)
    _row(pdf, "", _("Btw-rekening"), _("In de boeken"), _("In de rubrieken"), "B")
    pdf_parts.font(pdf, "", 9)
    for line in lines:
        name = f"{line.account} {VAT_ROLES[line.role.value]}"
        _row(pdf, "", name, _cents(line.moved), _cents(line.in_boxes))
        if line.difference:
            _row(pdf, "", _("Verschil"), "", _cents(line.difference))


def _cents(amount: Decimal) -> str:
    return str(numbers.format_currency(amount, "EUR", locale=get_locale()))


def _number(row: Row) -> str:
    if row.corrects is None:
        return row.customer.vat_number
    period = figure_words.period(row.corrects)
    return f"{row.customer.vat_number} ({_('correctie van %(period)s', period=period)})"


def _row(
    pdf: Any,
    code: str,
    text: str,
    turnover: str = "",
    vat: str = "",
    border: str | int = 0,
) -> None:
    """Write a line; a long text takes more lines, the amounts stand on the first."""
    words = pdf_parts.WIDTH - _CODE - 2 * _AMOUNT
    lines = pdf.multi_cell(words, _ROW, text, align="L", dry_run=True, output="LINES")
    height = _ROW * max(1, len(lines))
    if pdf.will_page_break(height):
        pdf.add_page()
    top = pdf.get_y()
    pdf.cell(_CODE, height, code, border)
    pdf.multi_cell(words, _ROW, text, border, align="L",
                   new_x="RIGHT", new_y="TOP")  # fmt: skip
    pdf.cell(_AMOUNT, height, turnover, border, align="R")
    pdf.cell(_AMOUNT, height, vat, border, align="R")
    pdf.set_xy(pdf.l_margin, top + height)
