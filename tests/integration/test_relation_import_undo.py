"""An import taken back as a whole, also while a package is in step with it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from core.domain.relations import RelationData
from core.models import (
    ImportState,
    Relation,
    RelationImport,
    RelationImportRow,
    RowChoice,
)
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import (
    relation_import,
    relation_import_undo,
    relations,
)
from core.services.crm.relation_matching import Defaults
from tests.integration.relation_world import BOTH, MadeUp, World, made_up

FILE = (
    "Debiteurnummer;Naam;Telefoon;Fax\n"
    "1;Jansen;0201111;0202222\n"
    "2;De Vries;0203333;\n"
    "3;Heel anders;0205555;\n"
    "7;Zeven;;\n"
    "8;Acht;;\n"
)
COLUMNS = ["debtor_number", "name", "phone", "fax"]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context(), made_up(MadeUp()) as made:
        yield made


def _import(world: World, *conflicts: RowChoice) -> int:
    """Import the file; return the import's id."""
    with tenant_scope(world.tenant_id), transaction():
        import_id = relation_import.receive("x.csv", FILE.encode(), user_id=None).id
    relation_import.advance(import_id)
    _do(world, import_id, lambda row: relation_import.choose(row, COLUMNS, Defaults()))
    for choice in conflicts:
        _do(
            world,
            import_id,
            lambda row, is_=choice: relation_import.decide_all(row, is_),
        )
    _do(world, import_id, relation_import.start)
    return import_id


def _do(world: World, import_id: int, step: object) -> None:
    with tenant_scope(world.tenant_id), transaction() as current:
        step(current.get_one(RelationImport, import_id))
    relation_import.advance(import_id)


def _undo(world: World, import_id: int) -> dict[int, tuple[str, list[str]]]:
    """Undo the import; return what became of each line, and the fields it names."""
    _do(world, import_id, lambda row: relation_import.undo(row, user_id=None))
    session().expire_all()
    assert session().get_one(RelationImport, import_id).state == ImportState.UNDONE
    rows = session().query(RelationImportRow).order_by(RelationImportRow.number)
    return {row.number: (row.undone, [note[0] for note in row.notes]) for row in rows}


def test_an_undone_import_leaves_all_as_it_was(world: World) -> None:
    for number, name in (("1", "jansen"), ("2", "de vries"), ("3", "Drie")):
        world.save(RelationData(False, name, debtor_number=number, phone="0209"))
    before = world.relations()
    world.choose(**BOTH)
    world.run()
    theirs = {key: one.values for key, one in world.package.records_.items()}
    import_id = _import(world, RowChoice.SAME)
    assert len(world.relations()) == 5
    outcome = _undo(world, import_id)
    assert outcome == {line: ("undone", []) for line in range(2, 7)}
    assert world.relations() == before
    world.run()
    world.check()
    assert {key: one.values for key, one in world.package.records_.items()} == theirs


def test_what_was_changed_since_stays_and_is_listed(world: World) -> None:
    for number, name in (("1", "jansen"), ("2", "de vries")):
        world.save(RelationData(False, name, debtor_number=number, phone="0209"))
    world.choose(**BOTH)
    import_id = _import(world)
    world.run()  # the package has all of it
    ids = {data.debtor_number: key for key, data in world.relations().items()}
    known = world.relations()
    world.save(replace(known[ids["1"]], phone="0207777"), ids["1"])
    world.save(replace(known[ids["7"]], phone="0208888"), ids["7"])
    with tenant_scope(world.tenant_id), transaction() as current:
        relations.delete(current.get_one(Relation, ids["8"]))
    assert _undo(world, import_id) == {
        2: ("partly", ["phone"]),
        3: ("undone", []),
        4: ("undone", []),
        5: ("kept", ["phone"]),
        6: ("kept", [""]),
    }
    after = {data.debtor_number: data for data in world.relations().values()}
    assert (after["1"].name, after["1"].phone, after["1"].fax) == (
        "jansen", "0207777", ""
    )  # fmt: skip
    assert (after["2"].name, after["2"].phone) == ("de vries", "0209")
    assert sorted(after) == ["1", "2", "7"]
    world.run()  # the put back goes on to the package as any edit
    names = {one.number: one.values["name"] for one in world.package.records_.values()}
    assert (names["1"], names["2"]) == ("jansen", "de vries")


def test_an_undo_goes_on_where_it_was_killed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = _import(world)
    monkeypatch.setattr(relation_import_undo, "BATCH", 2)
    done, delete = [], relations.delete

    def dies(row: Relation, **values: object) -> None:
        done.append(row.id)
        if len(done) == 4:
            raise KeyboardInterrupt
        delete(row, **values)

    monkeypatch.setattr(relations, "delete", dies)
    with pytest.raises(KeyboardInterrupt):
        _do(world, import_id, lambda row: relation_import.undo(row, user_id=None))
    session().rollback()
    assert len(world.relations()) == 3
    relation_import.advance(import_id)
    assert world.relations() == {}
    assert session().get_one(RelationImport, import_id).state == ImportState.UNDONE


def test_the_series_goes_on_as_wide_as_the_numbers_that_came_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = "Debiteurnummer;Naam;Telefoon;Fax\n0009;Jansen;;\n0041;Smit;;\n"
    monkeypatch.setitem(globals(), "FILE", numbers)
    _import(world)
    with tenant_scope(world.tenant_id):
        assert relations.next_debtor_number() == "0042"
