"""Showing again who you are, before something that matters."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.domain.clock import utcnow
from core.models import User
from core.runtime import throttle
from core.runtime.database import session as database
from core.runtime.database import transaction
from core.runtime.extensions import htmx
from core.services.people import accounts, two_factor
from core.web.policy import access
from core.web.views.account_forms import ProveForm
from core.web.views.session import landing, next_path, own_path, prove

pages = Blueprint("reauth", __name__)
GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 10
WINDOW = timedelta(minutes=15)
_KEPT = "kept_form"
_SECRET = ("password", "code", "secret")
_MOST_KEPT = 1500
"""Characters in all: a cookie holds four kilobytes."""


def prove_is_due() -> bool:
    """Tell whether the password was not given lately."""
    proved = session.get("proved", 0)
    return bool(utcnow().timestamp() - proved >= GOOD_FOR.total_seconds())


def prove_first() -> Response | None:
    """Return the way to the password, or None when it was just given."""
    session.pop(_KEPT, None)
    if not prove_is_due():
        return None
    _keep()
    address = url_for("reauth.ask", next=_back())
    if htmx:
        return Response(status=403, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _keep() -> None:
    """Remember what was filled in, in the visitor's own cookie: no secrets."""
    if request.method == "GET":
        return
    values = [
        (name, text)
        for name, text in request.form.items(multi=True)
        if name != "csrf_token" and not any(word in name for word in _SECRET)
    ]
    if sum(len(name) + len(text) for name, text in values) <= _MOST_KEPT:
        session[_KEPT] = {"for": request.endpoint, "values": values}


def kept(endpoint: str) -> MultiDict[str, str] | None:
    """Return once what was filled in for a view before the password was asked."""
    found = session.get(_KEPT)
    if not found or found["for"] != endpoint or prove_is_due():
        return None
    del session[_KEPT]
    return MultiDict([(name, text) for name, text in found["values"]])


def _back() -> str:
    """Return the page asked for, or the one whose form was sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    parts = urlsplit(request.headers.get("Referer", ""))
    is_own = parts.netloc == request.host
    return own_path(parts.path) if is_own else ""


@pages.get("/bevestig")
@access("user")
def ask() -> str:
    """Ask for the password, and for the code of who has two-factor login."""
    return _page(ProveForm())


@pages.post("/bevestig")
@access("user")
def check() -> Response | tuple[str, int]:
    """Check both; too often gives the same answer as wrong."""
    form = ProveForm()
    if form.validate() and _may_try():
        with transaction():
            if _is_right(form):
                throttle.give_back(_key())
                prove()
                return redirect(next_path() or landing(), 303)
    message = _("Dit klopt niet, of er is te vaak geprobeerd.")
    return _page(form, message), 401


def _may_try() -> bool:
    """Count a try; the one that is too many is written down."""
    may = throttle.allow(_key(), MOST_TRIES, WINDOW)
    if not may:
        user = database().get_one(User, current_user.id)
        accounts.note_failures(user, "proof_failures")
    return may


def _key() -> str:
    return f"prove:{current_user.id}"


def _is_right(form: ProveForm) -> bool:
    user = database().get_one(User, current_user.id)
    if not accounts.is_password(user, form.password.data):
        return False
    return not two_factor.is_on(user) or two_factor.check(user.id, form.code.data or "")


def _page(form: ProveForm, error: str = "") -> str:
    if not current_user.has_two_factor:
        del form.code
    return render_template(
        "account/prove.html", form=form, next=next_path(), error=error
    )
