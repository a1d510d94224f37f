"""Making and changing a draft: everything works by buttons, htmx only spares a reload.

The button says what is wanted (`doe`); only *Opslaan* writes. Whatever was typed is
shown again.
"""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.domain.money import total
from core.models import InvoiceState, Relation, SalesInvoice, Tenant, TenantVatCode
from core.plugin.pages import get_or_404, today
from core.rules.invoice_rules import MOST_LINES, vat_per_code
from core.runtime.database import session, transaction
from core.services.crm import relations
from core.services.crm.relation_lists import Filter
from core.services.invoicing import invoice_settings, sales_invoices, vat_codes
from core.services.reporting import overview
from core.texts import explain
from core.web.policy import access
from core.web.views.invoice_forms import InvoiceForm, filled

pages = Blueprint("invoice_drafts", __name__)
FOUND = 10
"""Relations that a search shows; who has more types more."""
SAVE, COUNT, OTHER = "opslaan", "reken", "andere"
ADD, REMOVE, CHOOSE = "regel-erbij", "regel-weg-", "kies-"


@pages.route("/facturen/nieuw", methods=["GET", "POST"])
@access("login")
def new() -> str | Response | tuple[str, int]:
    """Make an invoice."""
    if request.method == "POST":
        return _posted(InvoiceForm(), None)
    start = {
        "relation_id": request.args.get("relatie", ""),
        "issued_on": today(),
        "term": invoice_settings.of(current_user.tenant_id).term_days,
        "lines": [{"quantity": "1"}],
    }
    return _form(InvoiceForm(formdata=None, data=start), None)


@pages.route("/facturen/<int:sales_invoice_id>/wijzigen", methods=["GET", "POST"])
@access("login")
def edit(sales_invoice_id: int) -> str | Response | tuple[str, int]:
    """Change a draft."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    if row.state != InvoiceState.DRAFT:
        flash(explain("invoice_not_draft").what, "error")
        return _to(row)
    if request.method == "POST":
        return _posted(InvoiceForm(), row)
    return _form(filled(row), row)


def _to(row: SalesInvoice) -> Response:
    return redirect(url_for("invoices.show", sales_invoice_id=row.id), 303)


def _posted(
    form: InvoiceForm, row: SalesInvoice | None
) -> str | Response | tuple[str, int]:
    wanted = request.form.get("doe", SAVE)
    form.offer(_codes(row))
    if wanted == SAVE:
        return _save(form, row)
    if wanted == COUNT:
        form.line_errors()
    elif wanted == ADD:
        form.add_line()
    elif wanted.startswith(REMOVE):
        form.remove_line(wanted.removeprefix(REMOVE))
    elif wanted.startswith(CHOOSE):
        form.relation_id.data, form.search.data = wanted.removeprefix(CHOOSE), ""
    elif wanted == OTHER:
        form.relation_id.data = ""
    return _form(form, row)


def _save(
    form: InvoiceForm, row: SalesInvoice | None
) -> str | Response | tuple[str, int]:
    is_right = form.validate()
    relation = _relation(form)
    if relation is None:
        form.search.errors = [*form.search.errors, _("Kies voor wie de factuur is.")]
    if form.line_errors() or not is_right or relation is None:
        flash(_("Nog niet opgeslagen: zie de velden hieronder."), "error")
        return _form(form, row), 422
    try:
        with transaction():
            draft = form.draft(relation.id)
            saved = sales_invoices.save_draft(current_user.tenant_id, draft, row)
    except AskUser as error:
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.action}", "error")
        return _form(form, row), 422
    flash(_("Het concept is opgeslagen."), "success")
    return _to(saved)


def _relation(form: InvoiceForm) -> Relation | None:
    key = form.relation_id.data or ""
    known = key.isdecimal() and len(key) < 10
    return session().get(Relation, int(key)) if known else None


def _codes(row: SalesInvoice | None) -> Sequence[TenantVatCode]:
    """Return the codes offered, and those that the draft has already."""
    tenant = session().get_one(Tenant, current_user.tenant_id)
    found = {code.id: code for code in vat_codes.offered(tenant)}
    for line in row.lines if row else ():
        found.setdefault(line.vat_code_id, line.vat_code)
    return list(found.values())


def _form(form: InvoiceForm, row: SalesInvoice | None) -> str:
    codes = _codes(row)
    form.offer(codes)
    relation = _relation(form)
    amounts = form.amounts()
    charged = sales_invoices.charged_vat(row) if row else {}
    lines = [
        replace(
            line,
            vat_amount=charged.get((line.quantity, line.unit_price, line.vat_code)),
        )
        for line in amounts
        if line is not None
    ]
    vat_totals = vat_per_code(lines)
    return render_template(
        "invoices/form.html",
        form=form,
        row=row,
        codes=codes,
        relation=relations.data_of(relation) if relation else None,
        found=_found(form, relation),
        amounts=[line.amount_excl_vat if line else None for line in amounts],
        vat_totals=vat_totals,
        excl_vat=total(line.amount_excl_vat for line in lines),
        vat=total(one.vat_amount for one in vat_totals),
        due_on=form.due_on(),
        is_full=len(form.lines.entries) >= MOST_LINES,
        counts=overview.counts(),
    )


def _found(form: InvoiceForm, relation: Relation | None) -> list[Relation] | None:
    """Return what the search finds; None when nothing was searched for."""
    search = (form.search.data or "").strip()[:100]
    if relation is not None or not search:
        return None
    return list(relations.page(Filter(search=search), None, FOUND).rows)
