"""Settings of sales invoices: own data, numbering, and the tenant's VAT codes."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import AskUser
from core.models import Tenant, TenantVatCode, VatKind
from core.plugin.mail import BadAddress
from core.plugin.pages import get_or_404, today
from core.runtime import log
from core.runtime.database import session, transaction
from core.services.invoicing import invoice_settings as settings
from core.services.invoicing import vat_codes
from core.services.mailing import mail
from core.services.reporting import overview
from core.texts import explain
from core.texts.invoices import VAT_KINDS
from core.web.forms import parse_rate
from core.web.policy import access
from core.web.views.invoice_forms import (
    NumberingForm,
    SettingsForm,
    VatCodeForm,
    vat_code_form,
)

pages = Blueprint("invoice_settings", __name__)


def _tenant() -> Tenant:
    return session().get_one(Tenant, current_user.tenant_id)


@pages.route("/instellingen/facturen", methods=["GET", "POST"])
@access("owner")
def index() -> str | Response | tuple[str, int]:
    """Show and save what stands on every invoice."""
    row = settings.of(current_user.tenant_id)
    if request.method == "GET":
        return _page(SettingsForm(formdata=None, obj=row), _numbering(row))
    form = SettingsForm()
    if not (form.validate() and _is_reachable(form)):
        return _page(form, _numbering(row)), 422
    with transaction():
        form.populate_obj(row)
        settings.save(row, {}, today().year)
    return _saved()


def _is_reachable(form: SettingsForm) -> bool:
    form.email.data = address = (form.email.data or "").strip()
    try:
        if address:
            mail.plain_address(address)
    except BadAddress:
        text = explain("relation_email_wrong").what
        form.email.errors = [*form.email.errors, text]
        return False
    return True


def _numbering(row: Any) -> NumberingForm:
    form = NumberingForm(formdata=None, prefix="nr-", obj=row)
    if row.first_year != today().year:
        form.first_number.data = 1
    return form


@pages.post("/instellingen/facturen/nummering")
@access("owner")
def numbering() -> Response | tuple[str, int]:
    """Save how invoices are numbered, before the first one of the year."""
    row, year = settings.of(current_user.tenant_id), today().year
    form = NumberingForm(prefix="nr-")
    if not form.validate():
        return _page(SettingsForm(formdata=None, obj=row), form), 422
    try:
        with transaction():
            settings.save(row, {**form.data, "first_year": year}, year)
    except AskUser as error:
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.why} {words.action}", "error")
        return _page(SettingsForm(formdata=None, obj=row), form), 422
    return _saved()


def _saved() -> Response:
    flash(_("De instellingen zijn opgeslagen."), "success")
    return redirect(url_for("invoice_settings.index"), 303)


def _page(form: SettingsForm, numbering_form: NumberingForm) -> str:
    row, year = settings.of(current_user.tenant_id), today().year
    return render_template(
        "invoices/settings.html",
        form=form,
        numbering=numbering_form,
        has_begun=settings.has_begun(current_user.tenant_id, year),
        example=settings.example(row, year),
        seller=settings.seller(_tenant()),
        year=year,
        counts=overview.counts(),
    )


@pages.get("/instellingen/btw-codes")
@access("owner")
def codes() -> str:
    """Show the VAT codes of the own country, and those of earlier ones."""
    return _codes(vat_code_form(None))


def _codes(form: VatCodeForm, row: TenantVatCode | None = None) -> str:
    tenant = _tenant()
    return render_template(
        "invoices/vat_codes.html",
        form=form,
        row=row,
        country=tenant.home_country,
        own=vat_codes.of_country(tenant.id, tenant.home_country),
        others=[
            code
            for code in vat_codes.all_of(tenant.id)
            if code.country != tenant.home_country
        ],
        used=vat_codes.used(tenant.id),
        kinds=VAT_KINDS,
        counts=overview.counts(),
    )


@pages.post("/instellingen/btw-codes/standaard")
@access("owner")
def make_defaults() -> Response:
    """Make the codes of the own country."""
    with transaction():
        tenant = _tenant()
        if vat_codes.make_defaults(tenant):
            log.write(tenant.id, "vat_codes_made", country=tenant.home_country)
    flash(_("De BTW-codes van uw land staan klaar."), "success")
    return redirect(url_for("invoice_settings.codes"), 303)


@pages.post("/instellingen/btw-codes")
@access("owner")
def add_code() -> Response | tuple[str, int]:
    """Make a code."""
    return _save_code(None)


@pages.route("/instellingen/btw-codes/<int:vat_code_id>", methods=["GET", "POST"])
@access("owner")
def code(vat_code_id: int) -> str | Response | tuple[str, int]:
    """Change a code: its name always, the rest while it was never used."""
    row = get_or_404(TenantVatCode, vat_code_id)
    if request.method == "GET":
        return _codes(vat_code_form(row), row)
    return _save_code(row)


def _save_code(row: TenantVatCode | None) -> Response | tuple[str, int]:
    form = VatCodeForm()
    is_right = form.validate()
    rate = parse_rate(form.rate.data or "0")
    if rate is None:
        text = _("Vul een percentage van 0 tot 100 in.")
        form.rate.errors = [*form.rate.errors, text]
    if not is_right or rate is None:
        return _codes(form, row), 422
    try:
        with transaction():
            _store(form, row, rate)
    except AskUser as error:
        words = explain(error.code, error.params)
        field = form.code if error.code == "vat_code_taken" else form.rate
        field.errors = [*field.errors, f"{words.what} {words.action}".strip()]
        return _codes(form, row), 422
    flash(_("De BTW-code is opgeslagen."), "success")
    return redirect(url_for("invoice_settings.codes"), 303)


def _store(form: VatCodeForm, row: TenantVatCode | None, rate: Decimal) -> None:
    vat_codes.save(
        _tenant(),
        row,
        code=form.code.data.strip(),
        label=form.label.data.strip(),
        kind=VatKind(form.kind.data),
        rate=rate,
    )


@pages.post("/instellingen/btw-codes/<int:vat_code_id>/aan-of-uit")
@access("owner")
def switch_code(vat_code_id: int) -> Response:
    """Offer a code for new lines, or no longer."""
    row = get_or_404(TenantVatCode, vat_code_id)
    with transaction():
        vat_codes.switch(row)
    text = (
        _("%(code)s is weer te kiezen.")
        if row.active
        else _("%(code)s is niet meer te kiezen.")
    )
    flash(text % {"code": row.code}, "info")
    return redirect(url_for("invoice_settings.codes"), 303)


@pages.post("/instellingen/btw-codes/<int:vat_code_id>/verwijderen")
@access("owner")
def delete_code(vat_code_id: int) -> Response:
    """Delete a code that was never used."""
    row = get_or_404(TenantVatCode, vat_code_id)
    try:
        with transaction():
            vat_codes.delete(row)
    except AskUser as error:
        words = explain(error.code, error.params)
        flash(f"{words.what} {words.action}", "error")
    else:
        flash(_("De BTW-code is verwijderd."), "info")
    return redirect(url_for("invoice_settings.codes"), 303)
