"""A CSV or Excel file as rows of texts; nothing in it is ever calculated. Pure.

What it is is read from the file itself: an XLSX file begins as a ZIP file, the
encoding of text is told by its BOM or tried, the separator is the one that splits the
first lines alike.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from core.domain.errors import AskUser

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_CELLS = 500_000
"""Altogether: every row of the most, ten fields wide."""
LARGEST_UNPACKED = 200_000_000
"""Bytes of an XLSX file once unpacked: more is a bomb."""
MOST_TAGS = 10 * MOST_CELLS
"""Of an XLSX file; a cell with its text takes four to ten."""
SEPARATORS = ";,\t|"
_SAMPLE_LINES = 20
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Sheet:
    """A file's header row and the numbered rows below it that hold anything."""

    format: str
    """`xlsx`, or encoding and separator: `utf-8 ;`."""
    headers: list[str]
    rows: list[tuple[int, list[str]]]
    """The number is the line as a spreadsheet counts them; the header is among them."""


def read(content: bytes) -> Sheet:
    """Read a file whole.

    Raises AskUser `import_unreadable`, `import_no_rows`, `import_too_many_rows`,
    `import_too_wide`, `import_too_many_cells` or `import_too_large`.
    """
    if content.startswith(b"PK\x03\x04"):
        return _sheet("xlsx", _xlsx_rows(content))
    text, encoding = _decoded(content)
    separator, text = _separator(text)
    name = {"\t": "tab"}.get(separator, separator)
    return _sheet(f"{encoding} {name}", _csv_rows(text, separator))


def told(content: bytes) -> Iterator[Any]:
    """Yield a file as plain values: format and headers, then number and cells of each
    row; for a reader in another process. Errors as `read`."""
    sheet = read(content)
    yield sheet.format, sheet.headers
    yield from sheet.rows


def _sheet(file_format: str, lines: Iterator[list[str]]) -> Sheet:
    try:
        numbered = [
            (number, cells)
            for number, cells in enumerate(
                islice(_counted(lines), MOST_ROWS + _SAMPLE_LINES), start=1
            )
            if any(cells)
        ]
    except (csv.Error, zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise AskUser("import_unreadable") from error
    if len(numbered) < 2:
        raise AskUser("import_no_rows")
    if len(numbered) > MOST_ROWS + 1:
        raise AskUser("import_too_many_rows")
    return Sheet(file_format, numbered[0][1], numbered[1:])


def _counted(lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """Pass rows on as long as their cells are not too many."""
    total = 0
    for cells in lines:
        total += len(cells)
        if len(cells) > MOST_COLUMNS:
            raise AskUser("import_too_wide")
        if total > MOST_CELLS:
            raise AskUser("import_too_many_cells")
        yield cells


def _decoded(content: bytes) -> tuple[str, str]:
    """Return the text and its encoding: by BOM, else UTF-8, else as Windows writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(content, "utf-16"), "utf-16"
    if b"\x00" in content:
        raise AskUser("import_unreadable")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "windows-1252"


def _as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise AskUser("import_unreadable") from error


def _separator(text: str) -> tuple[str, str]:
    """Return the separator, and the text without Excel's own line that names it."""
    first, _, rest = text.partition("\n")
    named = first.strip().lower()
    if named.startswith("sep=") and len(named) == 5:
        return named[4], rest
    lines = "".join(islice(io.StringIO(text, newline=""), _SAMPLE_LINES))
    return max(SEPARATORS, key=lambda each: _agreement(lines, each)), text


def _agreement(lines: str, separator: str) -> tuple[bool, float, int]:
    """Tell how well a separator fits: splits the header, most lines alike, how far."""
    try:
        reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator)
        widths = [len(cells) for cells in reader if cells]
    except csv.Error:
        return False, 0, 0
    header = widths[0] if widths else 1
    alike = sum(width == header for width in widths) / max(len(widths), 1)
    return header > 1, alike, header


def _csv_rows(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for cells in reader:
        yield _texts(cells)


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    """Yield the first sheet's rows; a formula is its text, never its outcome."""
    from openpyxl import load_workbook  # here, because it takes 30 MB of a process

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _measure(packed)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except (AskUser, MemoryError):
        raise
    except Exception as error:  # the library raises whatever a broken file leads to
        raise AskUser("import_unreadable") from error
    sheet: Any = book.worksheets[0] if book.worksheets else None
    if sheet is None:
        raise AskUser("import_no_rows")
    sheet.reset_dimensions()
    for values in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1):
        yield _texts(values)


def _measure(packed: zipfile.ZipFile) -> None:
    """Refuse what unpacks too far or holds too much, by counting: nothing is kept."""
    if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
        raise AskUser("import_too_large")
    size = tags = 0
    for each in packed.infolist():
        with packed.open(each) as part:
            while chunk := part.read(1_000_000):
                size += len(chunk)
                tags += chunk.count(b"<")
                if size > LARGEST_UNPACKED:
                    raise AskUser("import_too_large")
                if tags > MOST_TAGS:
                    raise AskUser("import_too_many_cells")


def _texts(values: Iterable[Any]) -> list[str]:
    """Return cells as texts, without the empty ones at the end."""
    cells = [_text(value) for value in values]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value).strip()
    # What our own export (and a careful Excel user) put before a would-be formula.
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text
