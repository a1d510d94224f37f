"""T3 and T22 in the smallest size that means something (docs/faults.md).

Two kills of one document; a fault with each order, and memory that stays as it is.
"""

import gc
import random
import resource
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.domain.clock import utcnow
from core.models import Connection, Step, Transfer, TransferState
from core.net.http import probe
from core.runtime.database import session
from core.services.transfer.steps import OPEN_STEP
from tests.chaos.rounds import pairs_of_kills
from tests.e2e.test_kill_points import let_time_pass, place, work
from tests.product import Product

PAIRS = 4
FAULTS = (
    {"kind": "status", "status": 500, "method": "POST"},
    {"kind": "status", "status": 429},
    {"kind": "html", "method": "POST"},
    {"kind": "html_after", "method": "POST"},
    {"kind": "drop", "method": "GET"},
    {"kind": "drop_after", "method": "POST"},
)
SOAKED = 18
MOST_GROWTH = 6_000_000
"""Bytes; half a megabyte that an order leaves would be too much."""
ROUNDS = 12
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    yield
    probe.listener = None


def each_once(product: Product, placed: list[str]) -> None:
    """All is booked once, and nothing is left open or held."""
    states = {name: row.state for name, row in product.transfers().items()}
    assert states == dict.fromkeys(placed, TransferState.DONE)
    documents = Counter(
        str(entry["document"]["PaymentReferenceNumber"])
        for entry in product.ledger("ledgeritem")
    )
    assert documents == Counter(placed)
    nothing_is_left()


def nothing_is_left() -> None:
    """No step is open, and no row is on a lease."""
    open_steps = select(func.count()).where(Step.state.in_(OPEN_STEP))
    held = select(func.count()).where(Transfer.lease_until.is_not(None))
    drained = select(func.count()).where(Connection.drain_until.is_not(None))
    found = [session().scalar(each) for each in (open_steps, held, drained)]
    session().rollback()
    assert found == [0, 0, 0]


def test_a_document_whose_worker_is_killed_twice_stands_once(
    connected: Product,
) -> None:
    found = pairs_of_kills(connected, PAIRS, random.Random(3))
    assert found.pop("kills") >= PAIRS
    assert found.pop("rounds") == PAIRS + 1
    assert not +found


def memory() -> int:
    """What this process holds, in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def soak(product: Product, placed: list[str], dice: random.Random) -> None:
    """Place an order while something goes wrong, and let it be booked."""
    side = dice.choice(("eaccounting", "eaccounting", "kmoshops"))
    fault = dice.choice(FAULTS) | {"times": 1, "after": dice.randrange(2)}
    placed.append(place(product, len(placed)))
    product.control(side, "faults", fault)
    for _ in range(ROUNDS):
        work(product)
        let_time_pass()
        if product.transfers()[placed[-1]].state == TransferState.DONE:
            break
        ago = utcnow() - HOUR  # not minutes: the package itself answered with a fault
        session().execute(update(Step).values(sent_at=ago, not_before=ago))
        session().commit()
    product.control(side, "faults", verb="DELETE")


def test_a_fault_with_each_order_loses_none_and_leaves_memory_as_it_was(
    connected: Product,
) -> None:
    placed, dice = [], random.Random(22)
    for _ in range(SOAKED // 3):
        soak(connected, placed, dice)
    before = memory()
    for _ in range(SOAKED - len(placed)):
        soak(connected, placed, dice)
    grown = memory() - before
    tries = sum(row.attempt for row in connected.transfers().values())
    assert tries > SOAKED * 5 / 4, "the faults struck"
    assert grown < MOST_GROWTH
    each_once(connected, placed)
