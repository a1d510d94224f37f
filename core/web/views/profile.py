"""Tab Profiel: own data, company data, invoices, licences, addresses for mail."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from core.domain.errors import TooOften
from core.models import (
    Connection,
    Licence,
    LicenceState,
    LinkKind,
    ServiceInvoice,
    Tenant,
    User,
)
from core.plugin.pages import get_or_404, proved
from core.runtime import log
from core.runtime.database import session, transaction
from core.services.invoicing import vat_codes
from core.services.licensing import invoices, licences
from core.services.people import account_mail, accounts, colleagues, ending, links
from core.texts import in_one
from core.web.policy import access, is_looking_in
from core.web.views.account_forms import (
    CompanyForm,
    EmailForm,
    InviteForm,
    NewEmailForm,
    OwnDataForm,
    company_form,
)
from core.web.views.display import country
from core.web.views.reauth import kept

pages = Blueprint("profile", __name__)
CONFIRMABLE = (LinkKind.EMAIL, LinkKind.OWN_EMAIL)
ADDRESS = ("street", "postal_code", "city")


@pages.get("/profiel")
@access("login")
def index() -> str:
    """Show everything of the account on one page."""
    return page()


def page(**forms: Any) -> str:
    """Render the tab; a form that was refused is shown as it was filled in."""
    user, tenant = me(), session().get_one(Tenant, current_user.tenant_id)
    shown = {
        "own": OwnDataForm(
            formdata=None, prefix="self-", data=_of(user, "name", "language")
        ),
        "own_email": NewEmailForm(formdata=kept("profile.change_email"), prefix="own-"),
        "extra_email": EmailForm(
            formdata=kept("profile.change_extra_email"), prefix="extra-"
        ),
        "invite": InviteForm(formdata=kept("colleagues.invite"), prefix="invite-"),
        "company": _company_form(tenant),
        **forms,
    }
    return render_template(
        "profile/index.html",
        user=user,
        tenant=tenant,
        forms=shown,
        people=colleagues.of_tenant(tenant.id),
        invoices=session()
        .scalars(select(ServiceInvoice).order_by(ServiceInvoice.id.desc()))
        .all(),
        is_own=not is_looking_in(),
        **_licences(),
    )


def me() -> User:
    """Return the visitor's row."""
    return session().get_one(User, current_user.id)


def _of(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _company_form(tenant: Tenant, *, posted: bool = False) -> CompanyForm:
    values = _of(tenant, "name", "home_country", "vat_number")
    values.update({name: tenant.address.get(name, "") for name in ADDRESS})
    return company_form(values, country, posted=posted)


def _licences() -> dict[str, Any]:
    """Return the licences, and the chosen one with what it couples."""
    found = licences.of_tenant()
    wanted = request.args.get("licentie", "")
    chosen = next((one for one in found if str(one.id) == wanted), None)
    chosen = chosen or next(iter(found), None)
    ends = (chosen.source_id, chosen.target_id) if chosen else ()
    rows = [session().get(Connection, key) for key in ends if key is not None]
    return {
        "licences": found,
        "chosen": chosen,
        "connections": [row for row in rows if row is not None],
        "title_of_licence": licences.title,
    }


@pages.post("/profiel/gegevens")
@access("login")
def save_own() -> Answer | tuple[str, int]:
    """Save the visitor's name and language."""
    form = OwnDataForm(prefix="self-")
    if not form.validate():
        return page(own=form), 422
    with transaction():
        user = me()
        old = user.name
        user.name, user.language = form.name.data, form.language.data
        accounts.note(user, "own_data_saved", old=old)
    return _done(_("Uw gegevens zijn opgeslagen."))


@pages.post("/profiel/inlogadres")
@access("login")
@proved
def change_email() -> Answer | tuple[str, int]:
    """Send a link to the address that the visitor wants to log in with."""
    return _confirm_first(NewEmailForm(prefix="own-"), LinkKind.OWN_EMAIL, "own_email")


@pages.post("/profiel/extra-adres")
@access("owner")
@proved
def change_extra_email() -> Answer | tuple[str, int]:
    """Send a link to the extra address for mail, or stop mailing to it."""
    if "remove" in request.form:
        with transaction():
            session().get_one(Tenant, current_user.tenant_id).extra_email = ""
            accounts.note(me(), "extra_email_removed")
        return _done(_("Het extra e-mailadres is verwijderd."))
    return _confirm_first(EmailForm(prefix="extra-"), LinkKind.EMAIL, "extra_email")


def _confirm_first(
    form: EmailForm, kind: LinkKind, name: str
) -> Answer | tuple[str, int]:
    if not form.validate():
        return page(**{name: form}), 422
    address = accounts.normal_email(form.email.data)
    try:
        with transaction():
            account_mail.confirm(me(), kind, address)
            accounts.note(me(), "email_change_asked", address=address)
    except TooOften as error:
        flash(in_one(error), "warning")
        return page(**{name: form}), 429
    text = _("Wij stuurden een link naar %(address)s. Open die om te bevestigen.")
    return _done(text % {"address": address})


@pages.get("/email/<kind>/<token>")
@access("public")
def confirm(kind: str, token: str) -> str | tuple[str, int]:
    """Show what a link confirms; a look at it by a mail scanner changes nothing."""
    link = links.peek(token, _kind(kind))
    if link is None:
        return render_template("account/gone.html"), 410
    return render_template(
        "account/confirm_email.html", kind=link.kind, address=link.value
    )


@pages.post("/email/<kind>/<token>")
@access("public")
def confirmed(kind: str, token: str) -> Answer | tuple[str, int]:
    """Use the link up: the address gets mail, or is logged in with, from now on."""
    try:
        with transaction():
            link = links.use(token, _kind(kind))
            if link is not None:
                accounts.confirm_email(link)
    except accounts.EmailTaken:
        link = None
    if link is None:
        return render_template("account/gone.html"), 410
    flash(_("Het e-mailadres is bevestigd."), "success")
    return redirect(url_for("session.login"), 303)


def _kind(text: str) -> LinkKind:
    if text not in CONFIRMABLE:
        abort(404)
    return LinkKind(text)


@pages.post("/profiel/bedrijf")
@access("owner")
def save_company() -> Answer | tuple[str, int]:
    """Save what stands on our invoices to the tenant."""
    tenant = session().get_one(Tenant, current_user.tenant_id)
    form = _company_form(tenant, posted=True)
    if not form.validate():
        return page(company=form), 422
    with transaction():
        tenant.name = form.name.data.strip()
        tenant.home_country = form.home_country.data
        tenant.vat_number = form.vat_number.data
        tenant.address = {name: form[name].data.strip() for name in ADDRESS}
        news = log.changed(tenant)
        vat_codes.make_defaults(tenant)
        accounts.note(me(), "company_saved", changes=news)
    return _done(_("De bedrijfsgegevens zijn opgeslagen."))


@pages.get("/profiel/facturen/<int:invoice_id>.pdf")
@access("login")
def invoice(invoice_id: int) -> Response:
    """Download one of our invoices."""
    row = get_or_404(ServiceInvoice, invoice_id)
    answer = Response(invoices.pdf(row), mimetype="application/pdf")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"factuur-{row.number}.pdf"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@pages.get("/profiel/licenties/<int:licence_id>/beeindigen")
@access("owner")
def ask_end(licence_id: int) -> str | Answer:
    """Say what ending a coupling means, before it is done."""
    licence = get_or_404(Licence, licence_id)
    if licence.state == LicenceState.CANCELLED:
        return redirect(url_for("profile.index", licentie=licence_id), 303)
    return render_template(
        "profile/end.html", licence=licence, title=licences.title(licence)
    )


@pages.post("/profiel/licenties/<int:licence_id>/beeindigen")
@access("owner")
@proved
def end(licence_id: int) -> Answer:
    """End a coupling: its licence, and both of its connections."""
    ending.end_licence(get_or_404(Licence, licence_id))
    flash(_("De koppeling is beëindigd. Er wordt niets meer opgehaald."), "info")
    return redirect(url_for("profile.index", licentie=licence_id), 303)


def _done(text: str) -> Answer:
    flash(text, "success")
    return redirect(url_for("profile.index"), 303)
