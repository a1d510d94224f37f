"""The inbox, and what the shop's faults do to each task."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, ClientRefused
from core.domain.orders import OrderState
from core.models import Connection, ConnectionState, Credential, InboxEvent, ShopOrder
from core.plugin.work import URGENT
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.linking import schedule
from plugins.kmoshops import client, tasks
from plugins.kmoshops.checks import UNINSTALLED
from tests.contract.kmoshops.conftest import Coupled

READY, WAITING, CANCELLED = OrderState.READY, OrderState.WAITING, OrderState.CANCELLED
DONE = ("done", "")


def test_messages_about_many_orders_cost_one_call(coupled: Coupled) -> None:
    numbers = [coupled.sandbox.place() for _ in range(30)]
    for number in numbers:
        coupled.tell(number, "order.created")
        coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == dict.fromkeys(numbers, READY)
    assert coupled.messages() == [DONE] * 60
    assert coupled.sandbox.calls() == 1


def test_tasks_at_the_same_moment_record_each_order_once(coupled: Coupled) -> None:
    numbers = [coupled.sandbox.place() for _ in range(40)]
    for number in numbers:
        coupled.tell(number)
    session().rollback()

    def work(task: str) -> None:
        with coupled.app.app_context():
            jobs.run_task(task, coupled.connection_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ["inbox", "poll", "inbox", "poll"]))
    assert coupled.orders() == dict.fromkeys(sorted(numbers), READY)
    assert coupled.messages() == [DONE] * 40
    assert coupled.connection.last_run_error == ""


def test_more_messages_than_a_page_are_all_read(coupled: Coupled) -> None:
    numbers = [coupled.sandbox.place() for _ in range(130)]
    for number in numbers:
        coupled.tell(number)
    coupled.run("inbox")
    assert len(coupled.orders()) == 130
    assert coupled.sandbox.calls() == 2


@pytest.mark.parametrize(("priority", "queue"), [(0, "reading"), (URGENT, "urgent")])
def test_a_shop_with_many_messages_takes_turns(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch, priority: int, queue: str
) -> None:
    for number in [coupled.sandbox.place() for _ in range(130)]:
        coupled.tell(number)
    session().execute(update(InboxEvent).values(priority=priority))
    session().commit()
    woken: list[tuple[str, str, int]] = []
    monkeypatch.setattr(jobs, "wake", lambda *wake: woken.append(wake))
    again = queue, "inbox", coupled.connection_id
    monkeypatch.setattr(tasks, "TURN_SECONDS", -1)
    coupled.run("inbox")
    assert len(coupled.orders()) == 100
    assert woken.count(again) == 1
    coupled.run("inbox")
    assert len(coupled.orders()) == 130
    assert coupled.messages() == [DONE] * 130
    woken.clear()
    coupled.run("inbox")
    assert woken == []


@pytest.mark.parametrize(
    ("status", "state"),
    [("PAID", READY), ("AWAITING_PAYMENT", WAITING), ("REFUNDED", CANCELLED)],
)
def test_the_order_s_status_decides(
    coupled: Coupled, status: str, state: OrderState
) -> None:
    number = coupled.sandbox.place(payment_status=status)
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {number: state}


def test_a_refund_of_less_than_was_paid_does_not_drop_the_sale(
    coupled: Coupled,
) -> None:
    number = coupled.sandbox.place()
    kept_shipping = {"paymentStatus": "REFUNDED", "refundedAmount": 1}
    coupled.sandbox.control(f"orders/{number}?silent=1", kept_shipping, "PATCH")
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}


def test_what_the_owner_chose_decides(coupled: Coupled) -> None:
    chosen = {"payment_statuses": ["AWAITING_PAYMENT"]}
    coupled.change(settings=chosen)
    number = coupled.sandbox.place(payment_status="AWAITING_PAYMENT")
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}


def test_a_deleted_order_counts_as_cancelled_if_we_knew_it(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    coupled.tell(number)
    coupled.run("inbox")
    coupled.sandbox.control(f"orders/{number}?silent=1", verb="DELETE")
    coupled.tell(number, "order.deleted")
    coupled.tell("NEVER-SEEN", "order.deleted")
    coupled.run("inbox")
    assert coupled.orders() == {number: CANCELLED}
    assert coupled.messages() == [DONE] * 3


def test_a_page_that_leaves_an_order_out_deletes_nothing(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = coupled.sandbox.place()
    coupled.tell(number)
    coupled.run("inbox")
    monkeypatch.setattr(client.KmoShops, "orders_by_id", lambda _self, _ids: [])
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}


def test_an_unreadable_order_blocks_no_other_and_is_shown(coupled: Coupled) -> None:
    bad, good = coupled.sandbox.place(), coupled.sandbox.place()
    coupled.sandbox.control(f"orders/{bad}?silent=1", {"items": "lots"}, "PATCH")
    coupled.tell(bad)
    coupled.tell(good)
    coupled.run("inbox")
    assert coupled.orders() == {good: READY}
    assert coupled.messages() == [("new", ""), DONE]
    assert coupled.log("order_unreadable") == []
    coupled.run("inbox")
    coupled.run("inbox")
    assert coupled.messages() == [("failed", "order_unreadable"), DONE]
    assert coupled.log("order_unreadable") == [{"number": bad, "field": "items"}]


def test_an_order_that_is_readable_again_is_recorded(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    path = f"orders/{number}?silent=1"
    coupled.sandbox.control(path, {"paymentMethod": ["odd"]}, "PATCH")
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {}
    coupled.sandbox.control(path, {"paymentMethod": "iDEAL"}, "PATCH")
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}
    assert coupled.messages() == [DONE]


def test_polls_say_once_that_an_order_is_unreadable(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    path = f"orders/{number}?silent=1"
    coupled.sandbox.control(path, {"total": "ten"}, "PATCH")
    for _ in range(4):
        coupled.run("poll")
        coupled.run("inbox")
    assert coupled.log("order_unreadable") == [{"number": number, "field": "total"}]


def test_a_forged_number_keeps_no_order_from_being_read(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = coupled.sandbox.place()
    real = client.KmoShops._search

    def picky(self: client.KmoShops, params: dict[str, Any]) -> Any:
        if "forged" in str(params.get("ids")):
            raise client.Unusable("shop_refused", status=400, message="ids")
        return real(self, params)

    monkeypatch.setattr(client.KmoShops, "_search", picky)
    coupled.tell("forged")
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}
    assert coupled.messages() == [DONE, DONE]


def test_an_older_reading_never_wins(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    coupled.tell(number)
    coupled.run("inbox")
    stale = {"updateTimestamp": 1, "paymentStatus": "CANCELLED"}
    with transaction():
        later = utcnow() + timedelta(hours=1)
        session().execute(update(ShopOrder).values(updated_at=later))
    coupled.sandbox.control(f"orders/{number}?silent=1", stale, "PATCH")
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}


def test_no_transaction_is_open_while_the_shop_is_asked(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[bool] = []
    real = client.KmoShops._get

    def spy(self: client.KmoShops, path: str, params: dict[str, Any]) -> Any:
        open_ones.append(session().in_transaction())
        return real(self, path, params)

    monkeypatch.setattr(client.KmoShops, "_get", spy)
    number = coupled.sandbox.place(payment_status="AWAITING_PAYMENT")
    coupled.tell(number)
    coupled.tell("1003", UNINSTALLED)
    for task in ("inbox", "poll", "recheck"):
        coupled.run(task)
    assert len(open_ones) >= 4
    assert not any(open_ones)


@pytest.mark.parametrize("task", ["inbox", "poll", "recheck"])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "status", "status": 500}, "remote_fault"),
        ({"kind": "html"}, "remote_nonsense"),
        ({"kind": "drop"}, "remote_dropped"),
        ({"kind": "status", "status": 402}, "shop_plan_without_api"),
        ({"kind": "status", "status": 429, "retry_after": 30}, "rate_limited"),
    ],
)
def test_a_fault_waits_and_loses_nothing(
    coupled: Coupled, task: str, fault: dict[str, Any], code: str
) -> None:
    number = coupled.sandbox.place(payment_status="AWAITING_PAYMENT")
    coupled.run("poll")
    coupled.sandbox.control(
        f"orders/{number}?silent=1", {"paymentStatus": "PAID"}, "PATCH"
    )
    coupled.tell(number)
    coupled.sandbox.control("faults", {"path": "/orders$", **fault})
    coupled.run(task)
    before = coupled.sandbox.calls()
    coupled.run(task)
    assert coupled.sandbox.calls() == before
    connection = coupled.connection
    assert (connection.state, connection.last_run_error) == ("connected", code)
    assert connection.not_before is not None
    assert connection.not_before > utcnow()
    assert connection.next_run_at is not None
    assert connection.next_run_at >= connection.not_before
    assert coupled.messages() == [("new", "")]

    coupled.sandbox.control("faults", verb="DELETE")
    with transaction():
        schedule.run_now(session().get_one(Connection, coupled.connection_id))
    coupled.run(task)
    coupled.run("inbox")
    assert coupled.orders() == {number: READY}
    assert coupled.connection.last_run_error == ""


def test_a_lost_login_pauses_and_is_said_once(coupled: Coupled) -> None:
    coupled.tell(coupled.sandbox.place())
    fault = {"kind": "status", "status": 401, "path": "/orders$"}
    coupled.sandbox.control("faults", fault)
    coupled.run("inbox")
    before = coupled.sandbox.calls()
    coupled.run("inbox")
    coupled.run("poll")
    assert coupled.sandbox.calls() == before
    assert coupled.connection.state == ConnectionState.PAUSED
    assert len(coupled.log("connection_paused")) == 1
    assert coupled.messages() == [("new", "")]


def test_an_old_token_s_refusal_does_not_pause_the_new_login(
    coupled: Coupled, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reconnected(_self: client.KmoShops, _ids: list[str]) -> Any:
        version = coupled.connection.version
        coupled.change(version=version + 1)
        raise AuthenticationLost("authentication_lost", service="KMO Shops")

    monkeypatch.setattr(client.KmoShops, "orders_by_id", reconnected)
    coupled.tell("1001")
    coupled.run("inbox")
    assert coupled.connection.state == ConnectionState.CONNECTED


def test_a_removed_app_ends_the_connection_and_keeps_the_orders(
    coupled: Coupled,
) -> None:
    number = coupled.sandbox.place()
    coupled.run("poll")
    coupled.sandbox.control("uninstall")
    coupled.tell("", UNINSTALLED)
    coupled.run("inbox")
    connection = coupled.connection
    assert (connection.state, connection.reason) == ("ended", "app_uninstalled")
    assert session().get(Credential, coupled.connection_id) is None
    assert coupled.orders() == {number: READY}


def test_a_removed_app_ends_a_paused_connection_too(coupled: Coupled) -> None:
    coupled.sandbox.control("uninstall")
    coupled.run("poll")
    assert coupled.connection.reason == "authentication_lost"
    coupled.tell("", UNINSTALLED)
    coupled.run("inbox")
    assert coupled.connection.state == ConnectionState.ENDED


def test_a_pause_of_ours_is_no_proof_of_a_removed_app(coupled: Coupled) -> None:
    coupled.change(state=ConnectionState.PAUSED, reason=ClientRefused.CODE)
    coupled.tell("", UNINSTALLED)
    coupled.run("inbox")
    assert coupled.connection.state == ConnectionState.PAUSED
    assert coupled.messages() == [("new", "")]


def test_a_false_tale_of_removal_ends_nothing(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    coupled.tell("", UNINSTALLED)
    coupled.tell(number)
    coupled.run("inbox")
    assert coupled.connection.state == ConnectionState.CONNECTED
    assert coupled.orders() == {number: READY}
    assert coupled.messages() == [DONE, DONE]


def test_a_message_of_another_connection_is_not_touched(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    with transaction():
        mine = session().get_one(Connection, coupled.connection_id)
        other = Connection(tenant_id=mine.tenant_id, plugin="kmoshops")
        session().add(other)
    coupled.tell(number)
    with transaction():
        session().execute(update(InboxEvent).values(connection_id=other.id))
    coupled.run("inbox")
    assert coupled.orders() == {}
    assert session().scalars(select(InboxEvent.state)).all() == ["new"]
