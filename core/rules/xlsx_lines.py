"""The lines of a sheet of an XLSX file, each cell as its user sees it. Pure.

A formula is the value that was saved with it; it is never calculated. Where a program
saved none, the cell is lost, and told.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from core.domain.errors import AskUser
from core.rules import cell_faults, cell_formats
from core.rules.cell_faults import Cell

MOST_COLUMNS = 250
MOST_CELLS = 500_000
"""Altogether: every row of the most, ten fields wide."""
LARGEST_UNPACKED = 200_000_000
"""Bytes of an XLSX file once unpacked: more is a bomb."""
MOST_TAGS = 10 * MOST_CELLS
"""Of an XLSX file; a cell with its text takes four to ten."""
_SAMPLE_ROWS = 30
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_UNSAVED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></|</)"
)
"""A formula without a value behind it, or with an empty one."""
_OVERLAP = 4096
_ARRANGED = re.compile(
    rb'<(?:\w+:)?(?:row|col)\b[^<>]*\bhidden="(?:1|true)"|<(?:\w+:)?mergeCell\b'
)
"""What a sheet may say of rows, columns and cells besides their values."""


class Layout(NamedTuple):
    """What of a sheet its user does not see, and what he sees in several cells."""

    rows: tuple[int, ...] = ()
    """Lines that are hidden, by hand or by a filter."""
    columns: tuple[int, ...] = ()
    """Columns that are hidden; the first is 1."""
    merged: tuple[tuple[int, int, int], ...] = ()
    """Of cells merged downwards: column, first and last line."""


class Book:
    """An XLSX file that is read row by row; `names` are its visible sheets.

    Raises AskUser `import_unreadable`, `import_too_large`, `import_too_many_cells`,
    `import_other_spreadsheet` or `import_no_rows`.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._has_unsaved, self._is_arranged = _measured(content)
        self._layouts: dict[str, Layout] = {}
        self._values = self._opened(data_only=True)
        shown = [
            each.title
            for each in self._values.worksheets
            if each.sheet_state == "visible"
        ]
        self.names: list[str] = shown or list(self._values.sheetnames)
        if not self._values.worksheets:
            raise AskUser("import_no_rows")

    def _opened(self, *, data_only: bool) -> Any:
        from openpyxl import load_workbook  # here, because it takes 30 MB of a process

        try:
            return load_workbook(
                io.BytesIO(self._content),
                read_only=True,
                keep_links=False,
                data_only=data_only,
            )
        except MemoryError:
            raise
        except Exception as error:  # it raises whatever a broken file leads to
            raise AskUser("import_unreadable") from error

    def sample(self, name: str) -> list[list[str]]:
        """Return the texts of a sheet's first rows."""
        rows = _rows(self._values[name], max_row=_SAMPLE_ROWS)
        cells = ([_cell(each) for each in row] for row in rows)
        filled = _filled(cells, self.layout(name).merged)
        return [[text for text, _ in row] for row in filled]

    def layout(self, name: str) -> Layout:
        """Return which rows and columns of a sheet are hidden, and merged cells."""
        if not self._is_arranged:
            return Layout()
        if name not in self._layouts:
            self._layouts[name] = _layout(self._content, name)
        return self._layouts[name]

    def lines(self, name: str) -> Iterator[list[Cell]]:
        """Yield every row of a sheet; a cell merged downwards is in each row of it."""
        return _filled(self._lines(name), self.layout(name).merged)

    def _lines(self, name: str) -> Iterator[list[Cell]]:
        rows = _rows(self._values[name])
        if not self._has_unsaved:
            for row in rows:
                yield [_cell(each) for each in row]
            return
        formulas = _rows(self._opened(data_only=False)[name])
        for row, written in zip(rows, formulas, strict=True):
            yield [_saved(*pair) for pair in zip(row, written, strict=True)]


def _rows(sheet: Any, max_row: int | None = None) -> Iterator[Any]:
    sheet.reset_dimensions()
    return iter(sheet.iter_rows(max_row=max_row))


def _layout(content: bytes, name: str) -> Layout:
    rows: list[int] = []
    columns: list[int] = []
    merged: list[tuple[int, int, int]] = []
    line = 0
    for kind, said in _elements(content, name):
        is_hidden = said.get("hidden") in ("1", "true")
        if kind == "row":
            line = int(said.get("r") or line + 1)
            rows += [line] * is_hidden
        elif kind == "col" and is_hidden:
            last = min(int(said["max"]), MOST_COLUMNS)
            columns += range(int(said["min"]), last + 1)
        elif kind == "mergeCell":
            merged += _downwards(said["ref"])
    return Layout(tuple(rows), tuple(columns), tuple(merged))


def _elements(content: bytes, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what a sheet's elements are called, and say of themselves."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.functions import iterparse

    reader = ExcelReader(io.BytesIO(content), read_only=True)
    reader.read_manifest()
    reader.read_workbook()
    paths = {sheet.name: rel.target for sheet, rel in reader.parser.find_sheets()}
    with reader.archive.open(paths[name]) as source:
        for _, element in iterparse(source):
            yield element.tag.rpartition("}")[2], dict(element.attrib)
            element.clear()


def _downwards(place: str) -> list[tuple[int, int, int]]:
    from openpyxl.utils.cell import range_boundaries

    left, top, _, bottom = (side or 0 for side in range_boundaries(place))
    return [(left, top, bottom)] if top < bottom else []


def _filled(
    lines: Iterable[list[Cell]], merged: Iterable[tuple[int, int, int]]
) -> Iterator[list[Cell]]:
    """Yield lines with what their user sees in cells that were merged downwards.

    A line with nothing of its own stays empty: a title may span many.
    """
    begins: dict[int, list[tuple[int, int]]] = {}
    for column, top, bottom in merged:
        begins.setdefault(top, []).append((column - 1, bottom))
    open_: dict[int, tuple[int, str]] = {}
    for number, cells in enumerate(lines, start=1):
        is_empty = not any(text for text, _ in cells)
        for column, (bottom, text) in list(open_.items()):
            if number > bottom:
                del open_[column]
            elif text and not is_empty:
                cells += [("", "")] * (column + 1 - len(cells))
                cells[column] = (text, cell_faults.MERGED)
        for column, bottom in begins.get(number, ()):
            open_[column] = bottom, cells[column][0] if column < len(cells) else ""
        yield cells


def _measured(content: bytes) -> tuple[bool, bool]:
    """Refuse what unpacks too far or holds too much, by counting: nothing is kept.

    Returns whether there may be formulas without a saved value, and a layout.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _refuse_others(packed)
            return _counted(packed)
    except zipfile.BadZipFile as error:
        raise AskUser("import_unreadable") from error
    except (NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise AskUser("import_unreadable") from error


def _refuse_others(packed: zipfile.ZipFile) -> None:
    names = set(packed.namelist())
    if "mimetype" in names:
        with packed.open("mimetype") as part:
            if part.read(100).startswith(_OPEN_DOCUMENT):
                raise AskUser("import_other_spreadsheet")
    if "xl/workbook.bin" in names:
        raise AskUser("import_other_spreadsheet")


def _counted(packed: zipfile.ZipFile) -> tuple[bool, bool]:
    if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
        raise AskUser("import_too_large")
    size = tags = 0
    has_unsaved = is_arranged = False
    for each in packed.infolist():
        with packed.open(each) as part:
            tail = b""
            while chunk := part.read(1_000_000):
                size += len(chunk)
                tags += chunk.count(b"<")
                seen = tail + chunk
                has_unsaved = has_unsaved or bool(_UNSAVED.search(seen))
                is_arranged = is_arranged or bool(_ARRANGED.search(seen))
                tail = chunk[-_OVERLAP:]
                if size > LARGEST_UNPACKED:
                    raise AskUser("import_too_large")
                if tags > MOST_TAGS:
                    raise AskUser("import_too_many_cells")
    return has_unsaved, is_arranged


def _saved(value: Any, written: Any) -> Cell:
    """Return a cell; a formula without a saved value is lost (a saved empty is not)."""
    is_formula = written.data_type == "f"
    if is_formula and value.value is None and value.data_type != "str":
        return "", cell_faults.FORMULA
    return _cell(value)


def _cell(found: Any) -> Cell:
    value, kind = found.value, found.data_type
    if value is None:
        return "", ""
    if kind == "e":
        return str(value), cell_faults.ERROR
    if isinstance(value, bool):
        return str(value).upper(), cell_faults.BOOLEAN
    if isinstance(value, int | float):
        return _number(value, found.number_format)
    if isinstance(value, str):
        return cell_faults.cell(value)
    text = cell_formats.moment(value, found.number_format)
    return (str(value), cell_faults.FORMAT) if text is None else (text, "")


def _number(value: float, number_format: str) -> Cell:
    text = cell_formats.number(value, number_format)
    if text is None:
        is_exponent = abs(value) >= cell_formats.EXACT or "E+" in number_format.upper()
        return repr(value), cell_faults.EXPONENT if is_exponent else cell_faults.FORMAT
    return text, cell_faults.SEPARATORS if set(text) & set(".,") else ""
