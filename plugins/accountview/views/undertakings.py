"""Ondernemingen, and what Visma.net knows of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.domain.errors import KoppelwerkError
from core.plugin import others
from core.plugin.capabilities import Declared, DeclaredFor
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from core.plugin.texts import explain
from plugins.accountview import activation, undertakings
from plugins.accountview.forms import UndertakingForm
from plugins.accountview.models import Undertaking
from plugins.accountview.views.common import page, say, to, words

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    base, one = "/ondernemingen", "<int:undertaking_id>"
    rule = pages.add_url_rule
    rule(base, "undertakings", all_undertakings)
    rule(base, "make_undertaking", make_undertaking, methods=["POST"])
    rule(f"{base}/registreren", "register_all", register_all, methods=["POST"])
    rule(f"{base}/rapport", "report", report)
    rule(f"{base}/{one}/blk", "block", block, methods=["POST"])
    rule(f"{base}/{one}/weg", "remove_undertaking", remove_undertaking,
         methods=["POST"])  # fmt: skip


@access("login")
def all_undertakings() -> str:
    """Show the ondernemingen, and the form to make one of an administration."""
    code, description = request.args.get("code", ""), request.args.get("naam", "")
    start: dict[str, Any] = {
        "code": undertakings.suggested(code)[: undertakings.LONGEST_CODE],
        "description": undertakings.suggested(description)[
            : undertakings.LONGEST_DESCRIPTION
        ],
    }
    chosen = request.args.get("administratie", "")
    start["administration_id"] = int(chosen) if chosen.isdecimal() else 0
    return _undertakings(_form(posted=False, start=start))


def _form(*, posted: bool = True, start: Mapping[str, Any] = _NOTHING) -> Any:
    form = UndertakingForm() if posted else UndertakingForm(formdata=None, data=start)
    form.administration_id.choices = [
        SelectChoice(0, "—"),
        *(
            SelectChoice(one.id, f"{one.code} – {one.description}")
            for one in _administrations()
        ),
    ]
    if not _administrations():
        del form.administration_id
    return form


def _undertakings(form: UndertakingForm) -> str:
    return page(
        "undertakings",
        rows=undertakings.of_tenant(),
        administrations=_administrations(),
        form=form,
        is_authorised=activation.is_authorised(),
    )


@access("maker")
def make_undertaking() -> Response | tuple[str, int]:
    """*Aanmaken*."""
    form = _form()
    if not form.validate_on_submit():
        return _undertakings(form), 422
    try:
        made = undertakings.create(
            current_user.tenant_id,
            form.code.data,
            form.description.data,
            user_id=current_user.id,
        )
    except KoppelwerkError as error:
        form.code.errors = [*form.code.errors, words(error).what]
        return _undertakings(form), 422
    if "administration_id" in form and form.administration_id.data:
        with transaction():
            undertakings.assign(form.administration_id.data, made.id)
    flash(
        _(
            "Onderneming %(code)s is aangemaakt. Zij is nog geblokkeerd.",
            code=made.code,
        ),
        "success",
    )
    return to("undertakings")


@access("maker")
def register_all() -> Response:
    """*Registreren*: what Visma.net does not know yet."""
    problems = undertakings.register_all()
    for code in problems:
        found = explain(code, {"service": "Visma.net"})
        flash(" ".join(filter(None, (found.what, found.action))), "error")
    if not problems:
        flash(_("Alle ondernemingen zijn bij Visma.net geregistreerd."), "success")
    return to("undertakings")


@access("login")
def report() -> str:
    """*Ondernemingen registreren*: what is registered there, and what is here."""
    try:
        lines, refused = undertakings.report(), None
    except KoppelwerkError as error:
        lines, refused = [], words(error)
    return page("report", lines=lines, refused=refused)


@access("maker")
def block(undertaking_id: int) -> Response:
    """Block or release (*Blk*)."""
    row = get_or_404(Undertaking, undertaking_id)
    is_blocked = request.form.get("geblokkeerd") == "1"
    with transaction():
        undertakings.set_blocked(row, is_blocked, user_id=current_user.id)
    return to("undertakings")


@access("maker")
def remove_undertaking(undertaking_id: int) -> Response:
    """Forget one here."""
    row = get_or_404(Undertaking, undertaking_id)
    try:
        with transaction():
            undertakings.remove(row, user_id=current_user.id)
    except KoppelwerkError as error:
        say(error)
    return to("undertakings")


def _administrations() -> list[Declared]:
    """Return what declarations are made for, to begin with."""
    found = others.brought(DeclaredFor).values()
    return [one for each in found for one in each.administrations()]
