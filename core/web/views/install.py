"""The install link and the installation's steps."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as browser
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.clock import utcnow
from core.models import Connection, Licence, Tenant, User
from core.plugin.pages import get_or_404
from core.runtime import throttle
from core.runtime.database import session, transaction
from core.runtime.extensions import htmx, settings
from core.services.licensing import licences
from core.services.licensing.coverage import LIVE
from core.services.linking import catalogue
from core.services.people import accounts, install, signup
from core.services.people.install import Progress, SideName
from core.services.people.signup import Invitation
from core.texts import explain
from core.web.policy import access, may_change
from core.web.views import connecting
from core.web.views.session import begin as begin_session
from core.web.views.signup_forms import InstallForm
from core.web.views.standings import Side, side

pages = Blueprint("install", __name__)
GONE, CONFLICT, UNAUTHORISED = 410, 409, 401
MOST_TRIES = 20
WINDOW = timedelta(minutes=15)
BUSY = "installing"
"""The installation this browser session is busy with, so that Configuratie and the
overview lead back to it."""


@pages.get("/installeren/<token>")
@access("public")
def begin(token: str) -> str | tuple[str, int]:
    """Show whom an install link is for and ask for the mailed password."""
    found = signup.invitation(token)
    return _refusal(found) or _ask(found, token)


@pages.post("/installeren/<token>")
@access("public")
def accept(token: str) -> Response | tuple[str, int]:
    """Begin the session of the link's user; only then the link is used up."""
    found = signup.invitation(token)
    refusal = _refusal(found)
    if refusal:
        return refusal
    form = InstallForm()
    if found is None or not throttle.allow(
        f"install-link:{found.user.id}", MOST_TRIES, WINDOW
    ):
        return _ask(found, token, is_wrong=True), UNAUTHORISED
    with transaction():
        accepted = signup.accept(token, form.password.data or "")
        if accepted is not None:
            begin_session(accepted.user, password_given=True)
    if accepted is None:
        return _ask(found, token, is_wrong=True), UNAUTHORISED
    wizard_path = url_for("install.wizard", licence_id=accepted.licence.id)
    return redirect(url_for("passwords.own", next=wizard_path), 303)


@pages.post("/installeren/<token>/opnieuw")
@access("public")
def send_again(token: str) -> str | tuple[str, int]:
    """Mail a new link and password, to the address of the link's user only."""
    refusal = _refusal(signup.invitation(token))
    if refusal:
        return refusal
    signup.send_again(token)
    return render_template("install/sent.html")


def _refusal(found: Invitation | None) -> tuple[str, int] | None:
    """Refuse a link that is not good, or one of somebody else than is logged in."""
    if found is None:
        return render_template("install/gone.html"), GONE
    if current_user.is_authenticated and current_user.id != found.user.id:
        page = render_template("install/other.html", name=current_user.tenant_name)
        return page, CONFLICT
    return None


def _ask(found: Invitation | None, token: str, *, is_wrong: bool = False) -> str:
    if found is None:
        abort(404)
    until = found.user.password_until
    return render_template(
        "install/begin.html",
        email=found.user.email,
        title=licences.title(found.licence),
        token=token,
        form=InstallForm(formdata=None),
        is_wrong=is_wrong,
        is_late=until is not None and until <= utcnow(),
    )


@pages.post("/installatie/nieuw/<source>/<target>")
@access("owner")
def another(source: str, target: str) -> Response:
    """Begin a further installation in the same tenant."""
    offer = catalogue.find(source, target) or abort(404)
    licence = signup.begin_another(current_user.tenant_id, offer)
    if licence is None:
        flash(_("U bent vandaag al aan genoeg installaties begonnen."), "warning")
        return redirect(url_for("connections.index"), 303)
    return _wizard(licence.id)


@pages.get("/installatie/<int:licence_id>")
@access("owner")
def wizard(licence_id: int) -> str:
    """Show where the installation stands and what is next."""
    licence = get_or_404(Licence, licence_id)
    found = install.progress(licence)
    if found.is_complete:
        browser.pop(BUSY, None)
        return render_template("install/done.html", **_values(licence, found))
    if not found.is_saved:
        browser[BUSY] = licence_id
    return render_template("install/wizard.html", **_values(licence, found))


@pages.get("/installatie/<int:licence_id>/stappen")
@access("owner")
def steps(licence_id: int) -> str | Response:
    """The part that checks itself; once all is done the whole page comes anew."""
    licence = get_or_404(Licence, licence_id)
    found = install.progress(licence)
    if not htmx:
        return _wizard(licence_id)
    if found.is_complete:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("install/steps.html", **_values(licence, found))


def _values(licence: Licence, found: Progress) -> dict[str, object]:
    made: dict[SideName, Connection | None] = {
        "source": found.source,
        "target": found.target,
    }
    return {
        "licence": licence,
        "title": licences.title(licence),
        "progress": found,
        "steps": {step.key.value: step for step in found.steps},
        "words": {
            step.key.value: [explain(code) for code in step.codes]
            for step in found.steps
        },
        "sides": {name: _side(licence, name, row) for name, row in made.items()},
        "others": {name: install.others(licence, name) for name in made},
        "ended": None if licence.state in LIVE else explain(licence.reason),
        "price": settings().price_year,
    }


def _side(licence: Licence, name: SideName, connection: Connection | None) -> Side:
    if connection is not None:
        return side(connection)
    return Side(0, install.plugin_of(licence, name), "", install.dot(None))


@pages.post("/installatie/<int:licence_id>/voorwaarden")
@access("owner")
def accept_terms(licence_id: int) -> Response:
    """Note that the terms were accepted."""
    with transaction():
        licence = get_or_404(Licence, licence_id)
        tenant = session().get_one(Tenant, licence.tenant_id)
        if tenant.terms_accepted_at is None:
            tenant.terms_accepted_at = utcnow()
            user = session().get_one(User, current_user.id)
            accounts.note(user, "terms_accepted")
    return _wizard(licence_id)


@pages.post("/installatie/<int:licence_id>/verbind/<name>")
@access("owner")
def connect(licence_id: int, name: str) -> Response | tuple[str, int]:
    """*Connect*: make the side's connection and go to the outside system's login."""
    with transaction():
        licence = get_or_404(Licence, licence_id)
        connection = install.connection_for(licence, _name(name))
    browser[connecting.AFTER_CONNECT] = url_for("install.wizard", licence_id=licence_id)
    return connecting.connect(connection.id)


@pages.post("/installatie/<int:licence_id>/gebruik/<name>")
@access("owner")
def use(licence_id: int, name: str) -> Response:
    """Take a shop or package that is connected already."""
    chosen = request.form.get("connection_id", "")
    try:
        with transaction():
            licence = get_or_404(Licence, licence_id)
            connection = get_or_404(
                Connection, int(chosen) if chosen.isdecimal() else 0
            )
            install.use(licence, _name(name), connection)
    except install.PairTaken:
        words = explain("pair_licensed")
        flash(f"{words.what} {words.action}", "warning")
    except ValueError:
        abort(400)
    return _wizard(licence_id)


@pages.post("/installatie/<int:licence_id>/koppel")
@access("owner")
def couple(licence_id: int) -> Response:
    """Couple two connected sides, should that not have happened by itself."""
    try:
        with transaction():
            install.settle(get_or_404(Licence, licence_id))
    except install.PairTaken:
        words = explain("pair_licensed")
        flash(f"{words.what} {words.action}", "warning")
    return _wizard(licence_id)


def _name(name: str) -> SideName:
    return next((side for side in install.SIDES if side == name), None) or abort(404)


def _wizard(licence_id: int) -> Response:
    return redirect(url_for("install.wizard", licence_id=licence_id), 303)


@pages.app_template_global("unfinished_installation")
def unfinished_installation() -> int | None:
    """Return the licence whose installation is not done, as far as it may be told."""
    left = install.unfinished() if may_change() else None
    return left.id if left else None


@pages.app_template_global("finished_installation")
def finished_installation() -> int | None:
    """Return the licence whose last step the visitor just did; told once."""
    if unfinished_installation() or not may_change():
        return None
    done: int | None = browser.pop(BUSY, None)
    licence = session().get(Licence, done) if done else None
    return done if licence and install.progress(licence).is_complete else None
