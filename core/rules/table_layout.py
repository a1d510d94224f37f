"""Where a table stands among the rows of a sheet: its header, its end. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from core.domain.errors import AskUser
from core.rules.cell_faults import NARROWER, WHOLE, WIDER, Cell, Remark
from core.rules.relation_headers import recognised

LOOKED_THROUGH = 20
"""Rows among which the header is looked for, and may be chosen."""
_MOST_ALIKE = 0.9
_MOST_NAMED = 5
_EXACT = re.compile(r"[\d@]")
_TOTAL = re.compile(
    r"(?:(?:eind|sub)?tota+l(?:en|s)?|aantal|total|totaux|summe|gesamt)"
    r"(?: (?:aantal )?(?:\d[\d.]* )?"
    r"(?:relaties|debiteuren|crediteuren|klanten|leveranciers|records|regels|rijen"
    r"|customers|suppliers|clients|rows))?"
    r"(?: ?[:=]? ?\d[\d.]*)?:?",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Line:
    """A row that holds anything, with its number as a spreadsheet counts."""

    number: int
    cells: list[Cell]
    """Without the empty ones at its end."""
    width: int
    """With them: how many the row has in the file."""

    @cached_property
    def texts(self) -> list[str]:
        """The cells without what is wrong with them."""
        return [text for text, _ in self.cells]


@dataclass(frozen=True)
class Table:
    """A header, the rows that belong to it, and what to tell of the rest."""

    header: int
    headers: list[str]
    rows: list[Line]
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def header_of(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the header: the first row with known headings.

    Two known headings make a header; one does when no row has two; else it is the
    first row that is more than a title.
    """
    known = [recognised(texts) for texts in rows[:LOOKED_THROUGH]]
    widths = [sum(map(bool, texts)) for texts in rows[:LOOKED_THROUGH]]
    for found, least in ((known, 2), (known, 1), (widths, 2)):
        place = next((at for at, count in enumerate(found) if count >= least), None)
        if place is not None:
            return place
    return 0


def arranged(lines: Sequence[Line], header: int | None, *, may_shift: bool) -> Table:
    """Return the table of a sheet; `header` is the line chosen, else it is guessed.

    With `may_shift` a row with more cells than the header has lost a separator's
    meaning somewhere, as in a CSV file. Raises AskUser `import_no_rows`.
    """
    numbers = [line.number for line in lines]
    if header in numbers:
        place = numbers.index(header)
    else:
        place = header_of([line.texts for line in lines[:LOOKED_THROUGH]])
    if len(lines) < place + 2:
        raise AskUser("import_no_rows")
    if header not in numbers and place and _is_header_of_two(lines, place - 1):
        place -= 1
    head, rows = lines[place], list(lines[place + 1 :])
    notes: list[tuple[str, dict[str, str]]] = []
    titles = head.texts
    if len(rows) > 1 and _is_header_of_two(lines, place):
        under = rows.pop(0)
        titles = _titles(head.texts, under.texts)
        notes.append(("import_header_two", {"lines": f"{head.number}, {under.number}"}))
    if place:
        notes.append(("import_rows_above", {"lines": span(numbers[:place])}))
    again = [line.number for line in rows if line.texts == head.texts]
    if again:
        notes.append(("import_header_again", {"lines": span(again)}))
        rows = [line for line in rows if line.texts != head.texts]
    found = _second_table(head, rows)
    if found is not None:
        end, begin = found
        notes.append(("import_second_table", {"line": str(rows[begin].number)}))
        rows = rows[:end]
    if len(rows) > 1 and _is_total(rows[-1]):
        notes.append(("import_total", {"line": str(rows.pop().number)}))
    if not rows:
        raise AskUser("import_no_rows")
    widest = 0 if may_shift else max(len(line.cells) for line in rows)
    headers = titles + [""] * (widest - len(titles))
    return Table(head.number, headers, rows, notes)


def span(numbers: Sequence[int]) -> str:
    """Return line numbers as a person reads them."""
    if len(numbers) > _MOST_NAMED:
        return f"{numbers[0]}–{numbers[-1]}"
    return ", ".join(map(str, numbers))


def _is_total(line: Line) -> bool:
    """Tell whether a last row counts the others: a word for it, beside numbers only."""
    first, *others = [text for text in line.texts if text]
    return bool(_TOTAL.fullmatch(first)) and not any(map(_LETTER.search, others))


def _is_header_of_two(lines: Sequence[Line], place: int) -> bool:
    """Tell whether a row of headings has another below it that says the rest.

    Headings alone, of which one at least stands where the upper row has none.
    """
    above, below = lines[place], lines[place + 1]
    filled = [text for text in below.texts if text]
    is_next = below.number == above.number + 1
    if not is_next or recognised(filled) < max(len(filled), 1):
        return False
    pairs = zip_longest(above.texts, below.texts, fillvalue="")
    adds = any(down and not up for up, down in pairs)
    return adds and recognised(above.texts) > 0


def _titles(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return the headings of two rows: the lower, else the upper one's.

    One that comes again stands with that of its group: Postadres, over two columns.
    """
    found, group = [], ""
    for up, down in zip_longest(above, below, fillvalue=""):
        group = up or group
        is_one = below.count(down) < 2 or not down
        found.append((down or up) if is_one else f"{group} {down}".strip())
    return found


def remarks(line: Line, head_width: int, *, may_shift: bool) -> list[Remark]:
    """Return what is to be told of a row and its cells."""
    found: list[Remark] = [
        (column, code, {"line": str(line.number), "cell": f"{_letters(column)}"
         f"{line.number}", "text": text[:60]})
        for column, (text, code) in enumerate(line.cells)
        if code
    ]  # fmt: skip
    said = {"cells": str(line.width), "expected": str(head_width)}
    if may_shift and len(line.cells) > head_width:
        found.append((WHOLE, WIDER, said))
    elif may_shift and line.width < head_width:
        found.append((WHOLE, NARROWER, said))
    return found


def _letters(column: int) -> str:
    """Return a column as a spreadsheet names it: A, Z, AA."""
    found, left = "", column + 1
    while left:
        left, rest = divmod(left - 1, 26)
        found = chr(65 + rest) + found
    return found


def _second_table(head: Line, rows: Sequence[Line]) -> tuple[int, int] | None:
    """Return where the first table ends and where the header of another stands."""
    before, blank_at = head.number, None
    seen = _Columns()
    for place, line in enumerate(rows):
        if line.number > before + 1:
            blank_at = place
        is_near = blank_at is not None and place - blank_at < 3
        known = recognised(line.texts) if is_near or recognised(line.texts[:1]) else 0
        filled = sum(map(bool, line.texts))
        if known >= 2 and known * (2 if is_near else 1) >= filled:
            return (blank_at if blank_at is not None and is_near else place), place
        if blank_at == place and seen.contradict(line.texts):
            return place, place
        seen.add(line.texts)
        before = line.number
    return None


class _Columns:
    """Which columns hold numbers or addresses: a word there is another heading."""

    def __init__(self) -> None:
        self._filled: dict[int, int] = {}
        self._exact: dict[int, int] = {}

    def add(self, texts: Sequence[str]) -> None:
        for column, text in enumerate(texts):
            if text:
                self._filled[column] = self._filled.get(column, 0) + 1
                found = bool(_EXACT.search(text))
                self._exact[column] = self._exact.get(column, 0) + found

    def contradict(self, texts: Sequence[str]) -> bool:
        """Tell whether a row has words alone, also where there were numbers."""
        filled = [text for text in texts if text]
        if len(filled) < 2 or any(_EXACT.search(text) for text in filled):
            return False
        columns = [column for column, text in enumerate(texts) if text]
        return any(self._is_exact(column) for column in columns)

    def _is_exact(self, column: int) -> bool:
        filled = self._filled.get(column, 0)
        return filled > 1 and self._exact.get(column, 0) >= _MOST_ALIKE * filled
