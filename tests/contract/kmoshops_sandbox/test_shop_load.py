"""The whole sample file through the control address and out of the API."""

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from plugins.kmoshops.sandbox.cli import load_orders
from plugins.kmoshops.sandbox.loader import expected
from tests.component.test_loader import HEAD, row
from tests.shared import shared_file


@pytest.mark.slow
def test_the_shop_sells_what_the_file_holds(shop: Any) -> None:
    path = shared_file("data/online-retail/orders-outside-uk.csv.gz")
    started = time.process_time()
    given = [str(path), "--url", shop.url, "--as-orders"]
    result = CliRunner().invoke(load_orders, given)
    assert result.output == "2406 orders loaded\n"
    assert time.process_time() - started < 60
    shop.grant()
    shop.control("POST", "ratelimit", {"per_minute": 0})
    orders: list[dict[str, Any]] = []
    for offset in range(0, 2406, 100):
        orders += shop.read("orders", offset=offset)["items"]
    found = {order["id"]: order["total"] for order in orders}
    assert found == expected(path).totals


def test_cancellations_become_refunds_of_what_was_sold(
    shop: Any, tmp_path: Path
) -> None:
    rows = [row("1", "A", 5, "10", customer="7.0"), row("C9", "B", -1, "10")]
    back = row("C2", "A", -2, "10", customer="7.0", day="2011-03-09 09:00:00")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join((HEAD, *rows, back)))
    said = "".join(
        CliRunner().invoke(load_orders, [str(path), "--url", shop.url, *step]).output
        for step in (["--step", "orders"], ["--step", "refunds"])
    )
    assert "2 orders loaded\n1 cancellations are refunds; of 1 the order" in said
    assert "1 refunds loaded\n" in said
    shop.grant()
    orders = {order["id"]: order for order in shop.read("orders")["items"]}
    assert set(orders) == {"1", "C9"}
    assert orders["1"]["paymentStatus"] == "PARTIALLY_REFUNDED"
    [refund] = orders["1"]["refunds"]
    assert (refund["reason"], refund["date"]) == (
        "Annulering C2",
        "2011-03-09 08:00:00 +0000",
    )
    assert orders["1"]["updateTimestamp"] >= orders["C9"]["updateTimestamp"]
    assert orders["C9"]["paymentStatus"] == "REFUNDED"
