"""From order document to order: to the cent, or not at all."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain import jsontext
from core.domain.errors import AskUser
from core.domain.orders import LineKind, Order, SaleKind, order_from_dict, order_to_dict
from core.rules.sale_checks import VatRule, VatRules, check_order
from core.rules.sale_place import place_of
from core.rules.seller import Seller
from core.rules.vat_fit import check_vat
from plugins.kmoshops import wire
from plugins.kmoshops.orders.mapping import order_from_document
from tests.shared import shared_file
from tests.unit.kmoshops.documents import document, item, tax

D = Decimal


def mapped(**changes: Any) -> Order:
    return order_from_document(document(**changes), "EUR")


def lines(order: Order) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    return [
        (line.description, line.amount_incl_vat, line.vat_amount, line.vat_rate)
        for line in order.lines
    ]


@pytest.fixture
def vendor_sample() -> dict[str, Any]:
    """The vendor's own sample order; its comments are no JSON."""
    text = shared_file("contracts/ecwid/order-get-response.jsonc").read_text("utf-8")
    loaded = jsontext.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    return dict(loaded)


def test_the_vendor_s_sample_adds_up(vendor_sample: dict[str, Any]) -> None:
    order = order_from_document(vendor_sample, "EUR")
    assert order.lines_total_incl_vat == order.total_incl_vat == D("2014.97")
    assert order.vat_amount == D("488.48")
    assert lines(order) == [
        ("iMac (Price-Optimizer: 6)", D("1365.41"), D("331.01"), D(32)),
        (
            "Mug (Color: White, Size: 11oz, Price-Optimizer: 4)",
            D("21.44"),
            D("5.20"),
            D(32),
        ),
        ("USPS Priority Mail", D("624.12"), D("152.27"), D(20)),
        ("Handling Fee", D("4.00"), D(0), D(0)),
    ]
    assert order.number == order.source_id == "1028"
    assert order.ordered_at == datetime(2018, 5, 31, 15, 8, 36, tzinfo=UTC)
    assert order.updated_at == datetime(2018, 5, 31, 15, 9, 35, tzinfo=UTC)
    assert order.billing.street == "555 Lackawanna Ave"
    assert (order.country, order.email) == ("US", "mscott@gmail.com")
    assert order.refunded_amount == D("3.50")


def test_two_taxes_on_one_line_are_a_question_for_the_user(
    vendor_sample: dict[str, Any],
) -> None:
    order = order_from_document(vendor_sample, "EUR")
    rules = VatRules([VatRule(SaleKind.INTERNATIONAL, "", D(20), "20", "8100")])
    with pytest.raises(AskUser, match="vat_charged_outside"):
        rules.find(order.lines[0], place_of(order, Seller("NL")))
    # the shipping's VAT is that on the handling fee as well: no rate fits it
    with pytest.raises(AskUser, match=r"vat_off_rate.*USPS Priority Mail"):
        check_vat(order)


def test_an_order_keeps_its_digits_through_storage() -> None:
    order = mapped()
    stored = jsontext.loads(jsontext.dumps(order_to_dict(order)))
    assert order_from_dict(stored) == order


def test_prices_without_vat_get_it_added() -> None:
    order = mapped(
        pricesIncludeTax=False,
        total=D("18.15"),
        items=[item("10", taxes=[tax("21", "2.10")])],
        shippingOption={"shippingRate": D("5"), "shippingMethodName": "PostNL"},
        taxesOnShipping=[tax("21", "1.05")],
    )
    assert lines(order) == [
        ("Mok", D("12.10"), D("2.10"), D(21)),
        ("PostNL", D("6.05"), D("1.05"), D(21)),
    ]
    assert order.lines_total_incl_vat == order.total_incl_vat


@pytest.mark.parametrize(
    ("whole", "inclusive"), [("12.10", True), ("14.20", False)]
)  # fmt: skip
def test_without_the_flag_the_total_says_what_prices_hold(
    whole: str, inclusive: bool
) -> None:
    changed = document(subtotal=D("12.10"), total=D(whole))
    del changed["pricesIncludeTax"]
    [line] = order_from_document(changed, "EUR").lines
    assert line.amount_incl_vat == D("12.10") + (0 if inclusive else D("2.10"))


def test_discounts_go_inside_the_lines() -> None:
    line = item(
        "10.00",
        3,
        couponAmount=D("4"),
        discounts=[{"total": D("1.50")}, {"total": D("0.50")}],
        taxes=[tax("21", "4.17")],
    )
    order = mapped(
        items=[line], couponDiscount=D("4"), discount=D("2"), total=D("24.00")
    )
    assert [kept.amount_incl_vat for kept in order.lines] == [D("24.00")]
    check_order(order)


def test_a_discount_that_no_line_carries_is_spread_over_them() -> None:
    order = mapped(
        items=[item("10.00"), item("10.00"), item("10.00")],
        discount=D("1.00"),
        total=D("29.00"),
    )
    amounts = [line.amount_incl_vat for line in order.lines]
    assert amounts == [D("9.67"), D("9.66"), D("9.67")]
    check_order(order)


def test_a_free_line_stays_with_zero() -> None:
    free = item("0", name="Sticker", taxes=[tax("21", "0")])
    order = mapped(items=[item(), free])
    assert lines(order)[1] == ("Sticker", D("0.00"), D("0.00"), D(21))
    check_order(order)


def test_the_share_of_shipping_in_a_line_s_taxes_is_not_the_line_s() -> None:
    shared = tax("21", "3.70", taxOnShipping=D("1.05"), taxOnHandlingFee=D("0.55"))
    assert mapped(items=[item(taxes=[shared])]).lines[0].vat_amount == D("2.10")


def test_fees_and_shipping_have_lines_of_their_own() -> None:
    order = mapped(
        total=D("21.78"),
        shippingOption={"shippingRate": D("9"), "discountedShippingRate": D("4.84")},
        taxesOnShipping=[tax("21", "0.84")],
        handlingFee={"name": "", "value": D("2.42"), "taxes": [tax("21", "0.42")]},
        customSurcharges=[
            {"description": "Betaalkosten", "total": D("2.42"), "taxes": []},
            {"description": "Nul", "total": D(0)},
        ],
    )
    assert [(line.kind, line.description) for line in order.lines] == [
        (LineKind.GOODS, "Mok"),
        (LineKind.SHIPPING, "Verzendkosten"),
        (LineKind.FEE, "Toeslag"),
        (LineKind.FEE, "Betaalkosten"),
    ]
    check_order(order)


@pytest.mark.parametrize(
    "paid",
    [
        {"giftCardRedemption": D("10"), "totalBeforeGiftCardRedemption": D("12.10")},
        {"giftCardRedemption": D("10")},
        {"storeCredit": {"redemption": D("10")}},
        {"loyalty": {"redemption": D("10")}},
        {"storeCredit": {"redemption": {"id": "s", "amount": D(10)}}},
        {"loyalty": {"redemption": {"id": "l", "amount": 10, "cancelled": False}}},
    ],
)
def test_gift_cards_and_credit_are_payments(paid: dict[str, Any]) -> None:
    order = mapped(total=D("2.10"), **paid)
    assert order.total_incl_vat == D("12.10")
    check_order(order)


def test_a_wrong_total_is_not_smoothed_over() -> None:
    order = mapped(total=D("12.11"))
    with pytest.raises(AskUser, match="total_mismatch"):
        check_order(order)


def test_reversed_vat_is_zero_percent_whatever_rate_is_named() -> None:
    order = mapped(
        items=[item(taxes=[tax("21", "0")])],
        tax=D(0),
        reversedTaxApplied=True,
        customerTaxId="BE0417497106",
    )
    assert [line.vat_rate for line in order.lines] == [D(0)]
    assert order.reverse_charged
    assert order.vat_number == "BE0417497106"


def test_what_a_double_cannot_write_is_still_cents() -> None:
    order = mapped(total=D("12.100000000000001"), items=[item("12.0999999999999996")])
    assert order.total_incl_vat == D("12.10")
    check_order(order)


def test_people_and_papers() -> None:
    order = mapped(
        email=" Sophie@Example.COM ",
        customerId=7,
        billingPerson={"firstName": "S", "lastName": "F", "companyName": "Fischer BV"},
        shippingPerson={"name": "Magazijn", "countryCode": "be"},
        invoices=[{"id": "C1", "type": "FULL_CANCEL"}, {"id": "F7", "type": "SALE"}],
        paymentMethod="x" * 300,
    )
    assert (order.email, order.customer_id) == ("sophie@example.com", "7")
    assert (order.billing.name, order.company) == ("S F", "Fischer BV")
    assert (order.billing.country, order.country) == ("", "BE")
    assert order.invoice_number == "F7"
    assert len(order.payment_method) == 200


def test_an_unknown_country_is_asked_for() -> None:
    order = mapped(billingPerson={"countryCode": "NLD"})
    with pytest.raises(AskUser, match="country_unknown"):
        check_order(order)


def test_timestamps_win_and_updates_may_be_absent() -> None:
    order = mapped(createTimestamp=1527779316, updateDate=None)
    assert order.ordered_at == datetime(2018, 5, 31, 15, 8, 36, tzinfo=UTC)
    assert order.updated_at == order.ordered_at


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total", "12.10"),
        ("total", True),
        ("total", D(10) ** 40),
        ("items", {"unexpected": ["shape"]}),
        ("items", [["no object"]]),
        ("createDate", "yesterday"),
        ("createTimestamp", 10**17),
        ("billingPerson", "Sophie"),
        ("email", ["a@example.com"]),
        ("id", "x" * 65),
        ("reversedTaxApplied", "false"),
        ("storeCredit", {"redemption": "5.00"}),
        ("refunds", [{"amount": D(1), "date": "gisteren"}]),
        ("items", [item(taxes=[tax("-21", "2.10")])]),
        ("items", [item(taxes=[], tax=D("2.10"))]),
    ],
)
def test_nonsense_is_refused_with_the_field_s_name(field: str, value: Any) -> None:
    inner = {"storeCredit": "redemption", "refunds": "date"}
    named = inner.get(field, field)
    if field == "items" and isinstance(value, list) and isinstance(value[0], dict):
        named = "taxes"
    with pytest.raises(wire.Malformed, match=named):
        mapped(**{field: value})


def test_text_holds_nothing_that_a_database_refuses() -> None:
    order = mapped(paymentMethod="iD\x00EAL\b \x1b\ufffe\ud83d")
    assert order.payment_method == "iDEAL ?"
