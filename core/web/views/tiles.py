"""What stands on the tile of a plugin, at Koppelingen and above its own pages."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from core.models import Connection
from core.plugin.capabilities import Pages, Plugin, VatRegister
from core.runtime.extensions import koppelwerk
from core.web.views import rights
from core.web.views.standings import Side, side

CATEGORIES = {
    "shop": _l("Winkels"),
    "accounting": _l("Boekhouding"),
    "declaration": _l("Aangifte"),
    "service": _l("Diensten"),
}
"""The headings at Koppelingen, by a plugin's category, in the order shown."""


@dataclass(frozen=True)
class Tile:
    """A plugin as its user sees it."""

    plugin: Plugin
    is_on: bool
    connections: Sequence[tuple[Connection, Side]]
    faulty: int
    """How many documents under Fouten come from it or go to it."""
    usage: str
    """What it did lately, in words; empty where it does not count."""
    used_by: Sequence[str]
    """Who asks it, where it only answers others."""

    @property
    def last_run_at(self) -> datetime | None:
        """When it last ran over any of its connections."""
        return max(
            (row.last_run_at for row, _side in self.connections if row.last_run_at),
            default=None,
        )

    @property
    def has_pages(self) -> bool:
        """Tell whether there are settings or a log to look at."""
        return self.is_on or bool(self.connections)


def by_category(
    made: Sequence[Connection], enabled: Collection[str], faulty: Counter[int]
) -> list[tuple[str, list[Tile]]]:
    """Return the tiles who asks may see, by category; what is on comes first."""
    tiles = [tile(plugin, made, enabled, faulty) for plugin in _seen()]
    tiles.sort(key=lambda each: (not each.is_on, str(each.plugin.manifest.title)))
    groups = [
        (str(title), [each for each in tiles if each.plugin.manifest.category == key])
        for key, title in CATEGORIES.items()
    ]
    return [(title, found) for title, found in groups if found]


def tile(
    plugin: Plugin,
    made: Sequence[Connection],
    enabled: Collection[str],
    faulty: Counter[int],
) -> Tile:
    """Return one plugin's tile; `made` are the tenant's connections."""
    own = [row for row in made if row.plugin == plugin.name]
    pages = plugin.find(Pages)
    return Tile(
        plugin,
        plugin.name in enabled or not plugin.has_switch,
        [(row, side(row)) for row in own],
        sum(faulty[row.id] for row in own),
        pages.usage(current_user.tenant_id) if pages and pages.usage else "",
        [] if plugin.has_switch else _users_of(plugin, enabled),
    )


def _users_of(plugin: Plugin, enabled: Collection[str]) -> list[str]:
    """Return who asks a service: plugins that are on, and our own pages."""
    found = [
        str(other.manifest.title)
        for other in _seen()
        if other.name in enabled and plugin.name in other.manifest.depends
    ]
    own = [_("Relaties"), _("Facturen")] if plugin.find(VatRegister) else []
    return [*found, *own]


def _seen() -> list[Plugin]:
    """Return the plugins that who asks may see."""
    found = koppelwerk().registry.plugins.values()
    return [plugin for plugin in found if rights.own().may_see(plugin.name)]
