"""Logging in and out, and the language."""

from secrets import token_urlsafe
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from core.clock import utcnow
from core.forms import LoginForm
from core.languages import LANGUAGES
from core.models import User
from core.policy import access, is_tenant_user
from core.services import accounts, log
from core.services.database import session as database
from core.services.database import transaction
from core.tenancy import system_scope
from core.views.lifecycle import visitor

pages = Blueprint("session", __name__)


@pages.get("/login")
@access("public")
def login() -> str | Response:
    """Show the login page."""
    if is_tenant_user():
        return redirect(url_for("pages.home"), 303)
    return render_template("login.html", form=LoginForm(), next=_next())


@pages.post("/login")
@access("public")
def log_in() -> str | Response | tuple[str, int]:
    """Check the password; one answer for everything that is wrong."""
    form = LoginForm()
    with transaction():
        user = (
            accounts.authenticate(form.email.data or "", form.password.data or "")
            if form.validate()
            else None
        )
        if user is not None:
            _begin(user)
    if user is None:
        message = _(
            "Dit e-mailadres en wachtwoord horen niet bij elkaar, of er is te vaak"
            " geprobeerd. Wacht een minuut en probeer het opnieuw."
        )
        page = render_template("login.html", form=form, next=_next(), error=message)
        return page, 401
    return redirect(_next() or url_for("pages.home"), 303)


def _begin(user: User) -> None:
    """Start a new session; whatever the browser had before is forgotten."""
    language = session.get("language")
    session.clear()
    session["sid"] = token_urlsafe(32)
    session["begun"] = session["seen"] = int(utcnow().timestamp())
    if language in LANGUAGES:
        session["language"] = language
    login_user(visitor(user))
    if user.tenant_id:
        with system_scope():
            log.write(user.tenant_id, "logged_in", user_id=user.id, name=user.email)


@pages.post("/logout")
@access("login")
def log_out() -> Response:
    """End the session here and at the server, in every browser of this user."""
    with transaction():
        user = database().get_one(User, current_user.id)
        accounts.end_sessions(user)
    logout_user()
    session.clear()
    return redirect(url_for("session.login"), 303)


@pages.post("/taal")
@access("public")
def language() -> Response:
    """Choose the language of this session."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(_next() or url_for("pages.home"), 303)


def _next() -> str:
    """Return where to go afterwards, if it is a path of our own; else empty."""
    return own_path(request.values.get("next", ""))


def own_path(wanted: str) -> str:
    """Return a relative path of this site, or nothing for anything else."""
    if not wanted.startswith("/") or wanted.startswith("//"):
        return ""
    if "\\" in wanted or not wanted.isprintable() or wanted != wanted.strip():
        return ""
    parts = urlsplit(wanted)
    return "" if parts.scheme or parts.netloc else wanted
