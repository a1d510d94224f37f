"""Connections made, tried and ended: OAuth, codes, the choice of administration.

Adds to the pages of `core.web.views.connections`.
"""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.domain.errors import AskUser, KoppelwerkError
from core.domain.packages import Identity
from core.models import Connection, TenantPlugin
from core.plugin.capabilities import Orders
from core.plugin.settings_form import credential_form
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.linking import checking, choosing, form_flow, oauth_flow
from core.services.linking.oauth_flow import Callback
from core.services.people import install
from core.texts import Explained, explain
from core.web.policy import access, is_tenant_user
from core.web.views import rights
from core.web.views.connections import back, pages

__all__ = ["pages"]

AFTER_CONNECT = "after_connect"
"""Where the browser goes on after Connect: an own path, kept in its session."""


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
    return redirect(back(), 303)


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


@pages.app_template_global("choice_waits")
def choice_waits(connection: Connection) -> bool:
    """Tell whether who asks may choose now what a connection stands for."""
    return (
        connection.external_id is None
        and rights.may_make(connection.plugin)
        and choosing.waits(connection)
    )
