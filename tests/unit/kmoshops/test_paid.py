"""Payments, refunds and what the shop says of the buyer."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.domain.errors import AskUser
from core.domain.money import total
from core.domain.orders import Order, RefundKind
from core.rules.sale_checks import check_order
from plugins.kmoshops.orders import paid
from plugins.kmoshops.orders.mapping import order_from_document
from tests.unit.kmoshops.documents import document, item

D = Decimal
CREDIT = {"storeCredit": {"redemption": {"id": "s", "amount": D(5)}, "balance": D(3)}}


def mapped(**changes: Any) -> Order:
    return order_from_document(document(**changes), "EUR")


def test_each_purse_is_a_payment_and_the_rest_is_the_method_s() -> None:
    points = {"loyalty": {"redemption": {"amount": D("1.10"), "cancelled": False}}}
    order = mapped(total=D(4), giftCardRedemption=D(2), **CREDIT, **points)
    assert [(one.method, one.amount) for one in order.payments] == [
        ("gift_card", D(2)),
        ("store_credit", D(5)),
        ("loyalty", D("1.10")),
        ("iDEAL", D(4)),
    ]
    assert {one.paid_at for one in order.payments} == {order.ordered_at}
    assert total(p.amount for p in order.payments) == order.total_incl_vat
    check_order(order)


@pytest.mark.parametrize("status", ["AWAITING_PAYMENT", "CANCELLED", "INCOMPLETE", ""])
def test_what_is_not_paid_has_no_payments(status: str) -> None:
    assert mapped(paymentStatus=status).payments == ()


@pytest.mark.parametrize("status", ["PAID", "PARTIALLY_REFUNDED", "REFUNDED"])
def test_what_went_back_was_paid_before(status: str) -> None:
    assert [p.amount for p in mapped(paymentStatus=status).payments] == [D("12.10")]


def test_all_by_gift_card_leaves_nothing_for_the_method() -> None:
    order = mapped(
        total=0, giftCardRedemption=D("12.10"), totalBeforeGiftCardRedemption=D("12.10")
    )
    assert [p.method for p in order.payments] == ["gift_card"]


def test_cancelled_credit_paid_nothing() -> None:
    cancelled = {"redemption": {"amount": D(5), "cancelled": True}}
    with pytest.raises(AskUser, match="total_mismatch"):
        check_order(mapped(total=D("7.10"), storeCredit=cancelled))
    check_order(mapped(storeCredit=cancelled))


def refund(amount: str, date: Any = "2026-06-02 10:00:00 +0000") -> dict[str, Any]:
    return {"date": date, "source": "CP", "reason": "Kapot", "amount": D(amount)}


def test_refunds_are_the_same_at_each_reading() -> None:
    twice = [refund("2.00"), refund("2.00"), refund("1.00", None)]
    order = mapped(paymentStatus="PARTIALLY_REFUNDED", refunds=twice)
    assert [(r.source_id, r.amount, r.kind) for r in order.refunds] == [
        ("20260602T100000-2.00", D(2), RefundKind.UNKNOWN),
        ("20260602T100000-2.00-2", D(2), RefundKind.UNKNOWN),
        ("undated-1.00", D(1), RefundKind.UNKNOWN),
    ]
    assert order.refunds[0].refunded_at == datetime(2026, 6, 2, 10, tzinfo=UTC)
    assert order.refunds[0].reason == "Kapot"
    assert order.refunds[2].refunded_at == order.updated_at
    assert order.refunded_amount == D(5)
    later = mapped(paymentStatus="PARTIALLY_REFUNDED", refunds=[*twice, refund("3")])
    assert later.refunds[:3] == order.refunds


def test_what_is_refunded_beyond_the_list_is_one_more() -> None:
    order = mapped(
        paymentStatus="PARTIALLY_REFUNDED", refundedAmount=D(5), refunds=[refund("2")]
    )
    rest = order.refunds[1]
    assert (rest.source_id, rest.amount, rest.refunded_at) == (
        "rest",
        D(3),
        order.updated_at,
    )


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"refunds": [refund("12.10")]}, RefundKind.RETURNED),
        ({"refundedAmount": D("12.10")}, RefundKind.RETURNED),
        ({"refunds": [refund("12.00")]}, RefundKind.UNKNOWN),
        ({"refunds": [refund("6.05"), refund("6.05")]}, RefundKind.UNKNOWN),
        ({"refunds": [refund("7.10")], "total": D("7.10"), **CREDIT},
         RefundKind.UNKNOWN),
    ],
)  # fmt: skip
def test_only_the_whole_total_is_known_to_be_returned(
    changes: dict[str, Any], kind: RefundKind
) -> None:
    order = mapped(paymentStatus="REFUNDED", **changes)
    assert {refund.kind for refund in order.refunds} == {kind}


def test_what_all_went_back_as_credit_is_told() -> None:
    back = {"storeCredit": {"refund": D(2)}, "paymentStatus": "PARTIALLY_REFUNDED"}
    assert mapped(refunds=[refund("2")], **back).refunds[0].method == "store_credit"
    assert mapped(refunds=[refund("3")], **back).refunds[0].method == ""


@pytest.mark.parametrize(
    ("option", "collected"),
    [
        ({"isPickup": True}, True),
        ({"fulfillmentType": "PICKUP"}, True),
        ({"isPickup": False, "fulfillmentType": "SHIPPING"}, False),
        ({"fulfillmentType": "DELIVERY"}, False),
        ({}, False),
    ],
)
def test_collecting_at_the_shop_is_read(
    option: dict[str, Any], collected: bool
) -> None:
    assert mapped(shippingOption=option).is_collected is collected


@pytest.mark.parametrize(
    ("changes", "is_business", "company"),
    [
        ({"b2b_b2c": "b2b"}, True, "Zaak BV"),
        ({"b2b_b2c": "b2c"}, False, ""),
        ({}, None, "Zaak BV"),
        ({"b2b_b2c": "b2c", "customerTaxId": "NL004495445B01"}, None, "Zaak BV"),
        ({"b2b_b2c": "b2c", "reversedTaxApplied": True}, None, "Zaak BV"),
    ],
)
def test_the_shop_says_who_is_a_business(
    changes: dict[str, Any], is_business: bool | None, company: str
) -> None:
    person = {"name": "Jan", "companyName": "Zaak BV", "countryCode": "NL"}
    order = mapped(billingPerson=person, **changes)
    assert (order.is_business, order.company) == (is_business, company)
    assert order.is_private_person is (not company)


@pytest.mark.parametrize(
    "filler",
    ["-", "n.v.t.", "NVT", "geen", "Geen bedrijf", "none", ".", "N/A", "privé",
     "Particulier", "xxx", "--", "niet van toepassing", "0", "Prive persoon", " "],
)  # fmt: skip
def test_a_filler_is_no_company(filler: str) -> None:
    person = {"name": "Jan", "companyName": filler, "countryCode": "NL"}
    order = mapped(billingPerson=person, shippingPerson=person)
    assert (order.billing.company, order.delivery.company) == ("", "")
    assert order.is_private_person


@pytest.mark.parametrize("name", ["Zaak BV", "3M", "Geensen", "X-Kart", "24/7 Sport"])
def test_a_real_name_stays(name: str) -> None:
    assert mapped(billingPerson={"companyName": name}).company == name


@pytest.mark.parametrize(
    ("given", "country"),
    [("UK", "GB"), ("EL", "GR"), ("XI", "XI"), ("xk", "XK"), ("ZZ", ""), ("EU", "")],
)
def test_countries_are_those_of_iso(given: str, country: str) -> None:
    assert mapped(billingPerson={"countryCode": given}).country == country


def test_without_a_billing_address_the_delivery_s_stays() -> None:
    order = mapped(
        billingPerson=None,
        shippingPerson={"name": "Jan", "countryCode": "NL"},
        items=[item()],
    )
    assert (order.country, order.delivery.name) == ("NL", "Jan")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"refundedAmount": D("12.10")}, "REFUNDED"),
        ({"refundedAmount": D(0)}, "REFUNDED"),  # set by hand, without an amount
        ({"refundedAmount": D("10.00")}, "PARTIALLY_REFUNDED"),
        ({"refundedAmount": D("7.10"), "total": D("7.10"), **CREDIT}, "REFUNDED"),
        ({"refundedAmount": D(5), "total": D("7.10"), **CREDIT}, "PARTIALLY_REFUNDED"),
    ],
)  # fmt: skip
def test_less_than_was_paid_is_no_full_refund_whatever_the_shop_calls_it(
    changes: dict[str, Any], status: str
) -> None:
    order = mapped(**{"paymentStatus": "REFUNDED", **changes})
    assert paid.status_of(order) == status
