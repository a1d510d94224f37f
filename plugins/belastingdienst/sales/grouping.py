"""The same question about several orders is one question that names them. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from core.domain import declarations
from plugins.belastingdienst.law import doubts as law
from plugins.belastingdienst.sales.order_figures import DOCUMENT

MOST = 200
"""Different questions that are asked at once."""
MORE = "own_sales_more"
_NAMED = 10
"""Orders that one question names."""
D = TypeVar("D", declarations.Doubt, law.Doubt)


def grouped(doubts: Iterable[D]) -> list[D]:
    """Put questions that differ in their order only together, in their order."""
    first: dict[str, D] = {}
    names: dict[str, list[str]] = {}
    for place, one in enumerate(doubts):
        key = str(place)
        if DOCUMENT in one.params:
            rest = {name: text for name, text in one.params.items() if name != DOCUMENT}
            key = repr((one.code, sorted(rest.items())))
        first.setdefault(key, one)
        names.setdefault(key, []).append(one.params.get(DOCUMENT, ""))
    return [_named(one, names[key]) for key, one in first.items()]


def _named(one: D, documents: list[str]) -> D:
    if len(documents) == 1:
        return one
    shown = ", ".join(documents[:_NAMED])
    if len(documents) > _NAMED:
        shown += f" … ({len(documents)})"
    return replace(one, params={**one.params, DOCUMENT: shown})
