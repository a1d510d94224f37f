"""One plugin's pages at Koppelingen: its status, its settings, its log.

Adds to the pages of `core.web.views.connections`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.models import Connection, Coupling
from core.plugin.capabilities import Invoices, Pages, Plugin, Section, Shop
from core.plugin.settings_form import credential_form, settings_form, settings_values
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.linking import checking, couplings, form_flow
from core.services.reporting import log_lists, plugin_facts
from core.services.reporting.log_lists import Filter
from core.services.reporting.report import Place
from core.web.policy import access
from core.web.views import connecting, relation_sync, rights, tiles
from core.web.views.standings import Side, side

__all__ = ["pages"]

pages = connecting.pages

INTERVALS = {
    15: _l("Elk kwartier"),
    30: _l("Elk half uur"),
    60: _l("Elk uur"),
    120: _l("Elke twee uur"),
    240: _l("Elke vier uur"),
    480: _l("Elke acht uur"),
    1440: _l("Eens per dag"),
}
"""In minutes; a plugin's own interval stands in its manifest."""


SECTIONS = (
    ("settings", _l("Wat een bestelling wordt, debiteuren en eenheid")),
    ("vat", _l("BTW-codes en omzetrekeningen")),
    ("payment_methods", _l("Betaalmethoden en tussenrekeningen")),
    ("refunds", _l("Terugbetalingen")),
)
"""What of tab Configuratie is about a package, by its anchor there."""


@dataclass(frozen=True)
class Shown:
    """A connection on its plugin's pages."""

    connection: Connection
    side: Side
    will_show: bool
    """There are settings that wait for its first good check."""
    codes: Any = None
    """The form to fill in codes; None for a connection by OAuth."""
    own_form: Any = None
    """A shop's own form."""
    sections: Sequence[tuple[Section, Any]] = ()
    """What is offered, with its form (or None)."""
    costs: Mapping[int, str] = field(default_factory=dict)
    """What each interval costs a month, for a package that meters its calls."""
    couplings: Sequence[Coupling] = ()
    """The shops that book in it."""


@pages.get("/koppelingen/<name>")
@access("login")
def plugin(name: str) -> str:
    """Show how a plugin does: its switch, its connections, what is wrong."""
    found = _opened(name)
    shown = [_with_status(found.plugin, row) for row in found.used]
    return _page("status", found, shown=shown)


@pages.get("/koppelingen/<name>/instellingen")
@access("login")
def plugin_settings(name: str) -> str:
    """Show all that is set for a plugin, or where it is set."""
    found = _opened(name)
    shown = [_with_settings(found.plugin, row) for row in found.used]
    return _page("settings", found, shown=shown, intervals=intervals_of(found.plugin))


@pages.get("/koppelingen/<name>/logboek")
@access("login")
def plugin_log(name: str) -> str:
    """Show what happened to a plugin and over its connections."""
    after = Place.read(request.args.get("na", ""))
    page = log_lists.page(Filter(plugin=name), current_user.timezone, after)
    return _page("log", _opened(name), page=page, is_first=after is None)


@dataclass(frozen=True)
class Opened:
    """The plugin that a page is of, as the tenant has it."""

    plugin: Plugin
    made: Sequence[Connection]
    enabled: Collection[str]
    """The plugins that are switched on."""

    @property
    def used(self) -> Sequence[Connection]:
        """The connections; none while it is switched off."""
        return self.made if self.plugin.name in self.enabled else ()


def _opened(name: str) -> Opened:
    return Opened(
        _plugin(name), _made(name), connections.enabled_plugins(current_user.tenant_id)
    )


def _page(part: str, opened: Opened, **more: Any) -> str:
    plugin = opened.plugin
    faulty = plugin_facts.faulty_by_connection()
    return render_template(
        f"plugin/{part}.html",
        tile=tiles.tile(plugin, opened.made, opened.enabled, faulty),
        own_pages=own_pages(plugin),
        **more,
    )


def _made(name: str) -> list[Connection]:
    return list(
        session().scalars(
            select(Connection).where(Connection.plugin == name).order_by(Connection.id)
        )
    )


def _plugin(name: str) -> Plugin:
    found = koppelwerk().registry.plugins.get(name)
    if found is None:
        abort(404)
    rights.seen(name)
    return found


def intervals_of(plugin: Plugin) -> dict[int, Any]:
    """Return the intervals to choose from: of a shop none longer than an hour."""
    longest = connections.longest_interval(plugin.name) or max(INTERVALS)
    return {each: words for each, words in INTERVALS.items() if each <= longest}


def _shown(plugin: Plugin, connection: Connection) -> Shown:
    will_show = _has_settings(plugin) and not checking.shows_settings(connection)
    return Shown(connection, side(connection), will_show)


def _with_status(plugin: Plugin, connection: Connection) -> Shown:
    connector = form_flow.connector_of(connection)
    codes = None
    if connector is not None and rights.may_make(plugin.name):
        known = form_flow.known_values(connection)
        codes = credential_form(connector.credential_form, known)
    return replace(_shown(plugin, connection), codes=codes)


def _with_settings(plugin: Plugin, connection: Connection) -> Shown:
    shop = plugin.find(Shop)
    form = shop.form if shop and connection.external_id else None
    coupled = rights.shown(couplings.all_couplings())
    return replace(
        _shown(plugin, connection),
        own_form=settings_form(form, connection.settings) if form else None,
        sections=[
            (each, _form(each, connection)) for each in offered(plugin, connection)
        ],
        costs=_costs(plugin, connection),
        couplings=[each for each in coupled if each.target_id == connection.id],
    )


def _has_settings(plugin: Plugin) -> bool:
    return bool(_sections(plugin)) or plugin.find(Invoices) is not None


def _sections(plugin: Plugin) -> list[Section]:
    kept = relation_sync.section_of(plugin)
    return [*([kept] if kept else []), *own_pages(plugin).sections]


def _costs(plugin: Plugin, connection: Connection) -> dict[int, str]:
    run_cost = own_pages(plugin).run_cost
    if run_cost is None:
        return {}
    return {minutes: run_cost(connection, minutes) for minutes in intervals_of(plugin)}


def own_pages(plugin: Plugin) -> Pages:
    """Return what a plugin adds to our pages; nothing, where it adds none."""
    return plugin.find(Pages) or Pages()


def offered(plugin: Plugin, connection: Connection) -> list[Section]:
    """Return the sections of a connection: none before it first was checked well."""
    if not checking.shows_settings(connection):
        return []
    return [one for one in _sections(plugin) if one.is_offered(connection)]


def _form(section: Section, connection: Connection) -> Any:
    if section.form is None:
        return None
    stored = connection.settings.get(section.name, {})
    choices = section.choices(connection) if section.choices else None
    return settings_form(section.form, stored, choices)


@pages.app_template_global("coupling_sections")
def coupling_sections(coupling: Coupling) -> list[tuple[Any, str]]:
    """Return what of a pair is set on tab Configuratie, each with its address."""
    return [
        (title, url_for("configuration.show", coupling_id=coupling.id, _anchor=anchor))
        for anchor, title in SECTIONS
    ]


@pages.app_template_global("section_context")
def section_context(section: Section, connection: Connection) -> dict[str, Any]:
    """Return what a section's own template is given."""
    return dict(section.context(connection)) if section.context else {}


@pages.post("/connections/<int:connection_id>/onderdeel/<name>")
@access("maker")
def save_section(connection_id: int, name: str) -> str | Response:
    """Store the form of one section; what is wrong is shown beside its fields."""
    connection = rights.made_connection(connection_id)
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    found = offered(plugin, connection) if plugin else []
    section = next((each for each in found if each.name == name), None)
    if plugin is None or section is None or section.form is None:
        abort(404)
    form = _form(section, connection)
    if not form.validate():
        flash(_("Nog niet opgeslagen: zie de velden hieronder."), "error")
        shown = _with_settings(plugin, connection)
        forms = [
            (each, form if each is section else _form_unposted(each, connection))
            for each, _old in shown.sections
        ]
        kept = [replace(shown, sections=forms)]
        opened = _opened(plugin.name)
        return _page("settings", opened, shown=kept, intervals=intervals_of(plugin))
    values = settings_values(form)
    with transaction():
        connections.save_section(connection, name, values)
        if section.saved is not None:
            section.saved(connection, values)
    flash(_("De instellingen zijn opgeslagen."), "success")
    return _to(connection, name)


def _form_unposted(section: Section, connection: Connection) -> Any:
    """Return another section's form as it is stored, not as this request posts."""
    if section.form is None:
        return None
    stored = connection.settings.get(section.name, {})
    form = _form(section, connection)
    form.process(None, data=stored)
    return form


@pages.post("/connections/<int:connection_id>/interval")
@access("maker")
def save_interval(connection_id: int) -> Response:
    """Set how often a connection runs (manual 000: every four hours, adjustable)."""
    connection = rights.made_connection(connection_id)
    minutes = request.form.get("minuten", "")
    offered = intervals_of(_plugin(connection.plugin))
    if not minutes.isdecimal() or int(minutes) not in offered:
        abort(400)
    with transaction():
        connections.save_interval(connection, int(minutes))
    flash(_("De instellingen zijn opgeslagen."), "success")
    return _to(connection, "interval")


def _to(connection: Connection, anchor: str) -> Response:
    name = connection.plugin
    to = url_for("connections.plugin_settings", name=name, _anchor=anchor)
    return redirect(to, 303)
