"""What our PDFs share: the page, its fonts, lines of text, amounts and dates.

The same content gives the same bytes. Texts are in the language in force.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from babel import Locale, dates, numbers
from flask_babel import get_locale

from core.rules import printing

WIDTH = 170
"""Between the margins, in millimetres."""
NEXT = {"new_x": "LMARGIN", "new_y": "NEXT"}
_FONT, _EAST_ASIAN = "text", "east asian"
_LINE = 6


def document(title: str, author: str, language: str, on: date) -> Any:
    """Return an empty page; `on` is the day that its creation date shows."""
    from fpdf import FPDF  # here, because it takes 30 MB of a process

    pdf: Any = FPDF(format="A4")
    pdf.add_font(_FONT, "", printing.MAIN)
    pdf.add_font(_FONT, "B", printing.BOLD)
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, 20)
    pdf.set_lang(language)
    pdf.set_title(title)
    pdf.set_author(author)
    # The day itself is no moment; a fixed one keeps the bytes the same.
    pdf.set_creation_date(datetime.combine(on, time(), UTC))
    pdf.add_page()
    return pdf


def font(pdf: Any, style: str = "", size: int = 10) -> None:
    """Write on in a style (`B` is bold) and size."""
    pdf.set_font(_FONT, style, size)


def text(pdf: Any, words: str, height: int = _LINE) -> None:
    """Write a paragraph over the whole width."""
    pdf.multi_cell(WIDTH, height, _printed(pdf, words), align="L", **NEXT)


def _printed(pdf: Any, words: str) -> str:
    """Return words as the fonts can show them; the large one is read when needed."""
    shown = printing.printed(words)
    is_read = _EAST_ASIAN in pdf.fonts
    if not is_read and any(map(printing.is_east_asian, shown)):
        pdf.add_font(_EAST_ASIAN, "", printing.EAST_ASIAN)
        pdf.set_fallback_fonts([_EAST_ASIAN], exact_match=False)
    return shown


def picture(pdf: Any, png: bytes, size: int, words: str) -> None:
    """Show a square picture with words beside it, on one page; the size in mm."""
    if pdf.will_page_break(size):
        pdf.add_page()
    top = pdf.get_y()
    pdf.image(BytesIO(png), pdf.l_margin, top, size, size, alt_text=words)
    pdf.set_xy(pdf.l_margin + size + 4, top + size / 2 - _LINE)
    pdf.multi_cell(WIDTH - size - 4, _LINE - 1, _printed(pdf, words), align="L", **NEXT)
    pdf.set_xy(pdf.l_margin, top + size)


def row(
    pdf: Any,
    words: str,
    amounts: list[tuple[str, int]],
    border: str | int = 0,
    height: int = 7,
) -> None:
    """Write a line: words at the left, then amounts, each with its width.

    A long text takes more lines, the amounts stand on the first; neither is parted
    from the other by the end of a page.
    """
    words = _printed(pdf, words)
    left = WIDTH - sum(width for _amount, width in amounts)
    lines = pdf.multi_cell(left, height, words, dry_run=True, output="LINES")
    if pdf.will_page_break(min(len(lines), 20) * height):
        pdf.add_page()
    top = pdf.get_y()
    pdf.multi_cell(left, height, words, border, align="L", **NEXT)
    end = pdf.get_y()
    pdf.set_xy(pdf.l_margin + left, top)
    for amount, width in amounts:
        pdf.cell(width, height, amount, border, align="R")
    pdf.set_xy(pdf.l_margin, end)


def euro(amount: Decimal) -> str:
    """Write an amount: € 1.234,50."""
    return str(numbers.format_currency(amount, "EUR", locale=get_locale()))


def euro_exact(amount: Decimal) -> str:
    """Write a price with the decimals it has, two at least: € 0,0125."""
    locale = Locale.parse(str(get_locale() or "nl"))
    usual = str(locale.currency_formats["standard"].pattern)
    pattern = usual.replace("0.00", "0.00##")
    return str(
        numbers.format_currency(
            amount, "EUR", pattern, locale=locale, currency_digits=False
        )
    )


def euro_round(amount: Decimal) -> str:
    """Write an amount without cents, placed as `euro` places it: € 1.234."""
    locale = Locale.parse(str(get_locale() or "nl"))
    usual = str(locale.currency_formats["standard"].pattern)
    pattern = usual.replace(".00", "").replace("\N{NO-BREAK SPACE}", " ")
    return str(
        numbers.format_currency(
            amount, "EUR", pattern, locale=locale, currency_digits=False
        )
    )


def number(value: Decimal) -> str:
    """Write a quantity or a rate without needless zeros: 1,5."""
    return str(numbers.format_decimal(value, format="#,##0.####", locale=get_locale()))


def day(on: date) -> str:
    """Write a date: 2 maart 2026."""
    return str(dates.format_date(on, "d MMMM yyyy", locale=get_locale()))


def country(code: str) -> str:
    """Return a country's name."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale else code
