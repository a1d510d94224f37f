"""kill -9 before and after every remote call and commit of an order to e-Boekhouden.

The points are counted first, then the worker is killed at each of them in turn, on an
order of a new customer; over SOAP and over REST. Afterwards another worker goes on,
and the sandbox's ledger must hold each debtor and each entry once.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, update

from core.models import Connection, Coupling, TransferState
from core.net.http import probe
from core.runtime.database import session, transaction
from core.services.linking import couplings, form_flow
from plugins.eboekhouden.models import EBoekhoudenCalls
from tests.e2e.test_kill_points import (
    ROUNDS,
    in_child,
    kill_at,
    let_time_pass,
    place,
    some_of,
    work,
)
from tests.product import Product


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


def couple(product: Product, interface: str) -> None:
    """Let the shop feed e-Boekhouden alone, over one of its interfaces."""
    codes = product.control("eboekhouden", "grant")
    connection = (
        session()
        .scalars(select(Connection).where(Connection.plugin == "eboekhouden"))
        .one()
    )
    form_flow.connect(connection, {**codes, "interface": interface})
    shop = session().get_one(Connection, product.shop_id)
    with transaction() as current:
        current.execute(delete(Coupling))
        coupling = couplings.create(shop, connection)
        coupling.starts_on = None
        couplings.save_suggestions(coupling)


def entries(product: Product, kind: str) -> list[dict[str, str]]:
    """What the sandbox accepted."""
    found = product.control("eboekhouden", f"ledger?kind={kind}", verb="GET")
    return [entry["body"] for entry in found]


@pytest.mark.slow
@pytest.mark.parametrize("interface", ["soap", "rest"])
def test_one_entry_each_wherever_the_worker_is_killed(
    connected: Product, interface: str
) -> None:
    couple(connected, interface)
    points: list[str] = []
    placed = [place(connected, 0)]
    probe.listener = points.append
    work(connected)
    probe.listener = None
    assert connected.transfers()[placed[0]].state == TransferState.DONE
    assert len(points) >= 20, points

    for number in some_of(points, first=int(interface == "rest"), every=2):
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
    numbers = Counter(entry["Factuurnummer"] for entry in entries(connected, "entry"))
    assert numbers == Counter(placed)
    debtors = entries(connected, "relation")
    emails = Counter(debtor["Email"] for debtor in debtors)
    assert emails == Counter(
        f"klant{number}@example.com" for number in range(len(placed))
    )
    assert len({debtor["Code"] for debtor in debtors}) == len(debtors)


@pytest.mark.slow
def test_calls_are_counted_whatever_is_killed(connected: Product) -> None:
    """A call that was killed before its answer is counted: never too few."""
    couple(connected, "soap")
    session().execute(update(EBoekhoudenCalls).values(calls=0))
    session().commit()
    connected.control("eboekhouden", "faults", verb="DELETE")
    before = connected.control("eboekhouden", "calls", verb="GET")
    for number in range(6):
        place(connected, number)
        in_child(lambda: work(connected), kill_at(12 + 2 * number))
        let_time_pass()
    after = connected.control("eboekhouden", "calls", verb="GET")
    name = "POST /soap.asmx/<operation>"
    outside = after.get(name, 0) - before.get(name, 0)
    session().rollback()
    counted = session().scalars(select(EBoekhoudenCalls.calls)).one()
    assert counted >= outside
