"""kill -9 at the points between an order's confirmed entry and its settled payments.

The document is booked by then: what may be lost or doubled is a payment. Each package
that settles, each interface, two payments an order.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.models import Coupling, TransferState
from core.net.http import probe
from core.runtime.database import session, transaction
from plugins.eaccounting.models import EAccountingPaymentMapping
from plugins.eaccounting.orders import reconcile as in_visma
from plugins.eboekhouden.models import EBoekhoudenPaymentMapping
from plugins.eboekhouden.orders import reconcile as in_books
from tests.e2e.test_kill_points import (
    ROUNDS,
    in_child,
    kill_at,
    let_time_pass,
    order,
    place,
    some_of,
    work,
)
from tests.e2e.test_kill_points_eboekhouden import couple, entries
from tests.product import Product

PAID = {"iDEAL": Decimal("14.20"), "gift_card": Decimal("10.00")}
VISMA = "eaccounting"
BOOKS = {"soap": ("soap.asmx", 2), "rest": ("POST v1/mutation", 1)}
WRITES = {VISMA: ("customerledgeritemswithvoucher", 1), **BOOKS}
"""Which call books the entry; by SOAP the first one opens the session."""


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


def clear(product: Product, way: str) -> int:
    """Couple over a way and settle what was paid on a money account."""
    if way in BOOKS:
        couple(product, way)
    coupling = session().scalars(select(Coupling)).one()
    table: Any = (
        EAccountingPaymentMapping if way == VISMA else EBoekhoudenPaymentMapping
    )
    with transaction() as current:
        for method in PAID:
            mapping = table(
                tenant_id=product.tenant_id, coupling_id=coupling.id, method=method,
                clearing_account="2000",
            )  # fmt: skip
            current.add(mapping)
    return coupling.id


def buy(product: Product, number: int) -> str:
    """Place an order of a customer and an article that are known after the first."""
    same = order(0)
    card = str(PAID["gift_card"])
    return place(
        product, number, email=same["email"], lines=same["lines"], gift_card=card
    )


def payments(product: Product, way: str) -> Counter[tuple[str, Decimal]]:
    """How often each payment of each order stands in the package."""
    if way == VISMA:
        found = product.control(VISMA, "ledger?kind=payment", verb="GET")
        vouchers = [entry["body"]["voucher"] for entry in found]
        return Counter(
            (one["VoucherText"].split(" ")[2], one["Rows"][0]["DebitAmount"])
            for one in vouchers
        )
    return Counter(
        (row["Factuurnummer"], Decimal(row["MutatieRegels"][0]["BedragInclBTW"]))
        for row in entries(product, "entry")
        if row["Soort"] == "FactuurbetalingOntvangen"
    )


@pytest.mark.slow
@pytest.mark.parametrize("way", list(WRITES))
def test_one_payment_each_wherever_the_worker_is_killed(
    connected: Product, way: str
) -> None:
    coupling_id = clear(connected, way)
    placed = [buy(connected, 0)]
    work(connected)
    placed.append(buy(connected, 1))
    points: list[str] = []
    probe.listener = points.append
    work(connected)
    probe.listener = None
    address, call = WRITES[way]
    calls = [n for n, point in enumerate(points) if point.endswith(address)]
    confirmed = calls[2 * call - 1] + 2  # behind the commit after the answer
    assert len(points) - confirmed >= 8, points

    sent = [n for n in calls if n > confirmed and points[n].startswith("after")][:2]
    for point in sorted({*some_of(points, first=confirmed), *sent}):
        placed.append(buy(connected, len(placed)))
        survived = in_child(lambda: work(connected), kill_at(point))
        assert not survived, f"point {point} ({points[point]}) was not reached"
        for _ in range(ROUNDS):
            let_time_pass()
            in_child(lambda: work(connected), lambda _: None)
            if connected.transfers()[placed[-1]].state == TransferState.DONE:
                break

    found = {name: (row.state, row.code) for name, row in connected.transfers().items()}
    assert found == dict.fromkeys(placed, (TransferState.DONE, ""))
    wanted = [(number, amount) for number in placed for amount in PAID.values()]
    assert payments(connected, way) == Counter(wanted)
    books = in_visma if way == VISMA else in_books
    documents = books.documents(session().get_one(Coupling, coupling_id))
    left = {row["reference"]: row["left"] for row in documents}
    assert left == dict.fromkeys(placed, 0)
