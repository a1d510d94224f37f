"""The shop's API: orders, filters, paging, refusals."""

from decimal import Decimal
from typing import Any

import pytest

from tests.shared import shared_file

Json = dict[str, Any]
LINE = {"sku": "A1", "name": "Mok", "quantity": 2, "price": "12.10", "vat_rate": "21"}
SPEC: Json = {
    "email": "sophie@example.com",
    "customer_id": 7,
    "billing": {"name": "Sophie Fischer", "countryCode": "NL", "city": "Utrecht"},
    "lines": [
        {**LINE, "discount": "2.20", "coupon": "1.00"},
        {"sku": "B", "name": "Thee", "quantity": 3, "price": "5.45", "vat_rate": "9"},
    ],
    "shipping": {"name": "PostNL", "price": "4.95", "vat_rate": "21"},
    "handling": {"name": "Inpakken", "price": "1.21", "vat_rate": "21"},
}


@pytest.fixture
def ready(shop: Any) -> Any:
    shop.grant()
    return shop


def check_totals(order: Json) -> None:
    """Check the contract's total formula and that the VAT adds up."""
    extra = order.get("shippingOption", {}).get("shippingRate", 0)
    extra += order.get("handlingFee", {}).get("value", 0)
    net = order["subtotal"] - order["couponDiscount"] - order["discount"] + extra
    tax = order["tax"]
    assert order["total"] == net + (0 if order["pricesIncludeTax"] else tax)
    assert order["totalWithoutTax"] == order["total"] - tax
    lines = [
        item["price"] * item["quantity"]
        - item["couponAmount"]
        - sum(part["total"] for part in item["discounts"])
        for item in order["items"]
    ]
    assert sum(lines) + extra == net
    goods = [t["taxOnDiscountedSubtotal"] for i in order["items"] for t in i["taxes"]]
    other = [*order["taxesOnShipping"], *order.get("handlingFee", {}).get("taxes", ())]
    assert sum(goods) + sum(part["total"] for part in other) == tax
    if order["items"]:
        assert sum(item["tax"] for item in order["items"]) == tax


def test_a_specification_becomes_a_consistent_document(ready: Any) -> None:
    made = ready.control("POST", "orders", {**SPEC, "id": "NL-77"})
    order = ready.read("orders/NL-77")
    check_totals(order)
    assert order["total"] == Decimal("43.51")
    assert order["total"] == made["total"]
    # 21.00 at 21 %: 3.64; 16.35 at 9 %: 1.35; 4.95: 0.86; 1.21: 0.21
    assert order["tax"] == Decimal("6.06")
    assert order["items"][0]["taxes"][0] == {
        "name": "BTW",
        "value": 21,
        "total": Decimal("4.71"),
        "taxOnDiscountedSubtotal": Decimal("3.64"),
        "taxOnShipping": Decimal("0.86"),
        "taxOnHandlingFee": Decimal("0.21"),
        "includeInPrice": True,
    }
    assert order["internalId"] == made["internalId"]
    assert ready.read(f"orders/{made['internalId']}") == order


def test_prices_without_tax_are_consistent_too(ready: Any) -> None:
    made = ready.control("POST", "orders", {**SPEC, "prices_include_tax": False})
    order = ready.read(f"orders/{made['id']}")
    check_totals(order)
    assert order["totalWithoutTax"] == Decimal("43.51")


def types_of_the_contract() -> dict[str, dict[str, str]]:
    text = shared_file("contracts/ecwid/order-fields-2026.tsv").read_text()
    result: dict[str, dict[str, str]] = {}
    for line in text.splitlines()[2:]:
        owner, name, kind = line.split("\t")
        wire = "b2b_b2c" if name == "commercialRelationshipScheme" else name
        result.setdefault(owner, {})[wire] = kind.rstrip("?")
    return result


def check_types(value: Any, kind: str, types: dict[str, dict[str, str]]) -> None:
    kind = kind.rstrip("?")
    if kind.startswith("List<"):
        for part in value:
            check_types(part, kind[5:-1], types)
    elif kind in types:
        assert set(value) <= set(types[kind]), kind
        for name, part in value.items():
            check_types(part, types[kind][name], types)
    elif kind in ("Int", "Long"):
        assert isinstance(value, int)
        assert kind == "Long" or abs(value) < 2**31
    elif kind == "Double":
        assert isinstance(value, int | Decimal)
    elif kind == "Boolean":
        assert isinstance(value, bool)
    else:
        assert isinstance(value, str)


@pytest.mark.parametrize("status", ["PAID", "REFUNDED"])
def test_documents_have_the_contracts_fields_and_types(ready: Any, status: str) -> None:
    made = ready.control("POST", "orders", {**SPEC, "payment_status": status})
    order = ready.read(f"orders/{made['id']}")
    check_types(order, "FetchedOrder", types_of_the_contract())


def test_search_pages_newest_first(ready: Any) -> None:
    specs = [
        {"id": f"{n}", "created": f"2026-01-{n:02}T10:00:00Z"} for n in range(1, 8)
    ]
    ready.control("POST", "orders", specs)
    page = ready.read("orders", limit=3, offset=2)
    assert [order["id"] for order in page["items"]] == ["5", "4", "3"]
    del page["items"]
    assert page == {"total": 7, "count": 3, "offset": 2, "limit": 3}
    assert ready.read("orders", offset=70)["count"] == 0
    assert ready.read("orders")["limit"] == 100


def found(shop: Any, **params: Any) -> list[str]:
    return sorted(order["id"] for order in shop.read("orders", **params)["items"])


def test_search_filters(ready: Any) -> None:
    early = "2026-01-01T10:00:00+00:00"
    first = {**SPEC, "id": "1", "created": early, "updated": early}
    second = {
        **SPEC,
        "id": "2",
        "created": "2026-01-02T10:00:00+00:00",
        "email": "jan@example.com",
        "customer_id": 8,
        "payment_status": "AWAITING_PAYMENT",
        "fulfillment_status": "PROCESSING",
        "payment_method": "Bank transfer",
    }
    ready.control("POST", "orders", [first, second])
    assert found(ready, ids="1,3") == ["1"]
    assert found(ready, email="JAN@example.com") == ["2"]
    assert found(ready, customerId=7) == ["1"]
    assert found(ready, paymentStatus="AWAITING_PAYMENT,CANCELLED") == ["2"]
    assert found(ready, fulfillmentStatus="PROCESSING") == ["2"]
    assert found(ready, paymentMethod="Bank transfer") == ["2"]
    assert found(ready, shippingMethod="PostNL") == ["1", "2"]
    assert found(ready, shippingMethod="DHL") == []
    assert found(ready, keywords="utrecht") == ["1", "2"]
    assert found(ready, createdFrom="2026-01-02") == ["2"]
    assert found(ready, createdTo="2026-01-02 09:59:59 +0000") == ["1"]
    assert found(ready, createdFrom="2026-01-02 11:00:00 +0100") == ["2"]
    assert found(ready, updatedFrom=1767261600, updatedTo=1767261600) == ["1"]


def test_a_change_moves_the_update_moment(ready: Any) -> None:
    created = "2026-01-01T10:00:00+00:00"
    ready.control("POST", "orders", {**SPEC, "id": "1", "created": created})
    ready.control("PATCH", "orders/1", {"paymentStatus": "REFUNDED"})
    order = ready.read("orders/1")
    assert order["createDate"] == "2026-01-01 10:00:00 +0000"
    assert order["updateTimestamp"] > order["createTimestamp"]
    assert order["refundedAmount"] == order["total"]
    assert [refund["amount"] for refund in order["refunds"]] == [order["total"]]
    assert found(ready, updatedFrom=order["updateTimestamp"]) == ["1"]
    ready.control("DELETE", "orders/1")
    assert ready.get("orders/1").status_code == 404


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 101},
        {"limit": 0},
        {"offset": -1},
        {"createdFrom": "yesterday"},
        {"paymentStatus": "PAYED"},
    ],
)
def test_bad_parameters_are_refused(ready: Any, params: Json) -> None:
    answer = ready.get("orders", **params)
    assert answer.status_code == 400
    assert answer.json()["errorMessage"].startswith("Wrong value of")


def test_who_may_not_is_refused(shop: Any) -> None:
    assert shop.get("orders").status_code == 401
    shop.grant(scope="read_catalog")
    assert shop.get("orders").status_code == 403
    assert shop.get("profile").status_code == 200
    shop.grant()
    assert shop.get("orders", store_id=1004).status_code == 403
    shop.control("POST", "stores/1003", {"api": False})
    assert shop.get("orders").status_code == 402
    shop.control("POST", "stores/1003", {"api": True})
    assert shop.get("orders").status_code == 200
    shop.control("POST", "uninstall", {"store_id": 1003})
    assert shop.get("orders").status_code == 401


def test_each_store_sees_its_own_orders(shop: Any) -> None:
    shop.control("POST", "stores/2001", {"name": "Tweede", "country": "BE"})
    shop.control("POST", "orders", {**SPEC, "id": "1"}, params={"store_id": 2001})
    shop.grant(store_id=2001)
    assert shop.get("orders", store_id=2001).json()["total"] == 1
    assert shop.get("profile", store_id=2001).json()["company"]["countryCode"] == "BE"
    shop.grant()
    assert shop.read("orders")["total"] == 0
    assert shop.read("profile")["formatsAndUnits"]["currency"] == "EUR"


def test_the_rate_limit_says_how_long_to_wait(ready: Any) -> None:
    ready.control("POST", "ratelimit", {"per_minute": 2})
    codes = [ready.get("orders").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    wait = int(ready.get("orders").headers["Retry-After"])
    assert 1 <= wait <= 61
    ready.control("POST", "clock", {"seconds": wait})
    assert ready.get("orders").status_code == 200


def test_nonsense_is_json_of_another_shape(ready: Any) -> None:
    ready.control("POST", "faults", {"kind": "nonsense", "times": 1})
    assert isinstance(ready.read("orders")["items"], dict)
    assert ready.read("orders")["items"] == []


def test_the_same_order_twice_is_refused(ready: Any) -> None:
    ready.control("POST", "orders", {**SPEC, "id": "1"})
    answer = ready.session.post(f"{ready.url}/_control/orders", json={"id": "1"})
    assert answer.status_code == 409
    wrong = {"id": "2", "payment_status": "GONE"}
    answer = ready.session.post(f"{ready.url}/_control/orders", json=wrong)
    assert answer.status_code == 400
    assert ready.read("orders")["total"] == 1
