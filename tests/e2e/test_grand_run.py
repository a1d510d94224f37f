"""A bad day: orders while everything breaks, with real workers and real Redis.

Webhooks come twice and in any order, some never; workers are killed with -9, Redis is
flushed and restarted, the package drops answers after it did the write. In the end
the package's own ledger holds each order once.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import func, select

from core.main import parts
from core.models import Step, StepState, Transfer, TransferState
from core.runtime.database import session
from tests.product import Product, outside, product

ORDERS = int(os.environ.get("GRAND_RUN_ORDERS", "300"))
KILLS = 30
PATIENCE_SECONDS = 420


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Product]:
    """The whole product as processes, with short leases."""
    values = {
        "lease_seconds": 6,
        "recheck_seconds": 4,
        "dispatch_seconds": 1,
        "drain_batch": 20,
        "max_failures": 8,
    }
    folder = tmp_path / "v"
    sides = ("kmoshops", "eaccounting", "vies")
    with outside(folder, only=sides, **values) as stack:
        address = f"sqlite:///{tmp_path / 'grand.db'}"
        stack.environ["DATABASE_URL"] = address
        stack.settings = replace(stack.settings, database_url=address)
        with product(stack, address, folder) as made:
            session().rollback()
            yield made


@contextmanager
def watched(product: Product) -> Iterator[None]:
    """Restart whatever dies, as the supervisor does."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            for part in product.stack.supervisor.parts:
                process = part.process
                if process is not None and process.poll() is not None:
                    part.start(product.stack.supervisor.logs)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def kill_a_worker(product: Product, dice: random.Random, *, group: bool) -> None:
    """kill -9 of a worker: the parent only, or with its work horse."""
    workers = [
        part
        for part in product.stack.supervisor.parts
        if part.name in ("worker-default", "worker-urgent", "worker-clock")
    ]
    process = dice.choice(workers).process
    if process is None or process.poll() is not None:
        return
    if group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def restart_redis(product: Product) -> None:
    """kill -9 of the embedded server; the supervisor brings it back."""
    redis = next(p for p in product.stack.supervisor.parts if p.name == "redis")
    redis.signal(signal.SIGKILL)
    time.sleep(0.5)
    parts.wait_for_redis(product.stack.settings.redis)


def booked() -> int:
    """How many orders are done."""
    count: int = session().scalar(
        select(func.count()).where(Transfer.state == TransferState.DONE)
    )
    session().rollback()
    return count


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_SECONDS + 180)
def test_many_orders_on_a_bad_day(running: Product) -> None:
    dice = random.Random(20261121)
    running.stack.start_product()
    webhook = {
        "url": f"{running.stack.settings.public_url}/webhooks/kmoshops",
        "client_secret": "sandbox-secret",
        "hold": True,
        "shuffle": True,
        "duplicates": 0.1,
        "drop": 0.02,
        "seed": 7,
    }
    running.control("kmoshops", "webhook", webhook)
    running.control(
        "eaccounting",
        "faults",
        {"kind": "drop_after", "method": "POST", "path": "^/v2/", "probability": 0.05},
    )
    running.control("kmoshops", "test-orders", {"count": ORDERS})
    running.control("kmoshops", "webhook", {"hold": False})
    with watched(running):
        break_things(running, dice)
        wait_until_booked(running)

    assert booked() == ORDERS
    documents = Counter(
        entry["document"]["PaymentReferenceNumber"]
        for entry in running.ledger("ledgeritem")
    )
    assert len(documents) == ORDERS
    assert set(documents.values()) == {1}
    customers = Counter(
        entry["document"]["EmailAddress"] for entry in running.ledger("customer")
    )
    assert set(customers.values()) == {1}
    unsettled = session().scalar(
        select(func.count()).where(
            Step.state.in_((StepState.PREPARED, StepState.UNKNOWN))
        )
    )
    assert unsettled == 0


def break_things(product: Product, dice: random.Random) -> None:
    """Kill workers and flush and restart Redis while orders are booked."""
    client = Redis.from_url(product.stack.settings.redis)
    for number in range(KILLS):
        time.sleep(dice.uniform(0.2, 0.9))
        kill_a_worker(product, dice, group=number % 2 == 0)
        if number in (8, 20):
            client.flushall()
        if number in (14, 26):
            restart_redis(product)
    client.close()


def wait_until_booked(product: Product) -> None:
    """Wait for the last order; the poll finds those whose webhook never came."""
    until = time.monotonic() + PATIENCE_SECONDS
    polled = 0.0
    while booked() < ORDERS and time.monotonic() < until:
        if time.monotonic() - polled > 20:
            product.run_now()
            polled = time.monotonic()
        time.sleep(1)
