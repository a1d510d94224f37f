"""The transfer engine against a made-up package: once each, whatever breaks.

The package here keeps a ledger in memory; every test compares what stands in it at
the end with the orders, not which calls were made.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select, update

from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    LeaseLost,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.domain.orders import OrderState
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    Link,
    LogEntry,
    Step,
    StepState,
    Tenant,
    TenantPlugin,
    Transfer,
    TransferState,
)
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.connections.administrations import NOT_CONFIGURED
from core.services.transfer import drain, inbox, leases, orders, outcome, transfers
from tests.integration.world import NOW, FakeSender, Late, World, after, before


def test_an_order_is_booked_once_and_says_so(world: World) -> None:
    world.read(world.order(1))
    drain.drain()
    drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.state(1) == ("done", "")
    codes = session().scalars(select(LogEntry.code)).all()
    assert "transfer_done" in codes


def test_two_orders_of_one_new_customer_make_one_debtor(world: World) -> None:
    world.read(world.order(1, email="a@b.nl"), world.order(2, email="a@b.nl"))
    drain.drain()
    assert world.package.debtors == ["a@b.nl"]
    assert len(world.package.documents) == 2
    assert session().scalars(select(Link.external_id)).all() == ["id-a@b.nl"]


@pytest.mark.parametrize("lost_at", [0, 1])
def test_a_lost_answer_is_looked_up_and_adopted(world: World, lost_at: int) -> None:
    world.package.faults = [None] * lost_at + [after]
    world.read(world.order(1))
    drain.drain()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5), tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.package.debtors == ["klant1@example.com"]
    assert world.state(1)[0] == "done"


def test_absence_needs_two_misses_two_minutes_apart(world: World) -> None:
    world.package.faults = [before(OutcomeUnknown("outcome_unknown"))]
    world.read(world.order(1))
    start = datetime.now(UTC)
    drain.drain()
    for seconds, calls in ((20, 1), (60, 1), (200, 3)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=True):
            drain.drain()
        assert world.package.calls == calls, seconds
    assert world.package.debtors == ["klant1@example.com"]
    assert world.state(1)[0] == "done"


def test_a_document_that_commits_late_is_found_not_doubled(world: World) -> None:
    world.package.faults = [
        None,
        before(OutcomeUnknown("outcome_unknown")),
    ]
    world.read(world.order(1))
    start = datetime.now(UTC)
    drain.drain()
    with time_machine.travel(start + timedelta(seconds=30), tick=True):
        drain.drain()
    world.package.documents.append(("R-W1", "121.00"))
    with time_machine.travel(start + timedelta(seconds=200), tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.state(1)[0] == "done"


def test_a_passing_fault_is_retried_and_then_asks_the_user(world: World) -> None:
    fault = before(RetryLater("remote_unreachable", service="pack"))
    world.package.faults = [fault] * 10
    world.read(world.order(1))
    start = datetime.now(UTC)
    for day in range(8):
        with time_machine.travel(start + timedelta(days=day), tick=True):
            drain.drain()
    assert world.state(1) == ("failed", "remote_unreachable")
    assert world.package.calls == 5


def test_what_only_the_user_can_solve_is_not_tried_again(world: World) -> None:
    world.package.faults = [before(AskUser("vat_number_invalid"))]
    world.read(world.order(1), world.order(2))
    drain.drain()
    assert world.state(1) == ("failed", "vat_number_invalid")
    assert world.state(2)[0] == "done"


def test_a_rate_limit_makes_the_whole_connection_wait(world: World) -> None:
    world.package.faults = [
        before(WaitUntil("rate_limited", seconds=40, whole_connection=True))
    ]
    world.read(world.order(1), world.order(2))
    start = datetime.now(UTC)
    drain.drain()
    assert world.package.documents == []
    with time_machine.travel(start + timedelta(seconds=60), tick=True):
        drain.drain()
    assert len(world.package.documents) == 2
    failures = session().scalars(select(Transfer.failures)).all()
    assert list(failures) == [0, 0]


def test_lost_authentication_pauses_and_reconnecting_resumes(world: World) -> None:
    world.package.faults = [before(AuthenticationLost("authentication_lost"))]
    world.read(world.order(1), world.order(2))
    drain.drain()
    drain.drain()
    target = session().get_one(Connection, world.target_id)
    session().refresh(target)
    assert target.state == ConnectionState.PAUSED
    assert world.state(1)[0] == world.state(2)[0] == "queued"
    paused = session().scalars(
        select(LogEntry).where(LogEntry.code == "connection_paused")
    )
    assert len(paused.all()) == 1
    target.state = ConnectionState.CONNECTED
    session().commit()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5), tick=True):
        drain.drain()
    assert len(world.package.documents) == 2


def test_a_dead_worker_costs_nothing_and_its_step_is_looked_up(world: World) -> None:
    """The worker dies after the remote took the document: prepared, not confirmed."""

    class Killed(BaseException):
        """Stands for kill -9: nothing of ours runs after it."""

    def die() -> None:
        raise Killed

    world.read(world.order(1))
    batch = leases.take_batch()
    assert batch is not None
    job = batch.jobs[0]
    orders.attach([job])
    sender = FakeSender(world.package)
    world.package.faults = [None]
    real_write = world.package.write

    def write_then_die(ledger: list, entry: object) -> None:
        real_write(ledger, entry)
        if ledger is world.package.documents:
            die()

    world.package.write = write_then_die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        sender.send(job)
    session().rollback()
    world.package.write = real_write  # type: ignore[method-assign]
    assert world.state(1)[0] == "sending"
    drain.drain()
    assert world.state(1)[0] == "sending"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10), tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.state(1)[0] == "done"


def test_the_worker_that_lost_its_lease_writes_nothing(world: World) -> None:
    world.read(world.order(1))
    batch = leases.take_batch()
    assert batch is not None
    orders.attach(batch.jobs)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10), tick=True):
        drain.drain()
        with pytest.raises(LeaseLost):
            FakeSender(world.package).send(batch.jobs[0])
        with pytest.raises(LeaseLost):
            outcome.failed(batch.jobs[0], RetryLater("late"))
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.state(1)[0] == "done"


def test_a_document_that_kills_its_worker_ends_under_fouten(world: World) -> None:
    world.read(world.order(1), world.order(2))
    start = datetime.now(UTC)
    for round_ in range(12):
        with time_machine.travel(start + timedelta(hours=round_), tick=True):
            batch = leases.take_batch()
            if batch is None:
                break
            first = batch.jobs[0]
            if first.number != "W1":
                batch.release()
                drain.drain()
            elif first.failures >= 5:
                orders.attach(batch.jobs)
                outcome.failed(first, RetryLater("worker_died"))
                batch.release()
    assert world.state(1)[0] == "failed"
    assert world.state(2)[0] == "done"


def test_an_order_edited_before_sending_goes_in_its_newest_form(world: World) -> None:
    world.read(world.order(1))
    world.read(
        world.order(
            1,
            updated_at=NOW + timedelta(hours=1),
            total_incl_vat=Decimal("242.00"),
        )
    )
    world.read(world.order(1, updated_at=NOW - timedelta(hours=1)))
    drain.drain()
    assert world.package.documents == [("R-W1", "242.00")]


def test_an_unread_message_about_an_order_keeps_it_back(world: World) -> None:
    world.read(world.order(1))
    inbox.accept(world.shop, event_id="e1", kind="order.updated", source_id="1")
    session().commit()
    drain.drain()
    assert world.package.documents == []
    assert world.package.debtors == []
    assert world.state(1) == ("queued", "changed_meanwhile")
    inbox.handled(list(session().scalars(select(InboxEvent.id))))
    session().commit()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        drain.drain()
    assert world.state(1)[0] == "done"


@pytest.mark.parametrize(
    ("state", "total", "code"),
    [
        (OrderState.READY, "242.00", "changed_after_booking"),
        (OrderState.CANCELLED, "121.00", "cancelled_after_booking"),
    ],
)
def test_a_change_after_booking_is_held_and_never_rebooked(
    world: World, state: OrderState, total: str, code: str
) -> None:
    world.read(world.order(1))
    drain.drain()
    later = world.order(
        1, updated_at=NOW + timedelta(days=1), total_incl_vat=Decimal(total)
    )
    world.read(later, state=state, reason="order_refunded")
    drain.drain()
    assert world.state(1) == ("held", code)
    transfer = session().scalars(select(Transfer)).one()
    transfers.retry(transfer)
    session().commit()
    drain.drain()
    assert world.state(1) == ("done", f"seen_{code}")
    world.read(later, state=state, reason="order_refunded")
    assert world.state(1)[0] == "done"
    assert world.package.documents == [("R-W1", "121.00")]


def test_a_waiting_order_goes_once_its_status_allows_it(world: World) -> None:
    world.read(world.order(1), state=OrderState.WAITING, reason="order_unpaid")
    drain.drain()
    assert world.state(1) == ("waiting", "order_unpaid")
    world.read(world.order(1))
    drain.drain()
    assert world.state(1)[0] == "done"


def test_nothing_goes_before_the_coupling_is_configured(world: World) -> None:
    world.coupling.configured_at = None
    session().commit()
    world.read(world.order(1))
    drain.drain()
    assert world.state(1) == ("waiting", NOT_CONFIGURED)
    world.coupling.configured_at = NOW
    transfers.queue_configured(world.coupling)
    session().commit()
    drain.drain()
    assert world.state(1)[0] == "done"


def test_verwerk_reads_the_order_again_and_goes_first(world: World) -> None:
    world.package.faults = [before(AskUser("vat_number_invalid"))]
    world.read(world.order(1))
    drain.drain()
    transfer = session().scalars(select(Transfer)).one()
    transfers.retry(transfer)
    session().commit()
    assert world.state(1) == ("waiting", transfers.REFRESHING)
    message = session().scalars(select(InboxEvent)).one()
    assert (message.kind, message.source_id) == ("order.refresh", "1")
    inbox.handled([message.id])
    world.read(world.order(1))
    drain.drain(urgent_only=True)
    assert world.state(1)[0] == "done"


def test_a_large_tenant_does_not_keep_a_small_one_waiting(world: World) -> None:
    other = Tenant(name="Klein")
    session().add(other)
    session().flush()
    small = Connection(
        tenant_id=other.id, plugin="pack", state="connected", external_id="small"
    )
    shop = Connection(
        tenant_id=other.id, plugin="shop", state="connected", external_id="shop2"
    )
    session().add_all([small, shop, TenantPlugin(tenant_id=other.id, plugin="pack")])
    session().flush()
    session().add(
        Coupling(
            tenant_id=other.id,
            source_id=shop.id,
            target_id=small.id,
            configured_at=NOW,
        )
    )
    session().commit()
    world.read(*(world.order(n) for n in range(120)))
    orders.record(shop, [orders.Reading(world.order(999), OrderState.READY)])
    session().commit()
    served = []
    for _ in range(2):
        batch = leases.take_batch()
        assert batch is not None
        served.append((batch.lease.key, len(batch.jobs)))
        batch.release()
    assert {connection for connection, _ in served} == {world.target_id, small.id}
    assert max(count for _, count in served) <= 50


def test_a_crash_before_anything_left_fails_once_and_is_not_unknown(
    world: World,
) -> None:
    world.package.faults = [before(ZeroDivisionError("ours"))]
    world.read(world.order(1), world.order(2))
    drain.drain()
    assert world.state(1) == ("failed", "message_not_built")
    assert session().scalar(select(Step.state).order_by(Step.id)) == StepState.REJECTED
    assert world.state(2)[0] == "done"
    assert world.package.looks == 0


def test_a_crash_after_something_left_is_unknown_and_looked_up(world: World) -> None:
    world.package.faults = [None, Late(ZeroDivisionError("ours"))]
    world.read(world.order(1), world.order(2))
    drain.drain()
    assert world.state(1) == ("queued", "internal_error")
    assert world.state(2)[0] == "done"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1), tick=True):
        drain.drain()
    assert world.state(1) == ("done", "")
    assert len(world.package.documents) == 2


def test_a_fault_around_us_before_anything_left_goes_again_by_itself(
    world: World,
) -> None:
    world.package.faults = [before(ConnectionError("a disk, a database"))]
    world.read(world.order(1))
    drain.drain()
    assert world.state(1) == ("queued", "internal_error")
    assert session().scalar(select(Step.state).order_by(Step.id)) == StepState.REJECTED


def test_documents_wait_for_a_plugin_that_did_not_load(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.read(world.order(1))
    with monkeypatch.context() as without:
        without.delitem(koppelwerk().registry.plugins, "pack")
        assert drain.drain() == 0
    assert world.state(1) == ("queued", "")
    drain.drain()
    assert world.state(1) == ("done", "")


def test_disabled_connections_and_inactive_tenants_send_nothing(world: World) -> None:
    world.read(world.order(1))
    session().execute(update(Tenant).values(active=False))
    session().commit()
    assert drain.drain() == 0
    session().execute(update(Tenant).values(active=True))
    session().execute(update(Connection).values(enabled=False))
    session().commit()
    assert drain.drain() == 0
    session().execute(update(Connection).values(enabled=True))
    session().commit()
    drain.drain()
    assert world.state(1)[0] == TransferState.DONE


def test_errors_carry_codes_and_values() -> None:
    error = KoppelwerkError("a_code", number=7)
    assert str(error) == "a_code(number=7)"
