"""Rechten: green and red blocks per role and plugin, and what they mean for a view."""

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import Connection, Coupling, Role
from core.plugin.capabilities import Pages, Plugin, Tab
from core.plugin.pages import get_or_404
from core.runtime.database import transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.linking.couplings import find as find_coupling
from core.services.people import rights
from core.services.people.rights import Right, Rights
from core.services.reporting import overview
from core.web.policy import access

pages = Blueprint("rights", __name__)
GROUPS = {
    "accounting": _l("Koppelingen - Financieel"),
    "shop": _l("Koppelingen - Webwinkels"),
    "declaration": _l("Koppelingen - Aangiften"),
    "service": _l("Koppelingen - Diensten"),
}
"""The manual's groups of blocks, by a plugin's category."""
ROLES = {Role.OWNER: _l("Eigenaren"), Role.COLLEAGUE: _l("Collega’s")}
GIVEN = {"ja": True, "nee": False, "standaard": None}
PRESSED = {Right.MAKE: "true", Right.LOOK: "mixed", Right.NONE: "false"}


@pages.get("/instellingen/rechten")
@access("owner")
def index() -> str:
    """Show a block per plugin for every role."""
    groups = [
        (title, [plugin for plugin in _plugins() if plugin.manifest.category == key])
        for key, title in GROUPS.items()
    ]
    return render_template(
        "rights.html",
        roles=[(role, title, rights.of_role(role)) for role, title in ROLES.items()],
        groups=[(title, found) for title, found in groups if found],
        pressed=PRESSED,
        counts=overview.counts(),
    )


def _plugins() -> list[Plugin]:
    found = koppelwerk().registry.plugins.values()
    return sorted(found, key=lambda plugin: plugin.manifest.title)


@pages.post("/instellingen/rechten")
@access("owner")
def give() -> Response:
    """Set one block."""
    role, plugin = request.form.get("rol", ""), request.form.get("koppeling", "")
    wanted = request.form.get("recht", "")
    known = koppelwerk().registry.plugins
    if role not in rights.ROLES or plugin not in known or wanted not in GIVEN:
        abort(400)
    with transaction():
        rights.give(
            current_user.tenant_id,
            Role(role),
            plugin,
            GIVEN[wanted],
            user_id=current_user.id,
        )
    flash(_("Het recht is aangepast."), "success")
    to = url_for("rights.index", _anchor=f"{role}-{plugin}")
    return redirect(to, 303)


def own() -> Rights:
    """Return the rights of who asks; read once a request."""
    if "rights" not in g:
        g.rights = rights.of_role(current_user.role)
    found: Rights = g.rights
    return found


def may_make(plugin: str) -> bool:
    """Tell whether who asks may make connections of a plugin."""
    return own().allows(plugin)


def seen(plugin: str) -> None:
    """Answer 404 when who asks may not know of a plugin's connections."""
    if not own().may_see(plugin):
        abort(404)


def made_by(plugin: str) -> None:
    """Answer 404 or 403 when who asks may not make a plugin's connections."""
    seen(plugin)
    if not may_make(plugin):
        abort(403)


def seen_connection(connection_id: int) -> Connection:
    """Return a connection that who asks may see; else 404."""
    connection = get_or_404(Connection, connection_id)
    seen(connection.plugin)
    return connection


def made_connection(connection_id: int) -> Connection:
    """Return a connection that who asks may change; else 404 or 403."""
    connection = get_or_404(Connection, connection_id)
    made_by(connection.plugin)
    return connection


def seen_coupling(coupling_id: int) -> Coupling:
    """Return a shop's coupling that who asks may see; else 404."""
    coupling = find_coupling(coupling_id)
    if coupling is None or not own().shows(coupling):
        abort(404)
    return coupling


def shown(couplings: list[Coupling]) -> list[Coupling]:
    """Leave out the couplings with a side that who asks may not see."""
    return [coupling for coupling in couplings if own().shows(coupling)]


def is_open(plugin: str) -> bool:
    """Tell whether a plugin's own pages are there for who asks."""
    if "enabled_plugins" not in g:
        g.enabled_plugins = connections.enabled_plugins(current_user.tenant_id)
    return plugin in g.enabled_plugins and own().may_see(plugin)


def plugin_tabs() -> list[Tab]:
    """Return the entries of plugins in the main menu, for who asks."""
    found = koppelwerk().registry.brought(Pages).items()
    return [each.tab for name, each in found if each.tab and is_open(name)]


pages.add_app_template_global(may_make)
pages.add_app_template_global(plugin_tabs)
