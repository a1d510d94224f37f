"""A licence, ordering its next year, its invoices; and the operator's payments."""

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
from werkzeug.wrappers import Response as Answer

from core.models import Licence, ServiceInvoice, Tenant, User
from core.plugin.pages import get_or_404
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import settings
from core.runtime.tenancy import system_scope
from core.services.invoicing import vat_codes
from core.services.licensing import invoices, licences
from core.services.licensing.invoices import Quote
from core.services.people import accounts, install
from core.texts import explain
from core.web.policy import access
from core.web.views.display import country
from core.web.views.session import own_path
from core.web.views.signup_forms import OrderForm, order_form

pages = Blueprint("licence", __name__)


@pages.get("/licentie/<int:licence_id>")
@access("owner")
def show(licence_id: int) -> str:
    """Show how long a licence runs, its invoices, and how to pay."""
    licence = get_or_404(Licence, licence_id)
    return render_template(
        "licence/show.html",
        licence=licence,
        title=licences.title(licence),
        state=explain(f"licence_is_{licence.state}").what,
        ended=explain(licence.reason) if licence.reason else None,
        invoices=invoices.of_licence(licence),
        open=invoices.open_of(licence),
        coupling=install.coupling_of(licence),
        settings=settings(),
    )


@pages.get("/licentie/<int:licence_id>/bestellen")
@access("owner")
def ask(licence_id: int) -> str:
    """Ask what stands on the invoice."""
    licence = get_or_404(Licence, licence_id)
    return _form_page(licence, _form(_tenant()))


@pages.post("/licentie/<int:licence_id>/bestellen")
@access("owner")
def order(licence_id: int) -> str | Answer | tuple[str, int]:
    """Order a year, once the visitor has seen what it costs with VAT.

    The total that was shown comes back with the form: another outcome (the register
    of VAT numbers answers differently) is shown again before anything is made.
    """
    licence = get_or_404(Licence, licence_id)
    form = _form(_tenant())
    if not form.validate():
        return _form_page(licence, form), 422
    with transaction():
        _store(_tenant(), form)
    check = invoices.check_number(_tenant())
    agreed = invoices.quote(_tenant(), licence, check)
    if request.form.get("agreed") != _total(agreed):
        return _quote_page(licence, form, agreed)
    try:
        with transaction():
            invoice = invoices.order(licence, agreed, user_id=current_user.id)
    except invoices.OpenInvoice:
        flash(_("Er staat al een factuur open voor deze licentie."), "warning")
    else:
        flash(_("Factuur %(number)s is gemaakt.", number=invoice.number), "success")
    return redirect(url_for("licence.show", licence_id=licence_id), 303)


def _tenant() -> Tenant:
    return session().get_one(Tenant, current_user.tenant_id)


def _form(tenant: Tenant) -> OrderForm:
    values = {
        "name": tenant.name,
        "home_country": tenant.home_country,
        "vat_number": tenant.vat_number,
        **tenant.address,
    }
    return order_form(values, country)


def _store(tenant: Tenant, form: OrderForm) -> None:
    tenant.name = form.name.data.strip()
    tenant.home_country = form.home_country.data
    tenant.vat_number = form.vat_number.data or ""
    tenant.address = {
        "street": form.street.data.strip(),
        "postal_code": form.postal_code.data.strip(),
        "city": form.city.data.strip(),
    }
    news = log.changed(tenant)
    vat_codes.make_defaults(tenant)
    if news:
        user = session().get_one(User, current_user.id)
        accounts.note(user, "company_saved", changes=news)


def _total(agreed: Quote) -> str:
    return str(agreed.amount_incl_vat)


def _form_page(licence: Licence, form: OrderForm) -> str:
    return render_template(
        "licence/order.html",
        licence=licence,
        title=licences.title(licence),
        form=form,
        price=settings().price_year,
    )


def _quote_page(licence: Licence, form: OrderForm, agreed: Quote) -> str:
    return render_template(
        "licence/quote.html",
        licence=licence,
        title=licences.title(licence),
        form=form,
        quote=agreed,
        total=_total(agreed),
        note=explain(agreed.note) if agreed.note else None,
        days=invoices.DAYS_TO_PAY,
    )


@pages.get("/factuur/<int:invoice_id>")
@access("owner")
def pdf(invoice_id: int) -> Response:
    """Download one of the tenant's invoices."""
    invoice = get_or_404(ServiceInvoice, invoice_id)
    name = f"{invoice.number}.pdf"
    return Response(
        invoices.pdf(invoice),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/beheer/facturen")
@access("operator")
def unpaid() -> str:
    """Show the operator which invoices wait for their payment."""
    return render_template("licence/unpaid.html", rows=invoices.unpaid())


@pages.post("/beheer/facturen/<int:invoice_id>/betaald")
@access("operator")
def paid(invoice_id: int) -> Answer:
    """Note that an invoice was paid; what waited for it goes on."""
    with system_scope(), transaction():
        invoice = session().get(ServiceInvoice, invoice_id)
        if invoice is None:
            abort(404)
        is_new = licences.pay(invoice)
    if is_new:
        flash(_("Factuur %(number)s is betaald.", number=invoice.number), "success")
    else:
        flash(_("Deze factuur was al betaald."), "info")
    back = own_path(request.form.get("next", ""))
    return redirect(back or url_for("licence.unpaid"), 303)
