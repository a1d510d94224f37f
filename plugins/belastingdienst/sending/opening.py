"""The channel that one declaration leaves by, opened with its administration's keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.domain.errors import AskUser
from core.plugin.capabilities import FilingChannel
from core.plugin.database import session
from plugins.belastingdienst import configuration
from plugins.belastingdienst.channels import routes
from plugins.belastingdienst.channels.digipoort.channel import Digipoort
from plugins.belastingdienst.models import Administration, Filing, FilingProfile
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.setup import administrations, certificate_store


@contextmanager
def channel(filing: Filing) -> Iterator[FilingChannel]:
    """Open a filing's channel, and close it afterwards.

    The profile it was prepared with decides the channel; the certificate is the one
    chosen now, since one may be renewed meanwhile. Raises AskUser when anything is
    missing. No transaction is open while it is used.
    """
    opened = _opened(filing)
    session().rollback()
    try:
        yield opened
    finally:
        opened.close()


def _opened(filing: Filing) -> FilingChannel:
    if filing.channel == DIGIPOORT:
        return _digipoort(filing.administration)
    profile = session().get_one(FilingProfile, filing.profile_id)
    filer = administrations.filer(filing.administration, profile)
    return routes.route(filing.channel).open(filer)


def _digipoort(administration: Administration) -> Digipoort:
    certificate = certificate_store.chosen(administration)
    if certificate is None:
        name = administration.description
        raise AskUser("certificate_missing", administration=name)
    signing = certificate_store.opened(certificate)
    return configuration.digipoort(
        signing, pins=certificate.pins, roots=certificate.roots
    )
