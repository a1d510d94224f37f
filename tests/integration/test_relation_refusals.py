"""What a package would refuse is foreseen as its run refuses it."""

from dataclasses import replace

import pytest
from flask import Flask

from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import LineKind
from core.rules.sync import CreateOut, UpdateOut
from tests.integration.relation_world import BOTH, MadeUp, World, made_up

REFUSED = "visma_validation"


class Checking(MadeUp):
    """A package that tells before a write what it would refuse."""

    def check(self, _relation: RelationData, action: CreateOut | UpdateOut) -> None:
        number = action.number
        if isinstance(action, UpdateOut):
            number = number or self.records_[action.remote].number
        if number in self.refuses:
            raise AskUser(REFUSED, message="nee")


def _save(world: World, *numbers: str) -> list[int]:
    named = RelationData(False, "Jansen")
    return [
        world.save(replace(named, debtor_number=number, vat_number=number))
        for number in numbers
    ]


@pytest.mark.parametrize("whole", [False, True], ids=["changes", "whole"])
@pytest.mark.parametrize("kind", [Checking, MadeUp])
def test_a_preview_leaves_out_what_is_refused_with_the_reason_of_the_run(
    app: Flask, kind: type[MadeUp], whole: bool
) -> None:
    """New and changed. Of a package that cannot tell it stands there as a write."""
    with app.app_context(), made_up(kind(whole=whole)) as world:
        changed, _same = _save(world, "1", "2")
        world.choose(**BOTH)
        world.run()
        world.package.refuses = {"1", "3"}
        world.save(replace(world.relations()[changed], phone="9"), changed)
        _save(world, "3", "4")
        world.choose(confirm=False, **BOTH)
        world.work()
        lines = world.lines(world.last_run().id)
        left_out = {line.number: (line.code, line.params)
                    for line in lines if line.kind == LineKind.LEFT_OUT}  # fmt: skip
        assert {line.number for line in lines} == {"1", "3", "4"}
        world.confirm()
        run_id = world.last_run().id
        world.work()
        assert world.last_run().id == run_id
        made = [line.number for line in world.lines(run_id)
                if line.kind == LineKind.MADE_THERE]  # fmt: skip
        assert made == ["4"]
        noted = {row.number: (row.code, row.params) for row in world.troubles()}
        assert noted.keys() == {"1", "3"}
        assert left_out == (noted if kind is Checking else {})


@pytest.mark.parametrize("kind", [Checking, MadeUp])
def test_a_run_asks_nobody_about_what_is_refused(
    app: Flask, kind: type[MadeUp]
) -> None:
    """A kind of write that was not seen stops a run; here nothing is written."""
    with app.app_context(), made_up(kind()) as world:
        world.choose(**BOTH)
        world.package.refuses = {"1"}
        _save(world, "1")
        world.work()
        assert world.asks() is (kind is MadeUp)
        codes = [row.code for row in world.troubles()]
        assert codes == ([REFUSED] if kind is Checking else [])
