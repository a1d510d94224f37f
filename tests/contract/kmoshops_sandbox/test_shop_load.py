"""The whole sample file through the control address and out of the API."""

import time
from typing import Any

import pytest
from click.testing import CliRunner

from plugins.kmoshops.sandbox.cli import load_orders
from plugins.kmoshops.sandbox.loader import expected
from tests.shared import shared_file


@pytest.mark.slow
def test_the_shop_sells_what_the_file_holds(shop: Any) -> None:
    path = shared_file("data/online-retail/orders-outside-uk.csv.gz")
    started = time.process_time()
    result = CliRunner().invoke(load_orders, [str(path), "--url", shop.url])
    assert result.output == "2406 orders loaded\n"
    assert time.process_time() - started < 60
    shop.grant()
    shop.control("POST", "ratelimit", {"per_minute": 0})
    orders: list[dict[str, Any]] = []
    for offset in range(0, 2406, 100):
        orders += shop.read("orders", offset=offset)["items"]
    found = {order["id"]: order["total"] for order in orders}
    assert found == expected(path).totals
