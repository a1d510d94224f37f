"""Nothing is written before a person confirmed what would be, and a run is undone."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser, OutcomeUnknown
from core.domain.events import ScheduleDue
from core.domain.relations import RelationData
from core.models import (
    Connection,
    LineKind,
    Relation,
    RelationLine,
    RelationLink,
    RelationMerge,
    RelationRun,
    RelationSync,
    RunKind,
    RunState,
    SalesInvoice,
)
from core.net.departures import departed
from core.plugin.engine import wake_due
from core.rules import relation_fields
from core.rules.sync import limits
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import merging, relations
from core.services.syncing import (
    relation_lines,
    relation_previews,
    relation_sync,
    relation_undo,
    relation_unit,
)
from tests.integration.relation_world import BOTH, MadeUp, World, made_up

SEEDS = (1, 4)
"""Worlds in which runs and previews once did not agree, or did not end."""
THEIRS = {"name": "Smit", "phone": "5", "fax": ""}
INVOICE = {"issued_on": date(2026, 1, 1), "due_on": date(2026, 1, 31)}
WRITES = {LineKind.MADE_HERE, LineKind.CHANGED_HERE, LineKind.MADE_THERE,
          LineKind.CHANGED_THERE, LineKind.OVERWRITTEN}  # fmt: skip


class Keeping(MadeUp):
    """A package that deletes nothing."""

    remove = None  # type: ignore[assignment]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context(), made_up(MadeUp()) as made:
        yield made


def state(world: World) -> tuple[Any, ...]:
    """Both sides and their links, without ids that a deletion uses up."""
    known = world.relations()
    links = session().scalars(
        select(RelationLink).where(RelationLink.connection_id == world.connection_id)
    )
    return (
        sorted(str(relation_fields.flat(data)) for data in known.values()),
        {key: (one.role, one.number, one.values)
         for key, one in world.package.records_.items()},
        sorted((row.relation_id or 0, row.role, row.external_id, row.our_hash,
                row.their_hash) for row in links),
    )  # fmt: skip


def filled(world: World, dice: random.Random, edits: int = 12) -> None:
    for _edit in range(edits):
        world.edit(dice)


def in_all(lines: list[RelationLine]) -> dict[tuple[Any, ...], dict[str, list[str]]]:
    """What was written of each card in the end: a run may come back to one."""
    found: dict[tuple[Any, ...], dict[str, list[str]]] = {}
    for line in lines:
        if line.kind not in WRITES:
            continue
        is_made = line.kind in (LineKind.MADE_HERE, LineKind.MADE_THERE)
        of = (line.kind, line.number) if is_made else line.relation_id
        key = (of, line.role, "" if is_made else line.external_id)
        changes = found.setdefault(key, {})
        for name, (old, new) in line.changes.items():
            changes[name] = [changes.get(name, [old])[0], new]
    return found


def test_a_preview_writes_nothing_and_its_run_what_it_said(app: Flask) -> None:
    for whole in (False, True):
        for seed in SEEDS:
            with app.app_context(), made_up(MadeUp(whole=whole)) as world:
                _foretold(world, random.Random(seed))


def _foretold(world: World, dice: random.Random) -> None:
    for _round in range(3):
        filled(world, dice)
        before = state(world)
        world.choose(confirm=False, **BOTH)
        world.work(kill_at=dice.choice((0, dice.randrange(1, 40))))
        assert state(world) == before
        preview = world.last_run()
        assert preview.kind == RunKind.PREVIEW
        told = in_all(world.lines(preview.id))
        run = world.confirm()
        assert run is not None
        run_id = run.id
        world.work()
        assert in_all(world.lines(run_id)) == told
        assert world.last_run().id == run_id


def test_an_undone_run_leaves_both_sides_as_before(app: Flask) -> None:
    for whole in (False, True):
        for seed in SEEDS:
            with app.app_context(), made_up(MadeUp(whole=whole)) as world:
                _undone(world, random.Random(seed))


def _undone(world: World, dice: random.Random) -> None:
    for _round in range(3):
        filled(world, dice)
        before = state(world)
        world.choose(**BOTH)
        world.run(kill_at=dice.choice((0, dice.randrange(1, 60))))
        run = world.last_run()
        if not relation_undo.may_undo(run):
            continue
        lines = world.undo(run.id, kill_at=dice.choice((0, dice.randrange(1, 60))))
        left = [line for line in lines if line.kind == LineKind.LEFT_OUT]
        assert left == []
        assert state(world) == before
        assert relation_previews.is_needed(world.connection_id)


def test_no_run_writes_before_a_person_confirmed(world: World) -> None:
    """By the clock, by a change, by the button: the gate is in front of them all."""
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.package.put("debtor", "2", {"name": "Uit", "phone": "", "fax": ""}, "U2")
    world.choose(confirm=False, **BOTH)
    world.work()
    before = state(world)
    connection = session().get_one(Connection, world.connection_id)
    with transaction():
        assert relation_sync.begin(connection) is None
        event = ScheduleDue(world.tenant_id, world.connection_id, "eaccounting")
        relation_sync.scheduled(event)
    assert connection.last_run_error == "relations_preview_needed"
    world.save(RelationData(False, "Nieuw", debtor_number="3"))
    before = state(world)
    with transaction() as current:
        current.execute(update(RelationSync).values(wanted_at=utcnow()))
    wake_due([relation_sync.DUE], utcnow())
    jobs.run_task("relation_sync", world.connection_id)
    with transaction():
        relation_sync.begin(connection, by_user=True)
    world.work()
    assert world.last_run().kind == RunKind.PREVIEW
    assert state(world) == before
    assert world.package.writes == 0
    world.confirm()
    world.work()
    world.check()
    session().refresh(connection)
    assert connection.last_run_error == ""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_preview_that_is_not_held_back_would_write(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    if not guarded:
        monkeypatch.setattr(relation_unit, "Foreseeing", relation_unit.Writing)
    world.choose(confirm=False, **BOTH)
    world.work()
    assert (world.package.writes == 0) is guarded


def test_only_the_last_preview_can_be_confirmed(world: World) -> None:
    world.choose(confirm=False, **BOTH)
    world.work()
    old = world.last_run().id
    world.choose(confirm=False, **BOTH)
    world.work()
    connection = session().get_one(Connection, world.connection_id)
    with pytest.raises(AskUser, match="relations_preview_outdated"), transaction():
        relation_previews.confirm(connection, old)
    with transaction():
        relation_previews.confirm(connection, world.last_run().id)
    with pytest.raises(AskUser, match="relations_preview_outdated"), transaction():
        relation_previews.confirm(connection, world.last_run().id)


def test_a_kind_of_write_that_was_not_seen_stops_the_run(world: World) -> None:
    world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.choose(**BOTH)
    world.package.put("debtor", "2", {"name": "Uit", "phone": "", "fax": ""}, "U2")
    world.work()
    stopped, preview = reversed(relation_sync.recent_runs(world.connection_id, 2))
    assert (stopped.state, stopped.code) == (
        RunState.FAILED, "relations_more_than_seen",
    )  # fmt: skip
    assert (preview.kind, preview.state) == (RunKind.PREVIEW, RunState.DONE)
    assert len(world.relations()) == 1
    world.run()
    world.check()


@pytest.mark.parametrize("whole", [False, True], ids=["changes", "whole"])
def test_a_run_that_would_touch_many_cards_asks_first(
    app: Flask, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    monkeypatch.setattr(limits, "FEW_CARDS", 5)
    with app.app_context(), made_up(MadeUp(whole=whole)) as world:
        keys = [world.save(RelationData(False, "Jansen", debtor_number=world.number()))
                for _number in range(8)]  # fmt: skip
        world.choose(**BOTH)
        world.run()
        for key in keys[:4]:
            world.save(replace(world.relations()[key], phone="1"), key)
        _begin(world)
        world.work()
        assert world.package.writes == 12  # few enough
        for key in keys[:6]:
            world.save(replace(world.relations()[key], phone="2"), key)
        before = state(world)
        _begin(world)
        world.work()
        waits = world.last_run()
        assert (waits.kind, waits.counts["changed_there"]) == (RunKind.PREVIEW, 6)
        assert state(world) == before
        world.run()
        world.check()


def test_a_first_guess_that_was_too_high_asks_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FEW_CARDS", 5)
    keys = [world.save(RelationData(False, "Jansen", debtor_number=world.number()))
            for _number in range(8)]  # fmt: skip
    world.choose(**BOTH)
    world.run()
    for record, one in dict(world.package.records_).items():
        # the vendor tells of eight that changed, and none differs
        world.package.put(one.role, one.number, one.values, record)
    first = world.package.records_["P1"].number  # it stands on the first page
    (key,) = [k for k in keys if world.relations()[k].debtor_number == first]
    world.save(replace(world.relations()[key], phone="1"), key)
    _begin(world)
    world.work()
    kinds = [run.kind for run in relation_sync.recent_runs(world.connection_id, 3)]
    assert kinds == [RunKind.SYNC, RunKind.PREVIEW, RunKind.SYNC]
    world.check()


def _begin(world: World) -> None:
    with transaction():
        connection = session().get_one(Connection, world.connection_id)
        relation_sync.begin(connection)


def test_a_run_ends_where_a_number_is_of_a_merged_relation(world: World) -> None:
    """What comes in and is refused was never seen as written: the run asks nobody."""
    kept, other = _two(world, "1", "2")
    _merge(world, kept, other)
    world.package.put("debtor", "2", {"name": "Uit", "phone": "", "fax": ""}, "U2")
    world.choose(**BOTH)
    world.run()
    codes = [row.code for row in world.troubles()]
    assert codes == ["relation_debtor_number_taken"]
    assert world.last_run().kind == RunKind.SYNC
    assert [one.number for one in world.package.records_.values()] == ["2", "1"]


@pytest.mark.parametrize("whole", [False, True], ids=["changes", "whole"])
def test_a_conflict_about_a_card_takes_no_write_to_it_back(
    app: Flask, whole: bool
) -> None:
    with app.app_context(), made_up(MadeUp(whole=whole)) as world:
        key = world.save(RelationData(False, "Jansen", debtor_number="1"))
        world.choose(**BOTH)
        world.run()
        world.save(replace(world.relations()[key], phone="9"), key)
        world.package.put("debtor", "1", {"name": "Jansen", "phone": "", "fax": ""},
                          "U9")  # fmt: skip
        world.choose(confirm=False, **BOTH)
        world.work()
        kinds = {line.kind for line in world.lines(world.last_run().id)}
        assert kinds == {LineKind.CHANGED_THERE, LineKind.CONFLICT}
        world.confirm()
        world.work()
        assert world.package.records_["P1"].values["phone"] == "9"


def test_a_number_is_free_once_its_holder_gets_another(world: World) -> None:
    """A preview sees what the run has done by then."""
    key = world.save(RelationData(False, "Jansen", debtor_number="1"))
    world.choose(**BOTH)
    world.run()
    values = {"name": "Jansen", "phone": "", "fax": ""}
    world.package.put("debtor", "5", values, "P1")
    world.package.put("debtor", "1", {**values, "name": "Nieuw"}, "U1", "iemand")
    world.choose(confirm=False, **BOTH)
    world.work()
    told = in_all(world.lines(world.last_run().id))
    assert len(told) == 2
    world.confirm()
    run_id = world.last_run().id
    world.work()
    assert in_all(world.lines(run_id)) == told
    assert world.relations()[key].debtor_number == "5"


def _two(world: World, *numbers: str) -> list[int]:
    named = RelationData(False, "Jansen")
    return [
        world.save(replace(named, debtor_number=number, vat_number=number))
        for number in numbers
    ]


def _merge(world: World, kept: int, other: int) -> int:
    with tenant_scope(world.tenant_id), transaction():
        rows = [session().get_one(Relation, key) for key in (kept, other)]
        return merging.merge(rows[0], rows[1]).id


# --- undoing ------------------------------------------------------------------------


def _wrote_everything(world: World) -> tuple[int, int, int]:
    """A run that made and changed on both sides; gives its id and two relations."""
    one = world.save(RelationData(False, "Jansen", debtor_number="1"))
    both = world.save(RelationData(False, "Smit", debtor_number="2", fax="7"))
    world.package.put("debtor", "2", THEIRS, "U2")
    world.package.put("debtor", "3", {**THEIRS, "name": "Anders"}, "U3")
    world.choose(**BOTH)
    world.run()
    return world.last_run().id, one, both


def test_what_somebody_changed_since_is_left_and_listed(world: World) -> None:
    run_id, one, both = _wrote_everything(world)
    made = next(key for key in world.relations() if key not in (one, both))
    world.save(replace(world.relations()[both], phone="9"), both)
    world.save(replace(world.relations()[made], fax="9"), made)
    world.package.put("debtor", "2", {"name": "Hand", "phone": "5", "fax": ""}, "U2")
    lines = world.undo(run_id)
    left = {(line.number, line.code) for line in lines if line.kind == "left_out"}
    assert left == {("2", "relation_undo_changed"), ("3", "relation_undo_changed")}
    assert world.relations()[both].phone == "9"
    assert made in world.relations()
    assert world.package.records_["U2"].values["name"] == "Hand"
    assert [one.number for one in world.package.records_.values()] == ["2", "3"]


def test_what_was_booked_or_invoiced_stays_and_is_listed(world: World) -> None:
    run_id, one, both = _wrote_everything(world)
    made = next(key for key in world.relations() if key not in (one, both))
    with tenant_scope(world.tenant_id), transaction() as current:
        current.add(SalesInvoice(tenant_id=world.tenant_id, relation_id=made,
                                 **INVOICE))  # fmt: skip
    world.package.keeps.add("1")
    with pytest.raises(AssertionError):  # the list could not know what was booked
        world.undo(run_id)
    lines = world.lines(world.last_run().id)
    left = {(line.number, line.code) for line in lines if line.kind == "left_out"}
    assert left == {("1", "visma_conflict"), ("3", "relation_has_invoices")}
    assert world.package.records_["U2"].values == THEIRS


def test_a_package_that_deletes_nothing_keeps_what_was_made(world: World) -> None:
    run_id, _one, _both = _wrote_everything(world)
    world.package.__class__ = Keeping
    lines = world.undo(run_id)
    left = {(line.number, line.code) for line in lines if line.kind == "left_out"}
    assert left == {("1", "relation_undo_stays")}


def test_a_lost_answer_of_an_undo_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, _one, _both = _wrote_everything(world)
    lost = {"update", "remove"}

    def losing(name: str) -> Any:
        plain = getattr(world.package, name)

        def call(*given: Any) -> Any:
            answer = plain(*given)
            if name in lost:
                lost.remove(name)
                departed()
                raise OutcomeUnknown("outcome_unknown")
            return answer

        return call

    for name in sorted(lost):
        monkeypatch.setattr(world.package, name, losing(name))
    writes = world.package.writes
    world.undo(run_id)
    assert world.package.writes == writes + 2
    assert [one.number for one in world.package.records_.values()] == ["2", "3"]
    assert world.package.records_["U2"].values == THEIRS


def test_an_undone_run_is_not_done_again_by_itself(world: World) -> None:
    run_id, _one, _both = _wrote_everything(world)
    world.undo(run_id)
    writes = world.package.writes
    with transaction():
        connection = session().get_one(Connection, world.connection_id)
        assert relation_sync.begin(connection) is None
    run = session().get_one(RelationRun, run_id)
    with pytest.raises(AskUser, match="relations_undo_too_late"), transaction():
        relation_undo.begin(connection, run)
    world.run(by_user=True)
    assert world.package.writes > writes
    world.check()


def test_what_was_merged_since_goes_back_to_whom_it_is_now(world: World) -> None:
    """A record whose number went over stays its new holder's, and parts with it."""
    [other] = _two(world, "2")
    world.choose(**BOTH)
    world.run()
    world.save(replace(world.relations()[other], phone="9"), other)
    _begin(world)
    world.work()
    run_id = world.last_run().id
    kept = world.save(RelationData(False, "Smit", creditor_number="7"))
    merge_id = _merge(world, kept, other)
    world.undo(run_id)
    assert world.package.records_["P1"].values["phone"] == ""
    assert _owner(world, "P1") == kept
    with tenant_scope(world.tenant_id), transaction() as current:
        merging.undo(current.get_one(RelationMerge, merge_id))
    assert _owner(world, "P1") == other


def test_one_that_another_was_merged_into_since_is_not_deleted(world: World) -> None:
    world.package.put("debtor", "3", THEIRS, "U3")
    world.choose(**BOTH)
    world.run()
    [made] = world.relations()
    _merge(world, made, world.save(RelationData(False, "Smit", phone="5")))
    lines = world.undo(world.last_run().id)
    assert [(line.kind, line.code) for line in lines] == [
        ("left_out", "relation_undo_changed")
    ]
    assert list(world.relations()) == [made]


def test_an_undo_leaves_what_was_deleted_alone(world: World) -> None:
    """The record of a relation that was deleted never comes in again, nor do those of
    others."""
    first, second = _two(world, "1", "2")
    world.choose(**BOTH)
    world.run()
    run_id = world.last_run().id
    world.save(replace(world.relations()[second], phone="9"), second)
    _begin(world)
    world.work()
    run_id = world.last_run().id
    with tenant_scope(world.tenant_id), transaction() as current:
        for key in (first, second):
            relations.delete(current.get_one(Relation, key))
    world.undo(run_id)
    assert [_owner(world, key) for key in ("P1", "P2")] == [None, None]
    world.run(by_user=True)
    assert world.relations() == {}


def _owner(world: World, key: str) -> int | None:
    session().rollback()
    return session().scalars(
        select(RelationLink.relation_id).where(
            RelationLink.connection_id == world.connection_id,
            RelationLink.external_id == key,
        )
    ).one()  # fmt: skip


def test_lines_are_forgotten_after_a_month(world: World) -> None:
    run_id, _one, _both = _wrote_everything(world)
    with transaction():
        relation_lines.forget(utcnow() + relation_lines.KEPT)
    assert world.lines(run_id) == []
    run = session().get_one(RelationRun, run_id)
    assert not relation_undo.may_undo(run)
