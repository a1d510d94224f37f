"""AccountView, AutoReport and the Visma services as the settings say.

What belongs to one customer (his administration, his tenant at Visma) is handed in; the
rest is the same for all.
"""

from core.net.http import TokenSource
from core.net.oauth import OAuthProvider
from plugins.accountview import client
from plugins.accountview.autoreport import AutoReport, AutoReportAccess
from plugins.accountview.client import AccountView
from plugins.accountview.services import VismaServices
from plugins.accountview.settings import settings


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
