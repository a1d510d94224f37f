"""Choosing a password: one's own, the first one, a forgotten one, an invitation."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import LinkKind, OneTimeLink, User
from core.runtime import throttle
from core.runtime.database import session, transaction
from core.runtime.languages import choose_language
from core.services.people import account_mail, accounts, links
from core.web import devices
from core.web.policy import access
from core.web.views import reauth
from core.web.views.account_forms import EmailForm, NewPasswordForm
from core.web.views.session import again, landing, next_path, prove
from core.web.visitors import allowed_from_here

pages = Blueprint("passwords", __name__)
WINDOW = timedelta(hours=1)
MOST_PER_ADDRESS = 20
MOST_PER_EMAIL = 3
GONE = 410


@pages.get("/wachtwoord")
@access("user")
def own() -> str | Response:
    """Show the form for a new password; a first one must be replaced here."""
    return _ask_unless_first() or _own_page(NewPasswordForm())


@pages.post("/wachtwoord")
@access("user")
def change() -> Response | tuple[str, int]:
    """Replace the visitor's password; every other session of theirs ends."""
    form = NewPasswordForm()
    asked = _ask_unless_first()
    if asked:
        return asked
    if not form.is_good(current_user.email):
        return _own_page(form), 422
    with transaction():
        user = session().get_one(User, current_user.id)
        accounts.set_password(user, form.password.data)
        accounts.note(user, "password_changed")
        account_mail.changed(user, "password_changed")
        again(user)
        prove()
    flash(_("Uw nieuwe wachtwoord geldt vanaf nu."), "info")
    return redirect(next_path() or landing(), 303)


def _ask_unless_first() -> Response | None:
    return None if current_user.must_change_password else reauth.prove_first()


def _own_page(form: NewPasswordForm) -> str:
    return render_template("account/password.html", form=form, next=next_path())


@pages.get("/wachtwoord/vergeten")
@access("public")
def forgotten() -> str:
    """Ask which address the link goes to."""
    return render_template("account/forgotten.html", form=EmailForm())


@pages.post("/wachtwoord/vergeten")
@access("public")
def send_link() -> str | tuple[str, int]:
    """Send the link; answer and work are the same for an address that nobody has."""
    form = EmailForm()
    if not form.validate():
        return render_template("account/forgotten.html", form=form), 422
    email = accounts.normal_email(form.email.data)
    # in this order: who may ask nothing more must not use up what another may ask
    if allowed_from_here("forgotten", MOST_PER_ADDRESS, WINDOW) and throttle.allow(
        f"forgotten-email:{email}", MOST_PER_EMAIL, WINDOW
    ):
        with transaction():
            user = accounts.find_by_email(email)
            if user is not None and user.tenant_id is not None:
                accounts.note(user, "password_link_sent")
                account_mail.password_link(user)
            else:
                account_mail.as_if(email, choose_language())
    return render_template("account/sent.html", email=email)


@pages.get("/wachtwoord/nieuw/<token>")
@access("public")
def renew(token: str) -> str | tuple[str, int]:
    """Show the form behind a mailed link."""
    return _link_page(token, LinkKind.PASSWORD)


@pages.post("/wachtwoord/nieuw/<token>")
@access("public")
def save(token: str) -> Response | tuple[str, int]:
    """Use the link up for a new password."""
    return _save(token, LinkKind.PASSWORD, "password_changed")


@pages.get("/uitnodiging/<token>")
@access("public")
def invited(token: str) -> str | tuple[str, int]:
    """Show a new colleague the form for a password."""
    return _link_page(token, LinkKind.INVITE)


@pages.post("/uitnodiging/<token>")
@access("public")
def join(token: str) -> Response | tuple[str, int]:
    """Use the invitation up: the colleague has a password and may log in."""
    return _save(token, LinkKind.INVITE, "user_joined")


def _link_page(
    token: str, kind: LinkKind, form: NewPasswordForm | None = None
) -> str | tuple[str, int]:
    link = links.peek(token, kind)
    if link is None:
        return _gone()
    page = render_template(
        "account/link.html",
        form=form or NewPasswordForm(),
        kind=kind,
        email=_user_of(link).email,
    )
    return (page, 422) if form else page


def _save(token: str, kind: LinkKind, code: str) -> Response | tuple[str, int]:
    form = NewPasswordForm()
    link = links.peek(token, kind)
    if link is None or not form.is_good(_user_of(link).email):
        return _refused(token, kind, form)
    with transaction():
        used = links.use(token, kind)
        if used is not None:
            user = _user_of(used)
            accounts.set_password(user, form.password.data)
            accounts.note(user, code)
            account_mail.changed(user, code)
            devices.remember(user)
    if used is None:
        return _gone()
    flash(_("Uw wachtwoord is bewaard. U kunt nu inloggen."), "info")
    return redirect(url_for("session.login"), 303)


def _refused(token: str, kind: LinkKind, form: NewPasswordForm) -> tuple[str, int]:
    answer = _link_page(token, kind, form)
    return answer if isinstance(answer, tuple) else (answer, 422)


def _user_of(link: OneTimeLink) -> User:
    return session().get_one(User, link.user_id)


def _gone() -> tuple[str, int]:
    return render_template("account/gone.html"), GONE
