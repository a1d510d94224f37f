"""The main menu: its groups, what stands in them, and which page belongs where.

A page belongs to the entry that names it, or else to the one that names its blueprint.
Plugins bring an entry of their own into a group (`core.plugin.capabilities.Tab`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import Flask, g, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import exists, or_, select

from core.models import Connection, Tenant, TenantPlugin
from core.plugin.capabilities import Tab
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.reporting import overview
from core.web import policy

SEARCH = "search.index"


@dataclass(frozen=True)
class Item:
    """An entry of the menu."""

    endpoint: str
    title: LazyString
    pages: tuple[str, ...] = ()
    """Blueprints, or single pages (`blueprint.view`), that belong to it as well."""
    count: str = ""
    """Which count of `overview.counts` stands beside it."""

    def covers(self, name: str) -> bool:
        """Tell whether it names a page or a blueprint as its own."""
        return name == self.endpoint or name in self.pages


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    name: str
    title: LazyString
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Menu:
    """The menu of one request: what who asks may open, and where one is."""

    groups: Sequence[Group]
    here: Item | None
    search: str
    """Address of the search through everything; empty for our own people."""

    @property
    def counted(self) -> list[Item]:
        """The entries with a count, which a phone shows beside its menu."""
        return [item for item in _items(self.groups) if item.count]


HOME = Item("pages.home", _l("Overzicht"))
DOCUMENTS = (
    Item("pages.report", _l("Rapportage"), ("export", "tally", "pages.detail")),
    Item(
        "failed.index",
        _l("Fouten"),
        ("failed", "set_aside", "refunds", "previews"),
        "failed",
    ),
    Item("pages.waiting", _l("Open"), (), "open"),
)
CONFIGURATION = Item(
    "configuration.index",
    _l("Configuratie"),
    ("configuration", "impact", "vat_status", "backfill"),
)
RELATIONS = Item(
    "relations.index",
    _l("Relaties"),
    (
        "relations", "relation_contacts", "relation_merging", "relation_import",
        "relation_runs", "relation_sync", "relation_conflicts", "relation_words",
    ),
)  # fmt: skip
INVOICES = Item(
    "invoice_overview.index",
    _l("Facturen"),
    (
        "invoice_overview", "invoices", "invoice_drafts", "invoice_settings",
        "invoice_files",
    ),
)  # fmt: skip
SETTINGS = Group(
    "settings",
    _l("Instellingen"),
    (
        Item(
            "connections.index",
            _l("Koppelingen"),
            (
                "connections", "install", "invoice_bookings", "purchases", "rights",
                "api_settings",
            ),
        ),
        Item(
            "profile.index",
            _l("Profiel"),
            (
                "profile", "colleagues", "privacy", "licence", "support",
                "two_factor", "passwords", "reauth",
            ),
        ),
        Item("log.index", _l("Logboek"), ("log",)),
    ),
)  # fmt: skip
WITH_SHOP = (
    Group("today", _l("Vandaag"), (HOME,)),
    Group("shop", _l("Winkel"), (*DOCUMENTS, CONFIGURATION)),
    Group("books", _l("Boekhouding"), (RELATIONS, INVOICES)),
    SETTINGS,
)
WITHOUT_SHOP = (
    Group("today", _l("Vandaag"), (HOME,)),
    Group("books", _l("Boekhouding"), (RELATIONS, INVOICES, *DOCUMENTS)),
    SETTINGS,
)
"""Invoices are booked too: what becomes of them stands under the same tabs."""
DESK = (
    Group(
        "desk",
        _l("Beheer"),
        (
            Item("desk.index", _l("Overzicht")),
            Item("desk.tenants", _l("Klanten"), ("desk.tenant", "takeover")),
            Item("desk.reports", _l("Meldingen"), ("desk.report",)),
            Item("desk.requests", _l("Aanvragen")),
            Item("desk.mails", _l("Mails")),
            Item("licence.unpaid", _l("Facturen"), ("licence",)),
        ),
    ),
    Group(
        "self",
        _l("Uzelf"),
        (
            Item(
                "two_factor.index",
                _l("Beveiliging"),
                ("two_factor", "passwords", "reauth"),
            ),
        ),
    ),
)


def menu(tabs: Iterable[Tab] = ()) -> Menu:
    """Return the menu for who asks; `tabs` are those of the plugins that are on."""
    groups = _for_tenant(tabs) if current_user.tenant_id else DESK
    shown = [
        replace(
            group, items=tuple(i for i in group.items if policy.may_open(i.endpoint))
        )
        for group in groups
    ]
    return Menu(
        [group for group in shown if group.items],
        place_of(request.endpoint or "", shown) or _above(request.path, shown),
        url_for(SEARCH) if current_user.tenant_id else "",
    )


def place_of(endpoint: str, groups: Iterable[Group]) -> Item | None:
    """Return the entry that a page belongs to; None for pages of no entry."""
    items = _items(groups)
    for name in (endpoint, endpoint.partition(".")[0]):
        found = next((item for item in items if item.covers(name)), None)
        if found is not None:
            return found
    return None


def _above(path: str, groups: Iterable[Group]) -> Item | None:
    """Return the entry below whose address a page stands, of whichever plugin."""
    for item in _items(groups):
        address = url_for(item.endpoint)
        if address != "/" and path.startswith(f"{address}/"):
            return item
    return None


def counts() -> dict[str, int]:
    """Return the counts beside the entries; read once a request."""
    if "menu_counts" not in g:
        g.menu_counts = overview.counts()
    found: dict[str, int] = g.menu_counts
    return found


def _for_tenant(tabs: Iterable[Tab]) -> list[Group]:
    given = list(tabs)
    return [
        replace(
            group,
            items=(
                *group.items,
                *(_item(tab) for tab in given if tab.group == group.name),
            ),
        )
        for group in (WITH_SHOP if _has_shop() else WITHOUT_SHOP)
    ]


def _item(tab: Tab) -> Item:
    return Item(tab.endpoint, tab.title, (tab.endpoint.partition(".")[0],))


def _items(groups: Iterable[Group]) -> list[Item]:
    return [item for group in groups for item in group.items]


def _has_shop() -> bool:
    """Tell whether the tenant uses a shop, or did: its orders are still there."""
    manifests = koppelwerk().registry.manifests
    shops = [name for name, one in manifests.items() if one.category == "shop"]
    used = select(TenantPlugin.id).where(
        TenantPlugin.plugin.in_(shops), TenantPlugin.enabled
    )
    made = select(Connection.id).where(Connection.plugin.in_(shops))
    own = Tenant.id == current_user.tenant_id
    query = select(Tenant.id).where(own, or_(exists(used), exists(made)))
    return session().scalar(query) is not None


def register(app: Flask) -> None:
    """Make it known to templates."""
    app.add_template_global(menu, "menu")
    app.add_template_global(counts, "menu_counts")
