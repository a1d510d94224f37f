"""What the sandbox shop has for a demonstration: a past, and a second store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from plugins.kmoshops.sandbox.past import past
from plugins.kmoshops.sandbox.shop import DEMO_STORE, SECOND_STORE

NOW = datetime(2026, 9, 29, 12, tzinfo=UTC)


def test_the_past_is_spread_over_its_days_and_ends_before_now() -> None:
    made = [datetime.fromisoformat(spec["created"]) for spec in past(NOW, 14)]
    days = {moment.date() for moment in made}
    assert NOW - timedelta(days=14) <= min(made)
    assert max(made) < NOW
    assert len(days) >= 14
    assert len(made) == 40


def test_a_store_gets_its_past_once(shop: Any) -> None:
    assert shop.control("POST", "past-orders", {"days": 14}) == {"made": 40}
    assert shop.control("POST", "past-orders", {"days": 14}) == {"made": 0}
    shop.grant()
    orders = shop.read("orders")["items"]
    waiting = [order["paymentStatus"] for order in orders].count("AWAITING_PAYMENT")
    assert (len(orders), waiting) == (40, 3)
    assert len({order["createDate"][:10] for order in orders}) >= 14


@pytest.mark.parametrize("store", [DEMO_STORE, SECOND_STORE])
def test_each_store_has_a_page_of_its_own(shop: Any, store: dict[str, Any]) -> None:
    page = {"store": store["storeId"]}
    answer = requests.post(f"{shop.url}/test-order", params=page, timeout=20)
    assert answer.ok
    assert store["name"] in answer.text
    assert "1 van 1" in answer.text
    shop.grant(store_id=store["storeId"])
    assert shop.get("orders", store["storeId"]).json()["total"] == 1


def test_the_page_of_a_store_that_is_not_there(shop: Any) -> None:
    assert (
        shop.session.get(shop.url, params={"store": 9}, timeout=20).status_code == 404
    )
