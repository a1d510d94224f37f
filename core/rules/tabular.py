"""A CSV or Excel file as rows of texts; nothing in it is ever calculated. Pure.

What it is is read from the file itself: an XLSX file begins as a ZIP file, the
encoding of text is told by its BOM or tried, the separator is the one that splits the
first lines alike. Cells that a program or a mishap changed are told, never guessed.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from core.domain.errors import AskUser
from core.rules import csv_lines, table_layout
from core.rules.cell_faults import Cell, Remark
from core.rules.relation_headers import recognised
from core.rules.table_layout import Line
from core.rules.xlsx_lines import MOST_CELLS, MOST_COLUMNS, Book, Layout

MOST_ROWS = 50_000
_LONGEST_CELL = 100_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""OLE: Excel until 2003, and any Excel file behind a password."""


@dataclass(frozen=True)
class Sheet:
    """A file's header row and the numbered rows below it that hold anything."""

    format: str
    """`xlsx`, or encoding and separator: `utf-8 ;`."""
    headers: list[str]
    rows: list[tuple[int, list[str]]]
    """The number is the line as a spreadsheet counts them; the header is among them."""
    header: int = 1
    """The line of the header row."""
    first: list[tuple[int, list[str]]] = field(default_factory=list)
    """The first lines: any of them may be chosen as the header."""
    name: str = ""
    names: list[str] = field(default_factory=list)
    """The sheet that was read and all that can be; empty for CSV."""
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What to tell of the file: rows above the header, another table below."""
    remarks: dict[int, list[Remark]] = field(default_factory=dict)
    """What to tell of a row, by its line."""


def read(content: bytes, sheet: str = "", header: int | None = None) -> Sheet:
    """Read a file whole; sheet and line of the header are guessed where not given.

    Raises AskUser `import_unreadable`, `import_other_spreadsheet`, `import_no_rows`,
    `import_quote_open`, `import_too_many_rows`, `import_too_wide`,
    `import_too_many_cells` or `import_too_large`.
    """
    if content.startswith(_OLD_EXCEL):
        raise AskUser("import_other_spreadsheet")
    try:
        if content.startswith(b"PK\x03\x04"):
            return _excel(content, sheet, header)
        return _text(content, header)
    except (ValueError, KeyError, IndexError, TypeError, OSError, SyntaxError) as error:
        raise AskUser("import_unreadable") from error


def told(content: bytes) -> Iterator[Any]:
    """Yield a file as plain values; for a reader in another process.

    The first line of the content says what was chosen, as JSON: `sheet`, `header`. The
    first value is what is known of the file; then come number, cells and remarks of
    each row. Errors as `read`.
    """
    chosen, _, file = content.partition(b"\n")
    found = read(file, **json.loads(chosen))
    yield {
        "format": found.format,
        "headers": found.headers,
        "header": found.header,
        "first": found.first,
        "sheet": found.name,
        "sheets": found.names,
        "notes": found.notes,
    }
    for number, cells in found.rows:
        yield number, cells, found.remarks.get(number, [])


def _excel(content: bytes, name: str, header: int | None) -> Sheet:
    book = Book(content)
    if name not in book.names:
        name = _guessed(book)
    lines = ((cells, len(cells)) for cells in book.lines(name))
    sheet = _sheet("xlsx", lines, header, name, book.names)
    return replace(sheet, notes=[*sheet.notes, *_unseen(book.layout(name), sheet)])


def _unseen(layout: Layout, sheet: Sheet) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what is told of rows and columns that the file's user does not see."""
    read_lines = {number for number, _ in sheet.rows}
    if lines := [number for number in layout.rows if number in read_lines]:
        yield "import_rows_hidden", {"lines": table_layout.span(lines)}
    names = [
        sheet.headers[column - 1]
        for column in layout.columns
        if column <= len(sheet.headers)
    ]
    if any(names):
        yield "import_columns_hidden", {"columns": ", ".join(filter(None, names))}


def _guessed(book: Book) -> str:
    """Return the first sheet with known headings, else the first with rows."""
    samples = {name: book.sample(name) for name in book.names}
    for least in (2, 1):
        for name, rows in samples.items():
            if any(recognised(texts) >= least for texts in rows):
                return name
    filled = (name for name, rows in samples.items() if any(map(any, rows)))
    return next(filled, book.names[0])


def _text(content: bytes, header: int | None) -> Sheet:
    text, encoding = csv_lines.decoded(content)
    separator, text = csv_lines.separated(text)
    rows = csv_lines.rows(text, separator)
    first = list(islice(rows, table_layout.LOOKED_THROUGH))
    width = Counter(map(len, first)).most_common(1)[0][0] if first else 0
    lines = (
        ([csv_lines.read_cell(each, encoding) for each in cells], len(cells))
        for cells in chain((csv_lines.headings(row, width) for row in first), rows)
    )
    name = {"\t": "tab"}.get(separator, separator)
    return _sheet(f"{encoding} {name}", lines, header)


def _sheet(
    file_format: str,
    lines: Iterator[tuple[list[Cell], int]],
    header: int | None,
    name: str = "",
    names: list[str] | None = None,
) -> Sheet:
    kept = list(_kept(lines))
    may_shift = not names
    table = table_layout.arranged(kept, header, may_shift=may_shift)
    if len(table.rows) > MOST_ROWS:
        raise AskUser("import_too_many_rows")
    head = next(line for line in kept if line.number == table.header)
    width = max(head.width, len(table.headers))
    found = {
        line.number: table_layout.remarks(line, width, may_shift=may_shift)
        for line in table.rows
    }
    return Sheet(
        file_format,
        table.headers,
        [(line.number, line.texts) for line in table.rows],
        table.header,
        [(line.number, line.texts) for line in kept[: table_layout.LOOKED_THROUGH]],
        name,
        names or [],
        table.notes,
        {number: said for number, said in found.items() if said},
    )


def _kept(lines: Iterator[tuple[list[Cell], int]]) -> Iterator[Line]:
    """Yield rows that hold anything, as long as they are not too many or too wide."""
    total = count = 0
    for number, (cells, width) in enumerate(lines, start=1):
        while cells and cells[-1] == ("", ""):
            cells.pop()
        if not cells:
            continue
        total, count = total + len(cells), count + 1
        if len(cells) > MOST_COLUMNS:
            raise AskUser("import_too_wide", most=str(MOST_COLUMNS))
        if total > MOST_CELLS:
            raise AskUser("import_too_many_cells")
        if count > MOST_ROWS + table_layout.LOOKED_THROUGH:
            raise AskUser("import_too_many_rows")
        if any(len(text) > _LONGEST_CELL for text, _ in cells):
            raise AskUser("import_unreadable")
        yield Line(number, cells, width)
