"""Visma.net users with access to AutoReport."""

from collections.abc import Mapping

from flask import Blueprint, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.domain.errors import KoppelwerkError
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from plugins.accountview import undertakings, users
from plugins.accountview.forms import VismaUserForm
from plugins.accountview.models import VismaUser
from plugins.accountview.views.common import page, to, words


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    base, one = "/gebruikers", "<int:visma_user_id>"
    rule = pages.add_url_rule
    rule(base, "users", index)
    rule(base, "make_user", make, methods=["POST"])
    rule(f"{base}/{one}", "user", show)
    rule(f"{base}/{one}", "save_user", save, methods=["POST"])
    rule(f"{base}/{one}/weg", "remove_user", remove, methods=["POST"])


@access("login")
def index() -> str:
    """Show the users, and the form for a new one."""
    return _page(_form(), None)


@access("login")
def show(visma_user_id: int) -> str:
    """Show one to change."""
    row = get_or_404(VismaUser, visma_user_id)
    given = [found.id for found in users.access().get(row.id, [])]
    start = {"name": row.name, "email": row.email, "undertakings": given}
    return _page(_form(start), row)


def _form(start: Mapping[str, object] | None = None) -> VismaUserForm:
    """Return the form: posted when `start` is None and there is something posted."""
    form = VismaUserForm(data=start)
    form.undertakings.choices = [
        SelectChoice(row.id, f"{row.code} – {row.description}")
        for row in undertakings.of_tenant()
    ]
    return form


def _page(form: VismaUserForm, row: VismaUser | None) -> str:
    return page(
        "users", rows=users.of_tenant(), access=users.access(), form=form, row=row
    )


@access("maker")
def make() -> Response | tuple[str, int]:
    """Add a user."""
    return _save(None)


@access("maker")
def save(visma_user_id: int) -> Response | tuple[str, int]:
    """Change a user."""
    return _save(get_or_404(VismaUser, visma_user_id))


def _save(row: VismaUser | None) -> Response | tuple[str, int]:
    form = _form()
    if not form.validate_on_submit():
        return _page(form, row), 422
    try:
        with transaction():
            users.save(
                row,
                current_user.tenant_id,
                email=form.email.data,
                name=form.name.data,
                undertaking_ids=form.undertakings.data,
                user_id=current_user.id,
            )
    except KoppelwerkError as error:
        form.email.errors = [*form.email.errors, words(error).what]
        return _page(form, row), 422
    flash(_("De Visma.net-gebruiker is opgeslagen."), "success")
    return to("users")


@access("maker")
def remove(visma_user_id: int) -> Response:
    """Forget a user here."""
    row = get_or_404(VismaUser, visma_user_id)
    with transaction():
        users.remove(row, user_id=current_user.id)
    return to("users")
