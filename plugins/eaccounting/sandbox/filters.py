"""The vendor's `$filter`: comparisons, `contains`, `and`, `or`, brackets.

Literals: text in single quotes (an inner quote doubled); guids, numbers, booleans,
dates and null bare. Text and numbers are not interchangeable.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from plugins.eaccounting.sandbox.errors import VALIDATION, ApiError
from plugins.eaccounting.sandbox.fields import Shape

Test = Callable[[dict[str, Any]], bool]

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt,
    "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_KINDS = {"text": "text", "uuid": "uuid", "date": "date", "bool": "bool",
          "int": "number", "number": "number"}  # fmt: skip


def refuse(message: str) -> ApiError:
    """Return the refusal of a query option."""
    return ApiError(VALIDATION, f"Invalid query: {message}")


def moment(text: str) -> datetime:
    """Read a date or date-time; without a zone it is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise refuse(f"{text} is not a date") from error
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _literal(word: str, kind: str) -> Any:
    if word == "null":
        return None
    quoted = word.startswith("'")
    if quoted != (kind == "text"):
        raise refuse(f"{word} does not compare with a {kind}")
    if quoted:
        return word[1:-1].replace("''", "'")
    if kind == "date":
        return moment(word)
    if kind == "bool" and word in ("true", "false"):
        return word == "true"
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", word):
        return Decimal(word)
    if kind == "uuid" and re.fullmatch(r"[0-9a-fA-F-]{36}", word):
        return word.lower()
    raise refuse(f"{word} is not a {kind}")


@dataclass(frozen=True)
class _Equals:
    """A test on one value, so that many on one property become one look-up."""

    name: str
    value: Any

    def __call__(self, item: dict[str, Any]) -> bool:
        return bool(item[self.name] == self.value)


def _any_of(tests: list[Test]) -> Test:
    equals = [test for test in tests if isinstance(test, _Equals)]
    names = {test.name for test in equals}
    if len(equals) == len(tests) and len(names) == 1:
        name, values = names.pop(), {test.value for test in equals}
        return lambda item: item[name] in values
    return lambda item: any(test(item) for test in tests)


def _comparison(name: str, kind: str, word: str, value: Any) -> Test:
    compare = _COMPARE[word]
    if word == "eq" and kind in ("text", "uuid", "number") and value is not None:
        return _Equals(name, value)
    if value is None or word in ("eq", "ne"):
        if kind == "date" and value is not None:
            return lambda item: compare(item[name] and moment(item[name]), value)
        return lambda item: compare(item[name], value)
    if kind == "date":
        return lambda item: bool(item[name]) and compare(moment(item[name]), value)
    return lambda item: item[name] is not None and compare(item[name], value)


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if not match:
            raise refuse(f"cannot read the filter from {text[position:]}")
        position = match.end()
        yield match[1]


class _Parser:
    def __init__(self, text: str, kinds: dict[str, str]) -> None:
        self.tokens = list(_tokens(text))
        self.kinds = kinds

    def _next(self, wanted: str | None = None) -> str:
        if not self.tokens or (wanted and self.tokens[0] != wanted):
            raise refuse(f"the filter lacks {wanted or 'an operand'}")
        return str(self.tokens.pop(0))

    def _at(self, word: str) -> bool:
        return bool(self.tokens) and self.tokens[0] == word

    def whole(self) -> Test:
        test = self._either()
        if self.tokens:
            raise refuse(f"unexpected {self.tokens[0]} in the filter")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._at("or"):
            self._next()
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else _any_of(tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._at("and"):
            self._next()
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda i: all(t(i) for t in tests)

    def _one(self) -> Test:
        if self._at("("):
            self._next()
            test = self._either()
            self._next(")")
            return test
        if self._at("contains"):
            return self._contains()
        name = self._next()
        kind = self._kind(name)
        word = self._next()
        if word not in _COMPARE:
            raise refuse(f"unknown operator {word}")
        return _comparison(name, kind, word, _literal(self._next(), kind))

    def _contains(self) -> Test:
        for wanted in ("contains", "("):
            self._next(wanted)
        name = self._next()
        if self._kind(name) != "text":
            raise refuse(f"contains needs a text field, not {name}")
        self._next(",")
        part = str(_literal(self._next(), "text")).lower()
        self._next(")")
        return lambda item: part in (item[name] or "").lower()

    def _kind(self, name: str) -> str:
        if name not in self.kinds:
            raise refuse(f"the property {name} cannot be filtered on")
        return self.kinds[name]


def kinds_of(shape: Shape, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return the filterable properties with their kinds."""
    return tuple(sorted((n, _KINDS[shape.fields[n].kind]) for n in names))


@lru_cache(maxsize=256)
def compiled(text: str, kinds: tuple[tuple[str, str], ...]) -> Test:
    """Return the test a filter stands for; raise ApiError 2000 when it cannot be."""
    return _Parser(text, dict(kinds)).whole()
