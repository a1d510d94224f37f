"""Order documents of the webshop sandbox add up, whatever was ordered."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import total
from plugins.kmoshops.sandbox.documents import build

NOW = datetime(2026, 9, 29, tzinfo=UTC)
RATES = st.sampled_from([None, Decimal(0), Decimal("5.5"), Decimal(9), Decimal(21)])
CENTS = st.decimals(0, 500, places=2)
LINES = st.fixed_dictionaries(
    {
        "sku": st.sampled_from("ABC"),
        "name": st.just("Mok"),
        "price": CENTS,
        "quantity": st.integers(1, 300),
        "vat_rate": RATES,
        "less": st.integers(0, 100),
    }
)
CHARGES = st.none() | st.fixed_dictionaries(
    {"name": st.just("x"), "price": CENTS, "vat_rate": RATES}
)


def with_discounts(line: dict[str, Any]) -> dict[str, Any]:
    amount = line["price"] * line["quantity"]
    less = (amount * line["less"] / 200).quantize(Decimal("0.01"))
    return {**line, "discount": less, "coupon": less}


@given(st.lists(LINES, max_size=6), CHARGES, CHARGES, st.booleans())
def test_documents_add_up(
    lines: list[dict[str, Any]],
    shipping: dict[str, Any] | None,
    handling: dict[str, Any] | None,
    inclusive: bool,
) -> None:
    lines = [with_discounts(line) for line in lines]
    spec = {"lines": lines, "prices_include_tax": inclusive}
    order = build({**spec, "shipping": shipping, "handling": handling}, 1, 1, NOW)
    extra = total(part["price"] for part in (shipping, handling) if part)
    priced = order["subtotal"] - order["discount"] - order["couponDiscount"] + extra
    assert order["total"] == priced + (0 if inclusive else order["tax"])
    assert order["totalWithoutTax"] + order["tax"] == order["total"]
    goods = [tax for item in order["items"] for tax in item["taxes"]]
    beside = [*order["taxesOnShipping"], *order.get("handlingFee", {}).get("taxes", ())]
    assert order["tax"] == total(
        [tax["taxOnDiscountedSubtotal"] for tax in goods]
        + [tax["total"] for tax in beside]
    )
    for item in order["items"]:
        assert item["tax"] == total(tax["total"] for tax in item["taxes"])
        for tax in item["taxes"]:
            assert tax["total"] == total(
                tax[f"taxOn{part}"]
                for part in ("DiscountedSubtotal", "Shipping", "HandlingFee")
            )
