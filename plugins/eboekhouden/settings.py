"""Where e-Boekhouden.nl is reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    eboekhouden_wsdl_url: str = setting(
        "https://soap.e-boekhouden.nl/soap.asmx?WSDL", "e-Boekhouden.nl, its WSDL"
    )
    eboekhouden_soap_url: str = setting(
        "https://soap.e-boekhouden.nl/soap.asmx", "its SOAP interface"
    )
    eboekhouden_rest_url: str = setting(
        "https://api.e-boekhouden.nl/", "its REST interface (Belgium: .be)"
    )
    eboekhouden_calls_per_month: int = setting(
        5000, "its limit per SOAP connection; 0: none"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
