"""Facturen boeken: switched on per connection, its settings, VAT codes and open items.

Manual 000, C and D. Beside a plugin's page at Koppelingen; where a booking's trouble is
solved is said here too.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.models import Connection, Coupling, SalesInvoice, Transfer
from core.plugin.capabilities import Choices, Invoices
from core.plugin.pages import get_or_404, today
from core.plugin.settings_form import settings_form, settings_values
from core.runtime.database import session, transaction
from core.services.crm import relations
from core.services.invoicing import (
    invoice_bookings,
    invoice_couplings,
    invoice_needs,
    invoice_payments,
    invoice_setup,
    open_items,
    purchases,
)
from core.services.invoicing.invoice_setup import MappingLine
from core.services.linking import checking
from core.services.reporting import overview
from core.texts import explain, in_one
from core.web.policy import access
from core.web.views import fields, rights
from core.web.views.display import is_solved_here
from core.web.views.offered import Offered, is_offered, or_404, to_its_plugin
from core.web.views.purchases import solved_at
from core.web.views.rereading import read_again
from core.web.views.standings import side

pages = Blueprint("invoice_bookings", __name__)
RELATION = "relation"
"""Field of what is solved at the invoice's relation."""


@pages.app_template_global("invoice_booking")
def offered(connection: Connection) -> Offered[Invoices] | None:
    """Return what a connection offers for invoices; None before a first good check."""
    target = invoice_couplings.offer_of(connection)
    if target is None or not checking.shows_settings(connection):
        return None
    coupling = invoice_couplings.of_connection(connection.id)
    return Offered(connection, target, coupling)


@pages.app_template_global("place_of")
def place_of(transfer: Transfer, field: str) -> str:
    """Return the address where a document's trouble is solved; empty: not with us."""
    if not is_solved_here(field):
        return ""
    if transfer.subject == purchases.SUBJECT:
        return solved_at(transfer, field)
    if transfer.subject != invoice_bookings.SUBJECT:
        coupling = session().get_one(Coupling, transfer.coupling_id)
        return fields.address(coupling, field, transfer.params)
    if field == RELATION:
        invoice = session().get_one(SalesInvoice, transfer.subject_id)
        return url_for("relations.show", relation_id=invoice.relation_id)
    return _address(transfer.target_id, field)


pages.add_app_template_global(invoice_needs.needs_of, "booking_needs")


pages.add_app_template_global(invoice_payments.payments_of)
pages.add_app_template_global(relations.next_debtor_number)


@pages.post("/facturen/<int:sales_invoice_id>/debiteurnummer")
@access("login")
def give_number(sales_invoice_id: int) -> Response:
    """Give a draft's relation the debtor number that was proposed."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    number = request.form.get("number", "")
    known = relations.data_of(row.relation)
    if not _is_key(number) or known.debtor_number:
        return redirect(url_for("invoices.show", sales_invoice_id=row.id), 303)
    try:
        with transaction():
            relations.save(
                replace(known, debtor_number=number),
                row.relation,
                user_id=current_user.id,
            )
        flash(
            _(
                "%(name)s heeft nu debiteurnummer %(number)s.",
                name=known.full_name,
                number=number,
            ),
            "success",
        )
    except AskUser as error:
        flash(in_one(error), "error")
    return redirect(url_for("invoices.show", sales_invoice_id=row.id), 303)


@pages.get("/connections/<int:connection_id>/facturen")
@access("login")
def show(connection_id: int) -> str | Response:
    """Show how invoices are booked over a connection.

    Before its first good check (and where no invoices go) its plugin's page opens.
    """
    connection = rights.seen_connection(connection_id)
    found = offered(connection)
    return to_its_plugin(connection) if found is None else _page(found)


def _made(connection_id: int) -> Offered[Invoices]:
    return or_404(offered(rights.made_connection(connection_id)))


def _page(
    found: Offered[Invoices],
    *,
    form: Any = None,
    lines: list[MappingLine] | None = None,
    errors: list[str] | None = None,
) -> str:
    coupling = found.coupling if found.is_on else None
    choices = invoice_couplings.choices_of(coupling) if coupling else Choices()
    if lines is None:
        lines = _lines(coupling, choices)
    return render_template(
        "invoice_bookings/show.html",
        found=found,
        connection=found.connection,
        side=side(found.connection),
        coupling=coupling,
        starts_on=_starts_on(found),
        form=form or _form(coupling, choices),
        lines=lines,
        unmapped=[line for line in lines if not line.is_saved],
        errors=errors or [],
        choices=choices,
        problems=_problems(coupling),
        readers=invoice_couplings.reading(current_user.tenant_id) if coupling else [],
        unbooked=invoice_setup.unbooked(coupling) if coupling else [],
        counts=overview.counts(),
    )


def _starts_on(found: Offered[Invoices]) -> date:
    known = found.coupling.starts_on if found.coupling else None
    return known or today()


def _form(coupling: Coupling | None, choices: Choices) -> Any:
    if coupling is None:
        return None
    target = invoice_couplings.target_of(coupling)
    return settings_form(target.form, coupling.settings, choices)


def _lines(coupling: Coupling | None, choices: Choices) -> list[MappingLine]:
    if coupling is None or not invoice_couplings.target_of(coupling).maps_vat:
        return []
    return invoice_setup.proposed(coupling, choices)


def _problems(coupling: Coupling | None) -> list[Any]:
    if coupling is None:
        return []
    return [explain(code) for code in invoice_couplings.problems_of(coupling)]


@pages.post("/connections/<int:connection_id>/facturen")
@access("maker")
def switch(connection_id: int) -> str | Response:
    """Switch booking on or off, and set the first issue date."""
    found = _made(connection_id)
    try:
        starts_on = date.fromisoformat(request.form.get("starts_on", ""))
    except ValueError:
        flash(_("Vul een datum in: vanaf wanneer worden facturen geboekt?"), "error")
        return _page(found)
    with transaction():
        if request.form.get("enabled"):
            invoice_setup.switch_on(
                found.connection, starts_on, user_id=current_user.id
            )
        elif found.coupling is not None and found.coupling.enabled:
            invoice_setup.switch_off(found.coupling, user_id=current_user.id)
    return _saved(connection_id, "boeken")


@pages.post("/connections/<int:connection_id>/facturen/instellingen")
@access("maker")
def save_settings(connection_id: int) -> str | Response:
    """Store the package's own settings."""
    found = _made(connection_id)
    coupling = found.running
    form = _form(coupling, invoice_couplings.choices_of(coupling))
    if not form.validate():
        flash(_("Nog niet opgeslagen: zie de velden hieronder."), "error")
        return _page(found, form=form)
    with transaction():
        invoice_setup.save_settings(
            coupling, settings_values(form), user_id=current_user.id
        )
    return _saved(connection_id, "settings")


@pages.post("/connections/<int:connection_id>/facturen/btw")
@access("maker")
def save_mapping(connection_id: int) -> str | Response:
    """Store what the VAT codes become."""
    found = _made(connection_id)
    coupling = found.running
    if not found.target.maps_vat:
        abort(404)
    choices = invoice_couplings.choices_of(coupling)
    lines = [_posted(line) for line in invoice_setup.lines(coupling)]
    errors = [text for line in lines for text in wrong(line, choices)]
    if errors:
        flash(_("Nog niet opgeslagen: zie de tabel hieronder."), "error")
        return _page(found, lines=lines, errors=errors)
    with transaction():
        invoice_setup.save_mapping(coupling, lines, user_id=current_user.id)
    return _saved(connection_id, "vat")


def _posted(line: MappingLine) -> MappingLine:
    """Return a line as it was filled in; each has fields of its own."""
    key = line.code.id
    return replace(
        line,
        package_vat_code=request.form.get(f"vat_code-{key}", "").strip(),
        revenue_account=request.form.get(f"account-{key}", "").strip(),
    )


def wrong(line: MappingLine, choices: Choices) -> list[str]:
    """Return what is wrong with a line as it was filled in, in the user's words."""
    where = {"code": line.code.label or line.code.code}
    chosen, account = line.package_vat_code, line.revenue_account
    if bool(chosen) != bool(account):
        return [_("%(code)s: kies BTW-code én omzetrekening.", **where)]
    codes, accounts = choices.vat_codes, choices.revenue_accounts
    if chosen and not (is_offered(chosen, codes) and is_offered(account, accounts)):
        return [_("%(code)s: die keuze bestaat niet (meer).", **where)]
    return []


@pages.post("/connections/<int:connection_id>/facturen/ophalen")
@access("maker")
def refresh(connection_id: int) -> Response:
    """Read the package's codes and accounts again."""
    found = _made(connection_id)
    if not found.is_on:
        abort(404)
    read_again(found.connection)
    return redirect(_address(connection_id, "vat"), 303)


@pages.post("/connections/<int:connection_id>/facturen/openstaand")
@access("maker")
def save_open_items(connection_id: int) -> Response:
    """Look for paid invoices once a day, or no longer."""
    found = _made(connection_id)
    coupling = found.running
    if found.target.settlements is None:
        abort(404)
    with transaction():
        invoice_setup.save_open_items(
            coupling, wanted=bool(request.form.get("wanted")), user_id=current_user.id
        )
    return _saved(connection_id, "openstaand")


@pages.post("/connections/<int:connection_id>/facturen/openstaand/lezen")
@access("maker")
def read_open_items(connection_id: int) -> Response:
    """*Nu lezen*: ask the package what is still open."""
    found = _made(connection_id)
    coupling = found.running
    if found.target.settlements is None or not coupling.reads_open_items:
        abort(404)
    with transaction():
        is_asked = open_items.ask_now(coupling)
    if is_asked:
        flash(_("De openstaande saldi worden nu gelezen."), "info")
    else:
        flash(_("De openstaande saldi zijn net gelezen."), "info")
    return redirect(_address(connection_id, "openstaand"), 303)


@pages.post("/connections/<int:connection_id>/facturen/openstaand/beslist")
@access("maker")
def decide(connection_id: int) -> Response:
    """Let this package say whether an invoice is paid."""
    coupling = _made(connection_id).running
    if not coupling.reads_open_items:
        abort(404)
    with transaction():
        invoice_setup.save_decider(coupling, user_id=current_user.id)
    return _saved(connection_id, "openstaand")


@pages.post("/connections/<int:connection_id>/facturen/boeken")
@access("maker")
def book(connection_id: int) -> Response:
    """Book chosen invoices that were sent before."""
    coupling = _made(connection_id).running
    chosen = [int(key) for key in request.form.getlist("id") if _is_key(key)]
    with transaction():
        count = invoice_setup.book_on_request(coupling, chosen, user_id=current_user.id)
    if count:
        text = ngettext(
            "%(num)s factuur wordt geboekt.", "%(num)s facturen worden geboekt.", count
        )
        flash(text, "info")
    else:
        flash(_("Kies eerst een of meer facturen."), "warning")
    return redirect(_address(connection_id, "eerder"), 303)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _saved(connection_id: int, anchor: str) -> Response:
    flash(_("De instellingen zijn opgeslagen."), "success")
    return redirect(_address(connection_id, anchor), 303)


def _address(connection_id: int, anchor: str) -> str:
    return url_for("invoice_bookings.show", connection_id=connection_id, _anchor=anchor)
