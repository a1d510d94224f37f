"""What real orders had in them that once went wrong: each with the right lines."""

from decimal import Decimal
from typing import Any

import pytest

from core.domain.errors import AskUser
from core.domain.orders import LineKind, Order
from core.rules.sale_checks import check_order
from core.rules.vat_fit import check_vat
from plugins.kmoshops.orders.mapping import order_from_document
from tests.unit.kmoshops.documents import document, item, tax

D = Decimal
TEA = item("10.90", name="Thee", sku="THEE", taxes=[])


def mapped(**changes: Any) -> Order:
    return order_from_document(document(**changes), "EUR")


def own(rate: str, goods: str, shipping: str = "0") -> dict[str, Any]:
    """A line's tax with its share of the shipping's."""
    return tax(
        rate,
        str(D(goods) + D(shipping)),
        taxOnDiscountedSubtotal=D(goods),
        taxOnShipping=D(shipping),
    )


def shown(order: Order) -> list[tuple[str, str, str, str]]:
    return [
        (str(li.kind), f"{li.amount_incl_vat:.2f}", f"{li.vat_amount:.2f}",
         f"{li.vat_rate:f}")
        for li in order.lines
    ]  # fmt: skip


def two_rates(tea: dict[str, Any], mug: dict[str, Any], **more: Any) -> Order:
    order = mapped(
        items=[
            item("10.90", name="Thee", sku="THEE", taxes=[own("9", "0.90")], **tea),
            item("12.10", taxes=[own("21", "2.10")], **mug),
        ],
        total=D("27.60"),
        shippingOption={"shippingMethodName": "PostNL", "shippingRate": D("4.60")},
        **more,
    )
    check_order(order)
    check_vat(order)
    return order


def test_shipping_has_the_rates_of_the_goods() -> None:
    order = two_rates({}, {}, taxesOnShipping=[tax("9", "0.18"), tax("21", "0.42")])
    assert shown(order)[2:] == [
        ("shipping", "2.18", "0.18", "9"),
        ("shipping", "2.42", "0.42", "21"),
    ]


def test_a_rate_without_vat_takes_no_part_of_the_shipping() -> None:
    order = two_rates({}, {}, taxesOnShipping=[tax("9", "0"), tax("21", "0.80")])
    assert shown(order)[2:] == [("shipping", "4.60", "0.80", "21")]


def test_the_shop_s_own_division_counts() -> None:
    """An untaxed article carries its share of the shipping without VAT."""
    order = mapped(
        items=[
            item("10.00", name="Boek", taxes=[], shipping=D("2.18")),
            item("12.10", taxes=[own("21", "2.10", "0.42")], shipping=D("2.42")),
        ],
        total=D("26.70"),
        shippingOption={"shippingRate": D("4.60")},
        taxesOnShipping=[tax("21", "0.42")],
    )
    assert shown(order)[2:] == [
        ("shipping", "2.18", "0.00", "0"),
        ("shipping", "2.42", "0.42", "21"),
    ]
    check_order(order)


def test_a_part_of_the_shipping_too_small_for_vat_has_the_rate_of_its_line() -> None:
    """A cheap article beside dear ones bears two cents, whose VAT is rounded away."""
    order = mapped(
        items=[
            item("0.51", name="Kaartje", taxes=[own("21", "0.09")], shipping=D("0.02")),
            item("164.93", taxes=[own("12", "17.67", "0.56")], shipping=D("5.27")),
            item("100.00", taxes=[own("6", "5.66", "0.18")], shipping=D("3.20")),
        ],
        total=D("273.93"),
        shippingOption={"shippingRate": D("8.49")},
        taxesOnShipping=[tax("12", "0.56"), tax("6", "0.18")],
    )
    assert sorted(shown(order)[3:]) == [
        ("shipping", "0.02", "0.00", "21"),
        ("shipping", "3.20", "0.18", "6"),
        ("shipping", "5.27", "0.56", "12"),
    ]
    check_order(order)


def test_the_lines_may_be_all_that_names_the_shipping_s_vat() -> None:
    order = mapped(
        items=[
            item("10.00", name="Thee", taxes=[own("9", "0.90", "0.18")]),
            item("10.00", taxes=[own("21", "2.10", "0.42")]),
        ],
        pricesIncludeTax=False,
        total=D("27.60"),
        shippingOption={"shippingRate": D("4.00")},
    )
    assert shown(order)[2:] == [
        ("shipping", "2.18", "0.18", "9"),
        ("shipping", "2.42", "0.42", "21"),
    ]
    check_order(order)


def test_a_set_of_two_rates_is_a_line_for_each() -> None:
    box = item(
        "11.50",
        2,
        name="Pakket",
        sku="BOX",
        taxes=[tax("9", "0.90"), tax("21", "2.10")],
    )
    order = mapped(items=[box], total=D("23.00"))
    assert shown(order) == [
        ("goods", "10.90", "0.90", "9"),
        ("goods", "12.10", "2.10", "21"),
    ]
    assert {(line.article_number, line.quantity) for line in order.lines} == {
        ("BOX", D(2))
    }


def test_handling_and_surcharges_are_divided_too() -> None:
    taxes = [tax("9", "0.18"), tax("21", "0.42")]
    order = mapped(
        total=D("21.30"),
        handlingFee={"name": "Inpakken", "value": D("4.60"), "taxes": taxes},
        customSurcharges=[{"description": "x", "total": D("4.60"), "taxes": taxes}],
    )
    halves = [("fee", "2.18", "0.18", "9"), ("fee", "2.42", "0.42", "21")]
    assert shown(order)[1:] == halves * 2
    check_order(order)


def test_taxes_that_divide_nothing_are_refused_before_booking() -> None:
    odd = [tax("9", "0.18"), tax("21", "2.42")]
    order = mapped(
        total=D("16.70"),
        shippingOption={"shippingRate": D("4.60")},
        taxesOnShipping=odd,
    )
    with pytest.raises(AskUser, match="vat_off_rate"):
        check_vat(order)


def test_a_gift_card_and_a_tip_are_no_turnover() -> None:
    card = item("50", name="Cadeaubon", taxes=[], giftCard=True, taxable=False)
    order = mapped(
        items=[item(), card],
        total=D("64.10"),
        customSurcharges=[{"id": "tips", "description": "Tips", "total": 2}],
    )
    assert [line.kind for line in order.lines] == [
        LineKind.GOODS,
        LineKind.GIFT_CARD,
        LineKind.TIP,
    ]
    check_order(order)


def test_an_untaxed_surcharge_stays_a_fee_to_ask_about() -> None:
    fee = {"id": "box", "description": "Statiegeld", "total": D("0.25")}
    order = mapped(
        total=D("12.35"), customSurcharges=[{**fee, "taxable": False, "taxes": []}]
    )
    assert shown(order)[1] == ("fee", "0.25", "0.00", "0")


def test_a_negative_surcharge_goes_inside_the_lines() -> None:
    less = {"description": "Betaalkorting", "total": D("-1.10")}
    order = mapped(
        total=D("11.00"), customSurcharges=[{**less, "taxes": [tax("21", "-0.19")]}]
    )
    assert shown(order) == [("goods", "11.00", "1.91", "21")]
    check_order(order)
    check_vat(order)


def test_a_discount_on_a_reversed_charge_is_at_its_rate() -> None:
    order = mapped(
        items=[item("100.00", taxes=[own("21", "0")])],
        total=D("95.00"),
        reversedTaxApplied=True,
        customSurcharges=[{"description": "Korting", "total": D("-5.00")}],
    )
    assert shown(order) == [("goods", "95.00", "0.00", "0")]


def test_a_negative_order_stays_negative() -> None:
    order = mapped(
        items=[item("-12.10", taxes=[own("21", "-2.10")])],
        total=D("-12.10"),
        tax=D("-2.10"),
    )
    assert shown(order) == [("goods", "-12.10", "-2.10", "21")]
    assert [payment.amount for payment in order.payments] == [D("-12.10")]


def test_a_gift_of_nothing_stays_a_line_of_nothing() -> None:
    order = mapped(items=[item(), item("0", name="Cadeautje", taxes=[])])
    assert shown(order)[1] == ("goods", "0.00", "0.00", "0")
    check_order(order)
    check_vat(order)


def test_variants_and_options_are_told_apart() -> None:
    def shirt(size: str, **more: Any) -> dict[str, Any]:
        option = {"name": "Maat", "value": size, "type": "CHOICE"}
        return item(name="T-shirt", selectedOptions=[option], **more)

    order = mapped(
        items=[
            shirt("M", sku="TSB-M", combinationId=1),
            shirt("L", sku="TSB-L", combinationId=2),
            shirt("S", sku="", productId=77, combinationId=3),
            item(name="Kaars", sku="", productId=78),
            item(name="Kaars", sku=""),
        ],
    )
    assert [(line.description, line.article_number) for line in order.lines] == [
        ("T-shirt (Maat: M)", "TSB-M"),
        ("T-shirt (Maat: L)", "TSB-L"),
        ("T-shirt (Maat: S)", "P77-3"),
        ("Kaars", "P78"),
        ("Kaars", ""),
    ]


def test_what_the_buyer_chose_and_typed_is_kept_short() -> None:
    chosen = {"selections": [{"selectionTitle": "Goud"}, {"selectionTitle": "Roos"}]}
    options = [
        {"name": "Kleuren", "value": "Goud, Roos", **chosen},
        {"name": "Tekst", "value": "Voor\n mijn " + "lieve " * 40, "type": "TEXTAREA"},
        {"name": "Foto", "type": "FILES"},
    ]
    [line] = mapped(items=[item(selectedOptions=options)]).lines
    assert line.description.startswith("Mok (Kleuren: Goud, Roos, Tekst: Voor mijn l")
    assert line.description.endswith("…)")
    assert len(line.description) < 110


def test_shipping_without_vat_beside_goods_with_it() -> None:
    order = mapped(
        total=D("18.15"),
        shippingOption={"shippingRate": D(5), "shippingRateWithoutTax": D(5)},
        taxesOnShipping=[tax("21", "1.05")],
    )
    assert shown(order)[1] == ("shipping", "6.05", "1.05", "21")
    check_order(order)


def test_a_tax_on_top_is_named_by_the_tax_alone() -> None:
    order = mapped(
        total=D("18.15"),
        shippingOption={"shippingRate": D(5)},
        taxesOnShipping=[tax("21", "1.05", includeInPrice=False)],
    )
    assert shown(order)[1] == ("shipping", "6.05", "1.05", "21")


VENDOR = {
    "pricesIncludeTax": False,
    "total": 600,
    "tax": 10,
    "items": [item("500", name="Pizza", taxes=[], priceWithoutTax=500, tax=0)],
    "totalBeforeGiftCardRedemption": 600,
    "couponDiscount": 10,
    "shippingOption": {"shippingRate": 110, "shippingRateWithoutTax": 110},
    "taxesOnShipping": [tax("10", "10")],
}


def test_the_total_without_tax_tells_where_the_flag_errs() -> None:
    order = mapped(**VENDOR, totalWithoutTax=590)
    assert shown(order) == [
        ("goods", "490.00", "0.00", "0"),
        ("shipping", "110.00", "10.00", "10"),
    ]
    check_order(order)


@pytest.mark.parametrize("more", [{}, {"totalWithoutTax": 600}])
def test_without_that_word_the_user_is_asked(more: dict[str, Any]) -> None:
    with pytest.raises(AskUser, match="total_mismatch"):
        check_order(mapped(**VENDOR, **more))
