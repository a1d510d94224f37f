"""Ondernemingen and aangifteprofielen."""

from flask import Blueprint, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from core.domain.errors import KoppelwerkError
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from core.plugin.texts import explain
from plugins.accountview import (
    activation,
    administrations,
    profiles,
    undertakings,
)
from plugins.accountview.forms.setup import PROFILE_KINDS, ProfileForm, UndertakingForm
from plugins.accountview.models import FilingProfile, Undertaking
from plugins.accountview.models.administration import ProfileKind
from plugins.accountview.views.common import page, say, to, words


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
    base, one = "/profielen", "<int:profile_id>"
    rule(base, "profiles", all_profiles)
    rule(base, "make_profile", make_profile, methods=["POST"])
    rule(f"{base}/{one}", "profile", profile)
    rule(f"{base}/{one}", "save_profile", save_profile, methods=["POST"])
    rule(f"{base}/{one}/weg", "remove_profile", remove_profile, methods=["POST"])


@access("login")
def all_undertakings() -> str:
    """Show the ondernemingen, and the form to make one of an administration."""
    code, description = request.args.get("code", ""), request.args.get("naam", "")
    start = {
        "code": undertakings.suggested(code)[: undertakings.LONGEST_CODE],
        "description": undertakings.suggested(description)[
            : undertakings.LONGEST_DESCRIPTION
        ],
    }
    return _undertakings(UndertakingForm(formdata=None, data=start))


def _undertakings(form: UndertakingForm) -> str:
    return page(
        "undertakings",
        rows=undertakings.of_tenant(),
        administrations=administrations.of_tenant(),
        form=form,
        is_authorised=activation.is_authorised(),
    )


@access("maker")
def make_undertaking() -> Response | tuple[str, int]:
    """*Aanmaken*."""
    form = UndertakingForm()
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


@access("login")
def all_profiles() -> str:
    """Show the aangifteprofielen, and the form for a new one."""
    return _profiles(ProfileForm(formdata=None), None)


def _profiles(form: ProfileForm, row: FilingProfile | None) -> str:
    found = administrations.of_tenant()
    return page(
        "profiles",
        rows=profiles.of_tenant(),
        laid_down={
            each.id: [one for one in found if one.profile_id == each.id]
            for each in profiles.of_tenant()
        },
        kinds=PROFILE_KINDS,
        form=form,
        row=row,
    )


@access("maker")
def make_profile() -> Response | tuple[str, int]:
    """*Toevoegen*."""
    return _save_profile(None)


@access("login")
def profile(profile_id: int) -> str:
    """Show one to change."""
    row = get_or_404(FilingProfile, profile_id)
    return _profiles(ProfileForm(formdata=None, obj=row), row)


@access("maker")
def save_profile(profile_id: int) -> Response | tuple[str, int]:
    """*Bewaren*."""
    return _save_profile(get_or_404(FilingProfile, profile_id))


def _save_profile(row: FilingProfile | None) -> Response | tuple[str, int]:
    form = ProfileForm()
    if row is not None:
        form.kind.data = row.kind
    if not form.validate_on_submit():
        return _profiles(form, row), 422
    try:
        with transaction():
            profiles.save(
                row,
                current_user.tenant_id,
                name=form.name.data,
                kind=ProfileKind(form.kind.data),
                visma_tenant=form.visma_tenant.data or "",
                user_id=current_user.id,
            )
    except KoppelwerkError as error:
        form.name.errors = [*form.name.errors, words(error).what]
        return _profiles(form, row), 422
    flash(_("Het aangifteprofiel is bewaard."), "success")
    return to("profiles")


@access("maker")
def remove_profile(profile_id: int) -> Response:
    """Forget a profile that nothing uses."""
    row = get_or_404(FilingProfile, profile_id)
    try:
        with transaction():
            profiles.remove(row, user_id=current_user.id)
    except KoppelwerkError as error:
        say(error)
    return to("profiles")
