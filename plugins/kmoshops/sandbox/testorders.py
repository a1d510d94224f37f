"""Made-up orders of today, for a person who tries the demonstration."""

import random
from collections.abc import Callable, Sequence
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
_AT_HOME = tuple(buyer for buyer in _BUYERS if buyer[4] == "NL")
_REDUCED = {"NL": "9", "BE": "6"}
_METHODS = ("iDEAL", "Bancontact", "PayPal", "Bank transfer")


def random_spec(
    dice: random.Random, buyers: Sequence[tuple[str, ...]] = _BUYERS
) -> dict[str, Any]:
    """Return a specification of a test order of one to three lines."""
    name, street, postal_code, city, code, country = dice.choice(buyers)
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


# --- orders of a kind -----------------------------------------------------------------

_Spec = dict[str, Any]


def _mug(**more: Any) -> _Spec:
    return {"sku": "MOK-01", "name": "Mok met stip", "price": "12.10", "quantity": 1,
            "vat_rate": "21", **more}  # fmt: skip


def _tea(**more: Any) -> _Spec:
    return _mug(sku="THEE-04", name="Groene thee 100 g", price="10.90", vat_rate="9",
                **more)  # fmt: skip


def _dutch(dice: random.Random, **spec: Any) -> _Spec:
    made = random_spec(dice)
    buyer = {**made["billing"], "postalCode": "1012 AB", "city": "Amsterdam",
             "countryCode": "NL", "countryName": "Nederland"}  # fmt: skip
    return {"email": made["email"], "billing": buyer, "lines": [_mug()],
            "payment_method": made["payment_method"], **spec}  # fmt: skip


def _belgian(dice: random.Random, **spec: Any) -> _Spec:
    made = _dutch(dice, **spec)
    made["billing"] |= {"postalCode": "2000", "city": "Antwerpen", "countryCode": "BE",
                        "countryName": "België"}  # fmt: skip
    return made


def _abroad(dice: random.Random, where: str, **spec: Any) -> _Spec:
    """Return an order at 0 % unless it says otherwise, to "ES 35001 Las Palmas"."""
    code, postal_code, city = where.split(" ", 2)
    made = _dutch(dice, **{"lines": [_mug(price="10.00", vat_rate="0")], **spec})
    made["billing"] |= {"postalCode": postal_code, "city": city, "countryCode": code,
                        "countryName": code}  # fmt: skip
    return made


def _business(spec: _Spec, company: str, vat_number: str) -> _Spec:
    spec["billing"] |= {"companyName": company}
    return {**spec, "vat_id": vat_number, "vat_id_valid": True, "reversed": True,
            "b2b": "b2b", "email": "inkoop@aachener-becher.example"}  # fmt: skip


_SHIPPING = {"name": "PostNL", "price": "4.60", "vat_rate": "goods"}
_CARD = {"sku": "BON-50", "name": "Cadeaubon 50", "price": "50.00", "quantity": 1,
         "gift_card": True}  # fmt: skip


def _shirt(size: str, number: int) -> _Spec:
    return _mug(
        sku=f"TSB-{size}",
        name="T-shirt basic",
        combination_id=number,
        product_id=77_000_001,
        options=[{"name": "Maat", "value": size}],
    )


KINDS: dict[str, Callable[[random.Random], _Spec]] = {
    "gewoon": lambda dice: random_spec(dice, _AT_HOME),
    "verzending over twee tarieven": lambda dice: _dutch(
        dice, lines=[_tea(), _mug()], shipping=_SHIPPING, handling=_SHIPPING
    ),
    "afhalen door een Belg": lambda dice: _belgian(
        dice, shipping={"name": "Afhalen", "price": "0", "pickup": True}
    ),
    "winkeltegoed": lambda dice: _dutch(dice, store_credit="5.00"),
    "spaarpunten": lambda dice: _dutch(dice, loyalty="1.10"),
    "betaald met cadeaubon": lambda dice: _dutch(dice, gift_card="12.10"),
    "cadeaubon verkocht": lambda dice: _dutch(dice, lines=[_mug(), _CARD]),
    "fooi": lambda dice: _dutch(
        dice, surcharges=[{"id": "tips", "name": "Tips", "price": "2.00"}]
    ),
    "betaalkorting": lambda dice: _dutch(
        dice,
        surcharges=[{"name": "Betaalkorting", "price": "-1.10", "vat_rate": "21"}],
    ),
    "statiegeld als toeslag": lambda dice: _dutch(
        dice, surcharges=[{"id": "statiegeld", "name": "Statiegeld", "price": "0.25"}]
    ),
    "varianten": lambda dice: _dutch(dice, lines=[_shirt("M", 1), _shirt("L", 2)]),
    "bedrijf": lambda dice: _dutch(dice, b2b="b2b"),
    "particulier met streepje als bedrijf": lambda dice: _with_company(
        _belgian(dice, b2b="b2c"), "-"
    ),
    "gratis regel": lambda dice: _dutch(
        dice, lines=[_mug(), _mug(sku="G", name="Cadeautje", price="0", vat_rate=None)]
    ),
    "alles gratis": lambda dice: _dutch(dice, lines=[_mug(coupon="12.10")]),
    "verzending exclusief": lambda dice: _dutch(
        dice,
        shipping={"name": "PostNL", "price": "5.00", "vat_rate": "21",
                  "with_tax": False},
    ),
    "negatief": lambda dice: _dutch(dice, lines=[_mug(price="-12.10")]),
    "deels terugbetaald": lambda dice: _dutch(
        dice, lines=[_tea(), _mug()], refunds=[{"amount": "2.00", "reason": "Deuk"}]
    ),
    "geheel terugbetaald": lambda dice: _dutch(
        dice, refunds=[{"amount": "12.10", "reason": "Retour"}]
    ),
}  # fmt: skip
"""What the shop can sell at home, by name; each needs care in the books."""
ABROAD: dict[str, Callable[[random.Random], _Spec]] = {
    "bedrijf in Duitsland, BTW verlegd": lambda dice: _business(
        _abroad(dice, "DE 52062 Aachen"), "Aachener Becher GmbH", "DE129274202"
    ),
    "consument in Duitsland": lambda dice: _abroad(
        dice, "DE 52062 Aachen", lines=[_mug(price="11.90", vat_rate="19")]
    ),
    "Canarische Eilanden": lambda dice: _abroad(dice, "ES 35001 Las Palmas"),
    "Noord-Ierland": lambda dice: _abroad(
        dice, "GB BT1 Belfast", lines=[_mug(price="12.00", vat_rate="20")]
    ),
    "Zwitserland": lambda dice: _abroad(dice, "CH 8001 Zürich"),
}
"""What it can send away: where the sale takes place decides the VAT."""
EVERY_KIND = KINDS | ABROAD
"""What the shop can be asked to make, by name."""


def _with_company(spec: _Spec, company: str) -> _Spec:
    spec["billing"] |= {"companyName": company}
    return spec
