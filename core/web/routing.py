"""Routes that get ready to build addresses when one is asked for."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


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
