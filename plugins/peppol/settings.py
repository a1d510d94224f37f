"""Where the access point and the register of receivers are reached."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Without an address of an access point nothing is sent: files only."""

    peppol_access_point_url: str = setting(
        "", "Peppol access point (REST of phoss AP); empty: files only"
    )
    peppol_lookup_url: str = setting(
        "https://peppol.helger.com/api/", "where receivers on Peppol are looked up"
    )
    peppol_lookup_network: str = setting(
        "peppolprod", "network to look receivers up in: peppolprod or peppoltest"
    )
    peppol_webhook_secret: str = setting(
        "", "part of the address that documents come in at; empty: none come in"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
