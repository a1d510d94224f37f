"""An order that cannot be read is shown under Fouten, and goes on once it can."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.orders import OrderState
from core.models import Connection, Coupling, ShopOrder, Transfer, TransferState
from core.runtime.database import session, transaction
from core.services.connections import connections
from core.services.linking import couplings
from core.services.transfer import transfers
from tests.contract.kmoshops.conftest import Coupled

FAILED, HELD, DONE = TransferState.FAILED, TransferState.HELD, TransferState.DONE
BROKEN, MENDED = {"paymentMethod": ["odd"]}, {"paymentMethod": "iDEAL"}
CODE = "order_unreadable"


@pytest.fixture
def coupling_id(coupled: Coupled) -> int:
    return couple(coupled)


def couple(coupled: Coupled) -> int:
    """Couple the shop to a package, as if it were configured."""
    with transaction():
        source = session().get_one(Connection, coupled.connection_id)
        target = Connection(tenant_id=source.tenant_id, plugin="eaccounting")
        session().add(target)
        session().flush()
        connections.switch_plugin(source.tenant_id, "eaccounting", enabled=True)
        made: Coupling = couplings.create(source, target)
        made.configured_at, made.starts_on = utcnow(), None
        return made.id


def patch(coupled: Coupled, number: str, changes: dict[str, Any]) -> None:
    coupled.sandbox.control(f"orders/{number}?silent=1", changes, "PATCH")


def read(coupled: Coupled, number: str, times: int = 3) -> None:
    coupled.tell(number)
    for _ in range(times):
        coupled.run("inbox")


def shown() -> list[tuple[str, str, str]]:
    session().rollback()
    session().expire_all()
    rows = session().scalars(select(Transfer).order_by(Transfer.id))
    return [(row.number, row.state, row.code) for row in rows]


def transfer() -> Transfer:
    return session().scalars(select(Transfer)).one()


def set_booked(state: TransferState = DONE) -> None:
    with transaction():
        row = transfer()
        order = session().get_one(ShopOrder, row.subject_id)
        row.state, row.code, row.booked_hash = state, "", order.content_hash


def test_it_is_a_row_with_the_field_s_name(coupled: Coupled, coupling_id: int) -> None:
    number = coupled.sandbox.place()
    patch(coupled, number, BROKEN)
    read(coupled, number, times=2)
    assert shown() == []
    coupled.run("inbox")
    assert shown() == [(number, FAILED, CODE)]
    assert transfer().params == {"number": number, "field": "paymentMethod"}
    assert coupled.orders() == {number: OrderState.WAITING}
    assert coupled.log(CODE) == [{"number": number, "field": "paymentMethod"}]


@pytest.mark.parametrize("task", ["poll", "recheck"])
def test_it_goes_on_when_it_can_be_read(
    coupled: Coupled, coupling_id: int, task: str
) -> None:
    number = coupled.sandbox.place()
    patch(coupled, number, BROKEN)
    read(coupled, number)
    coupled.run(task)
    coupled.run("inbox")
    assert shown() == [(number, FAILED, CODE)]
    patch(coupled, number, MENDED)
    coupled.run(task)
    assert shown() == [(number, TransferState.QUEUED, "")]
    assert coupled.orders() == {number: OrderState.READY}


def test_verwerk_reads_it_again(coupled: Coupled, coupling_id: int) -> None:
    number = coupled.sandbox.place()
    patch(coupled, number, BROKEN)
    read(coupled, number)
    for changes, outcome in (
        (BROKEN, (number, FAILED, CODE)),
        (MENDED, (number, TransferState.QUEUED, "")),
    ):
        patch(coupled, number, changes)
        with transaction():
            transfers.retry(transfer())
        for _ in range(3):
            coupled.run("inbox")
        assert shown() == [outcome]


def test_what_was_queued_is_not_booked_as_it_was(
    coupled: Coupled, coupling_id: int
) -> None:
    number = coupled.sandbox.place()
    read(coupled, number)
    assert shown() == [(number, TransferState.QUEUED, "")]
    patch(coupled, number, BROKEN)
    read(coupled, number)
    assert shown() == [(number, FAILED, CODE)]
    assert coupled.orders() == {number: OrderState.WAITING}
    patch(coupled, number, MENDED)
    read(coupled, number)
    assert shown() == [(number, TransferState.QUEUED, "")]


def test_what_was_booked_is_held_until_it_can_be_compared(
    coupled: Coupled, coupling_id: int
) -> None:
    number = coupled.sandbox.place()
    read(coupled, number)
    set_booked()
    patch(coupled, number, BROKEN)
    read(coupled, number)
    assert shown() == [(number, HELD, CODE)]
    patch(coupled, number, MENDED)
    read(coupled, number)
    assert shown() == [(number, DONE, "")]
    patch(coupled, number, BROKEN)
    read(coupled, number)
    with transaction():
        transfers.retry(transfer())
    read(coupled, number)
    assert shown() == [(number, DONE, f"seen_{CODE}")]


def test_what_turns_out_to_be_of_before_the_coupling_goes_nowhere(
    coupled: Coupled, coupling_id: int
) -> None:
    number = coupled.sandbox.place()
    stamps = {"createDate": "yesterday", "createTimestamp": None}
    patch(coupled, number, stamps)
    read(coupled, number)
    assert shown() == [(number, FAILED, CODE)]
    with transaction():
        coupling = session().get_one(Coupling, coupling_id)
        coupling.starts_on = utcnow().date() - timedelta(days=3)
    long_ago = {"createDate": "2024-01-02 10:00:00 +0000"}
    patch(coupled, number, long_ago)
    read(coupled, number)
    assert shown() == []


def test_an_old_one_is_not_shown_where_the_coupling_begins_later(
    coupled: Coupled, coupling_id: int
) -> None:
    with transaction():
        session().get_one(Coupling, coupling_id).starts_on = date(2026, 6, 1)
    number = coupled.sandbox.place(created="2026-05-01T10:00:00+00:00")
    patch(coupled, number, BROKEN)
    read(coupled, number)
    assert shown() == []


def test_a_coupling_that_is_made_later_shows_it_too(coupled: Coupled) -> None:
    number = coupled.sandbox.place()
    patch(coupled, number, BROKEN)
    coupled.run("poll")
    for _ in range(3):
        coupled.run("inbox")
    assert shown() == []
    couple(coupled)
    coupled.run("poll")
    assert shown() == [(number, FAILED, CODE)]
    assert len(coupled.log(CODE)) == 1


def test_a_number_beyond_any_column_is_shown_by_its_inner_id(
    coupled: Coupled, coupling_id: int
) -> None:
    number = "W" * 70
    coupled.sandbox.place(id=number)
    for _ in range(2):
        coupled.run("poll")
        for _ in range(3):
            coupled.run("inbox")
    coupled.run("recheck")
    assert shown() == [(number[:64], FAILED, CODE)]
    with transaction():
        transfers.retry(transfer())
    coupled.run("inbox")
    assert shown() == [(number[:64], FAILED, CODE)]


def test_a_moment_in_the_future_wins_for_no_longer_than_this_reading(
    coupled: Coupled, coupling_id: int
) -> None:
    number = coupled.sandbox.place()
    patch(coupled, number, {"updateTimestamp": 3786912000})
    read(coupled, number)
    row = session().scalars(select(ShopOrder)).one()
    assert row.updated_at <= utcnow()
    session().rollback()
    patch(coupled, number, {"paymentStatus": "CANCELLED"})
    coupled.run("poll")
    assert coupled.orders() == {number: OrderState.CANCELLED}


def test_an_order_of_the_future_is_none(coupled: Coupled, coupling_id: int) -> None:
    number = coupled.sandbox.place(created="2090-01-01T00:00:00+00:00")
    read(coupled, number)
    assert transfer().params["field"] == "createDate"
