"""Downloading and erasing data: all of the tenant's, or of one of its customers."""

from collections.abc import Iterable

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response as Answer

from core.domain import jsontext
from core.domain.clock import local_date, utcnow
from core.models import Tenant
from core.plugin.pages import proved
from core.runtime.database import forget_pages, transaction
from core.runtime.database import session as database
from core.services.people import accounts, customers, privacy, takeout
from core.web.policy import access
from core.web.views.account_forms import EmailForm, NameForm
from core.web.views.profile import me

pages = Blueprint("privacy", __name__)


@pages.get("/profiel/privacy")
@access("owner")
def index() -> str:
    """Show what can be downloaded and erased."""
    return _page()


@pages.post("/profiel/privacy/export")
@access("owner")
@proved
def export() -> Response:
    """Download everything we hold of this tenant."""
    with transaction():
        accounts.note(me(), "data_exported")
    readme = _(
        "Dit is alles wat Koppelwerk van u bewaart, een bestand per soort gegevens."
        "\nWachtwoorden, sleutels en toegangscodes staan er niet in.\n"
    )
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    pieces = takeout.stream(app, current_user.tenant_id, readme)
    return _download(pieces, "application/zip", "zip")


@pages.post("/profiel/privacy/klant")
@access("owner")
@proved
def customer() -> str | tuple[str, int]:
    """Show how much we hold of one customer of the shop."""
    form = EmailForm()
    if not form.validate():
        return _page(form=form), 422
    email = accounts.normal_email(form.email.data)
    return _page(
        form=form,
        email=email,
        count=customers.count_orders(email),
        kept=customers.kept_documents(email),
    )


@pages.post("/profiel/privacy/klant/export")
@access("owner")
@proved
def export_customer() -> Response:
    """Download what we hold of one customer of the shop."""
    form = EmailForm()
    if not form.validate():
        return Response(_page(form=form), 422)
    data = customers.customer_data(accounts.normal_email(form.email.data))
    with transaction():
        accounts.note(me(), "customer_exported")
    return _download([jsontext.dumps(data).encode()], "application/json", "json")


@pages.post("/profiel/privacy/klant/wissen")
@access("owner")
@proved
def erase_customer() -> Answer | tuple[str, int]:
    """Erase one customer of the shop."""
    form = EmailForm()
    if not form.validate():
        return _page(form=form), 422
    with transaction():
        done = customers.erase(accounts.normal_email(form.email.data))
        accounts.note(
            me(), "customer_erased", deleted=str(done.deleted), kept=str(done.kept)
        )
    text = _(
        "Gewist: %(deleted)s bestellingen weg, %(kept)s geboekte bewaard zonder naam,"
        " %(invoices)s facturen geblokkeerd."
    )
    flash(text % vars(done), "success")
    forget_pages()
    return redirect(url_for("privacy.index"), 303)


@pages.get("/profiel/privacy/wissen")
@access("owner")
@proved
def ask_erase() -> str:
    """Say what erasing everything means; the name must be typed."""
    return _erase_page(NameForm())


@pages.post("/profiel/privacy/wissen")
@access("owner")
@proved
def erase() -> Answer | tuple[str, int]:
    """Erase everything of this tenant and log out."""
    form = NameForm()
    tenant = database().get_one(Tenant, current_user.tenant_id)
    if not form.validate() or form.name.data.strip() != tenant.name:
        form.name.errors = [_("Dit is niet de naam van uw bedrijf.")]
        return _erase_page(form), 422
    privacy.erase_tenant(tenant.id)
    forget_pages()
    logout_user()
    session.clear()
    flash(_("Alles is gewist. Tot ziens."), "info")
    return redirect(url_for("session.login"), 303)


def _page(**values: object) -> str:
    shown = {
        "form": EmailForm(formdata=None),
        "email": "",
        "count": 0,
        "kept": [],
        **values,
    }
    return render_template("profile/privacy.html", **shown)


def _erase_page(form: NameForm) -> str:
    return render_template("profile/erase.html", form=form)


def _download(pieces: Iterable[bytes], mimetype: str, ending: str) -> Response:
    on = local_date(utcnow(), current_user.timezone)
    answer = Response(pieces, mimetype=mimetype)
    name = f"koppelwerk-{on:%Y%m%d}.{ending}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
