"""Each kind of order that the sandbox can make is read as it should be."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain.money import total
from core.domain.orders import Order
from core.rules.vat_fit import check_vat
from plugins.kmoshops.orders.mapping import order_from_document
from plugins.kmoshops.sandbox.documents import build
from plugins.kmoshops.sandbox.refunds import give_back
from plugins.kmoshops.sandbox.testorders import ABROAD, KINDS

D = Decimal
NOW = datetime(2026, 9, 29, tzinfo=UTC)
MUG = "goods 12.10 at 21"
SHIRTS = ["T-shirt basic (Maat: M)", "T-shirt basic (Maat: L)"]
LINES = {
    "verzending over twee tarieven": [
        "goods 10.90 at 9", MUG, "shipping 2.18 at 9", "shipping 2.42 at 21",
        "fee 2.18 at 9", "fee 2.42 at 21",
    ],
    "cadeaubon verkocht": [MUG, "gift_card 50.00 at 0"],
    "fooi": [MUG, "tip 2.00 at 0"],
    "betaalkorting": ["goods 11.00 at 21"],
    "statiegeld als toeslag": [MUG, "fee 0.25 at 0"],
    "varianten": [MUG, MUG],
    "gratis regel": [MUG, "goods 0.00 at 0"],
    "alles gratis": ["goods 0.00 at 21"],
    "verzending exclusief": [MUG, "shipping 6.05 at 21"],
    "negatief": ["goods -12.10 at 21"],
    "deels terugbetaald": ["goods 10.90 at 9", MUG],
}  # fmt: skip
ABROAD_RATES = {
    "bedrijf in Duitsland, BTW verlegd": "DE 0",
    "consument in Duitsland": "DE 19",
    "Canarische Eilanden": "ES 0",
    "Noord-Ierland": "GB 20",
    "Zwitserland": "CH 0",
}
PAID = {
    "winkeltegoed": ["store_credit 5.00", "iDEAL 7.10"],
    "spaarpunten": ["loyalty 1.10", "iDEAL 11.00"],
    "betaald met cadeaubon": ["gift_card 12.10"],
    "alles gratis": [],
    "negatief": ["iDEAL -12.10"],
}


def made(kind: str, **more: Any) -> Order:
    spec = {**KINDS[kind](random.Random(1)), "payment_method": "iDEAL", **more}
    return order_from_document(build(spec, 1, 1, NOW), "EUR")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "gewoon"])
def test_each_kind_adds_up_with_its_lines_and_payments(kind: str) -> None:
    order = made(kind)
    lines = [f"{o.kind} {o.amount_incl_vat:.2f} at {o.vat_rate:f}" for o in order.lines]
    assert lines == LINES.get(kind, [MUG])
    paid = [f"{payment.method} {payment.amount:.2f}" for payment in order.payments]
    assert paid == PAID.get(kind, [f"iDEAL {order.total_incl_vat:.2f}"])
    assert order.lines_total_incl_vat == order.total_incl_vat
    assert total(p.amount for p in order.payments) == order.total_incl_vat
    check_vat(order)


@pytest.mark.parametrize("kind", ABROAD)
def test_what_goes_abroad_has_its_place_and_its_vat(kind: str) -> None:
    order = order_from_document(build(ABROAD[kind](random.Random(1)), 1, 1, NOW), "EUR")
    [line] = order.lines
    assert f"{order.country} {line.vat_rate:f}" == ABROAD_RATES[kind]
    assert order.reverse_charged == bool(order.vat_number) == ("verlegd" in kind)
    check_vat(order)


def test_who_buys_and_where_is_read() -> None:
    collected = made("afhalen door een Belg")
    assert (collected.is_collected, collected.country) == (True, "BE")
    assert collected.delivery.country == ""
    assert made("bedrijf").is_business
    private = made("particulier met streepje als bedrijf")
    assert (private.is_business, private.company) == (False, "")
    assert [line.description for line in made("varianten").lines] == SHIRTS


@pytest.mark.parametrize(
    ("kind", "refunds"),
    [
        ("deels terugbetaald", [("2.00", "unknown", "Deuk")]),
        ("geheel terugbetaald", [("12.10", "returned", "Retour")]),
    ],
)
def test_refunds_are_read(kind: str, refunds: list[tuple[str, str, str]]) -> None:
    found = [(f"{r.amount:.2f}", str(r.kind), r.reason) for r in made(kind).refunds]
    assert found == refunds


def test_the_shop_refuses_what_it_never_does() -> None:
    for spec in (
        {"lines": [], "store_credit": "1.00"},
        {"lines": [{"sku": "B", "name": "B", "price": "5", "quantity": 1,
                    "gift_card": True, "vat_rate": "21"}]},
        {"b2b": "company"},
        {**KINDS["gewoon"](random.Random(1)), "payment_status": "AWAITING_PAYMENT",
         "refunds": [{"amount": "1.00"}]},
    ):  # fmt: skip
        with pytest.raises(ValueError):  # noqa: PT011
            build(spec, 1, 1, NOW)
    document = build(KINDS["bedrijf"](random.Random(1)), 1, 1, NOW)
    give_back(document, D("12.00"), "", "")
    assert document["paymentStatus"] == "PARTIALLY_REFUNDED"
    with pytest.raises(ValueError, match=r"0\.10"):
        give_back(document, D("0.11"), "", "")
    give_back(document, D("0.10"), "", "")
    assert document["paymentStatus"] == "REFUNDED"
