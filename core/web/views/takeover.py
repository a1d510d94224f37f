"""An operator begins and ends looking at a tenant's pages."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import Tenant, User
from core.runtime.database import session, transaction
from core.services.people import takeovers
from core.web.policy import access
from core.web.views.session import landing, own_path

pages = Blueprint("takeover", __name__)


@pages.post("/beheer/klanten/<int:tenant_id>/meekijken")
@access("operator")
def begin(tenant_id: int) -> Response:
    """Begin, with a reason that the tenant will read."""
    if session().get(Tenant, tenant_id) is None:
        abort(404)
    reason = request.form.get("reason", "").strip()
    if not reason:
        flash(_("Geef een reden op: de klant leest die in het logboek."), "warning")
        return redirect(own_path(request.form.get("next", "")) or landing(), 303)
    with transaction():
        operator = session().get_one(User, current_user.id)
        takeovers.begin(operator, tenant_id, reason)
    return redirect(url_for("pages.home"), 303)


@pages.post("/beheer/meekijken/einde")
@access("operator")
def end() -> Response:
    """End it and go back to the desk."""
    with transaction():
        takeovers.end_all(current_user.id)
    return redirect(landing(), 303)
