"""T14: the disk is full at every point of an order's way; nothing is lost or doubled.

The points are those of the kill tests: before and after every remote call and every
commit. From one of them on no file takes another byte, until the work has given up;
then there is room again, and it goes on by itself.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.models import Connection, InboxEvent, TransferState
from core.net.http import probe
from core.runtime import jobs
from core.runtime.counters import counters
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.trouble import Trouble, trouble_of
from core.services.transfer import leases
from plugins.kmoshops import views
from plugins.kmoshops.checks import signature
from tests.e2e.test_kill_points import let_time_pass, order
from tests.full_disk import filled, low_water_mark, no_room, small_disk
from tests.product import Product, product

ROUNDS = 8
NEVER_ENOUGH = 10**12
"""Megabytes."""
Full = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def on_sqlite(request: pytest.FixtureRequest) -> Iterator[None]:
    """No listener is left behind; a server's disk is its own."""
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the server's files are another process's")
    yield
    probe.listener = None


def place(product: Product, number: int) -> str:
    made = product.control("kmoshops", "orders?silent=1", order(number))
    return str(made["id"])


def webhook(product: Product, order_id: str, event_id: str) -> int:
    """Send the shop's message of an order; return the answer's status."""
    shop = session().get_one(Connection, product.shop_id).external_id
    session().rollback()
    created = int(utcnow().timestamp())
    body = {
        "eventId": event_id, "eventCreated": created, "entityId": 1,
        "storeId": shop, "eventType": "order.created", "data": {"orderId": order_id},
    }  # fmt: skip
    answer = product.app.test_client().post(
        "/webhooks/kmoshops",
        data=jsontext.dumps(body),
        headers={views.SIGNATURE: signature("sandbox-secret", created, event_id)},
        content_type="application/json",
    )
    return answer.status_code


def work(product: Product) -> list[Trouble | None]:
    """What workers do for an order; return what they gave up for."""
    given_up = []
    for task, argument in (("inbox", product.shop_id), ("drain", 0)):
        try:
            jobs.run_task(task, argument)
        except Exception as error:  # as a worker's process, which goes on
            given_up.append(trouble_of(error))
        db.session.remove()
    return given_up


def booked(product: Product) -> dict[str, TransferState]:
    return {name: row.state for name, row in product.transfers().items()}


def go_on(product: Product, order_id: str) -> None:
    """Let work go on, as time passes, until the order is booked."""
    for _ in range(ROUNDS):
        let_time_pass()
        assert work(product) == []
        if booked(product).get(order_id) == TransferState.DONE:
            return


def documents(product: Product) -> Counter[str]:
    return Counter(
        str(entry["document"]["PaymentReferenceNumber"])
        for entry in product.ledger("ledgeritem")
    )


def each_once(product: Product, placed: list[str]) -> None:
    """Hold the end to what must be: each order booked once, each customer made once."""
    assert booked(product) == dict.fromkeys(placed, TransferState.DONE)
    assert documents(product) == Counter(placed)
    customers = Counter(
        entry["document"]["EmailAddress"] for entry in product.ledger("customer")
    )
    assert customers == Counter(
        {f"klant{n}@example.com": 1 for n in range(len(placed))}
    )
    with db.engine.connect() as connection:
        whole = connection.connection.driver_connection
        assert whole is not None
        assert whole.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def all_along(product: Product, full: Full, every: int) -> list[Trouble | None]:
    """Fill the disk at each point in turn; return what work gave up for."""
    placed, points = [place(product, 0)], []
    assert webhook(product, placed[0], "event-0") == 200
    probe.listener = points.append
    assert work(product) == []
    probe.listener = None
    assert len(points) >= 10
    given_up: list[Trouble | None] = []
    for number in range(0, len(points), every):
        placed.append(place(product, len(placed)))
        assert webhook(product, placed[-1], f"event-{number + 1}") == 200
        with ExitStack() as while_full:
            seen = count()

            def fill(_: str, seen: "count[int]" = seen, point: int = number) -> None:
                if next(seen) == point:
                    while_full.enter_context(full())

            probe.listener = fill
            given_up += work(product)
            assert next(seen) > number, "the point was not reached"
            probe.listener = None
        go_on(product, placed[-1])
    each_once(product, placed)
    return given_up


def test_an_order_is_booked_once_wherever_the_disk_gets_full(
    connected: Product,
) -> None:
    given_up = all_along(connected, no_room, every=2)
    assert given_up.count(Trouble.FULL) > 3
    assert set(given_up) <= {Trouble.FULL, None}


def test_no_message_is_taken_without_its_row_and_none_is_lost(
    connected: Product,
) -> None:
    placed = [place(connected, number) for number in range(6)]
    answers = {}
    for number, order_id in enumerate(placed):
        with ExitStack() as while_full:
            if number % 2:
                while_full.enter_context(no_room())
            answers[f"event-{number}"] = webhook(connected, order_id, f"event-{number}")
    assert list(answers.values()) == [200, 503] * 3
    kept = session().scalars(select(InboxEvent.event_id)).all()
    assert sorted(kept) == [name for name, status in answers.items() if status == 200]
    session().rollback()
    assert webhook(connected, placed[1], "event-1") == 200  # the shop tries again
    assert work(connected) == []
    connected.read_shop()  # what it gave up on is found by the poll
    go_on(connected, placed[-1])
    each_once(connected, placed)


def test_on_a_disk_of_its_own_that_is_full_to_the_last_byte(
    sandboxes: object, tmp_path: Path
) -> None:
    """ENOSPC instead of EFBIG: pages of the log that are there may be used again."""
    from core.main.stack import Stack

    assert isinstance(sandboxes, Stack)
    disk = tmp_path / "disk"
    with small_disk(disk) as mounted:
        if not mounted:
            pytest.skip("only root may mount a small disk")
        address = f"sqlite:///{disk / 'own.db'}"
        with product(sandboxes, address, tmp_path / "var") as own:
            low_water_mark(own.app, 0)
            all_along(own, lambda: filled(disk), every=3)


def test_below_the_low_water_mark_what_runs_ends_and_nothing_is_picked_up(
    connected: Product,
) -> None:
    app, before = connected.app, counters().totals()["trouble", "full"]
    first, second = place(connected, 0), place(connected, 1)
    assert webhook(connected, first, "event-0") == 200
    jobs.run_task("inbox", connected.shop_id)
    probe.listener = lambda point: (
        None if "commit" in point else low_water_mark(app, NEVER_ENOUGH)
    )
    jobs.run_task("drain", 0)  # gets short when it first speaks to the package
    probe.listener = None
    assert booked(connected) == {first: TransferState.DONE}
    assert webhook(connected, second, "event-1") == 503
    for task, argument in (("poll", connected.shop_id), ("drain", 0)):
        jobs.run_task(task, argument)
    assert leases.take_batch() is None
    jobs.run_task("dispatch", 0)  # makes room meanwhile, and wakes nobody
    assert list(booked(connected)) == [first]
    assert counters().totals()["trouble", "full"] == before + 3
    low_water_mark(app, 0)
    connected.read_shop()
    go_on(connected, second)
    each_once(connected, [first, second])
