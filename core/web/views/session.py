"""Logging in and out, and the language."""

from datetime import timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from core.domain.clock import utcnow
from core.models import User
from core.runtime import throttle
from core.runtime.database import session as database
from core.runtime.database import transaction
from core.runtime.languages import LANGUAGES
from core.services.people import accounts, takeovers, two_factor
from core.web import devices
from core.web.forms import LoginForm
from core.web.policy import access, is_operator
from core.web.views.account_forms import CodeForm
from core.web.views.lifecycle import visitor
from core.web.visitors import address

pages = Blueprint("session", __name__)
WINDOW = timedelta(minutes=15)
MOST_PER_ADDRESS = 60
"""Failures per window from one address; a whole office may share it."""
MOST_PER_EMAIL = 20
"""Failures at one account from one address."""
MOST_PER_DEVICE = 20
"""Failures at one account on a device that logged in there before."""
MOST_CODES = 10
CODE_SECONDS = 300
"""How long after the password the second step may be taken."""


@pages.get("/login")
@access("public")
def login() -> str | Response:
    """Show the login page."""
    if current_user.is_authenticated:
        return redirect(landing(), 303)
    if "pending" in session:
        return redirect(url_for("session.code", next=next_path()), 303)
    return render_template("login.html", form=LoginForm(), next=next_path())


@pages.post("/login")
@access("public")
def log_in() -> str | Response | tuple[str, int]:
    """Check the password; one answer for everything that is wrong."""
    form = LoginForm()
    user = _checked(form) if form.validate() else None
    if user is None:
        message = _(
            "Dit e-mailadres en wachtwoord horen niet bij elkaar, of er is te vaak"
            " geprobeerd. Wacht een minuut en probeer het opnieuw."
        )
        page = render_template("login.html", form=form, next=next_path(), error=message)
        return page, 401
    if "pending" in session:
        return redirect(url_for("session.code", next=next_path()), 303)
    return redirect(next_path() or landing(), 303)


def _checked(form: LoginForm) -> User | None:
    """Begin the session of who this is; None when it is nobody or too often."""
    email, password = form.email.data or "", form.password.data or ""
    device = devices.name_for(email)
    budgets = _budgets(accounts.normal_email(email), device)
    tries = [throttle.allow(key, limit, WINDOW) for key, limit in budgets.items()]
    if not all(tries):
        return None
    with transaction():
        user = accounts.authenticate(email, password, is_known_device=bool(device))
        if user is not None:
            for key in budgets:
                throttle.give_back(key)
            begin(user, password_given=True)
    return user


def _budgets(email: str, device: str) -> dict[str, int]:
    """Return the tries per window by key.

    A device that logged in before has its own, which nobody else can use up.
    """
    if device:
        return {f"login-device:{device}": MOST_PER_DEVICE}
    here = address()
    found = {f"login-email:{email}:{here}": MOST_PER_EMAIL}
    return {**found, f"login:{here}": MOST_PER_ADDRESS} if here else found


def begin(user: User, *, password_given: bool = False) -> None:
    """Start a fresh browser session; what the browser had before is forgotten.

    With two-factor login the session only begins after the code: until then every
    page leads to `/login/code`. Writes the log in the caller's transaction.
    """
    _forget()
    if not two_factor.is_on(user):
        _start(user, password_given=password_given)
        return
    session["pending"] = {
        "user": visitor(user).get_id(),
        "until": int(utcnow().timestamp()) + CODE_SECONDS,
        "password_given": password_given,
    }


def again(user: User) -> None:
    """Go on under a new session id, after a change of rights or password."""
    begun, proved = session.get("begun"), session.get("proved")
    _forget()
    _fill(user)
    session["begun"] = begun or session["begun"]
    if proved:
        session["proved"] = proved


def prove() -> None:
    """Note that the visitor has just shown who they are; the session id changes."""
    session["proved"] = int(utcnow().timestamp())
    session["sid"] = token_urlsafe(32)


def _start(user: User, *, password_given: bool) -> None:
    _fill(user)
    if password_given:
        prove()
    accounts.note(user, "logged_in")
    devices.remember(user)


def _forget() -> None:
    language = session.get("language")
    session.clear()
    if language in LANGUAGES:
        session["language"] = language


def _fill(user: User) -> None:
    session["sid"] = token_urlsafe(32)
    session["begun"] = session["seen"] = int(utcnow().timestamp())
    login_user(visitor(user))


@pages.get("/login/code")
@access("public")
def code() -> str | Response:
    """Ask for the second step."""
    if _pending() is None:
        return redirect(url_for("session.login", next=next_path()), 303)
    return render_template("account/code.html", form=CodeForm(), next=next_path())


@pages.post("/login/code")
@access("public")
def check_code() -> Response | tuple[str, int]:
    """Check the code; too often or too late begins again at the password."""
    user = _pending()
    key = f"code:{user.id}:{devices.name_at(user)}" if user else ""
    if user is None or not throttle.allow(key, MOST_CODES, WINDOW):
        session.pop("pending", None)
        if user is not None:
            accounts.note_failures(user, "code_failures")
        return redirect(url_for("session.login", next=next_path()), 303)
    form = CodeForm()
    with transaction():
        is_right = form.validate() and two_factor.check(user.id, form.code.data)
        if is_right:
            throttle.give_back(key)
            password_given = session["pending"]["password_given"]
            _forget()
            _start(user, password_given=password_given)
    if is_right:
        return redirect(next_path() or landing(), 303)
    message = _("Deze code klopt niet of is al gebruikt.")
    page = render_template(
        "account/code.html", form=form, next=next_path(), error=message
    )
    return page, 401


def _pending() -> User | None:
    """Return who gave the right password and has yet to give the code."""
    waiting = session.get("pending")
    if not waiting or waiting["until"] < utcnow().timestamp():
        session.pop("pending", None)
        return None
    user_id, _sep, key = waiting["user"].partition(":")
    return accounts.find(int(user_id), key)


@pages.post("/logout")
@access("user")
def log_out() -> Response:
    """End the session here and at the server, in every browser of this user."""
    with transaction():
        user = database().get_one(User, current_user.id)
        accounts.end_sessions(user)
        takeovers.end_all(user.id)
        accounts.note(user, "logged_out")
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
    return redirect(next_path() or landing(), 303)


def landing() -> str:
    """Return where somebody begins: operators at their desk, others at home."""
    has_desk = "desk.index" in current_app.view_functions
    return url_for("desk.index" if is_operator() and has_desk else "pages.home")


def next_path() -> str:
    """Return where to go afterwards, if it is a page of our own; else empty."""
    wanted = own_path(request.values.get("next", ""))
    return wanted if _opens(wanted) else ""


def _opens(path: str) -> bool:
    """Tell whether a path can be opened: a refused form stands where only forms go."""
    try:
        return bool(current_app.url_map.bind("").match(urlsplit(path).path, "GET"))
    except RequestRedirect:
        return True
    except HTTPException:
        return False


def own_path(wanted: str) -> str:
    """Return a relative path of this site, or nothing for anything else."""
    if not wanted.startswith("/") or wanted.startswith("//"):
        return ""
    if "\\" in wanted or not wanted.isprintable() or wanted != wanted.strip():
        return ""
    parts = urlsplit(wanted)
    return "" if parts.scheme or parts.netloc else wanted
