"""The outside systems as the settings say: where they are, and how they are spoken to.

What belongs to one customer (his certificate, his administration, his tenant at Visma)
is handed in; the rest is the same for all.
"""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.domain.errors import AskUser
from core.net.http import TokenSource
from core.net.oauth import OAuthProvider
from core.plugin.settings import SettingsError, core_settings
from plugins.accountview import client
from plugins.accountview.autoreport import AutoReport, AutoReportAccess
from plugins.accountview.certificates import SigningCertificate, fingerprints
from plugins.accountview.client import AccountView
from plugins.accountview.digipoort import Digipoort, DigipoortAccess
from plugins.accountview.returns import Software
from plugins.accountview.services import VismaServices
from plugins.accountview.settings import settings
from plugins.accountview.wssecurity import Algorithm

SOFTWARE = "Koppelwerk"
_NO_VERSION = "0"


def oauth_provider() -> OAuthProvider:
    """Return AccountView.Net's OAuth server."""
    values = settings()
    return client.provider(
        values.accountview_api_url,
        values.accountview_oauth_url,
        values.accountview_client_id,
        values.accountview_client_secret,
    )


def accountview(tokens: TokenSource, company: str = "") -> AccountView:
    """Open AccountView for one user and, when given, one administration."""
    return AccountView(settings().accountview_api_url, tokens, company=company)


def digipoort(
    certificate: SigningCertificate, *, pins: str = "", roots: str = ""
) -> Digipoort:
    """Open Digipoort with a customer's certificate.

    `pins` and `roots` (PEM) stand in for those of the settings, as for a sandbox that
    makes its own. Raises AskUser `digipoort_not_configured`, and SettingsError for a
    setting that is not right.
    """
    values = settings()
    access = DigipoortAccess(
        delivery_url=values.digipoort_delivery_url,
        status_url=values.digipoort_status_url,
        pinned=fingerprints(pins or values.digipoort_pins),
        algorithm=_algorithm(values.digipoort_hash),
        identity_type=values.digipoort_identity_type,
        roots=roots or _roots(values.digipoort_roots),
        deadline=core_settings().send_seconds,
    )
    return Digipoort(access, certificate)


def _algorithm(name: str) -> Algorithm:
    try:
        return Algorithm(name)
    except ValueError as error:
        raise SettingsError(
            "setting_invalid", name="DIGIPOORT_HASH", value=name
        ) from error


def _roots(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("ascii")
    except (OSError, ValueError) as error:
        raise SettingsError(
            "setting_invalid", name="DIGIPOORT_ROOTS", value=path
        ) from error


def autoreport(tenant: str, company: str) -> AutoReport:
    """Open AutoReport for a customer; AskUser `autoreport_not_configured`."""
    values = settings()
    return AutoReport(
        AutoReportAccess(
            url=values.autoreport_url,
            token_url=values.autoreport_token_url,
            client_id=values.autoreport_client_id,
            client_secret=values.autoreport_client_secret,
            scope=values.autoreport_scope,
            tenant=tenant,
            company=company,
        )
    )


def visma_services() -> VismaServices:
    """Open the wizard's services; AskUser `visma_services_not_configured`."""
    return VismaServices(settings().visma_services_url)


def software() -> Software:
    """Return what a message says of us; AskUser `vendor_number_missing`."""
    number = settings().tax_vendor_number
    if not number:
        raise AskUser("vendor_number_missing")
    try:
        release = version(SOFTWARE.lower())
    except PackageNotFoundError:  # run from its folder, not installed
        release = _NO_VERSION
    return Software(SOFTWARE, release, number)
