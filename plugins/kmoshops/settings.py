"""Where KMO Shops is reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    kmoshops_api_url: str = setting(
        "https://app.ecwid.com/api/v3/", "KMO Shops API (modelled on Ecwid)"
    )
    kmoshops_oauth_url: str = setting("https://my.ecwid.com/api/oauth/", "its OAuth")
    kmoshops_client_id: str = setting("", "our app at KMO Shops")
    kmoshops_client_secret: str = setting("", "its secret; also signs webhooks")


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
