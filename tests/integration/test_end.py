"""Everything ends: what gets no answer is tried seldom, and then a person decides.

The clock is moved; each turn is a wake-up, whether anything is due or not.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask, request
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import KoppelwerkError, OutcomeUnknown, RetryLater
from core.domain.orders import Address, OrderState
from core.domain.relations import RelationData
from core.models import Connection, ShopOrder, Step, StepState, Transfer
from core.net.departures import departed
from core.plugin.engine import MOST_SENDS, lease, remote_write
from core.runtime.database import session, transaction
from core.runtime.tenancy import system_scope
from core.services.syncing import relation_sync
from core.services.transfer import drain, inbox, orders, outcome, transfers
from core.services.transfer.journal import Job
from tests.integration import relation_world
from tests.integration.relation_world import MadeUp
from tests.integration.world import NOW, Late, World, before

FAULT = OutcomeUnknown("outcome_unknown", service="X", cause="remote_fault")
LOST = OutcomeUnknown("outcome_unknown", service="X", cause="remote_timeout")
DOWN = RetryLater("remote_unreachable", service="X", detail="x")
MINUTE = timedelta(minutes=1)


@contextmanager
def _clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        yield clock


def _go_on(clock: time_machine.Traveller, minutes: int, step: int = 60) -> None:
    """Wake the drain every so many seconds."""
    for _ in range(minutes * 60 // step):
        clock.shift(step)
        drain.drain()


@pytest.mark.parametrize("answer", [FAULT, LOST])
def test_a_poison_document_ends_within_the_hours_and_costs_little(
    world: World, answer: KoppelwerkError
) -> None:
    world.package.poison = {"R-W1'": answer}
    world.read(world.order(1), world.order(2))
    with _clock() as clock:
        drain.drain()
        assert world.state(1) == ("queued", "outcome_unknown")
        _go_on(clock, 120, 150)
        assert world.state(1) == ("failed", "outcome_unclear")
        world.read(world.order(3))
        drain.drain()
    assert world.state(2)[0] == world.state(3)[0] == "done"
    assert (world.package.calls, world.package.looks) == (3 * 2 + 1, 3)


def test_verwerk_after_the_end_looks_first_and_then_sends_once_more(
    world: World,
) -> None:
    world.package.poison = {"R-W1'": FAULT}
    world.read(world.order(1))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 120, 150)
        looks, calls = world.package.looks, world.package.calls
        world.package.poison = {}
        _press(world)
        drain.drain(urgent_only=True)
    assert world.state(1) == ("done", "")
    assert (world.package.looks, world.package.calls) == (looks + 1, calls + 1)
    assert len(world.package.documents) == 1


def test_verwerk_after_the_end_adopts_what_came_in_late(world: World) -> None:
    world.package.poison = {"R-W1'": LOST}
    world.read(world.order(1))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 120, 150)
        world.package.documents.append(("R-W1", "121.00"))
        _press(world)
        drain.drain(urgent_only=True)
    assert world.state(1) == ("done", "")
    assert world.package.documents == [("R-W1", "121.00")]


def _press(world: World) -> None:
    transfers.retry(session().scalars(select(Transfer)).one())
    session().commit()


def test_without_the_limit_a_poison_document_has_no_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_write, "MOST_SENDS", 10**6)
    world.package.poison = {"R-W1'": LOST}
    world.read(world.order(1))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 120, 150)
    assert world.state(1)[0] == "queued"


@pytest.mark.parametrize("answer", [FAULT, LOST, DOWN])
def test_a_package_that_does_not_answer_rests_and_recovers(
    world: World, answer: KoppelwerkError
) -> None:
    """An hour of it with 26 documents: one at a time is tried, seldom."""
    world.package.poison = {"R-": answer}
    world.read(*(world.order(number) for number in range(26)))
    with _clock() as clock:
        drain.drain()
        assert world.package.calls <= 3 * 2  # with a debtor each
        _go_on(clock, 60)
        in_all = world.package.calls + world.package.looks
        world.package.poison = {}
        _go_on(clock, 60)
        states = [world.state(number) for number in range(26)]
    assert states == [("done", "")] * 26
    assert len(world.package.documents) == 26
    assert in_all <= 40
    assert session().get_one(Connection, world.target_id).unanswered == 0


def test_without_the_rest_an_outage_spends_calls_on_every_document(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome.connections, "RESTS_AFTER", 10**6)
    world.package.poison = {"R-": FAULT}
    world.read(*(world.order(number) for number in range(26)))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 60, 60)
    assert world.package.calls + world.package.looks > 100


def test_poison_documents_one_after_the_other_stop_nothing_else(world: World) -> None:
    world.package.poison = {f"R-W{number}'": FAULT for number in (1, 2, 3)}
    world.read(*(world.order(number) for number in range(1, 9)))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 3, 20)
        assert {world.state(number)[0] for number in range(4, 9)} == {"done"}
        _go_on(clock, 120, 150)
    assert {world.state(number)[0] for number in range(1, 4)} == {"failed"}


def test_what_waits_for_anothers_debtor_comes_behind_it_and_takes_it_over(
    world: World,
) -> None:
    world.package.poison = {"a@b.nl": FAULT}
    world.read(world.order(1, email="a@b.nl"), world.order(2, email="a@b.nl"))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 5, 5)
        _go_on(clock, 70, 30)
        calls = world.package.calls + world.package.looks
        assert world.state(1) == ("failed", "outcome_unclear")
        attempts = session().scalars(select(Transfer.attempt)).all()
        world.package.poison = {}
        _go_on(clock, 120, 150)
    assert calls <= 8
    assert max(attempts) < 15
    assert world.state(2) == ("done", "")
    assert world.package.debtors == ["a@b.nl"]


@pytest.mark.parametrize("guarded", [True, False])
def test_a_debtor_that_came_after_the_end_is_not_made_again_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    world.package.poison = {"a@b.nl": LOST}
    world.read(world.order(1, email="a@b.nl"))
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 60, 60)
        assert world.state(1) == ("failed", "outcome_unclear")
        world.package.poison = {}
        world.package.debtors.append("a@b.nl")
        if not guarded:
            monkeypatch.setattr(Job, "_take_step", lambda *_: None)
        world.read(world.order(2, email="a@b.nl"))
        drain.drain()
    assert world.state(2) == ("done", "")
    assert (world.package.debtors == ["a@b.nl"]) is guarded


def test_a_step_begins_anew_with_what_is_certainly_not_there(world: World) -> None:
    """What was refused counts no sends of before."""
    world.package.faults = [None, lambda: (_ for _ in ()).throw(DOWN)]
    world.read(world.order(1))
    with _clock() as clock:
        drain.drain()
        with transaction():
            step = session().scalars(select(Step).where(Step.name == "document")).one()
            assert (step.state, step.sends) == (StepState.REJECTED, 0)
        clock.shift(60)
        drain.drain()
    assert world.state(1) == ("done", "")


@pytest.mark.parametrize("is_new", [True, False])
def test_a_relation_without_an_answer_rests_after_two_sends(
    app: Flask, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    """Whatever schedule runs it; it goes again once it changed."""
    monkeypatch.setattr(lease, "shared_now", utcnow)  # the database's does not travel
    with system_scope(), relation_world.made_up(MadeUp()) as world, _clock() as clock:
        data = RelationData(False, "Jansen", debtor_number="1")
        key = world.save(data)
        world.choose(out=True)
        if not is_new:
            world.run()
            key = world.save(replace(data, phone="2"), key)
        sent: list[int] = []

        def unanswered(*_: object) -> None:
            sent.append(1)
            departed()
            raise LOST

        with monkeypatch.context() as patch:
            name = "create" if is_new else "update"
            patch.setattr(world.package, name, unanswered)
            for _ in range(10):
                _scheduled(world.connection_id)
                for _ in range(6):
                    clock.shift(130)
                    relation_world.jobs.run_task("relation_sync", world.connection_id)
        assert len(sent) == MOST_SENDS
        assert [row.code for row in world.troubles()] == ["relation_unanswered"]
        world.save(replace(data, phone="3"), key)
        _scheduled(world.connection_id)
        relation_world.jobs.run_task("relation_sync", world.connection_id)
        assert world.troubles() == []
        (record,) = world.package.records_.values()
        assert record.values["phone"] == "3"


def _scheduled(connection_id: int) -> None:
    with transaction():
        relation_sync.begin(session().get_one(Connection, connection_id))


def test_what_changes_all_the_time_is_looked_at_ever_less(world: World) -> None:
    world.read(world.order(1))
    inbox.accept(world.shop, event_id="e1", kind="order.updated", source_id="1")
    session().commit()
    with _clock() as clock:
        drain.drain()
        _go_on(clock, 30)
        attempts = session().scalars(select(Transfer.attempt)).one()
        assert attempts < 15
        with transaction() as current:
            current.execute(update(Transfer).values(attempt=10_000))
        _go_on(clock, 11)
    assert world.state(1) == ("queued", "changed_meanwhile")
    assert world.package.calls == 0


def test_signs_that_nobody_can_send_go_no_further_than_where_they_come_in(
    world: World,
) -> None:
    place = Address(name="Jan\b\uffff Test", street="Kade\x0b1", country="NL")
    world.read(replace(world.order(1, billing=place), number="W1\x00"))
    (row,) = session().scalars(select(ShopOrder))
    read = orders.load(row)
    assert (read.billing.name, read.billing.street) == ("Jan Test", "Kade 1")
    assert read.number == row.number == "W1"
    row.payload = {**row.payload, "email": "a\x02@b.nl"}  # as stored before
    assert orders.load(row).email == "a@b.nl"
    assert orders.content_hash(read) == row.content_hash


def test_forms_hold_nothing_that_nobody_can_send(app: Flask) -> None:
    data = {"name": "Jan\x08 \uffff\x0bTest", "more": ["a", "b\x00"]}
    with app.test_request_context(method="POST", data=data):
        assert request.form["name"] == "Jan Test"
        assert request.form.getlist("more") == ["a", "b"]


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize(
    ("now", "reason", "end"),
    [
        (OrderState.CANCELLED, "order_refunded", ("skipped", "order_refunded")),
        (OrderState.CANCELLED, "", ("skipped", "shop_says_cancelled")),
        (OrderState.WAITING, "order_unpaid", ("waiting", "order_unpaid")),
    ],
)
def test_an_order_that_may_go_no_more_while_its_booking_is_unknown_ends(
    world: World, now: OrderState, reason: str, end: tuple[str, str], is_there: bool
) -> None:
    world.package.faults = [None, Late(LOST) if is_there else before(LOST)]
    world.read(world.order(1))
    later = world.order(1, updated_at=NOW + MINUTE)
    with _clock() as clock:
        drain.drain()
        assert world.state(1) == ("queued", "outcome_unknown")
        world.read(later, state=now, reason=reason)
        assert world.state(1) == ("queued", "outcome_unknown")
        _go_on(clock, 10)
        assert len(world.package.documents) == is_there
        if is_there:
            assert world.state(1) == ("held", "changed_while_booking")
            return
        assert world.state(1) == end
        looks = world.package.looks
        _go_on(clock, 30)
        assert world.package.looks == looks
        world.read(replace(later, updated_at=NOW + 2 * MINUTE))  # it may again
        drain.drain()
    assert world.state(1) == ("done", "")
    assert world.package.documents == [("R-W1", "121.00")]
