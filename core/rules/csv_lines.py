"""The lines of a CSV file, as RFC 4180 has them and as people write them. Pure.

Python's `csv` reads a quote that never ends as one long cell; here it is an error with
its line. A quote within a cell, or around a part of it, is a sign like any other.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from core.domain.errors import AskUser
from core.rules.cell_faults import ENCODING, Cell, cell
from core.rules.relation_headers import recognised

SEPARATORS = ";,\t|"
_OF_A_BYTE = ("windows-1252", "mac-roman")
_SAMPLE_LINES = 20
_BOMS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_BAD = re.compile(r"[\udc80-\udcff]")
"""A byte that is not UTF-8, as `surrogateescape` keeps it (PEP 383)."""
_ACCENT = re.compile(r"[^\x00-\x7f\udc80-\udcff]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_MAC = re.compile(
    r"(?<=[a-z])[\udc87-\udc8a\udc8d-\udc90\udc98\udc9d\udc9f]|[\udc8d\udc8f\udc90\udc9d]"
)
"""Letters as old Excel for Mac writes them, which Windows has as no sign at all, or as
a capital or per mille where small letters stand (unicode.org, APPLE/ROMAN.TXT)."""
_WINDOWS = re.compile(r"[\udcc0-\udcff]")


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text and its encoding; a byte that does not fit is kept as it is.

    UTF-8 as long as most of what is no ASCII is UTF-8, else as Windows writes, or an
    old Mac.
    Raises AskUser `import_unreadable` for what is no text.
    """
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            return _text(content.decode(encoding, "replace")), encoding
    if content.count(0) * 10 > len(content):
        return _without_bom(content)
    text = content.decode("utf-8-sig", "surrogateescape")
    bad, good = len(_BAD.findall(text)), len(_ACCENT.findall(text))
    is_utf_8 = not bad or good >= bad or content.startswith(b"\xef\xbb\xbf")
    if is_utf_8:
        return text, "utf-8"
    is_mac = len(_MAC.findall(text)) > len(_WINDOWS.findall(text))
    return text, "mac-roman" if is_mac else "windows-1252"


def _text(text: str) -> str:
    if not text.strip("\ufffd\ufeff"):
        raise AskUser("import_unreadable")
    return text


def _without_bom(content: bytes) -> tuple[str, str]:
    """Read UTF-16 by where its zeros stand: the other half of each Latin sign."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    for encoding, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if few or many * 4 <= len(content):
            continue
        text = content.decode(encoding, "replace")
        if _LINE_END.search(text):
            return text, "utf-16"
    raise AskUser("import_unreadable")


def read_cell(text: str, encoding: str) -> Cell:
    """Return a cell; bytes of the other encoding are read as that, and told."""
    codec = "mac_roman" if encoding == "mac-roman" else "cp1252"
    mended = _BAD.sub(lambda found: _as(codec, found), text)
    found, code = cell(mended)
    is_other = mended != text if encoding == "utf-8" else _is_utf_8(text, encoding)
    return found, code or (ENCODING if is_other else "")


def _as(codec: str, found: re.Match[str]) -> str:
    return bytes([ord(found[0]) - 0xDC00]).decode(codec, "replace")


def _is_utf_8(text: str, encoding: str) -> bool:
    return encoding in _OF_A_BYTE and bool(_ACCENT.search(text))


def separated(text: str) -> tuple[str, str]:
    """Return the separator, and the text without Excel's own line that names it."""
    first, _, rest = text.partition("\n")
    named = first.strip("\r ").lower()
    if named.startswith("sep=") and len(named) == 5:
        return named[4], rest
    lines = "".join(islice(io.StringIO(text, newline=""), _SAMPLE_LINES))
    return max(SEPARATORS, key=lambda each: _agreement(lines, each)), text


def _agreement(text: str, separator: str) -> tuple[bool, float, int]:
    """Tell how well a separator fits: splits at all, most lines alike, how far."""
    widths = []
    try:
        for cells in rows(text, separator):
            widths.append(len(cells))
    except AskUser:
        pass  # the sample may end within a cell
    split = Counter(width for width in widths if width > 1)
    if not split:
        return False, 0, 0
    width, count = max(split.items(), key=lambda each: (each[1], each[0]))
    return True, count / len(widths), width


def headings(cells: list[str], width: int) -> list[str]:
    """Return a row, parted where it is one cell of headings with another separator.

    As of a header that was typed above rows from a program. `width`: of the rows.
    """
    if len(cells) != 1 or width < 2:
        return cells
    for separator in SEPARATORS:
        parts = next(rows(cells[0], separator), cells)
        if len(parts) == width and recognised(parts) > 1:
            return parts
    return cells


def rows(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the cells of each row, quotes taken away.

    Raises AskUser `import_quote_open` with the line where a quote begins that never
    ends, or ends so far on that it holds whole rows.
    """
    sign = re.escape(separator)
    field = re.compile(
        rf'"([^"]*+(?:""[^"]*+)*+)" *(?=[{sign}\r\n]|\Z)|([^{sign}\r\n]*+)'
    )
    position = begun = 0
    cells: list[str] = []
    opened: int | None = None
    while position < len(text) or cells:
        found = field.match(text, position)
        if found is None:  # cannot be: the second half takes nothing as well
            raise AskUser("import_unreadable")
        quoted, plain = found.groups()
        if quoted is not None:
            cells.append(quoted.replace('""', '"'))
            if opened is None and _LINE_END.search(quoted):
                opened = position
        else:
            if plain.startswith('"') and plain.count('"') % 2:
                raise _open_quote(text, position)
            cells.append(plain)
        position = found.end()
        if text[position : position + 1] == separator:
            position += 1
            continue
        if opened is not None and _is_whole_rows(text[begun:position], separator):
            raise _open_quote(text, opened)
        end = _LINE_END.match(text, position)
        position = begun = end.end() if end else position
        yield cells
        cells, opened = [], None


def _is_whole_rows(record: str, separator: str) -> bool:
    """Tell whether each line of what seems one row is a row by itself."""
    counts = {line.count(separator) for line in _LINE_END.split(record)}
    return len(counts) == 1 and counts != {0}


def _open_quote(text: str, position: int) -> AskUser:
    line = len(_LINE_END.findall(text, 0, position)) + 1
    begin = _BAD.sub("?", _LINE_END.split(text[position : position + 30])[0])
    return AskUser("import_quote_open", line=str(line), text=begin)
