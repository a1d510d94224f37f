"""kill -9 before and after every remote call and every commit of one order.

The points are counted first, then the worker is killed at each of them in turn, on an
order with a new customer and new articles. Afterwards another worker goes on, and the
package's own ledger must hold each document once.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.clock import utcnow
from core.models import Connection, Step, Transfer, TransferState
from core.net.http import probe
from core.runtime import jobs
from core.runtime.database import session
from core.runtime.extensions import db
from plugins.eaccounting.mapping import TargetKind
from tests.product import Product

LEDGER = {
    TargetKind.SALES_ENTRY: ("ledgeritem", "PaymentReferenceNumber"),
    TargetKind.DRAFT_INVOICE: ("draft", "YourReference"),
    TargetKind.ORDER: ("order", "YourReference"),
}
ROUNDS = 12


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


def order(number: int) -> dict[str, Any]:
    """An order of a new customer with a new article."""
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
                "sku": f"SKU-{number}",
                "name": f"Artikel {number}",
                "price": "12.10",
                "quantity": 2,
                "vat_rate": "21",
            }
        ],
        "payment_method": "iDEAL",
    }


def work(product: Product) -> None:
    """What a worker does for an order: read it again, send it."""
    jobs.run_task("inbox", product.shop_id)
    jobs.run_task("drain", 0)


def in_child(task: Callable[[], None], listener: Callable[[str], None]) -> bool:
    """Run a task in a process of its own; tell whether it lived to the end."""
    db.session.remove()
    db.engine.dispose()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            probe.listener = listener
            task()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, "the worker failed by itself"
    return True


def some_of(points: list[str], first: int = 0, every: int = 4) -> range:
    """Return which points to kill at: all of them with KILL_EVERY=1.

    All goes through the one journal that orders of eAccounting are killed in at each.
    """
    return range(first, len(points), int(os.environ.get("KILL_EVERY", every)))


def kill_at(point: int) -> Callable[[str], None]:
    """A listener that kills its own process at the n-th point."""
    seen = count()

    def listener(_: str) -> None:
        if next(seen) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return listener


def let_time_pass() -> None:
    """Leases run out and look-ups come due, as they do in minutes."""
    past = utcnow() - timedelta(minutes=10)
    session().execute(update(Connection).values(drain_until=None, not_before=None))
    session().execute(
        update(Transfer)
        .where(Transfer.state.in_((TransferState.SENDING, TransferState.QUEUED)))
        .values(lease_until=past, due_at=past)
    )
    session().execute(update(Step).values(sent_at=past))
    session().commit()


def place(product: Product, number: int, **changes: Any) -> str:
    """Place an order in the shop and note its webhook; return its number."""
    made = product.control("kmoshops", "orders?silent=1", order(number) | changes)
    shop = session().get_one(Connection, product.shop_id)
    from core.services.transfer import inbox

    inbox.accept(
        shop, event_id=f"e{number}", kind="order.created", source_id=str(made["id"])
    )
    session().commit()
    return str(made["id"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(TargetKind))
def test_one_document_each_wherever_the_worker_is_killed(
    connected: Product, kind: TargetKind
) -> None:
    connected.configure(target_kind=kind.value)
    points: list[str] = []
    placed = [place(connected, 0)]
    probe.listener = points.append
    work(connected)
    probe.listener = None
    assert connected.transfers()[placed[0]].state == TransferState.DONE
    assert len(points) >= 10, points

    is_first = kind is TargetKind.SALES_ENTRY
    for number in some_of(points, every=1 if is_first else 2):
        placed.append(place(connected, len(placed)))
        survived = in_child(lambda: work(connected), kill_at(number))
        assert not survived, f"point {number} ({points[number]}) was not reached"
        for _ in range(ROUNDS):
            let_time_pass()
            in_child(lambda: work(connected), lambda _: None)
            if connected.transfers()[placed[-1]].state == TransferState.DONE:
                break

    states = {name: row.state for name, row in connected.transfers().items()}
    assert states == dict.fromkeys(placed, TransferState.DONE)
    ledger, field = LEDGER[kind]
    documents = Counter(
        str(entry["document"][field]) for entry in connected.ledger(ledger)
    )
    assert documents == Counter(placed)
    customers = Counter(
        entry["document"]["EmailAddress"] for entry in connected.ledger("customer")
    )
    assert set(customers.values()) == {1}
    assert len(customers) == len(placed)
