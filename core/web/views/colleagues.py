"""Colleagues on tab Profiel: invited, given a role, removed; by an owner."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import TooOften
from core.models import Role, User
from core.plugin.pages import proved
from core.runtime import throttle
from core.runtime.database import transaction
from core.services.people import colleagues
from core.services.people.accounts import EmailTaken
from core.services.people.colleagues import LastOwner
from core.texts import explain, in_one
from core.web.policy import access
from core.web.views.account_forms import InviteForm, RoleForm
from core.web.views.profile import me, page

pages = Blueprint("colleagues", __name__)
MOST_INVITED, DAY = 20, timedelta(days=1)


@pages.post("/profiel/collegas")
@access("owner")
@proved
def invite() -> Response | tuple[str, int]:
    """Invite somebody by mail."""
    form = InviteForm(prefix="invite-")
    if not form.validate():
        return page(invite=form), 422
    # those refused as well: the refusal tells that somebody logs in with an address
    if not throttle.allow(f"invite:{current_user.tenant_id}", MOST_INVITED, DAY):
        flash(_("U heeft vandaag al genoeg collega's uitgenodigd."), "warning")
        return page(invite=form), 429
    try:
        with transaction():
            colleagues.invite(
                me(),
                email=form.email.data,
                name=form.name.data,
                role=Role(form.role.data),
            )
    except TooOften as error:
        flash(in_one(error), "warning")
        return _back()
    except EmailTaken:
        form.email.errors = [explain("email_taken").what]
        return page(invite=form), 422
    flash(_("De uitnodiging is verstuurd."), "success")
    return _back()


@pages.post("/profiel/collegas/<int:user_id>/uitnodiging")
@access("owner")
@proved
def invite_again(user_id: int) -> Response:
    """Send the invitation once more to who did not come yet."""
    user = _colleague(user_id)
    if user.must_change_password:
        try:
            with transaction():
                colleagues.invite_again(me(), user)
        except TooOften as error:
            flash(in_one(error), "warning")
        else:
            flash(_("De uitnodiging is verstuurd."), "success")
    return _back()


@pages.post("/profiel/collegas/<int:user_id>/rol")
@access("owner")
@proved
def give_role(user_id: int) -> Response:
    """Change what somebody may do."""
    user, form = _colleague(user_id), RoleForm()
    if not form.validate():
        abort(400)
    return _unless_last(lambda: colleagues.give_role(me(), user, Role(form.role.data)))


@pages.post("/profiel/collegas/<int:user_id>/verwijderen")
@access("owner")
@proved
def remove(user_id: int) -> Response:
    """Remove somebody; they are logged out at once."""
    user = _colleague(user_id)
    return _unless_last(lambda: colleagues.remove(me(), user))


def _colleague(user_id: int) -> User:
    found = colleagues.find(current_user.tenant_id, user_id)
    if found is None:
        abort(404)
    return found


def _unless_last(change: Callable[[], None]) -> Response:
    """Make a change, unless it would leave the tenant without an owner."""
    try:
        with transaction():
            change()
    except LastOwner:
        words = explain("last_owner")
        flash(f"{words.what} {words.action}", "warning")
    return _back()


def _back() -> Response:
    return redirect(url_for("profile.index", _anchor="collegas"), 303)
