"""Lists as CSV and XLSX: row by row, so that memory does not grow with the list.

openpyxl is imported when it is used: it takes 30 MB of every process that holds it.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from core.domain.strings import sendable

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | Decimal | date | datetime | None
"""Amounts are Decimal; moments are in the reader's own time zone."""
BOM = "\ufeff"
"""Without it Excel does not read a CSV file as UTF-8."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_LINES = 200
"""Lines that go out at once."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, and how a row's value is found."""

    title: str
    value: Callable[[Any], Cell]


def csv_parts(
    columns: Sequence[Column], rows: Iterable[Any], language: str
) -> Iterator[bytes]:
    """Yield a CSV file as a Dutch or English Excel opens it, in parts.

    Dutch: semicolons and decimal commas; English: commas and points. A text that a
    spreadsheet would take for a formula gets an apostrophe (OWASP: CSV injection).
    """
    is_dutch = language == "nl"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";" if is_dutch else ",")
    buffer.write(BOM)
    writer.writerow([_safe(column.title) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_text(column.value(row), is_dutch) for column in columns])
        if number % _LINES == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _text(value: Cell, is_dutch: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",") if is_dutch else f"{value:f}"
    return str(value) if isinstance(value, int) else _safe(value)


def _safe(text: str) -> str:
    """Put an apostrophe before a would-be formula; also where one stands already, so
    that taking one away (`core.rules.cell_faults`) gives the text back."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def write_xlsx(
    file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any], title: str
) -> None:
    """Write a workbook of one sheet with real numbers and dates.

    Text stays text whatever it begins with: it is marked as such.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, column.title) for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, column.value(row)) for column in columns])
    book.save(file)


def _cell(sheet: "WriteOnlyWorksheet", value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        text = _safe(value) if value.startswith("'") else value
        cell = WriteOnlyCell(sheet, sendable(text))
        cell.data_type = "s"
        return cell
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)  # a workbook knows no time zones
    given: Any = value  # it takes decimals and dates; its type stubs do not say so
    cell = WriteOnlyCell(sheet, given)
    if isinstance(value, Decimal):
        cell.number_format = "#,##0.00"
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    else:
        cell.number_format = "yyyy-mm-dd"
    return cell
