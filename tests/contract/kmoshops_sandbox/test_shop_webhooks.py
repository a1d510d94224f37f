"""The shop's webhooks: body, signature, retries, and what can go wrong with them."""

import base64
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugins.kmoshops.sandbox import create_app

LINE = {"sku": "A", "name": "Mok", "quantity": 1, "price": "12.10", "vat_rate": "21"}


@pytest.fixture
def told(shop: Any, receiver: Any) -> Any:
    """Return the shop with its webhooks on hold, pointed at the receiver."""
    settings = {"url": receiver.url, "client_secret": "geheim", "hold": True}
    shop.control("POST", "webhook", settings)
    return shop


def make(shop: Any, count: int) -> list[int]:
    specs = [{"id": f"W{n}", "lines": [LINE]} for n in range(count)]
    return [made["internalId"] for made in shop.control("POST", "orders", specs)]


def release(shop: Any, **settings: Any) -> dict[str, int]:
    """Deliver everything now, by hand or by the background thread before us."""
    shop.control("POST", "webhook", {"hold": False, **settings})
    counts: dict[str, int] = shop.control("POST", "deliver", {})
    return counts


def eventually(test: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not test():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_an_order_is_told_with_a_signature(told: Any, receiver: Any) -> None:
    (internal_id,) = make(told, 1)
    told.control("PATCH", "orders/W0", {"fulfillmentStatus": "SHIPPED"})
    told.control("DELETE", "orders/W0")
    release(told)
    created, updated, deleted = receiver.events
    assert receiver.event_types == ["order.created", "order.updated", "order.deleted"]
    assert (created["storeId"], created["entityId"]) == (1003, internal_id)
    assert created["eventType"] == "order.created"
    assert created["data"] == {
        "orderId": "W0",
        "newPaymentStatus": "PAID",
        "newFulfillmentStatus": "AWAITING_PROCESSING",
    }
    assert updated["data"]["oldFulfillmentStatus"] == "AWAITING_PROCESSING"
    assert updated["data"]["newFulfillmentStatus"] == "SHIPPED"
    assert deleted["data"] == {"orderId": "W0"}
    text = f"{created['eventCreated']}.{created['eventId']}".encode()
    digest = hmac.new(b"geheim", text, hashlib.sha256).digest()
    sent = receiver.headers[0]["X-Ecwid-Webhook-Signature"]
    assert sent == base64.b64encode(digest).decode()


def test_the_background_thread_sends_by_itself(told: Any, receiver: Any) -> None:
    told.control("POST", "webhook", {"hold": False})
    make(told, 2)
    eventually(lambda: len(receiver.events) == 2)
    eventually(lambda: told.control("GET", "objects/outbox") == [])


def test_without_an_address_nobody_is_told(shop: Any) -> None:
    make(shop, 1)
    assert shop.control("GET", "objects/outbox") == []


def test_held_events_wait(told: Any, receiver: Any) -> None:
    make(told, 2)
    assert told.control("POST", "deliver", {}) == {
        "delivered": 0,
        "failed": 0,
        "pending": 2,
    }
    assert receiver.events == []


def test_events_can_come_twice_and_in_any_order(told: Any, receiver: Any) -> None:
    wanted = make(told, 12)
    release(told, duplicates=1, shuffle=True, seed=3)
    eventually(lambda: len(receiver.events) == 24)
    entities = [event["entityId"] for event in receiver.events]
    assert Counter(entities) == dict.fromkeys(wanted, 2)
    assert entities[::2] != wanted
    assert len({event["eventId"] for event in receiver.events}) == 12


def test_events_can_be_missed(told: Any, receiver: Any) -> None:
    told.control("POST", "webhook", {"drop": "0.5", "seed": 1})
    make(told, 20)
    release(told)
    eventually(lambda: told.control("GET", "objects/outbox") == [])
    assert 0 < len(receiver.events) < 20


@pytest.mark.parametrize("status", [500, 404, 203, 302])
def test_a_refused_event_is_tried_again_on_the_vendors_schedule(
    told: Any, receiver: Any, status: int
) -> None:
    receiver.status = status
    make(told, 1)
    release(told)
    eventually(lambda: len(receiver.events) >= 1)
    tries = len(receiver.events)
    (event,) = told.control("GET", "objects/outbox")
    assert event["tries"] == tries
    assert event["due"] == event["first"] + (15, 30)[tries - 1] * 60
    receiver.status = 204
    told.control("POST", "clock", {"seconds": 31 * 60})
    eventually(lambda: told.control("GET", "objects/outbox") == [])
    assert len({event["eventId"] for event in receiver.events}) == 1


def test_the_app_is_told_when_it_comes_and_goes(told: Any, receiver: Any) -> None:
    told.grant()
    told.control("POST", "uninstall", {"store_id": 1003})
    release(told)
    assert receiver.event_types == ["application.installed", "application.uninstalled"]
    assert receiver.events[1]["entityId"] == "1003"


def test_the_backlog_trickles_in_as_new_orders(told: Any, receiver: Any) -> None:
    told.grant()
    old = {"created": "2011-06-01T10:00:00+00:00", "lines": [LINE]}
    specs = [{**old, "id": f"T{n}"} for n in range(5)]
    told.control("POST", "orders", specs, params={"hidden": 1})
    assert told.read("orders")["total"] == 0
    told.control("POST", "webhook", {"hold": False})
    told.control("POST", "trickle", {"per_minute": 6000, "total": 3})
    eventually(lambda: receiver.event_types.count("order.created") == 3)
    orders = told.read("orders")["items"]
    assert sorted(order["id"] for order in orders) == ["T0", "T1", "T2"]
    assert all(order["createDate"] > "2026" for order in orders)


def test_made_up_orders_can_fill_the_backlog(told: Any) -> None:
    told.grant()
    assert told.control("POST", "demo-orders", {"count": 4}) == {"waiting": 4}
    told.control("POST", "trickle", {"per_minute": 6000})
    eventually(lambda: told.read("orders")["total"] == 4)


def test_waiting_events_survive_a_restart(tmp_path: Path, receiver: Any) -> None:
    database = tmp_path / "shop.db"
    first = create_app(database).test_client()
    first.post("/_control/webhook", json={"url": receiver.url, "hold": True})
    first.post("/_control/orders", json={"lines": [LINE]})
    second = create_app(database).test_client()
    second.post("/_control/webhook", json={"hold": False})
    eventually(lambda: second.get("/_control/objects/outbox").get_json() == [])
    assert receiver.event_types == ["order.created"]
