"""Which characters our PDFs can show. Pure.

A name on an invoice is printed whole (2006/112/EC article 226(5)) or the invoice is not
sent. The fonts in `fonts/` have the Latin, Greek, Cyrillic, Armenian and Georgian
scripts, and Chinese, Japanese and Korean. Scripts that run from right to left, or whose
letters change shape beside each other, are not shown: set letter by letter they read
wrong. Nor are emoji.
"""

import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent / "fonts"
MAIN = FONTS / "DejaVuSansCondensed.ttf"
BOLD = FONTS / "DejaVuSansCondensed-Bold.ttf"
EAST_ASIAN = FONTS / "WenQuanYiMicroHei.ttf"
MISSING = "\N{REPLACEMENT CHARACTER}"
"""Printed for what cannot be shown, so that nothing disappears unseen."""
_LATIN = 0x180
"""The code points below are in every font."""
_RIGHT_TO_LEFT = ("R", "AL", "AN")
_MARKS = range(0x0300, 0x0370)
"""The only combining marks whose place does not depend on the letter below."""
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def printed(text: str) -> str:
    """Return a text as it is printed: composed, without what has no shape of its own.

    What no font has stands there as `MISSING`.
    """
    return "".join(
        character if can_print(character) else MISSING for character in _shown(text)
    )


def unprintable(text: str) -> str:
    """Return the characters of a text that cannot be printed, each once, in order."""
    lacking = (character for character in _shown(text) if not can_print(character))
    return "".join(dict.fromkeys(lacking))


def can_print(character: str) -> bool:
    """Tell whether a character can be shown."""
    if ord(character) < _LATIN:
        return True
    if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
        return False
    if unicodedata.category(character).startswith("M") and ord(character) not in _MARKS:
        return False
    return ord(character) in characters(MAIN) or is_east_asian(character)


def is_east_asian(character: str) -> bool:
    """Tell whether a character is only in the font for Chinese, Japanese and Korean."""
    code = ord(character)
    return (
        code >= _LATIN
        and code not in characters(MAIN)
        and code in characters(EAST_ASIAN)
    )


def _shown(text: str) -> str:
    """Return a text composed (NFC), white space as spaces, without invisible marks."""
    composed = unicodedata.normalize("NFC", text.replace("\t", " "))
    return "".join(
        character
        for character in composed
        if character == "\n" or not _is_invisible(character)
    )


def _is_invisible(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cf"):
        return True
    return any(ord(character) in each for each in _SELECTORS)


@cache
def characters(font: Path) -> frozenset[int]:
    """Return the code points that a font has."""
    from fontTools.ttLib import TTFont  # only for the few texts beyond Latin

    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
