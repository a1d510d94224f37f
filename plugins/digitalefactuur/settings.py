"""Where DigitaleFactuur is reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    digitalefactuur_api_url: str = setting(
        "https://administratie.digitalefactuur.nl/api/", "DigitaleFactuur API"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
