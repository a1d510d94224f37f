"""The channel that one declaration leaves by, opened with its administration's keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.domain.errors import AskUser
from core.plugin.database import session
from plugins.accountview import certificate_store, configuration
from plugins.accountview.autoreport import AutoReport
from plugins.accountview.channels import FilingChannel
from plugins.accountview.digipoort import Digipoort
from plugins.accountview.models import Administration, Filing, FilingProfile
from plugins.accountview.models.administration import ProfileKind


@contextmanager
def channel(filing: Filing) -> Iterator[FilingChannel]:
    """Open a filing's channel, and close it afterwards.

    The profile it was prepared with decides the channel; the certificate is the one
    chosen now, since one may be renewed meanwhile. Raises AskUser when anything is
    missing. No transaction is open while it is used.
    """
    profile = session().get_one(FilingProfile, filing.profile_id)
    opened: Digipoort | AutoReport
    if filing.channel == ProfileKind.AUTOREPORT:
        opened = _autoreport(profile, filing.administration)
    else:
        opened = _digipoort(filing.administration)
    session().rollback()
    try:
        yield opened
    finally:
        closing = opened if isinstance(opened, Digipoort) else opened.http
        closing.close()


def _digipoort(administration: Administration) -> Digipoort:
    certificate = certificate_store.chosen(administration)
    if certificate is None:
        name = administration.description
        raise AskUser("certificate_missing", administration=name)
    signing = certificate_store.opened(certificate)
    return configuration.digipoort(
        signing, pins=certificate.pins, roots=certificate.roots
    )


def _autoreport(profile: FilingProfile, administration: Administration) -> AutoReport:
    undertaking = administration.undertaking
    if undertaking is None or not undertaking.visma_id:
        name = administration.description
        raise AskUser("undertaking_unregistered", administration=name)
    return configuration.autoreport(profile.visma_tenant, str(undertaking.visma_id))
