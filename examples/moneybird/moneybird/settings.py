"""Where Moneybird is reached, as whom, and how often."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    moneybird_api_url: str = setting(
        "https://moneybird.com/api/v2/", "Moneybird, its API"
    )
    moneybird_oauth_url: str = setting("https://moneybird.com/oauth/", "its OAuth")
    moneybird_client_id: str = setting("", "our client at Moneybird")
    moneybird_client_secret: str = setting("", "its secret")
    moneybird_calls: str = setting(
        "150/5 minutes", "its limit, per administration; empty: none"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
