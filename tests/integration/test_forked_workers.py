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

from core.kit.processes import tree
from core.kit.runner import Command, Supervisor
from core.main.parts import flask_command
from core.models import TransferState
from core.runtime.database import session
from core.runtime.jobs import QUEUES
from tests.product import Product

PATIENCE_SECONDS = 120
"""A killed worker takes a wake-up along, and it is given again after a minute."""


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


def test_workers_end_with_their_killed_parent(
    connected: Product, workers: Command
) -> None:
    family = tree(workers.pid or 0)
    assert len(family) >= 2 + len(QUEUES)
    os.kill(workers.pid or 0, signal.SIGKILL)
    eventually(lambda: not tree(*family))
