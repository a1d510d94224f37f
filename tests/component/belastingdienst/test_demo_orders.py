"""Every kind of order that the demo shop makes, read by its plugin, has its box.

The boxes were worked out by hand from what each kind sells; cents are incl VAT prices
of 12.10 at 21 % and the like.
"""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.domain.orders import Address, LineKind, Order, OrderLine
from core.rules.sale_checks import GiftCards, NoTurnover, VatRules
from core.rules.seller import DistanceSales, Seller, VatStatus
from plugins.belastingdienst.sales.order_figures import (
    Document,
    Judged,
    distance_sale,
    entries,
    judge,
    oss_sales,
)
from plugins.kmoshops.orders.mapping import order_from_document
from plugins.kmoshops.sandbox.documents import build
from plugins.kmoshops.sandbox.testorders import EVERY_KIND

NOW = datetime(2026, 8, 10, 12, tzinfo=UTC)
HIGH = "1a 10.00 2.10"
EXPECTED = {
    "verzending over twee tarieven": "1a 14.00 2.94, 1b 14.00 1.26",
    "afhalen door een Belg": HIGH,
    "winkeltegoed": HIGH,
    "spaarpunten": HIGH,
    "betaald met cadeaubon": HIGH,
    "cadeaubon verkocht": f"{HIGH}, order_gift_card_unsaid",
    "fooi": HIGH,
    "betaalkorting": "1a 9.09 1.91",
    "statiegeld als toeslag": f"{HIGH}, order_without_vat",
    "varianten": "1a 20.00 4.20",
    "bedrijf": HIGH,
    "particulier met streepje als bedrijf": "BE 21 10.00 2.10",
    "gratis regel": HIGH,
    "alles gratis": "",
    "verzending exclusief": "1a 15.00 3.15",
    "negatief": "1a -10.00 -2.10",
    "deels terugbetaald": "1a 10.00 2.10, 1b 10.00 0.90",
    "geheel terugbetaald": HIGH,
    "bedrijf in Duitsland, BTW verlegd": "3b 10.00 0.00",
    "consument in Duitsland": "DE 19 10.00 1.90",
    "Canarische Eilanden": "3a 10.00 0.00",
    "Noord-Ierland": "XI 20 10.00 2.00",
    "Zwitserland": "3a 10.00 0.00",
}


def judged(kind: str, rules: VatRules | None = None, *statuses: VatStatus) -> Judged:
    spec = EVERY_KIND[kind](random.Random(1))
    order = order_from_document(build(spec, 10, 10, NOW), "EUR")
    document = Document("order:1", order, rules or VatRules(()))
    return judge(document, Seller("NL", statuses=statuses), lambda _day: True)


def told(found: Judged) -> str:
    boxes = [f"{one.rubric} {one.box.turnover} {one.box.vat}" for one in entries(found)]
    abroad = [
        f"{one.country} {one.rate} {one.amount_excl_vat} {one.vat}"
        for one in oss_sales(found)
    ]
    return ", ".join([*boxes, *abroad, *(one.code for one in found.doubts)])


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_kind_has_its_box(kind: str) -> None:
    assert told(judged(kind)) == EXPECTED[kind]


def test_no_kind_is_left_out() -> None:
    assert set(EVERY_KIND) - set(EXPECTED) == {"gewoon"}  # of random amounts


@pytest.mark.parametrize(
    ("cards", "told_of"),
    [
        (GiftCards.MANY, HIGH),
        (GiftCards.ONE, f"{HIGH}, order_without_vat"),
        (GiftCards.UNKNOWN, f"{HIGH}, order_gift_card_unsaid"),
    ],
)
def test_what_gift_cards_are_for_decides(cards: GiftCards, told_of: str) -> None:
    rules = VatRules((), NoTurnover(cards))
    assert told(judged("cadeaubon verkocht", rules)) == told_of


def test_a_card_whose_vat_was_due_when_sold_is_asked_when_redeemed() -> None:
    rules = VatRules((), NoTurnover(GiftCards.ONE))
    assert told(judged("betaald met cadeaubon", rules)) == "gift_card_taxed_twice"


def test_under_the_scheme_for_small_enterprises_vat_is_asked() -> None:
    small = VatStatus(date(2020, 1, 1), small_business=True)
    assert told(judged("gewoon", None, small)) == "vat_charged_by_small_business"


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (DistanceSales.OSS, []),
        (DistanceSales.UNKNOWN, []),
        # German VAT on a sale that is taxed at home, by who has an OSS registration
        (DistanceSales.HOME, ["order_rate_not_dutch", "order_oss_contradicted"]),
    ],
)
def test_the_status_of_the_seller_decides_abroad(
    status: DistanceSales, codes: list[str]
) -> None:
    found = judged("consument in Duitsland", None, VatStatus(date(2020, 1, 1), status))
    assert [one.code for one in found.doubts] == codes
    counted = distance_sale(found)
    assert counted is not None
    assert counted.amount_excl_vat == Decimal("10.00")


@pytest.mark.parametrize(
    ("vat", "told_of"),
    [("2.10", HIGH), ("2.13", "1a 9.97 2.13"), ("2.16", "vat_off_rate")],
)
def test_what_a_package_books_is_no_question(vat: str, told_of: str) -> None:
    line = OrderLine(
        LineKind.GOODS, "Mok", Decimal(1), Decimal("12.10"), Decimal(vat), Decimal(21)
    )
    order = Order(
        "1", "1", NOW, NOW, "EUR", Decimal("12.10"), Decimal(vat), (line,),
        delivery=Address(country="NL", postal_code="1012AB", city="Amsterdam"),
    )  # fmt: skip
    found = judge(
        Document("order:1", order, VatRules(())), Seller("NL"), lambda _day: True
    )
    assert told(found) == told_of


def test_a_tip_from_abroad_is_in_no_return() -> None:
    tip = OrderLine(
        LineKind.TIP, "Fooi", Decimal(1), Decimal(5), Decimal(0), Decimal(0)
    )
    spec = EVERY_KIND["consument in Duitsland"](random.Random(1))
    order = order_from_document(build(spec, 10, 10, NOW), "EUR")
    order = replace(
        order, lines=(*order.lines, tip), total_incl_vat=order.total_incl_vat + 5
    )
    found = judge(
        Document("order:1", order, VatRules(())), Seller("NL"), lambda _day: True
    )
    assert told(found) == "DE 19 10.00 1.90"
    counted = distance_sale(found)
    assert counted is not None
    sold = sum(one.amount_excl_vat for one in found.sold)
    assert (counted.amount_excl_vat, sold) == (10, 10)
