"""What the user set aside is sent by nothing until it is taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, true, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.events import OrderReady
from core.domain.orders import OrderState
from core.models import (
    InboxEvent,
    LogEntry,
    Step,
    StepState,
    Tenant,
    Transfer,
    TransferState,
)
from core.runtime.database import session
from core.runtime.tenancy import tenant_scope
from core.services.reporting import faults
from core.services.transfer import (
    drain,
    inbox,
    leases,
    setting_aside,
    statements,
    transfers,
)
from core.services.transfer.setting_aside import Aside, Said
from core.texts import explain
from tests.integration.world import NOW, World, after, before

BY_HAND = Said(Aside.BY_HAND, "VK-12", date(2026, 3, 2))
IGNORED = Said(Aside.IGNORED, "proefbestelling")


def transfer() -> Transfer:
    return session().scalars(select(Transfer)).one()


def refused(world: World) -> Transfer:
    """Let an order be refused; return its transfer, which stands under Fouten."""
    world.package.faults = [before(AskUser("order_empty"))]
    world.read(world.order(1))
    drain.drain()
    assert transfer().state == TransferState.FAILED
    return transfer()


def aside(world: World, said: Said = IGNORED) -> Transfer:
    row = refused(world)
    assert setting_aside.set_aside(row, said, user_id=None)
    session().commit()
    return row


def test_it_is_ended_with_what_was_said_and_taken_back_as_it_was(world: World) -> None:
    row = aside(world, BY_HAND)
    assert (row.state, row.code) == (TransferState.SKIPPED, "booked_by_hand")
    assert row.params["reference"] == "VK-12"
    assert row.params["on"] == "2026-03-02"
    assert row.set_aside_at is not None
    assert setting_aside.take_back(row)
    session().commit()
    assert (row.state, row.code, row.set_aside_at) == (
        TransferState.FAILED, "order_empty", None,
    )  # fmt: skip
    assert not setting_aside.take_back(row)
    drain.drain()
    assert world.package.documents == []
    codes = session().scalars(select(LogEntry.code).order_by(LogEntry.id)).all()
    assert codes[-2:] == ["booked_by_hand_pressed", "taken_back_pressed"]
    transfers.retry(transfer())
    inbox.handled(list(session().scalars(select(InboxEvent.id))))
    world.read(world.order(1, updated_at=NOW + timedelta(hours=1)))
    session().commit()
    drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]


def test_nothing_that_happens_to_its_order_sends_it(world: World) -> None:
    row = aside(world)
    later = NOW + timedelta(days=1)
    changed = world.order(1, updated_at=later, customer_id="x")
    world.read(changed)
    world.read(world.order(1, updated_at=later + timedelta(hours=1)))
    transfers.retry(row)
    transfers.queue_configured(world.coupling)
    ready = OrderReady(row.tenant_id, row.subject_id, world.shop_id, frozenset({"x"}))
    transfers.queue_ready(ready, "x")
    transfers.heal_refreshing(timedelta(0))
    session().commit()
    drain.drain()
    assert (transfer().state, transfer().code) == ("skipped", "ignored")
    assert world.package.documents == []


@pytest.mark.parametrize("guarded", [True, False])
def test_the_engine_itself_does_not_send_it(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """A fault elsewhere that queues it again meets the guard; without it, it goes."""
    aside(world)
    session().execute(
        update(Transfer).values(state=TransferState.QUEUED, due_at=utcnow())
    )
    session().commit()
    if not guarded:
        for module in (leases, statements):
            monkeypatch.setattr(module, "not_aside", true)
        statements.start.cache_clear()
    try:
        drain.drain()
    finally:
        statements.start.cache_clear()
    assert transfer().set_aside_at is not None
    assert len(world.package.documents) == (0 if guarded else 1)


def test_set_aside_in_a_worker_s_hands_writes_nothing(world: World) -> None:
    """Between the lease and the write: the statement before each write says no."""
    world.read(world.order(1))
    batch = leases.take_batch()
    assert batch is not None
    session().execute(update(Transfer).values(set_aside_at=utcnow()))
    session().commit()
    job = batch.jobs[0]
    statement = statements.start(())
    values = {
        **job.lease_values(),
        "alive_connection": job.connection_id,
        "alive_version": job.connection_version,
    }
    assert session().execute(statement, values).rowcount == 0
    session().rollback()


def test_what_may_have_been_sent_is_not_set_aside(world: World) -> None:
    world.package.faults = [None, after]
    world.read(world.order(1))
    drain.drain()
    row = transfer()
    assert row.state == TransferState.QUEUED  # its outcome is looked up first
    assert not setting_aside.set_aside(row, BY_HAND)
    row.state = TransferState.FAILED
    session().commit()
    step = session().scalars(select(Step).where(Step.name == "document")).one()
    for state in (StepState.UNKNOWN, StepState.PREPARED, StepState.CONFIRMED):
        step.state = state
        session().commit()
        assert setting_aside.may_be_sent([row.id]) == {row.id}
        assert not setting_aside.set_aside(row, BY_HAND)
    step.state = StepState.REJECTED
    session().commit()
    assert setting_aside.set_aside(row, BY_HAND)


@pytest.mark.parametrize("state", ["sending", "done", "held", "skipped"])
def test_only_what_waits_or_failed_is_set_aside(world: World, state: str) -> None:
    row = refused(world)
    row.state = TransferState(state)
    session().commit()
    assert not setting_aside.set_aside(row, IGNORED)


def test_an_order_that_was_cancelled_meanwhile_comes_back_as_ended(
    world: World,
) -> None:
    row = aside(world)
    later = world.order(1, updated_at=NOW + timedelta(days=1))
    world.read(later, state=OrderState.CANCELLED)
    assert setting_aside.take_back(row)
    session().commit()
    assert (row.state, row.code) == ("skipped", "order_ended_meanwhile")


def test_what_was_set_aside_before_reasons_were_kept_comes_back_as_failed(
    world: World,
) -> None:
    row = refused(world)
    row.state, row.code, row.params = TransferState.SKIPPED, "put_aside", {}
    row.set_aside_at = datetime.now(UTC)
    session().commit()
    assert setting_aside.take_back(row)
    assert (row.state, row.code) == ("failed", "taken_back")


def test_groups_are_what_one_thing_solves(world: World) -> None:
    world.read(*(world.order(number) for number in range(1, 6)))
    rows = session().scalars(select(Transfer).order_by(Transfer.id)).all()
    places = [("FR", "20"), ("DE", "19"), ("FR", "20"), ("FR", "5.5")]
    for row, (country, rate) in zip(rows, places, strict=False):
        row.state, row.code = TransferState.FAILED, "vat_rate_not_configured"
        row.params = {"country": country, "rate": rate, "line": row.number}
    rows[4].state, rows[4].code = TransferState.FAILED, "order_empty"
    session().commit()
    tenant_id = session().scalar(select(Tenant.id))
    with tenant_scope(tenant_id):
        found = {cause.key: cause.count for cause in faults.causes_with_rows()}
        coupling = world.coupling_id
        of = f"vat_rate_not_configured~{coupling}"
        assert found == {
            f"{of}~FR~20": 2, f"{of}~DE~19": 1, f"{of}~FR~5.5": 1,
            "order_empty": 1,
        }  # fmt: skip
        assert faults.faulty_ids(f"{of}~FR~20") == [rows[2].id, rows[0].id]
        assert len(faults.faulty_ids("vat_rate_not_configured")) == 4
        assert faults.faulty_ids(f"{of}~FR") == []
        page = faults.faulty_of(f"{of}~DE~19", None)
        assert [row.transfer.id for row in page.rows] == [rows[1].id]
        rows_of = {cause.key: len(cause.rows) for cause in faults.causes_with_rows()}
        assert rows_of == found
        with time_machine.travel(utcnow() + timedelta(hours=1)):
            assert faults.causes(since=utcnow()) == []
    assert session().scalar(select(func.count(Transfer.id))) == 5


def test_the_log_keeps_the_number_that_a_cause_means(world: World) -> None:
    """A VAT number is not overwritten by the order's number, which is told besides."""
    error = AskUser("vat_number_of_own_country", number="NL123", country="NL")
    world.package.faults = [before(error)]
    world.read(world.order(1))
    drain.drain()
    entry = session().scalars(select(LogEntry).order_by(LogEntry.id.desc())).first()
    assert entry is not None
    assert explain(entry.code, entry.values).what == (
        "Het BTW-nummer NL123 is van uw eigen land (Nederland)."
    )
    assert (entry.values["number"], entry.values["order"]) == ("NL123", "W1")
    assert transfer().params["number"] == "NL123"
