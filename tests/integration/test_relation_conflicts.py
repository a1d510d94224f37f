"""Another party under the same number: nothing happens until a person says what."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.relations import RelationData
from core.models import Connection, RelationChange, RelationDecision, RelationLink
from core.rules.parties import Likeness
from core.rules.sync import planner
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.syncing import relation_conflicts
from core.services.syncing.relation_cards import OTHER_PARTY
from tests.integration.relation_world import BOTH, MadeUp, World, made_up
from tests.integration.test_relation_sync import live

BUTCHER = {"name": "Slagerij", "phone": "0318", "fax": ""}


@pytest.fixture(params=[False, True], ids=["changes", "whole"])
def met(app: Flask, request: pytest.FixtureRequest) -> Iterator[World]:
    """A baker here and a butcher there have number 1001."""
    with app.app_context(), made_up(MadeUp(whole=request.param)) as world:
        world.package.put("debtor", "1001", BUTCHER, "R1", "NLBUTCHER")
        world.package.put("debtor", "1002", BUTCHER, "R2", "NLOTHER")
        baker = RelationData(False, "Bakkerij", debtor_number="1001", vat_number="NL1")
        world.save(baker)
        world.choose(**BOTH)
        world.run()
        yield world


def _choose(world: World, choice: str) -> int:
    with tenant_scope(world.tenant_id), transaction():
        connection = session().get_one(Connection, world.connection_id)
        return relation_conflicts.choose(connection, choice)


def _baker(world: World) -> RelationData:
    return next(r for r in world.relations().values() if r.vat_number == "NL1")


def test_nothing_is_written_on_either_side(met: World) -> None:
    (trouble,) = met.troubles()
    assert (trouble.code, trouble.number) == (OTHER_PARTY, "1001")
    assert trouble.params["their_vat_number"] == "NLBUTCHER"
    assert met.package.writes == 0
    assert met.package.records_["R1"].values == BUTCHER
    assert (_baker(met).phone, len(met.relations())) == ("", 2)


def test_what_is_called_the_same_is_merged_by_the_rules(met: World) -> None:
    assert _choose(met, "same") == 1
    met.package.told_the_same = True
    met.run(by_user=True)
    assert met.troubles() == []
    assert met.package.records_["R1"].values["name"] == "Bakkerij"
    assert _baker(met).phone == "0318"
    overwritten = select(RelationChange).where(RelationChange.action == "overwritten")
    assert session().scalars(overwritten).one().changes["name"] == [
        "Slagerij", "Bakkerij"
    ]  # fmt: skip


def test_another_number_is_free_on_both_sides(met: World) -> None:
    _choose(met, "other_number")
    met.run(by_user=True)
    assert met.troubles() == []
    assert _baker(met).debtor_number == "1003"
    assert met.package.records_["R1"].values == BUTCHER
    numbers = {one.number: one.who for one in met.package.records_.values()}
    assert numbers == {"1001": "NLBUTCHER", "1002": "NLOTHER", "1003": "NL1"}
    assert session().scalars(select(RelationDecision)).all() == []


def test_what_is_left_out_is_not_asked_again_until_it_is_taken_back(met: World) -> None:
    _choose(met, "left_out")
    baker = next(key for key, r in met.relations().items() if r.vat_number == "NL1")
    met.save(replace(_baker(met), phone="1"), baker)
    met.run(by_user=True)
    assert met.troubles() == []
    assert met.package.writes == 0
    (row,) = session().scalars(select(RelationDecision)).all()
    with tenant_scope(met.tenant_id), transaction():
        connection = session().get_one(Connection, met.connection_id)
        relation_conflicts.take_back(connection, [row.id])
    met.run(by_user=True)
    assert [row.code for row in met.troubles()] == [OTHER_PARTY]


def test_a_decision_on_another_card_is_asked_again(met: World) -> None:
    _choose(met, "left_out")
    met.package.put("debtor", "1001", BUTCHER, "R1", "NLPAINTER")
    met.run()
    assert [row.code for row in met.troubles()] == [OTHER_PARTY]


def test_another_administration_is_met_anew(met: World) -> None:
    """Its record has the id that another's card had."""
    baker = next(key for key, r in met.relations().items() if r.vat_number == "NL1")
    met.package.put("debtor", "1001", BUTCHER, "R1", "NL1")
    met.save(replace(_baker(met), phone="1"), baker)
    met.run(by_user=True)
    assert met.troubles() == []
    met.recouple(random.Random(1), others=True)
    before = {key: one.values for key, one in met.package.records_.items()}
    met.save(replace(_baker(met), phone="2"), baker)
    met.run()
    assert {key: met.package.records_[key].values for key in before} == before
    linked = select(RelationLink.relation_id).where(RelationLink.external_id == "R1")
    assert session().scalars(linked).all() != [baker]


def test_a_linked_card_that_became_anothers_is_asked_about(met: World) -> None:
    met.package.put("debtor", "1001", {**BUTCHER, "name": "Bakkerij"}, "R1", "NL1")
    met.run(by_user=True)
    assert met.troubles() == []
    met.package.put("debtor", "1001", {**BUTCHER, "name": "Anders"}, "R1", "NLELSE")
    met.save(replace(_baker(met), phone="1"), _key_of_baker(met))
    met.run(by_user=True)
    assert [row.code for row in met.troubles()] == [OTHER_PARTY]
    assert met.package.records_["R1"].values["name"] == "Anders"
    assert (_baker(met).name, met.package.robbed) == ("Bakkerij", [])
    assert _choose(met, "other_number") == 1
    met.work()
    met.run(by_user=True)
    assert met.troubles() == []
    cards = {one.who: one.number for one in met.package.records_.values()}
    assert cards["NL1"] == _baker(met).debtor_number != "1001" == cards["NLELSE"]
    assert met.package.robbed == []


def _key_of_baker(world: World) -> int:
    return next(key for key, r in world.relations().items() if r.vat_number == "NL1")


def test_without_the_comparison_cards_would_be_written_over(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard of the random histories: they go red when it is off."""
    monkeypatch.setattr(planner, "likeness", lambda _one, _other: Likeness.SAME)
    told = pytest.raises(AssertionError, match="written over")
    with app.app_context(), made_up(MadeUp()) as world, told:
        live(world, random.Random(4))
