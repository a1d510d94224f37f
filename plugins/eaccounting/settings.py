"""Where Visma eAccounting is reached, and as whom."""

from dataclasses import dataclass

from core.plugin.settings import setting, settings_of


@dataclass(frozen=True)
class Settings:
    """Addresses default to the vendor's production."""

    eaccounting_api_url: str = setting(
        "https://eaccountingapi.vismaonline.com/v2/", "Visma eAccounting API"
    )
    eaccounting_identity_url: str = setting(
        "https://identity.vismaonline.com/connect/", "its OAuth"
    )
    eaccounting_client_id: str = setting("", "our client at Visma")
    eaccounting_client_secret: str = setting("", "its secret")
    eaccounting_receivable: str = setting(
        "ledger_item",
        "what a payment voucher settles: `ledger_item` or, where Visma takes only"
        " that, the `customer_invoice` it made of it",
    )
    eaccounting_calls_per_minute: int = setting(
        600, "Visma's limit per client and endpoint; 0: none"
    )


def settings() -> Settings:
    """Return the running application's."""
    return settings_of(Settings)
