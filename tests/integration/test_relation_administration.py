"""Relations, once another administration is coupled: nothing of the former is known."""

import random
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import (
    Connection,
    LineKind,
    RelationLine,
    RelationLink,
    RelationRun,
    RunKind,
    RunState,
)
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.syncing import (
    relation_previews,
    relation_runs,
    relation_sync,
    relation_undo,
)
from tests.integration.relation_world import BOTH, MadeUp, World, made_up

DICE = random.Random(1)


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """One relation, in step with its record in administration A."""
    with app.app_context(), made_up(MadeUp()) as made:
        who = made.whoever()
        made.save(RelationData(False, "Jansen", vat_number=who, debtor_number="7"))
        made.choose(**BOTH)
        made.work()
        yield made


def connection(world: World) -> Connection:
    return session().get_one(Connection, world.connection_id)


def other(world: World) -> None:
    """Couple B, whose records have the ids and numbers of A's and are others'."""
    world.recouple(DICE, others=True)


def links() -> list[RelationLink]:
    session().rollback()
    return list(session().scalars(select(RelationLink)))


def count() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(RelationLine)) or 0


def turns(world: World, many: int = 4) -> RelationRun:
    for _turn in range(many):
        world.due()
        jobs.run_task("relation_sync", world.connection_id)
    return world.last_run()


def test_links_troubles_and_lines_of_the_former_one_are_forgotten(world: World) -> None:
    assert links()
    assert count()
    before = world.package.records_["P1"].values
    other(world)
    world.run()
    assert not links()
    assert world.package.robbed == []
    assert world.package.records_["P1"].values != before
    assert [row.code for row in world.troubles()] == ["relation_other_party"]
    other(world)
    world.package.records_.clear()
    world.run()
    assert world.troubles() == []
    assert [one.number for one in world.package.records_.values()] == ["7"]


def test_a_preview_of_the_former_one_lets_nothing_happen_here(world: World) -> None:
    with transaction():
        relation_runs.sync_of(connection(world)).needs_preview = True
        relation_sync.begin(connection(world), by_user=True)
    preview = turns(world)
    assert preview.kind == RunKind.PREVIEW
    other(world)
    world.package.records_.clear()
    writes = world.package.writes
    with transaction():
        assert relation_previews.confirm_waiting(connection(world)) is not None
    last = turns(world)
    assert (last.kind, last.state) == (RunKind.PREVIEW, RunState.DONE)
    assert world.package.writes == writes
    lines = world.lines(last.id)
    assert [line.kind for line in lines] == [LineKind.MADE_THERE]


def test_a_run_of_the_former_one_is_not_put_back_here(world: World) -> None:
    run = world.last_run()
    assert relation_undo.may_undo(run)
    other(world)
    with transaction(), pytest.raises(AskUser, match="relations_undo_elsewhere"):
        relation_undo.begin(connection(world), run)
    world.run()
    assert not relation_undo.may_undo(session().get_one(RelationRun, run.id))


def test_an_undo_that_was_under_way_stops_and_says_why(world: World) -> None:
    run = world.last_run()
    with transaction():
        relation_undo.begin(connection(world), run)
    listed = turns(world)
    with transaction():
        relation_undo.confirm(connection(world), listed)
    other(world)
    writes = world.package.writes
    last = turns(world)
    assert (last.state, last.code) == (RunState.FAILED, "relations_undo_elsewhere")
    assert world.package.writes == writes
