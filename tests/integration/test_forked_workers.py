"""`flask workers`: forks that work, are replaced, and end with their parent.

What the exactly-once tests kill are single workers; here the supervisor is tried.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Worker
from sqlalchemy import select

from core.kit.processes import tree
from core.kit.runner import Command, Supervisor
from core.main.parts import flask_command
from core.models import Connection, Step, Transfer, TransferState
from core.runtime.database import session
from core.runtime.jobs import QUEUES
from core.services.transfer.steps import OPEN_STEP
from tests.product import Product

PATIENCE_SECONDS = 120
"""For a slow machine: a killed worker takes a wake-up along, and it is given again."""


@pytest.fixture
def workers(connected: Product, tmp_path: Path) -> Iterator[Command]:
    """The command on the database under test."""
    own = connected.app.extensions["koppelwerk"].settings
    stack = connected.stack
    environ = {
        **stack.environ,
        "DATABASE_URL": own.database,
        "REDIS_URL": stack.settings.redis,
        "VAR_DIR": str(own.var),
        "DISPATCH_SECONDS": "1",
        "LEASE_SECONDS": "6",
        "DRAIN_SECONDS": "2",
        "LOG_LEVEL": "WARNING",
    }
    supervisor = Supervisor([], tmp_path / "logs")
    part = Command("workers", flask_command("workers"), environ)
    supervisor.start(part)
    try:
        supervisor.wait_until(lambda: set(by_queue(connected)) == set(QUEUES), part)
        yield part
    finally:
        supervisor.stop()
        with Redis.from_url(stack.settings.redis) as redis:
            redis.flushall()


def by_queue(product: Product) -> dict[str, int]:
    """The process of each queue's worker, as they tell Redis, if it lives."""
    with Redis.from_url(product.stack.settings.redis) as redis:
        found = Worker.all(connection=redis)
    return {
        worker.queue_names()[0]: worker.pid
        for worker in found
        if worker.pid and tree(worker.pid)
    }


def eventually(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.2)
    return found


def order(number: int) -> dict[str, Any]:
    return {
        "email": f"klant{number}@example.com",
        "billing": {
            "name": f"Klant {number}",
            "street": "Stationstraat 12",
            "postalCode": "1012 AB",
            "city": "Amsterdam",
            "countryCode": "NL",
        },
        "lines": [
            {
                "sku": "SKU-1",
                "name": "Artikel 1",
                "price": "12.10",
                "quantity": 1,
                "vat_rate": "21",
            }
        ],
    }


def booked(product: Product) -> set[str]:
    rows = product.transfers().items()
    done = {number for number, row in rows if row.state == TransferState.DONE}
    session().rollback()  # an open transaction would keep the workers from writing
    return done


def place(product: Product, number: int) -> str:
    made = product.control("kmoshops", "orders?silent=1", order(number))
    product.read_shop()
    session().rollback()
    return str(made["id"])


def test_killed_workers_are_replaced_work_goes_on_and_all_stop_when_told(
    connected: Product, workers: Command
) -> None:
    first = place(connected, 1)
    eventually(lambda: first in booked(connected))
    before = by_queue(connected)
    assert set(before.values()) < tree(workers.pid or 0)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    second = place(connected, 2)
    eventually(lambda: set(by_queue(connected)) == set(QUEUES))
    eventually(lambda: second in booked(connected))
    assert not set(by_queue(connected).values()) & set(before.values())
    documents = connected.ledger("ledgeritem")
    assert len(documents) == len(booked(connected)) == 2

    family = tree(workers.pid or 0)
    workers.signal(signal.SIGTERM)
    assert workers.wait(PATIENCE_SECONDS)
    assert workers.exit_code() == 0
    assert not tree(*family)


def test_workers_that_are_told_to_stop_leave_nothing_held_and_others_go_on(
    connected: Product, workers: Command
) -> None:
    """T24: SIGTERM while they send, twice; what they were at is ended or given back."""
    slow = {"kind": "latency", "seconds": 0.5, "method": "POST"}
    connected.control("eaccounting", "faults", slow)
    placed = [place(connected, number) for number in range(8)]
    for least in (1, 4):
        eventually(lambda least=least: len(booked(connected)) >= least)
        workers.signal(signal.SIGTERM)
        assert workers.wait(PATIENCE_SECONDS)
        assert workers.exit_code() == 0
        assert left_open(connected) == 0
        assert booked(connected) < set(placed), "nothing was under way"
        workers.start(connected.app.extensions["koppelwerk"].settings.var)
    connected.control("eaccounting", "faults", verb="DELETE")
    eventually(lambda: booked(connected) == set(placed))
    entries = connected.ledger("ledgeritem")
    numbers = [entry["document"]["PaymentReferenceNumber"] for entry in entries]
    assert sorted(numbers) == sorted(placed)


def left_open(product: Product) -> int:
    """How many documents and connections are on a lease, or written in part."""
    held = select(Transfer.id).where(Transfer.state == TransferState.SENDING)
    drained = select(Connection.id).where(Connection.drain_until.is_not(None))
    written = select(Step.id).where(Step.state.in_(OPEN_STEP))
    found = sum(len(session().scalars(each).all()) for each in (held, drained, written))
    session().rollback()
    return found


def test_workers_end_with_their_killed_parent(
    connected: Product, workers: Command
) -> None:
    family = tree(workers.pid or 0)
    assert len(family) >= 2 + len(QUEUES)
    os.kill(workers.pid or 0, signal.SIGKILL)
    eventually(lambda: not tree(*family))
