"""Polls and the nightly look: nothing is missed, whatever happens between pages."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from core.domain.clock import utcnow
from core.domain.orders import OrderState
from core.runtime import jobs
from plugins.kmoshops import client, tasks
from tests.contract.kmoshops.conftest import Coupled

READY, WAITING, CANCELLED = OrderState.READY, OrderState.WAITING, OrderState.CANCELLED


def test_a_poll_finds_what_no_message_told(coupled: Coupled) -> None:
    numbers = [coupled.sandbox.place() for _ in range(3)]
    coupled.run("poll")
    assert coupled.orders() == dict.fromkeys(numbers, READY)
    connection = coupled.connection
    assert set(connection.cursor) == {"polled_to"}
    assert connection.next_run_at is not None
    assert connection.next_run_at > utcnow() + timedelta(minutes=50)
    changed = {"paymentStatus": "CANCELLED"}
    coupled.sandbox.control(f"orders/{numbers[0]}?silent=1", changed, "PATCH")
    coupled.run("poll")
    assert coupled.orders()[numbers[0]] == CANCELLED


def interrupted(
    monkeypatch: pytest.MonkeyPatch, between: Callable[[], None]
) -> list[int]:
    """Do something after the first page of a poll; return the offsets asked for."""
    real = client.KmoShops.orders_updated
    offsets: list[int] = []

    def search(self: client.KmoShops, since: Any, until: Any, offset: int) -> Any:
        if len(offsets) == 1:
            between()
        offsets.append(offset)
        return real(self, since, until, offset)

    monkeypatch.setattr(client.KmoShops, "orders_updated", search)
    return offsets


def test_orders_that_change_while_we_page_hide_no_others(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupled.sandbox.control("clock", {"seconds": -60})
    numbers = [coupled.sandbox.place() for _ in range(150)]

    def change() -> None:
        coupled.sandbox.control("clock", {"seconds": 120})
        for number in numbers[-5:]:
            coupled.sandbox.control(
                f"orders/{number}?silent=1", {"fulfillmentStatus": "SHIPPED"}, "PATCH"
            )

    offsets = interrupted(monkeypatch, change)
    coupled.change(cursor={"polled_to": (utcnow() - timedelta(hours=1)).isoformat()})
    coupled.run("poll")
    assert offsets == [0, 100, 95]
    assert len(coupled.orders()) == 150


def test_a_poll_goes_on_after_a_fault(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupled.sandbox.control("test-orders", {"count": 150})
    fault = {"kind": "status", "status": 500, "path": "/orders$", "times": 1}
    offsets = interrupted(monkeypatch, lambda: coupled.sandbox.control("faults", fault))
    coupled.run("poll")
    assert coupled.connection.last_run_error == "remote_fault"
    assert len(coupled.orders()) == 100
    coupled.change(not_before=None)
    coupled.run("poll")
    assert offsets == [0, 100, 100]
    assert len(coupled.orders()) == 150
    assert set(coupled.connection.cursor) == {"polled_to"}


def test_a_long_poll_goes_on_with_the_next_wake_up(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupled.sandbox.control("test-orders", {"count": 250})
    monkeypatch.setattr(tasks, "TURN_SECONDS", -1)
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda *wake: woken.append(wake))
    coupled.run("poll")
    assert woken == [("reading", "poll", coupled.connection_id)]
    assert "place" in coupled.connection.cursor
    coupled.run("poll")
    coupled.run("poll")
    assert len(coupled.orders()) == 250
    assert set(coupled.connection.cursor) == {"polled_to"}


def test_a_poll_reads_a_page_while_others_wait(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupled.sandbox.control("test-orders", {"count": 250})
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda *wake: woken.append(wake))
    own = "reading", "poll", coupled.connection_id
    monkeypatch.setattr(jobs, "others_wait", lambda *asked: asked == own)
    coupled.run("poll")
    assert woken == [own]
    assert len(coupled.orders()) == 100
    monkeypatch.setattr(jobs, "others_wait", lambda *_: False)
    coupled.run("poll")
    assert len(coupled.orders()) == 250
    assert woken == [own]


def test_a_cursor_that_was_set_back_meanwhile_stays_so(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    coupled.sandbox.control("clock", {"seconds": -7200})
    old = coupled.sandbox.place()
    coupled.sandbox.control("clock", {"seconds": 7200})
    coupled.sandbox.control("test-orders", {"count": 120})
    start = {"polled_to": (utcnow() - timedelta(minutes=5)).isoformat()}
    coupled.change(cursor=start)

    def set_back() -> None:
        long_ago = (utcnow() - timedelta(days=1)).isoformat()
        coupled.change(cursor={"polled_to": long_ago})

    interrupted(monkeypatch, set_back)
    coupled.run("poll")
    assert old in coupled.orders()
    assert len(coupled.orders()) == 121


def test_a_page_that_is_empty_too_soon_is_no_end(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.KmoShops, "orders_updated", lambda *_: ([], 7))
    coupled.run("poll")
    connection = coupled.connection
    assert connection.last_run_error == "shop_nonsense"
    assert connection.cursor == {}


def test_a_night_too_short_for_all_gives_the_rest_its_turn(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [
        coupled.sandbox.place(payment_status="AWAITING_PAYMENT") for _ in range(3)
    ]
    coupled.run("poll")
    change = {"paymentStatus": "PAID"}
    coupled.sandbox.control(f"orders/{waiting[-1]}?silent=1", change, "PATCH")
    monkeypatch.setattr(tasks, "PAGE", 1)
    monkeypatch.setattr(tasks, "NIGHT_SECONDS", 0)
    for _ in waiting:
        ticks = count()
        monkeypatch.setattr(
            tasks, "monotonic", lambda ticks=ticks: float(next(ticks) > 1)
        )
        coupled.run("recheck")
    assert coupled.orders()[waiting[-1]] == READY


def test_at_night_waiting_orders_are_read_again(coupled: Coupled) -> None:
    waiting = [
        coupled.sandbox.place(payment_status="AWAITING_PAYMENT") for _ in range(3)
    ]
    coupled.run("poll")
    paid, deleted, still = waiting
    coupled.sandbox.control(
        f"orders/{paid}?silent=1", {"paymentStatus": "PAID"}, "PATCH"
    )
    coupled.sandbox.control(f"orders/{deleted}?silent=1", verb="DELETE")
    coupled.run("recheck")
    assert coupled.orders() == {paid: READY, deleted: CANCELLED, still: WAITING}
