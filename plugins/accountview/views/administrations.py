"""Administraties: picked from AccountView or made here, and their settings."""

from flask import Blueprint, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.domain.errors import KoppelwerkError
from core.plugin import connections
from core.plugin.pages import access, get_or_404
from core.plugin.tables import ConnectionState
from core.plugin.texts import explain
from plugins.accountview import (
    administration_setup,
    administrations,
    profiles,
    undertakings,
)
from plugins.accountview.forms.administration import (
    PERIODS,
    AdministrationForm,
    OwnAdministrationForm,
)
from plugins.accountview.models import Administration
from plugins.accountview.views.common import page, say, to, words

_NONE = SelectChoice(0, "—")


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    base, one = "/administraties", "<int:administration_id>"
    rule = pages.add_url_rule
    rule(base, "administrations", index)
    rule(f"{base}/lezen", "read_administrations", read, methods=["POST"])
    rule(f"{base}/kiezen", "declare", declare, methods=["POST"])
    rule(f"{base}/eigen", "make_own", make_own, methods=["POST"])
    rule(f"{base}/{one}", "administration", show)
    rule(f"{base}/{one}", "save_administration", save, methods=["POST"])


@access("login")
def index() -> str:
    """Show the administrations, what AccountView has more, and the form for own."""
    return _page(OwnAdministrationForm(formdata=None))


def _page(form: OwnAdministrationForm) -> str:
    made = administration_setup.connection(current_user.tenant_id)
    live = made is not None and made.state == ConnectionState.CONNECTED
    rows = administrations.of_tenant()
    return page(
        "administrations",
        rows=[(row, _problems(row)) for row in rows],
        connection=made,
        is_connected=live,
        offered=administration_setup.offered(made) if made and live else [],
        periods=PERIODS,
        form=form,
    )


def _problems(row: Administration) -> list[object]:
    return [explain(one.code, one.params) for one in administrations.unready(row)]


@access("maker")
def read() -> Response:
    """Read again what AccountView has."""
    made = administration_setup.connection(current_user.tenant_id)
    if made is None:
        abort(404)
    try:
        connections.check(made)
    except KoppelwerkError as error:
        say(error)
    else:
        flash(_("De administraties zijn opnieuw gelezen."), "success")
    return to("administrations")


@access("maker")
def declare() -> Response:
    """Make administrations of what was picked."""
    made = administration_setup.connection(current_user.tenant_id)
    if made is None:
        abort(404)
    picked = request.form.getlist("administratie")
    try:
        number = administration_setup.declare(made, picked, user_id=current_user.id)
    except KoppelwerkError as error:
        say(error)
        return to("administrations")
    if not number:
        flash(_("Markeer eerst een administratie."), "error")
    else:
        flash(_("Vul nu de instellingen van de administratie aan."), "success")
    return to("administrations")


@access("maker")
def make_own() -> Response | tuple[str, int]:
    """Make one whose figures come from the invoices kept here."""
    form = OwnAdministrationForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        row = administration_setup.make_own(
            current_user.tenant_id,
            form.code.data,
            form.description.data,
            user_id=current_user.id,
        )
    except KoppelwerkError as error:
        form.code.errors = [*form.code.errors, words(error).what]
        return _page(form), 422
    return to("administration", administration_id=row.id)


@access("login")
def show(administration_id: int) -> str:
    """Show the settings of one."""
    row = get_or_404(Administration, administration_id)
    form = _choices(AdministrationForm(formdata=None, obj=row))
    return _one(form, row)


def _choices(form: AdministrationForm) -> AdministrationForm:
    form.undertaking_id.choices = [
        _NONE,
        *(
            SelectChoice(row.id, f"{row.code} – {row.description}")
            for row in undertakings.of_tenant()
        ),
    ]
    form.profile_id.choices = [
        _NONE,
        *(SelectChoice(row.id, row.name) for row in profiles.of_tenant()),
    ]
    return form


def _one(form: AdministrationForm, row: Administration) -> str:
    return page("administration", form=form, row=row, problems=_problems(row))


@access("maker")
def save(administration_id: int) -> Response | tuple[str, int]:
    """*Opslaan*."""
    row = get_or_404(Administration, administration_id)
    form = _choices(AdministrationForm())
    if not form.validate_on_submit():
        return _one(form, row), 422
    administration_setup.save(row, form.values(), user_id=current_user.id)
    flash(_("De instellingen zijn opgeslagen."), "success")
    return to("administration", administration_id=row.id)
