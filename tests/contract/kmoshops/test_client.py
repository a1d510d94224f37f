"""The client against the sandbox: what it reads, and what each fault becomes."""

import re
from datetime import timedelta
from typing import Any

import pytest

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    RetryLater,
    WaitUntil,
)
from plugins.kmoshops import wire
from plugins.kmoshops.client import KmoShops, Unusable
from tests.contract.kmoshops.conftest import FixedToken, Sandbox
from tests.shared import shared_file

HOUR = timedelta(hours=1)


def test_many_orders_cost_one_call(sandbox: Sandbox, shop: KmoShops) -> None:
    placed = [sandbox.place() for _ in range(5)]
    found = shop.orders_by_id([*placed, "NOT-THERE"])
    assert sorted(wire.order_id(document) for document in found) == sorted(placed)
    assert sandbox.calls() == 1


def test_more_than_a_page_of_numbers_is_our_mistake(shop: KmoShops) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        shop.orders_by_id([str(number) for number in range(101)])


def test_a_period_is_read_in_pages(sandbox: Sandbox, shop: KmoShops) -> None:
    sandbox.control("test-orders", {"count": 103})
    now = utcnow()
    first, count = shop.orders_updated(now - HOUR, now + HOUR, 0)
    rest, again = shop.orders_updated(now - HOUR, now + HOUR, 100)
    assert (len(first), len(rest), count, again) == (100, 3, 103, 103)
    assert len({wire.order_id(document) for document in first + rest}) == 103
    assert shop.orders_updated(now + HOUR, now + 2 * HOUR, 0) == ([], 0)


def test_one_order(sandbox: Sandbox, shop: KmoShops) -> None:
    number = sandbox.place(id="W/2026 #7")
    document = shop.order(number)
    assert document is not None
    assert wire.order_id(document) == number
    assert shop.order("../profile") is None


def test_the_profile(shop: KmoShops) -> None:
    assert shop.profile() == wire.Profile("Demo Webwinkel", "NL", "EUR")


def test_the_vendor_s_sample_page_is_read() -> None:
    """The vendor shortens its sample with ellipses; what is left is a page."""
    path = shared_file("contracts/ecwid/orders-search-response.jsonc")
    text = re.sub(r"^\s*//.*$|\s//.*$", "", path.read_text("utf-8"), flags=re.M)
    items, count = wire.page_items(jsontext.loads(text))
    assert count >= len(items) > 0
    assert all(wire.order_id(item) for item in items)


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ({"kind": "status", "status": 500}, RetryLater, "remote_fault"),
        ({"kind": "html"}, RetryLater, "remote_nonsense"),
        ({"kind": "drop"}, RetryLater, "remote_dropped"),
        ({"kind": "nonsense"}, RetryLater, "shop_nonsense"),
        ({"kind": "status", "status": 400}, Unusable, "shop_refused"),
        ({"kind": "status", "status": 409}, RetryLater, "shop_refused"),
        ({"kind": "status", "status": 402}, AskUser, "shop_plan_without_api"),
        ({"kind": "status", "status": 403}, AuthenticationLost, "shop_access_refused"),
        ({"kind": "status", "status": 401}, AuthenticationLost, "authentication_lost"),
    ],
)
def test_each_fault_has_its_class(
    sandbox: Sandbox,
    shop: KmoShops,
    fault: dict[str, Any],
    error: type[KoppelwerkError],
    code: str,
) -> None:
    sandbox.control("faults", {"path": "/orders$", **fault})
    with pytest.raises(error) as caught:
        shop.orders_by_id(["1001"])
    assert caught.value.code == code


def test_a_rate_limit_says_how_long(sandbox: Sandbox, shop: KmoShops) -> None:
    fault = {"kind": "status", "status": 429, "retry_after": 17, "path": "/orders$"}
    sandbox.control("faults", fault)
    with pytest.raises(WaitUntil) as caught:
        shop.orders_by_id(["1001"])
    assert caught.value.seconds == 17


def test_the_token_s_scope_and_the_shop_s_plan_count(sandbox: Sandbox) -> None:
    token = sandbox.control("grant", {"scope": "read_store_profile"})["access_token"]
    with KmoShops(sandbox.api, "1003", FixedToken(token)).http as http:
        assert http.request("GET", "orders").status == 403
    sandbox.control("stores/1003", {"api": False})
    client = KmoShops(sandbox.api, "1003", FixedToken(token))
    with client.http, pytest.raises(AskUser, match="shop_plan_without_api"):
        client.profile()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"items": [], "total": True},
        {"items": [], "total": "1"},
        {"items": {}, "total": 1},
        {"items": [{"total": 1}], "total": 1},
        {"items": ["1001"], "total": 1},
    ],
)
def test_a_page_of_another_shape_is_refused(body: Any) -> None:
    with pytest.raises(wire.Malformed):
        wire.page_items(body)
