"""What the sandbox's login has: two administrations, their VAT rates and accounts."""

from typing import Any

Body = dict[str, Any]

ADMINISTRATIONS: tuple[Body, ...] = (
    {
        "id": "433546254874576217",
        "name": "Demo Webwinkel",
        "language": "nl",
        "currency": "EUR",
        "country": "NL",
        "time_zone": "Europe/Amsterdam",
    },
    {
        "id": "433546254874576218",
        "name": "Demo Holding",
        "language": "nl",
        "currency": "EUR",
        "country": "NL",
        "time_zone": "Europe/Amsterdam",
    },
)


def _rate(number: int, name: str, percentage: str, **more: Any) -> Body:
    return {
        "id": f"4335462557910{number:05}",
        "name": name,
        "percentage": percentage,
        "tax_rate_type": "sales_invoice",
        "show_tax": True,
        "active": True,
        "country": None,
        **more,
    }


TAX_RATES = (
    _rate(1, "21% btw", "21.0"),
    _rate(2, "9% btw", "9.0"),
    _rate(3, "0% btw", "0.0"),
    _rate(4, "Btw verlegd binnen de EU", "0.0"),
    _rate(5, "Export buiten de EU", "0.0"),
    _rate(6, "19% btw", "19.0", country="DE"),
    _rate(7, "6% btw", "6.0", active=False),
    _rate(8, "21% btw", "21.0", tax_rate_type="purchase_invoice"),
)

ACCOUNTS: tuple[Body, ...] = (
    {"id": "433546255250000001", "name": "Omzet", "account_type": "revenue"},
    {"id": "433546255250000002", "name": "Verzendkosten", "account_type": "revenue"},
    {"id": "433546255250000003", "name": "Huur", "account_type": "expenses"},
)
