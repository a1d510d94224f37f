"""Aangifteprofielen, and which certificate signs (manual 003, parts 2 and 4)."""

from dataclasses import dataclass

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.plugin import log
from core.plugin.database import session, transaction
from plugins.accountview import configuration
from plugins.accountview.autoreport import ALL_COMPANIES
from plugins.accountview.models import (
    Administration,
    Certificate,
    Filing,
    FilingProfile,
)
from plugins.accountview.models.administration import CertificateSource, ProfileKind


def of_tenant() -> list[FilingProfile]:
    """Return the profiles of the tenant in scope, by name."""
    return list(session().scalars(select(FilingProfile).order_by(FilingProfile.name)))


def save(
    row: FilingProfile | None,
    tenant_id: int,
    *,
    name: str,
    kind: ProfileKind,
    visma_tenant: str,
    user_id: int,
) -> FilingProfile:
    """Make or change a profile, in the caller's transaction.

    The kind of a profile stays: what was filed by it keeps its channel. Raises AskUser
    `profile_exists`.
    """
    same = session().scalar(select(FilingProfile).where(FilingProfile.name == name))
    if same is not None and same is not row:
        raise AskUser("profile_exists", profile=name)
    if row is None:
        row = FilingProfile(tenant_id=tenant_id, kind=kind, name=name)
        session().add(row)
    if row.visma_tenant != visma_tenant:
        row.certificate_source = row.certificate_activated_at = None
    row.name, row.visma_tenant = name, visma_tenant
    session().flush()
    log.write(tenant_id, "accountview_profile_saved", user_id=user_id, profile=name)
    return row


def remove(row: FilingProfile, *, user_id: int) -> None:
    """Forget a profile; AskUser `profile_in_use` once it is laid down or filed by."""
    laid_down = select(Administration.id).where(Administration.profile_id == row.id)
    filed_by = select(Filing.id).where(Filing.profile_id == row.id)
    for used in (laid_down, filed_by):
        if session().scalar(used.limit(1)) is not None:
            raise AskUser("profile_in_use", profile=row.name)
    log.write(
        row.tenant_id, "accountview_profile_removed", user_id=user_id, profile=row.name
    )
    session().delete(row)


@dataclass(frozen=True)
class Choice:
    """Which certificate is to sign, and for what."""

    profile: FilingProfile
    certificate: Certificate | None
    """None: Visma's."""
    administration: Administration | None = None
    """Only this one; None: all administrations of the profile."""

    @property
    def source(self) -> CertificateSource:
        """Whose it is."""
        return CertificateSource.OWN if self.certificate else CertificateSource.VISMA


def choose(choice: Choice, *, user_id: int) -> None:
    """*Klik om te activeren* and save; commits by itself, after AutoReport agreed.

    Raises AskUser `certificate_own_needed` (Digipoort), `certificate_no_profile` (an
    administration with another profile), `undertaking_unregistered`, and the errors of
    AutoReport.
    """
    _check(choice)
    if choice.profile.kind == ProfileKind.AUTOREPORT:
        _activate(choice)
    with transaction():
        _keep(choice)
        log.write(
            choice.profile.tenant_id,
            "accountview_certificate_chosen",
            user_id=user_id,
            profile=choice.profile.name,
            subject=choice.certificate.subject if choice.certificate else "Visma",
        )


def _check(choice: Choice) -> None:
    profile, only = choice.profile, choice.administration
    if profile.kind == ProfileKind.DIGIPOORT and choice.certificate is None:
        raise AskUser("certificate_own_needed")
    if only is not None and only.profile_id != profile.id:
        raise AskUser("certificate_no_profile", administration=only.description)
    if profile.kind != ProfileKind.AUTOREPORT:
        return
    if not profile.visma_tenant:
        raise AskUser("visma_tenant_missing", administration=profile.name)
    if only and not (only.undertaking and only.undertaking.visma_id):
        raise AskUser("undertaking_unregistered", administration=only.description)


def _activate(choice: Choice) -> None:
    """Tell AutoReport; doing it twice is the same, so a lost answer does no harm."""
    company, only = ALL_COMPANIES, choice.administration
    if only is not None and only.undertaking is not None:
        company = str(only.undertaking.visma_id)
    tenant, source = choice.profile.visma_tenant, choice.source
    session().rollback()  # no transaction is held open while we wait
    channel = configuration.autoreport(tenant, company)
    with channel.http:
        channel.activate_certificate(source, company)


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
