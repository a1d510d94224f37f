"""The plugin's pages: e-invoices sent and received, the part of an invoice's page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser, KoppelwerkError
from core.plugin import invoices, pages
from core.plugin.database import transaction
from core.plugin.own_pages import say
from core.plugin.pages import access, get_or_404
from core.plugin.tables import InvoiceState, SalesInvoice
from core.plugin.texts import explain
from plugins.peppol import document, rule_packs
from plugins.peppol.checks import Duty, problems, verdict_of
from plugins.peppol.evidence import keeping
from plugins.peppol.forms import PACKAGE
from plugins.peppol.receiving import pages as receiving
from plugins.peppol.receiving.pages import file_of
from plugins.peppol.sending import overview, queue
from plugins.peppol.texts import DUTIES, KINDS, PIECES, REASONS, STATES

XML, ZIP = "application/xml", "application/zip"
LONGEST = 100
"""Characters of a reference or an order number."""


def panel(invoice_id: int) -> Mapping[str, Any]:
    """Return what the page of a sent invoice says of its e-invoice."""
    invoice = invoices.of_invoice(invoice_id, files=False)
    row = get_or_404(SalesInvoice, invoice_id)
    verdict = verdict_of(invoice)
    lacks_reference = not invoice.buyer_reference.strip()
    known = document.completed(invoice, "-" if lacks_reference else "")
    sending = queue.of_invoice(invoice_id)
    connection = queue.connection_of(row.tenant_id)
    return {
        "invoice_id": invoice_id,
        "duty": verdict.duty,
        "words": DUTIES[verdict.duty],
        "reason": REASONS[verdict.reason],
        "is_made": verdict.duty is not Duty.NOT,
        "lacks_reference": lacks_reference,
        "problems": problems(known),
        "rules": rule_packs.in_force(pages.today()),
        "longest": LONGEST,
        "can_send": connection is not None,
        "by_package": queue.how(connection) == PACKAGE,
        "was_mailed": row.sent_as == queue.BY_MAIL,
        "standing": overview.standing(sending) if sending else None,
        "states": STATES,
        "pieces": PIECES,
    }


def blueprint() -> Blueprint:
    """Return the plugin's pages, its webhook and its commands."""
    own = Blueprint("peppol", __name__)
    invoice = "/peppol/facturen/<int:sales_invoice_id>"
    own.get("/peppol")(index)
    own.post(invoice)(download)
    own.post(f"{invoice}/versturen")(send)
    own.post(f"{invoice}/terugtrekken")(withdraw)
    own.get(f"{invoice}/bewijs")(evidence)
    receiving.add_to(own)
    own.cli.help = "E-invoices: the official rules they are held against."
    own.cli.add_command(rules)
    return own


@access("login")
def index() -> str:
    """Show what was sent over Peppol and how it goes."""
    _opened()
    rows, after = overview.listed(pages.before())
    return render_template(
        "peppol/index.html",
        rows=rows,
        after=after,
        dots=overview.DOTS,
        states=STATES,
        kinds=KINDS,
        is_connected=queue.connection_of(current_user.tenant_id) is not None,
        waiting=receiving.waiting(),
        counts=pages.counts(),
    )


def _opened() -> None:
    if not pages.is_open(queue.PLUGIN):
        abort(404)


def _invoice(sales_invoice_id: int) -> SalesInvoice:
    """Return a sent invoice of the tenant; else 404."""
    _opened()
    row = get_or_404(SalesInvoice, sales_invoice_id)
    if row.state == InvoiceState.DRAFT:
        abort(404)
    return row


@access("login")
def download(sales_invoice_id: int) -> Any:
    """Make the e-invoice and hand it out, or say why it would be invalid."""
    row = _invoice(sales_invoice_id)
    try:
        made = document.make(row.id, _given("kenmerk"), _given("bestelnummer"))
    except AskUser as error:
        return _refused(sales_invoice_id, [error])
    if made.errors:
        return _refused(sales_invoice_id, made.errors)
    return file_of(made.content, XML, made.filename)


@access("login")
def send(sales_invoice_id: int) -> Any:
    """Let an invoice go over Peppol; again, where it stopped or was rejected."""
    row = _invoice(sales_invoice_id)
    given = {
        "buyer_reference": _given("kenmerk"),
        "order_number": _given("bestelnummer"),
    }
    try:
        with transaction():
            queue.add(
                row,
                given,
                mailed_too=request.form.get("ook") == "ja",
                user_id=current_user.id,
            )
    except AskUser as error:
        say(error)
    else:
        flash(_("De e-factuur gaat via Peppol. Hieronder ziet u hoe het gaat."),
              "success")  # fmt: skip
    return _back(sales_invoice_id)


@access("login")
def withdraw(sales_invoice_id: int) -> Any:
    """Take back an e-invoice that has not left."""
    row = _invoice(sales_invoice_id)
    try:
        with transaction():
            queue.withdraw(row, user_id=current_user.id)
    except AskUser as error:
        say(error)
    else:
        flash(_("De e-factuur gaat niet via Peppol."), "info")
    return _back(sales_invoice_id)


@access("login")
def evidence(sales_invoice_id: int) -> Any:
    """Hand out what is kept of a sending, to be checked without this program."""
    row = _invoice(sales_invoice_id)
    found = queue.of_invoice(row.id)
    if found is None or not keeping.of(found):
        abort(404)
    readme = render_template(
        "peppol/evidence.txt", row=found, verdict=keeping.verify(found)
    )
    name = f"bewijs-{found.number}.zip".replace("/", "-")
    return file_of(keeping.packed(found, readme), ZIP, name)


def _back(invoice_id: int) -> Any:
    to = url_for("invoices.show", sales_invoice_id=invoice_id, _anchor="e-factuur")
    return redirect(to, 303)


def _given(name: str) -> str:
    return request.form.get(name, "").strip()[:LONGEST]


def _refused(invoice_id: int, errors: Sequence[KoppelwerkError]) -> tuple[str, int]:
    page = render_template(
        "peppol/refused.html", invoice_id=invoice_id, errors=errors,
        counts=pages.counts(),
    )  # fmt: skip
    return page, 422


rules = AppGroup("rules", help="The official rules that e-invoices are held against.")


@rules.command("list")
def list_rules() -> None:
    """List the sets of rules; exit 1 when one in force is old."""
    today = local_date(utcnow(), "Europe/Amsterdam")
    used = rule_packs.in_force(today)
    for each in rule_packs.all_sets():
        state = "in force" if each in used else ""
        state = "OLD: install a newer one" if state and each.is_old(today) else state
        click.echo(
            f"{each.layer:8} from {each.first_day}  {each.name}  {state}".strip()
        )
    if any(each.is_old(today) for each in used):
        raise SystemExit(1)


@rules.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", type=click.Choice(rule_packs.LAYERS), required=True)
@click.option("--from", "first_day", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--sha256", required=True, help="As the publisher gives it.")
def add_rules(file: Path, layer: str, first_day: Any, sha256: str) -> None:
    """Install FILE, rules compiled to XSLT, from a first day on."""
    try:
        with transaction():
            made = rule_packs.add(
                layer, file.name, first_day.date(), file.read_bytes(), sha256
            )
    except AskUser as error:
        raise click.ClickException(
            str(explain(error.code, error.params).what)
        ) from error
    click.echo(f"{made.layer}: {made.name} holds from {made.first_day}")
