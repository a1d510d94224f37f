"""Aangifteprofielen."""

from flask import Blueprint, flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from core.domain.errors import KoppelwerkError
from core.plugin.database import transaction
from core.plugin.pages import access, get_or_404
from plugins.belastingdienst.filing import words as filing_words
from plugins.belastingdienst.forms.setup import ProfileForm
from plugins.belastingdienst.models import FilingProfile
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.setup import administrations, profiles
from plugins.belastingdienst.views.common import page, say, to, words


def add_to(pages: Blueprint) -> None:
    """Add the addresses."""
    rule = pages.add_url_rule
    base, one = "/profielen", "<int:profile_id>"
    rule(base, "profiles", all_profiles)
    rule(base, "make_profile", make_profile, methods=["POST"])
    rule(f"{base}/{one}", "profile", profile)
    rule(f"{base}/{one}", "save_profile", save_profile, methods=["POST"])
    rule(f"{base}/{one}/weg", "remove_profile", remove_profile, methods=["POST"])


@access("login")
def all_profiles() -> str:
    """Show the aangifteprofielen, and the form for a new one."""
    return _profiles(_form(None, posted=False), None)


def _profiles(form: ProfileForm, row: FilingProfile | None) -> str:
    found = administrations.of_tenant()
    return page(
        "profiles",
        rows=profiles.of_tenant(),
        laid_down={
            each.id: [one for one in found if one.profile_id == each.id]
            for each in profiles.of_tenant()
        },
        channel_words=filing_words.channel,
        signer=profiles.signer,
        form=form,
        row=row,
    )


def _form(row: FilingProfile | None, *, posted: bool = True) -> ProfileForm:
    """Return the form; the services that can be filed by say what they ask for."""
    form = ProfileForm() if posted else ProfileForm(formdata=None, obj=row)
    offered = profiles.offered(row)
    form.channel.choices = [
        *(SelectChoice(name, str(route.title)) for name, route in offered.items()),
        SelectChoice(DIGIPOORT, _("Digipoort met eigen certificaat")),
    ]
    if not offered:
        del form.account
    for route in offered.values():
        form.account.label.text = str(route.account_title)
        form.account.description = str(route.account_hint)
    return form


@access("maker")
def make_profile() -> Response | tuple[str, int]:
    """*Toevoegen*."""
    return _save_profile(None)


@access("login")
def profile(profile_id: int) -> str:
    """Show one to change."""
    row = get_or_404(FilingProfile, profile_id)
    return _profiles(_form(row, posted=False), row)


@access("maker")
def save_profile(profile_id: int) -> Response | tuple[str, int]:
    """*Bewaren*."""
    return _save_profile(get_or_404(FilingProfile, profile_id))


def _save_profile(row: FilingProfile | None) -> Response | tuple[str, int]:
    form = _form(row)
    if row is not None:
        form.channel.data = row.channel
    if not form.validate_on_submit():
        return _profiles(form, row), 422
    try:
        with transaction():
            profiles.save(
                row,
                current_user.tenant_id,
                name=form.name.data,
                channel=form.channel.data,
                account=form.account.data if "account" in form else "",
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
