"""Koppelingen: plugins switched on and off, coupled, and run now."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.domain.redact import redact
from core.models import Connection, ConnectionState
from core.plugin.capabilities import Orders, Plugin, Shop
from core.plugin.settings_form import settings_form, settings_values
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.linking import activation, couplings, schedule
from core.services.reporting import plugin_facts
from core.web.policy import access
from core.web.views import rights, tiles
from core.web.views.display import title_of
from core.web.views.session import own_path
from core.web.views.standings import side

pages = Blueprint("connections", __name__)


@pages.get("/koppelingen")
@access("login")
def index() -> str:
    """Show a tile per plugin, and the pairs of shop and package."""
    made = list(session().scalars(select(Connection).order_by(Connection.id)))
    coupled = rights.shown(couplings.all_couplings())
    enabled = connections.enabled_plugins(current_user.tenant_id)
    return render_template(
        "connections.html",
        groups=tiles.by_category(made, enabled, plugin_facts.faulty_by_connection()),
        failed=_failed(),
        couplings=coupled,
        pairs=_pairs(made, {(row.source.id, row.target_id) for row in coupled}),
    )


def _failed() -> list[tuple[str, str]]:
    """Return the titles of plugins that failed to load, each with the reason."""
    registry = koppelwerk().registry
    return [
        (
            title_of(name),
            redact(reason),
        )
        for name, reason in sorted(registry.failed.items())
        if rights.own().may_see(name)
    ]


def _pairs(
    made: list[Connection], known: set[tuple[int, int]]
) -> list[tuple[Connection, Connection]]:
    """Return the shops and packages that could be coupled and are not yet."""
    registry = koppelwerk().registry
    live = [
        row
        for row in made
        if row.plugin in registry.plugins
        and row.state != ConnectionState.ENDED
        and row.enabled
        and rights.may_make(row.plugin)
    ]
    shops = [row for row in live if row.plugin in registry.brought(Shop)]
    packages = [row for row in live if row.plugin in registry.brought(Orders)]
    return [
        (shop, package)
        for shop in shops
        for package in packages
        if (shop.id, package.id) not in known
    ]


@pages.get("/koppelingen/<name>/activeren")
@access("maker")
def ask_switch(name: str) -> str:
    """Say what switching a plugin on or off changes, and ask whether it may."""
    plugin = _switchable(name)
    return render_template(
        "switch.html",
        plugin=plugin,
        turns_on=request.args.get("enabled") == "1",
        work=activation.work_of(current_user.tenant_id, name),
        back=url_for("connections.plugin", name=name),
    )


@pages.post("/plugins/<name>")
@access("maker")
def switch(name: str) -> Response:
    """Switch a plugin on or off; switching on makes its connection."""
    plugin = _switchable(name)
    enabled = request.form.get("enabled") == "1"
    tenant_id = current_user.tenant_id
    with transaction() as current:
        connections.switch_plugin(tenant_id, name, enabled=enabled)
        known = current.scalars(select(Connection).where(Connection.plugin == name))
        if enabled and plugin.connector is not None and not known.first():
            connections.create(tenant_id, name)
    title = plugin.manifest.title
    if enabled:
        flash(_("%(name)s is aangezet.", name=title), "success")
    else:
        flash(
            _(
                "%(name)s is uitgezet: er wordt niets meer opgehaald of geboekt. Wat er"
                " was, blijft bewaard.",
                name=title,
            ),
            "info",
        )
    return redirect(back(), 303)


def _switchable(name: str) -> Plugin:
    """Return a plugin that who asks may switch on and off; else 404 or 403."""
    plugin = koppelwerk().registry.plugins.get(name)
    if plugin is None or not plugin.has_switch:
        abort(404)
    rights.made_by(name)
    return plugin


@pages.post("/koppelingen")
@access("maker")
def couple() -> Response:
    """Couple a shop to a package."""
    shop, _sep, package = request.form.get("pair", "").partition("-")
    if not (shop.isdecimal() and package.isdecimal()):
        abort(400)
    with transaction():
        source = rights.made_connection(int(shop))
        target = rights.made_connection(int(package))
        try:
            coupling = couplings.create(source, target)
        except couplings.NotAPair:
            abort(400)
    flash(_("De koppeling is gemaakt. Vul nu de configuratie in."), "info")
    return redirect(url_for("configuration.show", coupling_id=coupling.id), 303)


@pages.post("/connections/<int:connection_id>/run")
@access("login")
def run_now(connection_id: int) -> Response:
    """*Koppeling uitvoeren*."""
    connection = rights.seen_connection(connection_id)
    refusal = _why_no_run(connection)
    if refusal:
        flash(refusal, "warning")
        return redirect(back(), 303)
    with transaction():
        schedule.run_now(connection)
    flash(_("De koppeling wordt nu uitgevoerd."), "info")
    return redirect(back(), 303)


def _why_no_run(connection: Connection) -> str:
    """Return in words why nothing can run; empty when it can."""
    if connection.enabled and connection.state == ConnectionState.CONNECTED:
        return ""
    words = side(connection).words
    what = _("Er is niets uitgevoerd.")
    return " ".join(filter(None, (what, words.what, words.action)))


@pages.post("/connections/<int:connection_id>/settings")
@access("maker")
def save_settings(connection_id: int) -> Response:
    """Store the plugin's own connection form."""
    connection = rights.made_connection(connection_id)
    shop = koppelwerk().registry.brought(Shop).get(connection.plugin)
    if shop is None or shop.form is None:
        abort(404)
    form = settings_form(shop.form, connection.settings)
    if form.validate():
        with transaction():
            connections.save_settings(connection, settings_values(form))
        flash(_("De instellingen zijn opgeslagen."), "success")
    else:
        for problems in form.errors.values():
            flash(" ".join(str(problem) for problem in problems), "error")
    return redirect(back(), 303)


def back() -> str:
    """Return the own path that a form names as where to go on; else Koppelingen."""
    return own_path(request.form.get("next", "")) or url_for("connections.index")
