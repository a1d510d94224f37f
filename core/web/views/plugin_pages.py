"""One plugin's page at Koppelingen: activate, connect, check, and what it offers.

Adds to the pages of `core.web.views.connections`.
"""

from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.models import Connection
from core.plugin.capabilities import Invoices, Pages, Plugin, Section
from core.plugin.settings_form import credential_form, settings_form, settings_values
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.linking import checking, form_flow
from core.services.reporting import overview
from core.web.policy import access
from core.web.views import relation_sync, rights
from core.web.views.connections import pages
from core.web.views.pages import Side, side

__all__ = ["pages"]

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


@dataclass(frozen=True)
class Shown:
    """A connection on its plugin's page."""

    connection: Connection
    side: Side
    codes: Any
    """The form to fill in codes; None for a connection by OAuth."""
    will_show: bool
    """There are settings that wait for its first good check."""
    sections: list[tuple[Section, Any]]
    """What is offered, with its form (or None)."""
    costs: dict[int, str]
    """What each interval costs a month, for a package that meters its calls."""


@pages.get("/koppelingen/<name>")
@access("login")
def plugin(name: str) -> str:
    """Show one plugin."""
    found = _plugin(name)
    made = session().scalars(
        select(Connection).where(Connection.plugin == name).order_by(Connection.id)
    )
    is_on = name in connections.enabled_plugins(current_user.tenant_id)
    return _page(found, [_shown(found, row) for row in made] if is_on else [], is_on)


def _page(plugin: Plugin, shown: list[Shown], is_on: bool) -> str:
    return render_template(
        "plugin.html",
        plugin=plugin,
        own_pages=own_pages(plugin),
        is_on=is_on,
        shown=shown,
        intervals=INTERVALS,
        counts=overview.counts(),
    )


def _plugin(name: str) -> Plugin:
    found = koppelwerk().registry.plugins.get(name)
    if found is None:
        abort(404)
    rights.seen(name)
    return found


def _shown(plugin: Plugin, connection: Connection) -> Shown:
    connector = form_flow.connector_of(connection)
    codes = None
    if connector is not None and rights.may_make(plugin.name):
        known = form_flow.known_values(connection)
        codes = credential_form(connector.credential_form, known)
    return Shown(
        connection,
        side(connection),
        codes,
        _has_settings(plugin) and not checking.shows_settings(connection),
        [(each, _form(each, connection)) for each in offered(plugin, connection)],
        _costs(plugin, connection),
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
    return {minutes: run_cost(connection, minutes) for minutes in INTERVALS}


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
        shown = _shown(plugin, connection)
        forms = [
            (each, form if each is section else _form_unposted(each, connection))
            for each, _old in shown.sections
        ]
        kept = replace(shown, sections=forms)
        return _page(plugin, [kept], True)
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
    if not minutes.isdecimal() or int(minutes) not in INTERVALS:
        abort(400)
    with transaction():
        connections.save_interval(connection, int(minutes))
    flash(_("De instellingen zijn opgeslagen."), "success")
    return _to(connection, "interval")


def _to(connection: Connection, anchor: str) -> Response:
    to = url_for("connections.plugin", name=connection.plugin, _anchor=anchor)
    return redirect(to, 303)
