"""From which value to which: what a change changed, in words. Pure."""

from collections.abc import Mapping
from typing import Any

SEPARATOR = "|"
"""Between a field's kind and what tells it apart: `vat|NL|21`."""
LONGEST = 200


def key(kind: str, *which: str) -> str:
    """Return the name of a field in a change."""
    return SEPARATOR.join((kind, *(part.replace(SEPARATOR, " ") for part in which)))


def word(value: Any) -> str:
    """Return a value as the log keeps it; empty: not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[list[str]]:
    """Return field, old and new value of every field that differs; empty: not set."""
    names = [*before, *(name for name in after if name not in before)]
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in names)
    return [
        [name, old[:LONGEST], new[:LONGEST]] for name, old, new in pairs if old != new
    ]
