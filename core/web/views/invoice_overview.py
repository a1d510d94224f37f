"""Facturen: what there is, what is open of it, and the list as a file."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from core.domain.money import ZERO
from core.models import Relation
from core.plugin.pages import before, get_or_404, today
from core.services.crm import relations
from core.services.invoicing import invoice_lists
from core.services.invoicing.invoice_lists import CREDIT, OPEN, OVERDUE, Filter, Row
from core.services.reporting import overview
from core.services.reporting.export import Column
from core.texts.invoices import STATES
from core.web.policy import access
from core.web.views.display import title_of
from core.web.views.downloads import send_list
from core.web.views.relation_words import name_in_list

pages = Blueprint("invoice_overview", __name__)


@pages.get("/facturen")
@access("login")
def index() -> str:
    """Show the invoices, searched and narrowed, with what they add up to."""
    return _list(_wanted(), None)


def _wanted() -> Filter:
    state, order = request.args.get("stand", ""), request.args.get("volgorde", "")
    return Filter(
        search=request.args.get("zoek", "").strip()[:100],
        state=state if state in invoice_lists.STATES else "",
        order=order if order == invoice_lists.BY_DUE else "",
    )


@pages.get("/relaties/<int:relation_id>/facturen")
@access("login")
def of_relation(relation_id: int) -> str:
    """Show the invoices of one relation."""
    relation = get_or_404(Relation, relation_id)
    return _list(Filter(relation_id=relation.id), relation)


def _list(wanted: Filter, relation: Relation | None) -> str:
    return render_template(
        "invoices/relation.html" if relation else "invoices/index.html",
        page=invoice_lists.page(wanted, today(), before()),
        wanted=wanted,
        relation=relation,
        name=relations.data_of(relation).full_name if relation else "",
        totals=invoice_lists.totals(wanted, today()),
        args=_args(wanted),
        states={
            **STATES,
            OPEN: _("Nog te betalen"),
            OVERDUE: _("Vervallen"),
            CREDIT: _("Creditfacturen"),
        },
        by_due=invoice_lists.BY_DUE,
        title_of=title_of,
        is_first=before() is None,
        counts=overview.counts(),
    )


def _args(wanted: Filter) -> dict[str, object]:
    if wanted.relation_id:
        return {"relation_id": wanted.relation_id}
    found = {"zoek": wanted.search, "stand": wanted.state, "volgorde": wanted.order}
    return {name: value for name, value in found.items() if value}


@pages.get("/facturen.csv", defaults={"kind": "csv"})
@pages.get("/facturen.xlsx", defaults={"kind": "xlsx"})
@access("login")
def download(kind: str) -> Response:
    """The list of Facturen with the filter of the page."""
    rows = invoice_lists.everything(_wanted(), today())
    return send_list("facturen", kind, _columns(), rows)


def _columns() -> list[Column]:
    return [
        Column(_("Nummer"), lambda row: row.invoice.number or ""),
        Column(_("Relatie"), lambda row: name_in_list(row.invoice.relation)),
        Column(_("Debiteurnummer"), lambda row: row.invoice.relation.debtor_number),
        Column(_("Factuurdatum"), lambda row: row.invoice.issued_on),
        Column(_("Vervaldatum"), _due_on),
        Column(_("Stand"), lambda row: str(STATES[row.invoice.state])),
        Column(_("Excl. BTW"), lambda row: row.invoice.amount_excl_vat),
        Column(_("BTW"), lambda row: row.invoice.vat_amount),
        Column(_("Incl. BTW"), lambda row: row.invoice.amount_incl_vat),
        Column(_("Open"), _open),
        Column(_("Dagen vervallen"), lambda row: row.days or None),
        Column(_("Pakketten"), _packages),
    ]


def _due_on(row: Row) -> date | None:
    return None if row.invoice.credits_id else row.invoice.due_on


def _open(row: Row) -> Decimal:
    return row.open or ZERO


def _packages(row: Row) -> str:
    return ", ".join(
        f"{title_of(one.plugin)} {one.transfer.external_number}".strip()
        for one in row.packages
    )
