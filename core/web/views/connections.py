"""Plugins switched on and off, connections made and ended, OAuth, run now."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.packages import Identity
from core.domain.redact import redact
from core.models import Connection, ConnectionState, TenantPlugin
from core.plugin.capabilities import Orders, Plugin, Shop
from core.plugin.settings_form import credential_form, settings_form, settings_values
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.linking import (
    activation,
    checking,
    choosing,
    couplings,
    form_flow,
    oauth_flow,
    schedule,
)
from core.services.linking.oauth_flow import Callback
from core.services.people import install
from core.services.reporting import overview
from core.texts import Explained, explain
from core.web.policy import access, is_tenant_user
from core.web.views import rights
from core.web.views.pages import Side, side, sides
from core.web.views.session import own_path

pages = Blueprint("connections", __name__)
AFTER_CONNECT = "after_connect"
"""Where the browser goes on after Connect: an own path, kept in its session."""


@pages.get("/koppelingen")
@access("login")
def index() -> str:
    """Show the plugins, their connections and the couplings between them."""
    made = list(session().scalars(select(Connection).order_by(Connection.id)))
    coupled = rights.shown(couplings.all_couplings())
    enabled = set(connections.enabled_plugins(current_user.tenant_id))
    return render_template(
        "connections.html",
        plugins=[_plugin(plugin, made, enabled) for plugin in _plugins()],
        makes_any=any(rights.may_make(plugin.name) for plugin in _plugins()),
        failed=_failed(),
        couplings=[(coupling, sides(coupling)) for coupling in coupled],
        pairs=_pairs(made, {(row.source.id, row.target_id) for row in coupled}),
        counts=overview.counts(),
    )


def _plugins() -> list[Plugin]:
    """Return the plugins that who asks may see: shops, packages, the rest."""
    seen = rights.own().may_see
    return sorted(
        (each for each in koppelwerk().registry.plugins.values() if seen(each.name)),
        key=lambda plugin: (
            plugin.find(Shop) is None,
            plugin.find(Orders) is None,
            plugin.manifest.title,
        ),
    )


def _failed() -> list[tuple[str, str]]:
    """Return the titles of plugins that failed to load, each with the reason."""
    registry = koppelwerk().registry
    return [
        (
            registry.manifests[name].title if name in registry.manifests else name,
            redact(reason),
        )
        for name, reason in sorted(registry.failed.items())
        if rights.own().may_see(name)
    ]


def _plugin(
    plugin: Plugin, made: list[Connection], enabled: set[str]
) -> tuple[Plugin, bool, list[tuple[Connection, Side]]]:
    own = [row for row in made if row.plugin == plugin.name]
    return plugin, plugin.name in enabled, [(row, side(row)) for row in own]


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
    plugin = koppelwerk().registry.plugins.get(name)
    if plugin is None:
        abort(404)
    rights.made_by(name)
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
    plugin = koppelwerk().registry.plugins.get(name)
    if plugin is None:
        abort(404)
    rights.made_by(name)
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
    return redirect(_back(), 303)


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


@pages.post("/connect/<int:connection_id>")
@access("maker")
def connect(connection_id: int) -> Response | tuple[str, int]:
    """*Koppelen*: send the browser to the outside system's login, or to our form."""
    connection = rights.made_connection(connection_id)
    if not _is_enabled(connection):
        abort(400)
    if form_flow.connector_of(connection) is not None:
        to = url_for("connections.credentials", connection_id=connection.id)
        return redirect(to, 303)
    try:
        with transaction():
            address = oauth_flow.start(connection, browser.get("sid", ""))
    except KoppelwerkError as error:
        return _refused(error)
    return redirect(address, 303)


def _is_enabled(connection: Connection) -> bool:
    on = select(TenantPlugin.enabled).where(TenantPlugin.plugin == connection.plugin)
    return bool(session().scalar(on))


@pages.get(oauth_flow.CALLBACK)
@access("callback")
def callback() -> Response | tuple[str, int]:
    """Take back what *Koppelen* began."""
    given = Callback(
        state=request.args.get("state", ""),
        code=request.args.get("code", ""),
        error=request.args.get("error", ""),
    )
    try:
        if not is_tenant_user():
            raise AskUser("oauth_state_invalid")
        connection = oauth_flow.finish(given, browser.get("sid", ""), rights.may_make)
    except KoppelwerkError as error:
        return _refused(error)
    return _went_on(connection)


@pages.route("/connections/<int:connection_id>/administratie", methods=["GET", "POST"])
@access("maker")
def choose(connection_id: int) -> str | Response | tuple[str, int]:
    """*Kies de administratie*, where one login opens several."""
    connection = rights.made_connection(connection_id)
    if not _is_enabled(connection):
        abort(400)
    found = choosing.offered(connection)
    if not found:
        return _refused(AskUser("choice_over"))
    if request.method == "GET":
        return _choice_page(connection, found)
    chosen = request.form.get("administration", "")
    if chosen not in {each.external_id for each in found}:
        abort(400)
    try:
        choosing.choose(connection, chosen)
    except KoppelwerkError as error:
        session().rollback()
        words = explain(error.code, error.params)
        return _choice_page(connection, found, words), 400
    return _went_on(connection)


def _choice_page(
    connection: Connection, found: Sequence[Identity], error: Explained | None = None
) -> str:
    return render_template(
        "choose_administration.html", connection=connection, found=found, error=error
    )


def _went_on(connection: Connection) -> Response:
    """Go on after a Connect: to the choice, if one waits, else with first loads."""
    if choosing.waits(connection):
        to = url_for("connections.choose", connection_id=connection.id)
        return redirect(to, 303)
    with transaction():
        install.connected(connection)
    if form_flow.connector_of(connection) is not None:
        checking.passed(connection)  # its codes were tried just now
    _load_reference(connection)
    name = connection.external_name
    flash(_("Verbonden met %(name)s.", name=name), "success")
    return redirect(browser.pop(AFTER_CONNECT, _status_of(connection)), 303)


def _status_of(connection: Connection) -> str:
    """Return where *Status controleren* stands."""
    anchor = f"status-{connection.id}"
    return url_for("connections.plugin", name=connection.plugin, _anchor=anchor)


@pages.route("/connections/<int:connection_id>/credentials", methods=["GET", "POST"])
@access("maker")
def credentials(connection_id: int) -> str | Response | tuple[str, int]:
    """Let the owner fill in the codes of a connection, test them and connect.

    What is left empty stays as it was stored; a code is never shown again.
    """
    connection = rights.made_connection(connection_id)
    connector = form_flow.connector_of(connection)
    if connector is None:
        abort(404)
    if not _is_enabled(connection):
        abort(400)
    known = form_flow.known_values(connection)
    form = credential_form(connector.credential_form, known)
    if request.method == "GET":
        return _credentials_page(connection, form)
    values = {**known, **{name: text for name, text in _texts(form).items() if text}}
    if not form.validate():
        return _credentials_page(connection, form), 400
    try:
        if request.form.get("action") == "test":
            found = form_flow.check(connection, values)
            name = ", ".join(each.name for each in found)
            flash(_("De gegevens kloppen: %(name)s antwoordt.", name=name), "success")
            return _credentials_page(connection, form)
        form_flow.connect(connection, values)
    except KoppelwerkError as error:
        session().rollback()
        return _credentials_page(connection, form, explain(error.code, error.params))
    return _went_on(connection)


def _texts(form: Any) -> dict[str, str]:
    return {name: str(value or "").strip() for name, value in form.data.items()}


def _credentials_page(
    connection: Connection, form: Any, error: Explained | None = None
) -> str:
    return render_template(
        "credentials.html", connection=connection, form=form, error=error
    )


@pages.post("/connections/<int:connection_id>/check")
@access("maker")
def check(connection_id: int) -> Response:
    """*Status controleren*: ask the outside system who it is, and show the answer."""
    connection = rights.made_connection(connection_id)
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    if plugin is None or plugin.connector is None:
        abort(404)
    is_new = connection.checked_at is None
    try:
        name = checking.check(connection).name
        flash(_("De gegevens kloppen: %(name)s antwoordt.", name=name), "success")
        if is_new:
            _load_reference(connection)
    except KoppelwerkError as error:
        session().rollback()
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.action}", "error")
    return redirect(_back(), 303)


def _load_reference(connection: Connection) -> None:
    """Read the package's codes at once, so that Configuratie has choices."""
    if connection.plugin not in koppelwerk().registry.brought(Orders):
        return
    try:
        checking.load_reference(connection)
        session().commit()
    except KoppelwerkError as error:
        session().rollback()
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.action}", "warning")


def _refused(error: KoppelwerkError) -> tuple[str, int]:
    session().rollback()
    words = explain(error.code, error.params)
    back = browser.get(AFTER_CONNECT)
    return render_template("oauth_refused.html", error=words, back=back), 400


@pages.route("/connections/<int:connection_id>/disconnect", methods=["GET", "POST"])
@access("maker")
def disconnect(connection_id: int) -> str | Response:
    """Ask for confirmation, then end a connection."""
    connection = rights.made_connection(connection_id)
    if request.method == "GET":
        return render_template("disconnect.html", connection=connection)
    oauth_flow.disconnect(connection)
    flash(_("De verbinding is beëindigd."), "info")
    return redirect(url_for("connections.index"), 303)


@pages.post("/connections/<int:connection_id>/run")
@access("login")
def run_now(connection_id: int) -> Response:
    """*Koppeling uitvoeren*."""
    connection = rights.seen_connection(connection_id)
    refusal = _why_no_run(connection)
    if refusal:
        flash(refusal, "warning")
        return redirect(_back(), 303)
    with transaction():
        schedule.run_now(connection)
    flash(_("De koppeling wordt nu uitgevoerd."), "info")
    return redirect(_back(), 303)


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
    return redirect(_back(), 303)


@pages.app_template_global("choice_waits")
def choice_waits(connection: Connection) -> bool:
    """Tell whether who asks may choose now what a connection stands for."""
    return (
        connection.external_id is None
        and rights.may_make(connection.plugin)
        and choosing.waits(connection)
    )


def _back() -> str:
    return own_path(request.form.get("next", "")) or url_for("connections.index")
