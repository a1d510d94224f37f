"""Facturen: the list, one invoice, sending it, its files, crediting it."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser, TooOften
from core.domain.money import ZERO, total
from core.models import InvoiceState, SalesInvoice
from core.plugin.capabilities import InvoicePanel
from core.plugin.pages import get_or_404, today
from core.rules.invoice_rules import MEDIA_TYPES
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.invoicing import (
    invoice_bookings,
    invoice_credits,
    invoice_lists,
    invoice_sending,
    open_amounts,
    sales_invoices,
    waiting_invoices,
)
from core.services.reporting import overview
from core.texts import Explained, explain, in_one
from core.texts.invoices import SENT_AS, STATES, VAT_KINDS
from core.web.policy import access
from core.web.views import rights
from core.web.views.invoice_forms import AgainForm, SendForm

pages = Blueprint("invoices", __name__)
DOTS = {"draft": "grey", "sent": "blue", "booked": "amber", "paid": "green"}


@pages.get("/facturen/<int:sales_invoice_id>")
@access("login")
def show(sales_invoice_id: int) -> str:
    """Show an invoice, where it stands and what happened to it."""
    return shown(get_or_404(SalesInvoice, sales_invoice_id))


def shown(row: SalesInvoice, file_error: str = "") -> str:
    """Return the page of an invoice, with what is wrong with a file."""
    is_draft = row.state == InvoiceState.DRAFT
    bookings = invoice_bookings.of_invoice(row.id)
    left = open_amounts.of([row.id]).get(row.id, ZERO)
    made = invoice_credits.credits_of(row)
    return render_template(
        "invoices/show.html",
        row=row,
        is_draft=is_draft,
        data=sales_invoices.data_of(row),
        original=session().get(SalesInvoice, row.credits_id)
        if row.credits_id
        else None,
        credits=made,
        credited=-total(
            one.amount_incl_vat for one in made if one.state != InvoiceState.DRAFT
        ),
        is_all_credited=bool(made) and not invoice_credits.left_of(row),
        left=left,
        days=open_amounts.days_overdue(row, left, today()),
        bookings=bookings,
        open_items=invoice_lists.open_items(row),
        entries=invoice_lists.entries(row, bookings),
        problems=_words(invoice_sending.problems(row)) if is_draft else (),
        warnings=_words(invoice_sending.warnings(row)) if is_draft else (),
        proven_at=datetime.fromisoformat(row.vat_proof["checked_at"])
        if row.vat_proof
        else None,
        waiting=_waiting(row) if is_draft else None,
        mail_state=None if is_draft else invoice_sending.mail_state(row),
        sent_as=SENT_AS,
        kinds=VAT_KINDS,
        file_error=file_error,
        accepted=",".join(f".{ending}" for ending in MEDIA_TYPES),
        panels=() if is_draft else _panels(row),
        ways=_ways(row) if is_draft else (),
        counts=overview.counts(),
    )


def _panels(row: SalesInvoice) -> list[tuple[str, Mapping[str, object]]]:
    """Return what plugins that are on show of a sent invoice, by template."""
    found = koppelwerk().registry.brought(InvoicePanel).items()
    return [
        (panel.template, panel.context(row.id))
        for name, panel in found
        if rights.is_open(name)
    ]


def _ways(row: SalesInvoice) -> list[str]:
    """Return the plugins that are on and that a draft may be sent by."""
    found = koppelwerk().registry.brought(InvoicePanel).items()
    return [
        name for name, panel in found if rights.is_open(name) and panel.may_send(row.id)
    ]


def _waiting(row: SalesInvoice) -> Explained | None:
    """Return the words for a draft that waits to go, or could not go by itself."""
    found = waiting_invoices.of(row)
    if found is None:
        return None
    return explain(found.code or "invoice_waits_for_vat", found.params)


def _words(errors: list[AskUser]) -> list[tuple[str, object]]:
    return [(error.code, explain(error.code, error.params)) for error in errors]


@pages.route("/facturen/<int:sales_invoice_id>/mailen", methods=["GET", "POST"])
@access("login")
def mail(sales_invoice_id: int) -> str | Response | tuple[str, int]:
    """Show the mail that brings the invoice, and send it."""
    row = _draft_or_none(sales_invoice_id)
    if row is None:
        return back(sales_invoice_id)
    if request.method == "GET":
        given = {
            **vars(invoice_sending.expected(row)),
            "expected": invoice_sending.expected_number(row),
        }
        return _mail(row, SendForm(formdata=None, data=given))
    form = SendForm()
    if not form.validate():
        return _mail(row, form), 422
    letter = form.letter()
    try:
        invoice_sending.check_vat_number(row)
        with transaction():
            is_sent = invoice_sending.by_mail(row, letter, user_id=current_user.id)
    except AskUser as error:
        session().refresh(row)
        if error.code == "invoice_no_email":
            _blame_recipient(form, error)
        else:
            _flash(error)
        return _mail(row, form), _status(error)
    return _gone(row) if is_sent else _waits(row)


def _gone(row: SalesInvoice) -> Response:
    values = {"number": row.number}
    if row.credits_id:
        flash(_("Creditfactuur %(number)s is verstuurd.", **values), "success")
    else:
        flash(_("Factuur %(number)s is verstuurd.", **values), "success")
    return back(row.id)


def _waits(row: SalesInvoice) -> Response:
    flash(in_one(AskUser("invoice_waits_for_vat")), "warning")
    return back(row.id)


@pages.route("/facturen/<int:sales_invoice_id>/opnieuw-mailen", methods=["GET", "POST"])
@access("login")
def mail_again(sales_invoice_id: int) -> str | Response | tuple[str, int]:
    """Show the mail that brings a sent invoice again, and send it."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    if row.state == InvoiceState.DRAFT:
        return redirect(url_for("invoices.mail", sales_invoice_id=row.id))
    if request.method == "GET":
        letter = invoice_sending.proposed(row)
        return _mail_again(row, AgainForm(formdata=None, data=vars(letter)))
    form = AgainForm()
    if not form.validate():
        return _mail_again(row, form), 422
    letter = form.letter()
    try:
        with transaction():
            invoice_sending.mail_again(
                row, letter, form.once.data, user_id=current_user.id
            )
    except TooOften as error:
        _flash(error)
        return _mail_again(row, form), _status(error)
    except AskUser as error:
        _blame_recipient(form, error)
        return _mail_again(row, form), 422
    flash(_("%(number)s wordt opnieuw gemaild.", number=row.number), "success")
    return back(row.id)


def _mail_again(row: SalesInvoice, form: AgainForm) -> str:
    return render_template(
        "invoices/mail.html", row=row, form=form, is_again=True,
        counts=overview.counts(),
    )  # fmt: skip


def _status(error: AskUser) -> int:
    return 429 if isinstance(error, TooOften) else 422


def _blame_recipient(form: SendForm, error: AskUser) -> None:
    words = explain(error.code, error.params)
    form.recipient.errors = [*form.recipient.errors, words.what]


def _draft_or_none(sales_invoice_id: int) -> SalesInvoice | None:
    row = get_or_404(SalesInvoice, sales_invoice_id)
    if row.state == InvoiceState.DRAFT:
        return row
    flash(explain("invoice_not_draft").what, "error")
    return None


def _mail(row: SalesInvoice, form: SendForm) -> str:
    return render_template(
        "invoices/mail.html",
        row=row,
        form=form,
        problems=_words(invoice_sending.problems(row)),
        warnings=_words(invoice_sending.warnings(row)),
        expected=invoice_sending.expected_number(row),
        file_name=sales_invoices.file_name(row, invoice_sending.expected_number(row)),
        counts=overview.counts(),
    )


@pages.route("/facturen/<int:sales_invoice_id>/verstuurd", methods=["GET", "POST"])
@access("login")
def otherwise(sales_invoice_id: int) -> str | Response | tuple[str, int]:
    """*Op andere wijze verstuurd*, or by a plugin (`langs`); with several files, ask
    which one is the invoice."""
    row = _draft_or_none(sales_invoice_id)
    if row is None:
        return back(sales_invoice_id)
    way = request.args.get("langs", "")
    if way and way not in _ways(row):
        flash(_("Zo kan deze factuur niet worden verstuurd."), "error")
        return back(sales_invoice_id)
    if request.method == "GET":
        return _otherwise(row, way)
    chosen = request.form.get("bijlage", "")
    key = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    try:
        invoice_sending.check_vat_number(row)
        with transaction():
            is_sent = invoice_sending.otherwise(
                row, key, sent_as=way or "other", user_id=current_user.id
            )
    except AskUser as error:
        session().refresh(row)
        return _otherwise(row, way, error), 422
    return _gone(row) if is_sent else _waits(row)


def _otherwise(row: SalesInvoice, way: str, error: AskUser | None = None) -> str:
    return render_template(
        "invoices/otherwise.html",
        row=row,
        way=way,
        error=explain(error.code, error.params) if error else None,
        problems=() if row.attachments else _words(invoice_sending.problems(row)),
        warnings=_words(invoice_sending.warnings(row)),
        counts=overview.counts(),
    )


@pages.post("/facturen/<int:sales_invoice_id>/niet-wachten")
@access("login")
def take_back(sales_invoice_id: int) -> Response:
    """Let a draft that waits for its VAT number not go by itself any more."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    with transaction():
        waiting_invoices.take_back(row.id)
    flash(_("De factuur gaat niet meer vanzelf; zij is weer een gewoon concept."),
          "info")  # fmt: skip
    return back(row.id)


@pages.route("/facturen/<int:sales_invoice_id>/verwijderen", methods=["GET", "POST"])
@access("login")
def delete(sales_invoice_id: int) -> str | Response:
    """Ask for confirmation, then delete a draft; no number is lost by it."""
    row = _draft_or_none(sales_invoice_id)
    if row is None:
        return back(sales_invoice_id)
    if request.method == "GET":
        return render_template("invoices/delete.html", row=row)
    try:
        with transaction():
            sales_invoices.delete_draft(row)
    except AskUser as error:
        _flash(error)
        return back(sales_invoice_id)
    flash(_("Het concept is verwijderd."), "info")
    return redirect(url_for("invoice_overview.index"), 303)


@pages.post("/facturen/<int:sales_invoice_id>/crediteren")
@access("login")
def credit(sales_invoice_id: int) -> Response:
    """Draft a credit invoice of the whole; it may be edited down before it goes."""
    row = get_or_404(SalesInvoice, sales_invoice_id)
    try:
        with transaction():
            made = sales_invoices.credit(row, today())
            sales_invoices.note(row, "invoice_credit_made", user_id=current_user.id)
    except AskUser as error:
        _flash(error)
        return back(row.id)
    flash(_("Dit is het concept van de creditfactuur. Pas haar aan of verstuur haar."),
          "success")  # fmt: skip
    return back(made.id)


def back(sales_invoice_id: int) -> Response:
    """Go back to an invoice's page."""
    return redirect(url_for("invoices.show", sales_invoice_id=sales_invoice_id), 303)


def _flash(error: AskUser) -> None:
    flash(in_one(error), "error")


@pages.app_template_filter("invoice_state")
def state_words(state: str) -> str:
    """Return the words for where an invoice stands."""
    return str(STATES.get(state, state))


@pages.app_template_filter("invoice_dot")
def state_dot(state: str) -> str:
    """Return the colour beside those words."""
    return DOTS.get(state, "grey")
