"""Administraties: picked from a ledger or made here, and their settings."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.domain.errors import KoppelwerkError
from core.plugin import connections
from core.plugin.capabilities import LedgerCompany
from core.plugin.pages import access, get_or_404, is_open, made_by
from core.plugin.tables import Connection, ConnectionState
from core.plugin.texts import explain
from plugins.belastingdienst.forms.administration import (
    PERIODS,
    AdministrationForm,
    OwnAdministrationForm,
)
from plugins.belastingdienst.forms.own_sales import INVOICES as INVOICE_SALES
from plugins.belastingdienst.forms.own_sales import chosen, offer
from plugins.belastingdienst.models import Administration
from plugins.belastingdienst.models.administration import INVOICES
from plugins.belastingdienst.sales import own_sales, shops
from plugins.belastingdienst.setup import (
    administration_setup,
    administrations,
    ledgers,
    profiles,
    schemes,
    undertakings,
)
from plugins.belastingdienst.views.common import page, say, to, words

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
    """Show the administrations, what the ledgers have more, and the form for own."""
    return _page(_own(OwnAdministrationForm(formdata=None)))


def _own(form: OwnAdministrationForm) -> OwnAdministrationForm:
    """Ask which sales, where there are several kinds."""
    known = shops.of_tenant(current_user.tenant_id)
    offer(form.sales, known)
    if not known:
        del form.sales
    return form


@dataclass(frozen=True)
class Books:
    """A ledger on this page: whether it is connected, and what it has more."""

    name: str
    title: str
    is_connected: bool
    offered: list[LedgerCompany]


def _books(name: str) -> Books:
    made = administration_setup.connection(current_user.tenant_id, name)
    title = ledgers.title(name)
    if made is None or made.state != ConnectionState.CONNECTED:
        return Books(name, title, False, [])
    return Books(name, title, True, administration_setup.offered(made))


def _page(form: OwnAdministrationForm) -> str:
    rows = administrations.of_tenant()
    return page(
        "administrations",
        rows=[(row, _problems(row)) for row in rows],
        said=schemes.of(rows),
        books=[_books(name) for name in ledgers.all_ledgers() if is_open(name)],
        undertakings=undertakings.by_administration(),
        source_words=_source_words,
        periods=PERIODS,
        form=form,
    )


def _source_words(source: str) -> str:
    return _("eigen verkopen") if source == INVOICES else ledgers.title(source)


def _problems(row: Administration) -> list[object]:
    return [explain(one.code, one.params) for one in administrations.unready(row)]


def _connection() -> Connection:
    """Return the connection with the ledger that the form names; 404 without one.

    The right on the ledger's own plugin counts too: its books are opened here.
    """
    name = request.form.get("bron", "")
    if name not in ledgers.all_ledgers():
        abort(404)
    made_by(name)
    found = administration_setup.connection(current_user.tenant_id, name)
    return found or abort(404)


@access("maker")
def read() -> Response:
    """Read again what a ledger has."""
    made = _connection()
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
    made = _connection()
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
    """Make one whose figures come from the sales kept here."""
    form = _own(OwnAdministrationForm())
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        row = administration_setup.make_own(
            current_user.tenant_id,
            form.code.data,
            form.description.data,
            own_sales=_picked(form),
            user_id=current_user.id,
        )
    except KoppelwerkError as error:
        form.code.errors = [*form.code.errors, words(error).what]
        return _page(form), 422
    return to("administration", administration_id=row.id)


def _picked(form: OwnAdministrationForm) -> dict[str, Any]:
    invoices, shop_ids = chosen(form.sales.data if form.sales else [INVOICE_SALES])
    return own_sales.choose(current_user.tenant_id, invoices, shop_ids).stored()


@access("login")
def show(administration_id: int) -> str:
    """Show the settings of one."""
    row = get_or_404(Administration, administration_id)
    mine = undertakings.by_administration().get(row.id)
    form = AdministrationForm(
        formdata=None, obj=row, undertaking_id=mine.id if mine else None
    )
    form = _choices(form)
    return _one(form, row)


def _choices(form: AdministrationForm) -> AdministrationForm:
    found = undertakings.of_tenant()
    form.undertaking_id.choices = [
        _NONE,
        *(SelectChoice(row.id, f"{row.code} – {row.description}") for row in found),
    ]
    if not undertakings.are_offered():
        del form.undertaking_id
    form.profile_id.choices = [
        _NONE,
        *(SelectChoice(row.id, row.name) for row in profiles.of_tenant()),
    ]
    return form


def _one(form: AdministrationForm, row: Administration) -> str:
    return page(
        "administration",
        form=form,
        row=row,
        problems=_problems(row),
        source=_source_words(row.source),
        is_ledger=ledgers.is_ledger(row),
        files_here=schemes.of([row]).files_here(row),
    )


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
