"""Whatever happens on both sides, and wherever a worker dies: a run ends in step."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, OutcomeUnknown, RetryLater, WaitUntil
from core.domain.relations import RelationData
from core.models import (
    Connection,
    ConnectionState,
    LogEntry,
    Relation,
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunState,
)
from core.net.departures import departed
from core.plugin.engine import lease, wake_due
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.syncing import relation_stretch, relation_sync
from tests.integration.relation_world import BOTH, MadeUp, World, made_up

SEEDS = 5


@pytest.fixture
def changes(app: Flask) -> Iterator[World]:
    """A package that gives what changed."""
    with app.app_context(), made_up(MadeUp()) as made:
        yield made


@pytest.mark.parametrize("whole", [False, True], ids=["changes", "whole"])
def test_any_order_of_edits_runs_and_deaths_ends_in_step(
    app: Flask, whole: bool
) -> None:
    for seed in range(SEEDS):
        with app.app_context(), made_up(MadeUp(whole=whole)) as world:
            live(world, random.Random(seed))


def live(world: World, dice: random.Random) -> None:
    """Let people edit both sides, runs come and workers die; it ends in step."""
    world.choose(**BOTH)
    for _round in range(6):
        for _edit in range(dice.randrange(1, 6)):
            world.edit(dice)
        if dice.random() < 0.15:
            world.recouple(dice)
        world.run(kill_at=dice.choice((0, dice.randrange(1, 60))))
    world.choose(**BOTH)  # what is deleted there is seen when all is compared
    world.run()
    world.run(by_user=True)
    world.check()
    before = world.package.writes
    world.run()
    assert world.package.writes == before
    world.check()


def test_a_death_at_any_point_doubles_nothing(app: Flask) -> None:
    for point in range(1, 44, 4):
        with app.app_context(), made_up(MadeUp()) as world:
            _die(world, point)


def _die(world: World, point: int) -> None:
    for name in ("Jansen", "Smit"):
        world.save(RelationData(False, name, debtor_number=world.number()))
    for number in ("1", "2", "3"):
        values = {"name": "Uit het pakket", "phone": "", "fax": ""}
        world.package.put("creditor", number, values, f"U{number}")
    world.choose(**BOTH)
    world.run(kill_at=point)
    world.check()
    assert len(world.relations()) == len(world.package.records_) == 5
    assert world.package.writes == 2


def test_nothing_is_asked_about_what_did_not_change(changes: World) -> None:
    world = changes
    for _number in range(90):
        world.save(RelationData(False, "Jansen", debtor_number=world.number()))
    world.choose(out=True)
    world.run()
    assert world.package.writes == 90
    world.run()
    before = world.package.reads, world.package.writes
    world.run()
    # The last record is read again: its page overlaps.
    assert (world.package.reads - before[0], world.package.writes) == (1, 90)
    some = list(world.relations().items())[:40]
    for key, data in some:
        world.save(replace(data, phone="1"), key)
    before = world.package.reads, world.package.writes
    world.run()
    assert world.package.writes - before[1] == 40
    assert world.package.reads - before[0] == 3  # the delta, and twice so many ids
    assert world.package.largest <= 30


def test_what_is_committed_late_is_seen(changes: World) -> None:
    world = changes
    one = world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.choose(out=True)
    world.run()
    data = world.relations()[one]
    world.save(replace(data, name="Laat"), one)
    with transaction() as current:  # as if its transaction began a minute ago
        early = utcnow() - timedelta(minutes=1)
        current.execute(update(Relation).values(changed_at=early))
    world.run()
    world.check()
    assert [r.values["name"] for r in world.package.records_.values()] == ["Laat"]


def test_a_run_goes_on_where_its_time_was_up(
    changes: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = changes
    for _number in range(10):
        world.save(RelationData(False, "Jansen", debtor_number=world.number()))
    world.choose(out=True)
    monkeypatch.setattr(relation_stretch, "PATIENCE", 0.0)
    turns = 0
    while True:
        turns += 1
        with transaction() as current:
            current.execute(update(RelationSync).values(lease_until=None))
        jobs.run_task("relation_sync", world.connection_id)
        if world.last_run().state != RunState.RUNNING:
            break
        assert turns < 50
    assert turns > 1
    world.check()
    assert world.last_run().counts["made_there"] == world.package.writes == 10


def test_two_workers_never_have_one_connection(changes: World) -> None:
    world = changes
    world.choose(out=True)
    before = world.package.reads
    with transaction() as current:
        later = utcnow() + timedelta(seconds=60)
        current.execute(update(RelationSync).values(lease_until=later, lease_token="x"))
    jobs.run_task("relation_sync", world.connection_id)
    assert world.package.reads == before


def test_a_worker_that_lost_its_lease_writes_nothing_more(
    changes: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = changes
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.choose(out=True)
    plain = world.package.find

    def find(role: str, numbers: list[str]) -> object:
        found = plain(role, numbers)
        with transaction() as current:
            current.execute(update(RelationSync).values(lease_token="another"))
        return found

    monkeypatch.setattr(world.package, "find", find)
    monkeypatch.setattr(lease, "HELD", 0.0)
    jobs.run_task("relation_sync", world.connection_id)
    assert world.package.writes == 0
    assert world.last_run().state == RunState.RUNNING


@pytest.mark.parametrize(
    ("error", "state", "connection"),
    [
        (AuthenticationLost("authentication_lost"), RunState.FAILED,
         ConnectionState.PAUSED),
        (RetryLater("remote_timeout"), RunState.RUNNING, ConnectionState.CONNECTED),
        (WaitUntil("rate_limited", seconds=60, whole_connection=True),
         RunState.RUNNING, ConnectionState.CONNECTED),
        (ValueError("a bug"), RunState.RUNNING, ConnectionState.CONNECTED),
    ],
)  # fmt: skip
def test_what_ends_a_turn(
    changes: World, monkeypatch: pytest.MonkeyPatch,
    error: Exception, state: RunState, connection: ConnectionState,
) -> None:  # fmt: skip
    world = changes
    world.choose(out=True)

    def read(_cursor: object) -> object:
        raise error

    monkeypatch.setattr(world.package, "read", read)
    jobs.run_task("relation_sync", world.connection_id)
    run = world.last_run()
    assert (run.state, run.code != "") == (state, True)
    if state == RunState.RUNNING:
        assert run.due_at > utcnow() + timedelta(seconds=5)
    row = session().get_one(Connection, world.connection_id)
    assert row.state == connection
    waits = isinstance(error, WaitUntil)
    assert (row.not_before is not None) == waits


def test_too_many_failures_end_a_run_and_the_next_goes_on(
    changes: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = changes
    world.choose(out=True)

    def read(_cursor: object) -> object:
        raise RetryLater("remote_timeout")

    with monkeypatch.context() as broken:
        broken.setattr(world.package, "read", read)
        for _turn in range(5):
            with transaction() as current:
                current.execute(update(RelationRun).values(due_at=utcnow()))
            jobs.run_task("relation_sync", world.connection_id)
        assert world.last_run().state == RunState.FAILED
    world.run()
    codes = list(session().scalars(select(LogEntry.code)))
    assert "relations_run_failed" in codes


def test_a_write_without_an_answer_is_never_sent_blindly(
    changes: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It did arrive, and is found; or it did not, and goes when that is certain."""
    world = changes
    for number in ("1", "2"):
        world.save(RelationData(False, f"R{number}", debtor_number=number))
    world.choose(out=True)
    plain = world.package.create
    lost = {"1", "2"}

    def create(relation: RelationData, action: object) -> object:
        if relation.debtor_number in lost:
            lost.remove(relation.debtor_number)
            if relation.debtor_number == "1":
                plain(relation, action)  # type: ignore[arg-type]
            departed()
            raise OutcomeUnknown("outcome_unknown")
        return plain(relation, action)  # type: ignore[arg-type]

    monkeypatch.setattr(world.package, "create", create)
    jobs.run_task("relation_sync", world.connection_id)
    run = world.last_run()
    assert run.state == RunState.RUNNING
    assert run.due_at > utcnow() + timedelta(seconds=60)
    assert [row.number for row in world.troubles()] == ["2"]
    assert world.package.writes == 1
    with transaction() as current:
        current.execute(update(RelationTrouble).values(not_before=utcnow()))
        current.execute(update(RelationRun).values(due_at=utcnow()))
    jobs.run_task("relation_sync", world.connection_id)
    assert world.package.writes == 2
    assert world.troubles() == []


def test_most_records_gone_is_not_believed(app: Flask) -> None:
    with app.app_context(), made_up(MadeUp(whole=True)) as world:
        for _number in range(6):
            world.save(RelationData(False, "Jansen", debtor_number=world.number()))
        world.choose(out=True)
        world.run()
        world.package.records_.clear()
        with transaction():
            connection = session().get_one(Connection, world.connection_id)
            relation_sync.begin(connection)
        jobs.run_task("relation_sync", world.connection_id)
        run = world.last_run()
        assert (run.state, run.code) == (RunState.FAILED, "relations_list_implausible")
        assert world.package.records_ == {}
        with transaction():
            connection = session().get_one(Connection, world.connection_id)
            relation_sync.begin(connection, trust_absent=True)
        jobs.run_task("relation_sync", world.connection_id)
        world.check()
        assert len(world.package.records_) == 6


def test_a_change_here_begins_a_run_soon(changes: World) -> None:
    world = changes
    world.choose(out=True)
    world.run()
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    sync = session().get_one(RelationSync, world.connection_id)
    assert sync.wanted_at is not None
    with transaction() as current:
        current.execute(update(RelationSync).values(wanted_at=utcnow()))
    wake_due([relation_sync.DUE], utcnow())
    jobs.run_task("relation_sync", world.connection_id)
    world.check()


def test_settings_that_change_stop_who_works_by_the_old_ones(changes: World) -> None:
    world = changes
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.choose(out=True)
    plain = world.package.find

    def find(role: str, numbers: list[str]) -> object:
        found = plain(role, numbers)
        world.choose(out=False, debtors_in=True)
        return found

    world.package.find = find  # type: ignore[method-assign]
    held, lease.HELD = lease.HELD, 0.0
    try:
        jobs.run_task("relation_sync", world.connection_id)
    finally:
        lease.HELD = held
    assert world.package.writes == 0
