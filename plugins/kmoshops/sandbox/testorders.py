"""Made-up orders of today, for a person who tries the demonstration."""

import random
from typing import Any

_GOODS = (
    ("MOK-01", "Mok met stip", "8.95", "21"),
    ("THEE-04", "Groene thee 100 g", "6.50", "9"),
    ("LAMP-12", "Leeslamp messing", "74.95", "21"),
    ("BOEK-77", "Kookboek Lage Landen", "27.99", "9"),
    ("TAS-03", "Linnen tas", "12.00", "21"),
)
_BUYERS = (
    ("Sophie Fischer", "Stationstraat 12", "1012 AB", "Amsterdam", "NL", "Nederland"),
    ("Daan de Wit", "Kerkplein 3", "3511 LM", "Utrecht", "NL", "Nederland"),
    ("Lotte Peeters", "Meir 45", "2000", "Antwerpen", "BE", "België"),
)
_REDUCED = {"NL": "9", "BE": "6"}
_METHODS = ("iDEAL", "Bancontact", "PayPal", "Bank transfer")


def random_spec(dice: random.Random) -> dict[str, Any]:
    """Return a specification of a test order of one to three lines."""
    name, street, postal_code, city, code, country = dice.choice(_BUYERS)
    goods = dice.sample(_GOODS, dice.randint(1, 3))
    person = {
        "name": name,
        "street": street,
        "postalCode": postal_code,
        "city": city,
        "countryCode": code,
        "countryName": country,
    }
    return {
        "email": f"{name.lower().replace(' ', '.')}@example.com",
        "billing": person,
        "lines": [_line(dice, code, *article) for article in goods],
        "shipping": {"name": "Standaard", "price": "4.95", "vat_rate": "21"},
        "payment_method": dice.choice(_METHODS),
    }


def _line(
    dice: random.Random, country: str, sku: str, name: str, price: str, rate: str
) -> dict[str, Any]:
    return {
        "sku": sku,
        "name": name,
        "price": price,
        "quantity": dice.randint(1, 3),
        "vat_rate": _REDUCED[country] if rate == "9" else rate,
    }
