"""Texts as outside systems can hold them: their signs and their length. Pure."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

T = TypeVar("T")
_SPACE = "\x0b\x0c\x1c-\x1f"
_LONE = re.compile("[\ud800-\udfff]")
"""Half a sign: what is left of one that was cut in two."""
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What is no `Char` of XML 1.0 (production 2), and lone surrogates, which no encoding
holds. JSON could hold some of it escaped; no package has a use for it."""
_BREAKS = re.compile(f"(?<=\\S)[{_SPACE}]+(?=\\S)")
"""Unsendable signs that keep words apart: breaks of lines and pages, separators."""
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1b\ufffe\uffff]")
"""Those that keep nothing apart."""


def is_sendable(text: str) -> bool:
    """Tell whether every outside system can be given this text."""
    return _UNSENDABLE.search(text) is None


def unsendable_at(text: str) -> int:
    """Return where the first sign stands that cannot be sent; -1: there is none."""
    found = _UNSENDABLE.search(text)
    return -1 if found is None else found.start()


def sendable(text: str) -> str:
    """Return a text without what XML cannot hold.

    A break of that kind becomes a space, half a sign a question mark.
    """
    if is_sendable(text):
        return text
    seen = _HIDDEN.sub("", _LONE.sub("?", text))
    return _UNSENDABLE.sub("", _BREAKS.sub(" ", seen))


def all_sendable(value: T) -> T:
    """Return a document with each of its texts `sendable`, its keys too.

    It walks mappings, lists, tuples and dataclasses; anything else stays as it is.
    """
    return cast(T, _walked(value))


def unsendable_field(value: object, name: str = "") -> str | None:
    """Return where in a document stands what cannot be sent; None: nowhere.

    The place as keys with points between them; places in lists begin at 1.
    """
    if isinstance(value, str):
        return None if is_sendable(value) else name
    for key, inner in _inside(value):
        if not is_sendable(key):
            return name
        found = unsendable_field(inner, f"{name}.{key}" if name else key)
        if found is not None:
            return found
    return None


def cut(text: str, limit: int) -> str:
    """Cut a text to a limit without breaking a word, unless one word is longer."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit + 1].rsplit(" ", 1)[0]
    return head if len(head) <= limit and " " in text[: limit + 1] else text[:limit]


def _walked(value: Any) -> Any:
    if isinstance(value, str):
        return sendable(value) if type(value) is str else value
    if isinstance(value, dict):
        return {_walked(key): _walked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walked(inner) for inner in value]
    if type(value) is tuple:
        return tuple(_walked(inner) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        return _walked_fields(value)
    return value


def _walked_fields(value: Any) -> Any:
    changed = {}
    for each in fields(value):
        if each.init:
            before = getattr(value, each.name)
            after = _walked(before)
            if after != before:
                changed[each.name] = after
    return replace(value, **changed) if changed else value


def _inside(value: object) -> list[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(str(key), inner) for key, inner in value.items()]
    if isinstance(value, list | tuple):
        return [(str(place), inner) for place, inner in enumerate(value, 1)]
    return []
