"""Where VIES is reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    vies_url: str = setting(
        "https://ec.europa.eu/taxation_customs/vies/checkVatService.wsdl", "VIES"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
