"""Inkoop boeken: how invoices of suppliers are entered over a connection.

Beside a plugin's page at Koppelingen. Which invoice goes is a person's choice, at the
page of the plugin that keeps them.
"""

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.money import plain
from core.models import Connection, Coupling, Transfer
from core.plugin.capabilities import Choices, Purchases
from core.plugin.settings_form import settings_form, settings_values
from core.runtime.database import transaction
from core.services.invoicing import purchase_couplings, purchases
from core.services.invoicing.purchase_couplings import PurchaseLine
from core.services.linking import checking
from core.services.reporting import overview
from core.texts import explain
from core.texts.purchases import CATEGORIES
from core.web.policy import access
from core.web.views import rights
from core.web.views.offered import Offered, is_offered, or_404, to_its_plugin
from core.web.views.rereading import read_again
from core.web.views.standings import side

pages = Blueprint("purchases", __name__)
pages.add_app_template_global(purchases.address_of, "purchase_at")


@pages.app_template_global("purchases_of")
def offered(connection: Connection) -> Offered[Purchases] | None:
    """Return what a connection offers; None: nobody keeps such invoices, the package
    takes none, or it was never checked well."""
    target = purchase_couplings.offer_of(connection)
    if target is None or not purchases.has_source():
        return None
    if not checking.shows_settings(connection):
        return None
    coupling = purchase_couplings.of_connection(connection.id)
    return Offered(connection, target, coupling)


def solved_at(transfer: Transfer, field: str) -> str:
    """Return the address where a purchase's trouble is solved."""
    if field == "relation":
        return purchases.address_of(transfer)
    return _address(transfer.target_id, field)


@pages.get("/connections/<int:connection_id>/inkoop")
@access("login")
def show(connection_id: int) -> str | Response:
    """Show how invoices of suppliers are entered over a connection."""
    connection = rights.seen_connection(connection_id)
    found = offered(connection)
    return to_its_plugin(connection) if found is None else _page(found)


def _made(connection_id: int) -> Offered[Purchases]:
    return or_404(offered(rights.made_connection(connection_id)))


def _page(
    found: Offered[Purchases],
    *,
    form: Any = None,
    lines: list[PurchaseLine] | None = None,
    errors: list[str] | None = None,
) -> str:
    coupling = found.coupling if found.is_on else None
    choices = purchase_couplings.choices_of(coupling) if coupling else Choices()
    if lines is None:
        lines = _lines(coupling) if coupling else []
    problems = purchase_couplings.problems_of(coupling) if coupling else []
    return render_template(
        "purchases/show.html",
        found=found,
        connection=found.connection,
        side=side(found.connection),
        coupling=coupling,
        form=form or (_form(found, coupling, choices) if coupling else None),
        lines=lines,
        name_of=_name_of,
        errors=errors or [],
        choices=choices,
        problems=[explain(code) for code in problems],
        counts=overview.counts(),
    )


def _lines(coupling: Coupling) -> list[PurchaseLine]:
    return purchase_couplings.lines(coupling, purchases.asked_for(coupling))


def _name_of(line: PurchaseLine) -> str:
    word = str(CATEGORIES[line.category])
    return f"{word} {plain(line.rate)}%" if line.rate else word


def _form(found: Offered[Purchases], coupling: Coupling, choices: Choices) -> Any:
    return settings_form(found.target.form, coupling.settings, choices)


@pages.post("/connections/<int:connection_id>/inkoop")
@access("maker")
def switch(connection_id: int) -> Response:
    """Switch it on or off."""
    found = _made(connection_id)
    with transaction():
        purchase_couplings.switch(
            found.connection,
            is_on=bool(request.form.get("enabled")),
            user_id=current_user.id,
        )
    return _saved(connection_id, "boeken")


@pages.post("/connections/<int:connection_id>/inkoop/instellingen")
@access("maker")
def save_settings(connection_id: int) -> str | Response:
    """Store the package's own settings."""
    found = _made(connection_id)
    coupling = found.running
    form = _form(found, coupling, purchase_couplings.choices_of(coupling))
    if not form.validate():
        flash(_("Nog niet opgeslagen: zie de velden hieronder."), "error")
        return _page(found, form=form)
    with transaction():
        purchase_couplings.save_settings(
            coupling, settings_values(form), current_user.id
        )
        purchases.reconsider_waiting(coupling)
    return _saved(connection_id, "settings")


@pages.post("/connections/<int:connection_id>/inkoop/btw")
@access("maker")
def save_mapping(connection_id: int) -> str | Response:
    """Store what each category and rate become."""
    found = _made(connection_id)
    coupling = found.running
    choices = purchase_couplings.choices_of(coupling)
    lines = [_posted(line) for line in _lines(coupling)]
    errors = [text for line in lines for text in _wrong(line, choices)]
    if errors:
        flash(_("Nog niet opgeslagen: zie de tabel hieronder."), "error")
        return _page(found, lines=lines, errors=errors)
    with transaction():
        purchase_couplings.save_mapping(coupling, lines, current_user.id)
        purchases.reconsider_waiting(coupling)
    return _saved(connection_id, "vat")


def _posted(line: PurchaseLine) -> PurchaseLine:
    return replace(
        line,
        package_vat_code=request.form.get(f"vat_code-{line.key}", "").strip(),
        cost_account=request.form.get(f"account-{line.key}", "").strip(),
    )


def _wrong(line: PurchaseLine, choices: Choices) -> list[str]:
    where = {"code": _name_of(line)}
    chosen, account = line.package_vat_code, line.cost_account
    if bool(chosen) != bool(account):
        return [_("%(code)s: kies BTW-code én kostenrekening.", **where)]
    codes, accounts = choices.vat_codes, choices.cost_accounts
    if chosen and not (is_offered(chosen, codes) and is_offered(account, accounts)):
        return [_("%(code)s: die keuze bestaat niet (meer).", **where)]
    return []


@pages.post("/connections/<int:connection_id>/inkoop/ophalen")
@access("maker")
def refresh(connection_id: int) -> Response:
    """Read the package's codes and accounts again."""
    found = _made(connection_id)
    if not found.is_on:
        abort(404)
    read_again(found.connection)
    return redirect(_address(connection_id, "vat"), 303)


def _saved(connection_id: int, anchor: str) -> Response:
    flash(_("De instellingen zijn opgeslagen."), "success")
    return redirect(_address(connection_id, anchor), 303)


def _address(connection_id: int, anchor: str) -> str:
    return url_for("purchases.show", connection_id=connection_id, _anchor=anchor)
