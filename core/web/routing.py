"""Routes that get ready to build addresses when one is asked for, and their numbers."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import IntegerConverter, Rule

LARGEST = 2**63 - 1
"""What the databases hold; they raise for anything larger."""


class Number(IntegerConverter):
    """A number in an address (`<int:...>`), in the one way that we write it.

    The pattern itself keeps out what is larger than the databases hold: werkzeug says
    405 where a converter refuses it after a route of another method matched.
    """

    regex = "0|[1-9][0-9]{0,17}"


def row_number(text: str) -> int:
    """Read the number of a row that a form or a query names; else ValueError."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError(text)
    return number


class LazyRule(Rule):
    """A route whose address builders are compiled on first use.

    Werkzeug compiles two for each route at once: a seventh of the product's start,
    for addresses of which few are ever built by one process.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        """Return what puts the real builder in its own place, called as a method."""
        return LazyRule._first_unknown if append_unknown else LazyRule._first

    def _first(self, /, **values: Any) -> Any:
        self._build = super()._compile_builder(False).__get__(self, None)
        return self._build(**values)

    def _first_unknown(self, /, **values: Any) -> Any:
        self._build_unknown = super()._compile_builder(True).__get__(self, None)
        return self._build_unknown(**values)
