"""The part of an invoice's page about its e-invoice, the file, and the commands."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from flask import Blueprint, Response, abort, render_template, request
from flask.cli import AppGroup

from core.domain.clock import local_date, utcnow
from core.domain.errors import AskUser
from core.plugin import invoices, pages
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from core.plugin.tables import InvoiceState, SalesInvoice
from core.plugin.texts import explain
from plugins.peppol import document, rule_packs
from plugins.peppol.checks import Duty, problems, verdict_of
from plugins.peppol.texts import DUTIES, REASONS

XML = "application/xml"
LONGEST = 100
"""Characters of a reference or an order number."""


def panel(invoice_id: int) -> Mapping[str, Any]:
    """Return what the page of a sent invoice says of its e-invoice."""
    invoice = invoices.of_invoice(invoice_id, files=False)
    verdict = verdict_of(invoice)
    lacks_reference = not invoice.buyer_reference.strip()
    known = document.completed(invoice, "-" if lacks_reference else "")
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
    }


def blueprint() -> Blueprint:
    """Return the plugin's pages and commands."""
    own = Blueprint("peppol", __name__)
    own.post("/peppol/facturen/<int:sales_invoice_id>")(download)
    own.cli.add_command(rules)
    return own


@access("login")
def download(sales_invoice_id: int) -> Any:
    """Make the e-invoice and hand it out, or say why it would be invalid."""
    if not pages.is_open("peppol"):
        abort(404)
    row = get_or_404(SalesInvoice, sales_invoice_id)
    if row.state == InvoiceState.DRAFT:
        abort(404)
    try:
        made = document.make(row.id, _given("kenmerk"), _given("bestelnummer"))
    except AskUser as error:
        return _refused(sales_invoice_id, [error])
    if made.errors:
        return _refused(sales_invoice_id, made.errors)
    return _file(made)


def _given(name: str) -> str:
    return request.form.get(name, "")[:LONGEST]


def _refused(invoice_id: int, errors: Sequence[AskUser]) -> tuple[str, int]:
    page = render_template(
        "peppol/refused.html", invoice_id=invoice_id, errors=errors,
        counts=pages.counts(),
    )  # fmt: skip
    return page, 422


def _file(made: document.Document) -> Response:
    answer = Response(made.content, mimetype=XML)
    answer.headers.set("Content-Disposition", "attachment", filename=made.filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


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
