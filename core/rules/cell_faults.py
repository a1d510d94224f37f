"""What may be wrong with a cell of a file, by code. Pure.

A cell is a text and a code: empty when it is read for certain. `LOST`: the file no
longer has what stood there. `UNSURE`: it is read, and a person should see how.
"""

import re

Cell = tuple[str, str]
"""A text, and the code of what is wrong with it."""
Remark = tuple[int, str, dict[str, str]]
"""Column (`WHOLE`: the row), code and what it speaks of."""
WHOLE = -1
EXPONENT = "import_cell_exponent"
DAMAGED = "import_cell_damaged"
ERROR = "import_cell_error"
BOOLEAN = "import_cell_boolean"
FORMULA = "import_cell_formula"
FORMAT = "import_cell_format"
WIDER = "import_row_wider"
SEPARATORS = "import_cell_separators"
ENCODING = "import_cell_encoding"
NARROWER = "import_row_narrower"
MERGED = "import_cell_merged"
LOST = frozenset((EXPONENT, DAMAGED, ERROR, BOOLEAN, FORMULA, FORMAT, WIDER))
UNSURE = frozenset((SEPARATORS, ENCODING, NARROWER, MERGED))

_EXPONENT = re.compile(r"[+\-]?\d(?:[.,]\d+)?E[+\-]\d{1,3}", re.I)
_ERRORS = frozenset(
    re.findall(
        r"\S+",
        "#n/a #n/b #ref! #verw! #name? #naam? #value! #waarde! #div/0! #deel/0! #num!"
        " #getal! #null! #leeg! #spill! #overloop! #calc! #bereken!",
    )
)
"""Excel's, in English and Dutch."""
_QUOTED = re.compile(r'="([^"]*)"|\'([0-9]+)')
"""How an export keeps a spreadsheet from making a number of a text."""
_SPREADSHEET = ("=", "+", "-", "@")


def cell(text: str) -> Cell:
    """Return a text as a cell, and what a spreadsheet made of it before."""
    text = _plain(text.strip())
    if "\ufffd" in text or "\x00" in text:
        return text.replace("\x00", ""), DAMAGED
    if text[:1] == "#" and text.casefold() in _ERRORS:
        return text, ERROR
    return text, EXPONENT if _EXPONENT.fullmatch(text) else ""


def _plain(text: str) -> str:
    """Take away what an export put before a would-be formula (OWASP CSV injection)."""
    if found := _QUOTED.fullmatch(text):
        return (found[1] or found[2] or "").strip()
    return text[1:] if text[:1] == "'" and is_formula(text) else text


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet may take a text for a formula, quoted or not."""
    return text.lstrip("'").startswith(_SPREADSHEET)
