"""Where Digipoort is reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to production."""

    digipoort_delivery_url: str = setting(
        "https://wus.digipoort.logius.nl/wus/2.0/aanleverservice/1.2",
        "Digipoort, delivery service",
    )
    digipoort_status_url: str = setting(
        "https://wus.digipoort.logius.nl/wus/2.0/statusinformatieservice/1.2",
        "Digipoort, status service",
    )
    digipoort_pins: str = setting(
        "", "SHA-256 of the certificates Digipoort may sign with; empty: refuse"
    )
    digipoort_roots: str = setting(
        "", "PEM file of the roots behind its TLS certificate, beside the usual ones"
    )
    digipoort_hash: str = setting("sha256", "how we sign: sha256 or sha1")
    digipoort_answer_hash: str = setting(
        "sha256", "weakest hash its answers are believed with: sha256 or sha1"
    )
    digipoort_identity_type: str = setting("Fi", "type of a taxpayer: Fi or BTW")
    tax_vendor_number: str = setting(
        "", "our software number at the tax office, SWOnnnnn; empty: no filing"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
