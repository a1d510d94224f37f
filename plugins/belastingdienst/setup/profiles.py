"""Aangifteprofielen, and which certificate signs (manual 003, parts 2 and 4)."""

from dataclasses import dataclass

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.capabilities import Filer, FilingRoute
from core.plugin.database import session, transaction
from core.plugin.pages import is_open
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.models import (
    Administration,
    Certificate,
    Filing,
    FilingProfile,
)
from plugins.belastingdienst.models.administration import DIGIPOORT, CertificateSource


def of_tenant() -> list[FilingProfile]:
    """Return the profiles of the tenant in scope, by name."""
    return list(session().scalars(select(FilingProfile).order_by(FilingProfile.name)))


def offered(row: FilingProfile | None = None) -> dict[str, FilingRoute]:
    """Return the services that who asks can file by, by name, and a profile's own."""
    return {
        name: one
        for name, (plugin, one) in routes.all_routes().items()
        if is_open(plugin) or (row is not None and row.channel == name)
    }


def signer(profile: FilingProfile) -> str:
    """Return whose certificate was chosen for a profile, in words; or empty."""
    if profile.certificate is not None:
        return profile.certificate.subject
    return _channels_own(profile) if profile.certificate_source else ""


def only_signer(administration: Administration, profile: FilingProfile) -> str:
    """Return whose was chosen for one administration of a profile, in words."""
    own = administration.own_certificate
    return own.subject if own is not None else _channels_own(profile)


def _channels_own(profile: FilingProfile) -> str:
    found = routes.all_routes().get(profile.channel)
    return str(found[1].certificate) if found else ""


def save(
    row: FilingProfile | None,
    tenant_id: int,
    *,
    name: str,
    channel: str,
    account: str,
    user_id: int,
) -> FilingProfile:
    """Make or change a profile, in the caller's transaction.

    The channel of a profile stays: what was filed by it keeps it. Raises AskUser
    `profile_exists`.
    """
    same = session().scalar(select(FilingProfile).where(FilingProfile.name == name))
    if same is not None and same is not row:
        raise AskUser("profile_exists", profile=name)
    if row is None:
        row = FilingProfile(tenant_id=tenant_id, channel=channel, name=name)
        session().add(row)
    if row.account != account:
        row.certificate_source = row.certificate_activated_at = None
    row.name, row.account = name, account
    session().flush()
    log.write(tenant_id, "belastingdienst_profile_saved", user_id=user_id, profile=name)
    return row


def remove(row: FilingProfile, *, user_id: int) -> None:
    """Forget a profile; AskUser `profile_in_use` once it is laid down or filed by."""
    laid_down = select(Administration.id).where(Administration.profile_id == row.id)
    filed_by = select(Filing.id).where(Filing.profile_id == row.id)
    for used in (laid_down, filed_by):
        if session().scalar(used.limit(1)) is not None:
            raise AskUser("profile_in_use", profile=row.name)
    log.write(
        row.tenant_id,
        "belastingdienst_profile_removed",
        user_id=user_id,
        profile=row.name,
    )
    session().delete(row)


@dataclass(frozen=True)
class Choice:
    """Which certificate is to sign, and for what."""

    profile: FilingProfile
    certificate: Certificate | None
    """None: the channel's own."""
    administration: Administration | None = None
    """Only this one; None: all administrations of the profile."""

    @property
    def source(self) -> CertificateSource:
        """Whose it is."""
        return CertificateSource.OWN if self.certificate else CertificateSource.CHANNEL


def choose(choice: Choice, *, user_id: int) -> None:
    """*Klik om te activeren* and save; commits by itself, after the channel agreed.

    Raises AskUser `certificate_own_needed` (Digipoort), `certificate_no_profile` (an
    administration with another profile), and what the channel refuses.
    """
    profile = choice.profile
    own = "Digipoort"
    _check(choice)
    if profile.channel != DIGIPOORT:
        own = str(routes.route(profile.channel).certificate)
        _activate(choice)
    with transaction():
        _keep(choice)
        log.write(
            profile.tenant_id,
            "belastingdienst_certificate_chosen",
            user_id=user_id,
            profile=profile.name,
            subject=choice.certificate.subject if choice.certificate else own,
        )


def _check(choice: Choice) -> None:
    profile, only = choice.profile, choice.administration
    if profile.channel == DIGIPOORT and choice.certificate is None:
        raise AskUser("certificate_own_needed")
    if only is not None and only.profile_id != profile.id:
        raise AskUser("certificate_no_profile", administration=only.description)


def _activate(choice: Choice) -> None:
    """Tell the channel; doing it twice is the same, so a lost answer does no harm."""
    profile, only = choice.profile, choice.administration
    filer = Filer(profile.account, profile.name)
    if only is not None:
        filer = Filer(profile.account, only.description, only.id)
    is_own = choice.source is CertificateSource.OWN
    routes.route(profile.channel).activate(filer, is_own)


def _keep(choice: Choice) -> None:
    key = choice.certificate.id if choice.certificate else None
    only = choice.administration
    if only is not None:
        only.own_certificate_id, only.certificate_source = key, choice.source
        return
    choice.profile.certificate_id = key
    choice.profile.certificate_source = choice.source
    choice.profile.certificate_activated_at = utcnow()
    laid_down = select(Administration).where(
        Administration.profile_id == choice.profile.id
    )
    for administration in session().scalars(laid_down):
        administration.own_certificate_id = administration.certificate_source = None
