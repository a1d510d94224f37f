"""Routes that get ready to build addresses when one is asked for."""

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A route whose address builders are compiled on first use.

    Werkzeug compiles two for each route at once: a seventh of the product's start,
    for addresses of which few are ever built by one process.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        made = cache(lambda: super(LazyRule, self)._compile_builder(append_unknown))

        def build(rule: Rule, /, **values: Any) -> Any:
            return made()(rule, **values)

        return build
