"""The design's rules: values come from its tokens, and wide tables fold on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.meta.project import ROOT

STATIC = ROOT / "core" / "web" / "static"
TOKENS = STATIC / "tokens.css"
SHEETS = sorted({*STATIC.glob("*.css"), *ROOT.glob("plugins/*/static/*.css")})
TEMPLATES = [
    *ROOT.glob("templates/**/*.html"),
    *ROOT.glob("plugins/*/templates/**/*.html"),
]
DECLARED = re.compile(r"(?<![\w-])(-{0,2}[a-z][\w-]*):\s*([^;{}]+)(?=[;}])")
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(|\b(?:white|black)\b", re.I
)
DISTANCES = re.compile(r"(?:margin|padding|gap|row-gap|column-gap)\b")
LENGTH = re.compile(r"(?<![\w.-])-?(\d*\.?\d+)(px|rem|em)\b")
HAIRLINE_PX = 4
"""Lines and corrections by the eye; anything wider is a distance."""
UNNAMED = re.compile(r"<td(?![^>]*(?:data-label|colspan))[^>]*>\s*(?:{{|\w).*?</td>")
"""Cells with a value and no words; one of buttons says for itself what it is."""
FEW_COLUMNS = 3
"""A table of so many short columns fits a phone as it is."""


def _faults(text: str) -> Iterator[str]:
    for name, value in DECLARED.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.S)):
        if COLOUR.search(value):
            yield f"{name}: {value} is a colour of its own"
        for amount, unit in LENGTH.findall(value):
            is_hairline = unit == "px" and float(amount) < HAIRLINE_PX
            if (DISTANCES.match(name) or name == "font-size") and not is_hairline:
                if name == "font-size" and unit != "rem":
                    continue  # text of a chart, by its drawing's measure
                yield f"{name}: {value} is not of the scale"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_sheet_takes_its_values_from_the_tokens(path: Path) -> None:
    if path != TOKENS:
        assert list(_faults(path.read_text(encoding="utf-8"))) == []


def test_the_rule_sees_what_it_forbids() -> None:
    wrong = (
        ".a { color: #fff; margin: 0 .6rem; padding: 5px; font-size: .9rem; gap: 1em }"
    )
    assert len(list(_faults(wrong))) == 5
    assert (
        list(_faults(".a { border: 1px solid var(--line); gap: 2px var(--space-2); }"))
        == []
    )


def test_every_token_that_is_used_exists() -> None:
    known = set(re.findall(r"(--[\w-]+):", TOKENS.read_text(encoding="utf-8")))
    used = {
        name
        for path in SHEETS
        for name in re.findall(r"var\((--[\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert used - known == set()


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


MEANINGS = ("blue", "green", "amber", "red", "grey")
TEXT = 4.5
"""WCAG 1.4.3, AA."""
SHAPE = 3.0
"""WCAG 1.4.11: edges of fields, focus."""
PAIRS = [
    *((text, ground, TEXT) for text in ("--ink", "--soft", "--blue", "--red")
      for ground in ("--paper", "--ground", "--sunk")),
    *((f"--{name}-ink", f"--{name}-tint", TEXT) for name in MEANINGS),
    *(("--ink", f"--{name}-tint", TEXT) for name in MEANINGS),
    *(("--on-fill", f"--{name}", TEXT) for name in ("blue", "green", "red", "grey")),
    *(("--on-fill", f"--{name}-dark", TEXT) for name in ("blue", "red", "grey")),
    ("--on-yellow", "--yellow", TEXT), ("--on-yellow", "--yellow-dark", TEXT),
    ("--on-brand", "--brand", TEXT), ("--on-brand-soft", "--brand", TEXT),
    ("--blue", "--blue-tint", TEXT), ("--soft", "--blue-tint", TEXT),
    ("--edge", "--paper", SHAPE), ("--focus", "--ground", SHAPE),
    ("--focus", "--brand", SHAPE), ("--chart", "--paper", SHAPE),
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read_in_light_and_dark(scheme: str) -> None:
    light, dark = TOKENS.read_text(encoding="utf-8").split("@media (prefers", 1)
    colour = r"(--[\w-]+): (#[0-9a-f]+)"
    values = dict(re.findall(colour, light))
    if scheme == "dark":
        values |= dict(re.findall(colour, dark))
    poor = {
        (text, ground): round(_contrast(values[text], values[ground]), 2)
        for text, ground, least in PAIRS
        if _contrast(values[text], values[ground]) < least
    }
    assert poor == {}


def test_a_wide_table_becomes_cards_with_words_at_every_value() -> None:
    wrong = set()
    for path in TEMPLATES:
        for table in re.findall(r"<table.*?</table>", path.read_text("utf-8"), re.S):
            if len(re.findall(r"<th\b", table)) <= FEW_COLUMNS:
                continue
            body = table.split("<tbody", 1)[-1]
            cells = [cell for cell in UNNAMED.findall(body) if "Totaal" not in cell]
            if not re.match(r'<table class="[^"]*\bcards\b', table) or cells:
                wrong.add((path.relative_to(ROOT).as_posix(), *cells[:2]))
    assert wrong == set()
