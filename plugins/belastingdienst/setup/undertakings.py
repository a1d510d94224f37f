"""Whose an administration is, where some package keeps undertakings (ondernemingen)."""

from collections.abc import Mapping, Sequence

from core.plugin import others
from core.plugin.capabilities import Undertaking, Undertakings
from core.plugin.pages import is_open


def _kept() -> Undertakings | None:
    """Return who keeps them; no two packages do."""
    return next(iter(others.brought(Undertakings).values()), None)


def are_offered() -> bool:
    """Tell whether who asks has a package that keeps them."""
    return any(is_open(plugin) for plugin in others.brought(Undertakings))


def of_tenant() -> Sequence[Undertaking]:
    """Return the undertakings of the tenant in scope; none where nobody keeps any."""
    kept = _kept()
    return kept.all() if kept else ()


def by_administration() -> Mapping[int, Undertaking]:
    """Return the undertaking of each administration, by the administration's id."""
    kept = _kept()
    return kept.by_administration() if kept else {}


def assign(administration_id: int, undertaking_id: int | None) -> None:
    """Lay down whose an administration is, in the caller's transaction."""
    kept = _kept()
    if kept:
        kept.assign(administration_id, undertaking_id)
