"""Whatever the webshop's sandbox sells, the mapping's lines add up to it."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import CENT, total
from core.rules.vat_fit import check_vat
from plugins.kmoshops.orders.mapping import order_from_document
from plugins.kmoshops.sandbox.documents import build

RATES = st.sampled_from([None, "0", "5.5", "9", "21"])
PRICES = st.decimals(0, 500, places=2)
LINES = st.fixed_dictionaries(
    {
        "sku": st.sampled_from("ABC"),
        "name": st.just("Mok"),
        "price": PRICES,
        "quantity": st.integers(1, 300),
        "vat_rate": RATES,
        "part": st.integers(0, 100),
    }
)
CHARGES = st.none() | st.fixed_dictionaries(
    {
        "name": st.just("x"),
        "price": PRICES,
        "vat_rate": RATES | st.just("goods"),
        "with_tax": st.booleans(),
    }
)


def _discounted(line: dict[str, Any]) -> dict[str, Any]:
    half = line["price"] * line["quantity"] * line["part"] / 200
    less = half.quantize(CENT, ROUND_DOWN)  # both together never beyond the price
    return {**line, "discount": less, "coupon": less}


@given(st.lists(LINES, min_size=1, max_size=5), CHARGES, CHARGES, st.booleans())
def test_whatever_the_shop_sells_the_lines_add_up(
    sold: list[dict[str, Any]],
    shipping: dict[str, Any] | None,
    handling: dict[str, Any] | None,
    inclusive: bool,
) -> None:
    spec: dict[str, Any] = {"lines": [_discounted(line) for line in sold]}
    spec |= {"shipping": shipping, "handling": handling}
    spec["prices_include_tax"] = inclusive
    made = build(spec, 1, 1, datetime(2026, 9, 29, tzinfo=UTC))
    order = order_from_document(made, "EUR")
    assert order.lines_total_incl_vat == order.total_incl_vat == made["total"]
    assert order.vat_amount == made["tax"] == total(li.vat_amount for li in order.lines)
    assert all(line.amount_incl_vat >= 0 for line in order.lines)
    check_vat(order)
