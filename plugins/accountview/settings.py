"""Where AccountView, AutoReport and the Visma services are reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    accountview_api_url: str = setting(
        "https://www.accountview.net/api/v3/", "AccountView.Net Web API v3"
    )
    accountview_oauth_url: str = setting(
        "https://www.accountview.net/ams/authorize.aspx", "its OAuth login"
    )
    accountview_client_id: str = setting("", "our application at AccountView.Net")
    accountview_client_secret: str = setting("", "its secret")
    visma_services_url: str = setting(
        "", "activation of Visma services; no public interface, empty: refuse"
    )
    autoreport_url: str = setting(
        "", "Visma.net AutoReport; no public interface, empty: refuse"
    )
    autoreport_token_url: str = setting(
        "https://connect.visma.com/connect/token", "Visma Connect's token address"
    )
    autoreport_client_id: str = setting("", "our client at Visma Connect")
    autoreport_client_secret: str = setting("", "its secret")
    autoreport_scope: str = setting("", "AutoReport's scope; not published")


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
