"""Two-factor login: switched on with an app, recovery codes, switched off."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.models import User
from core.plugin.pages import proved
from core.runtime.database import session, transaction
from core.services.people import account_mail, accounts, two_factor
from core.web.policy import access, is_operator
from core.web.views.account_forms import FirstCodeForm
from core.web.views.session import again

pages = Blueprint("two_factor", __name__)


@pages.get("/tweestaps")
@access("user")
def index() -> str:
    """Show whether it is on; while it is being set up, the code to scan."""
    return _page(FirstCodeForm())


@pages.get("/tweestaps/qr.svg")
@access("user")
def picture() -> Response:
    """Return the code to scan, only while it is being set up."""
    user = _me()
    if user.totp_secret is None or two_factor.is_on(user):
        abort(404)
    return Response(two_factor.qr_code(user), mimetype="image/svg+xml")


@pages.post("/tweestaps")
@access("user")
@proved
def begin() -> Response:
    """Draw a secret; it counts once a code was given."""
    with transaction():
        user = _me()
        if not two_factor.is_on(user):
            two_factor.begin(user)
    return _back()


@pages.post("/tweestaps/bevestigen")
@access("user")
@proved
def confirm() -> str | tuple[str, int]:
    """Switch it on with the first code; the recovery codes are shown once."""
    form = FirstCodeForm()
    codes = None
    if form.validate():
        with transaction():
            codes = two_factor.confirm(_me(), form.code.data)
            if codes is not None:
                _renewed("two_factor_on")
    if codes is None:
        form.code.errors = [_("Deze code klopt niet. Probeer de volgende.")]
        return _page(form), 422
    return render_template("account/recovery.html", codes=codes)


@pages.post("/tweestaps/herstelcodes")
@access("user")
@proved
def recovery() -> str | Response:
    """Make new recovery codes and show them once; the old ones are void."""
    with transaction():
        user = _me()
        if not two_factor.is_on(user):
            return _back()
        codes = two_factor.new_recovery_codes(user)
        accounts.note(user, "recovery_codes_made")
        account_mail.changed(user, "recovery_codes_made")
    return render_template("account/recovery.html", codes=codes)


@pages.post("/tweestaps/uit")
@access("user")
@proved
def switch_off() -> Response:
    """Switch it off; operators cannot."""
    if is_operator():
        abort(403)
    with transaction():
        two_factor.switch_off(_me())
        _renewed("two_factor_off")
    flash(_("Inloggen in twee stappen is uit."), "warning")
    return _back()


def _renewed(code: str) -> None:
    """End the other sessions, which began under other rules, and tell the user."""
    user = _me()
    accounts.end_sessions(user)
    account_mail.changed(user, code)
    again(user)


def _me() -> User:
    return session().get_one(User, current_user.id)


def _back() -> Response:
    return redirect(url_for("two_factor.index"), 303)


def _page(form: FirstCodeForm) -> str:
    user = _me()
    is_begun = user.totp_secret is not None and not two_factor.is_on(user)
    return render_template(
        "account/two_factor.html",
        form=form,
        is_on=two_factor.is_on(user),
        left=len(user.recovery_hashes),
        secret=two_factor.secret_of(user) if is_begun else "",
        may_switch_off=not is_operator(),
    )
