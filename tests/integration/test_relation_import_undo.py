"""An import taken back as a whole, also while a package is in step with it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask

from core.domain.relations import PostalAddress, RelationData
from core.models import (
    ImportState,
    LineKind,
    Relation,
    RelationChange,
    RelationImport,
    RelationImportRow,
    RowChoice,
    RunKind,
)
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import (
    relation_import,
    relation_import_undo,
    relations,
)
from core.services.crm.relation_matching import Defaults
from core.services.syncing.relation_lines import Kept
from core.services.syncing.relation_putback import Here
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


def _import(
    world: World,
    *conflicts: RowChoice,
    file: str = FILE,
    columns: Sequence[str] = COLUMNS,
) -> int:
    """Import a file; return the import's id."""
    with tenant_scope(world.tenant_id), transaction():
        import_id = relation_import.receive("x.csv", file.encode(), user_id=None).id
    relation_import.advance(import_id)
    _do(world, import_id, lambda row: relation_import.choose(row, columns, Defaults()))
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


KADE = PostalAddress("Kade", "1", "", "1000 AA", "Ede", "NL")
DAM = PostalAddress("Dam", "9", "", "9999 ZZ", "Goor", "NL")


def _moved_and_corrected(world: World) -> tuple[int, int]:
    """A relation whose address an import replaced, and a person then corrected."""
    jansen = RelationData(False, "Jansen", debtor_number="1", visiting_address=KADE)
    key = world.save(jansen)
    rows = (
        "Debiteurnummer;Naam;Straat;Nr;Postcode;Plaats\n1;Jansen;Dam;9;9999 ZZ;Goor\n"
    )
    parts = ("street", "house_number", "postal_code", "city")
    columns = ["debtor_number", "name", *(f"visiting_address.{one}" for one in parts)]
    import_id = _import(world, RowChoice.SAME, file=rows, columns=columns)
    known = world.relations()[key]
    assert known.visiting_address == DAM
    corrected = replace(DAM, house_number="7")
    world.save(replace(known, visiting_address=corrected), key)
    return import_id, key


def test_an_undo_never_mixes_two_addresses(world: World) -> None:
    import_id, key = _moved_and_corrected(world)
    assert _undo(world, import_id) == {2: ("kept", ["visiting_address.house_number"])}
    assert world.relations()[key].visiting_address == replace(DAM, house_number="7")


def test_a_change_that_is_put_back_brings_the_whole_address(world: World) -> None:
    jansen = RelationData(False, "Jansen", debtor_number="1", visiting_address=KADE)
    key = world.save(jansen)
    for place in (replace(KADE, street="Kaai"), DAM):
        world.save(replace(jansen, visiting_address=place), key)
    with tenant_scope(world.tenant_id), transaction() as current:
        change = current.query(RelationChange).filter_by(relation_id=key, version=2)
        relations.put_back(change.one())
    assert world.relations()[key].visiting_address == KADE


def test_an_undone_run_never_mixes_two_addresses(world: World) -> None:
    _, key = _moved_and_corrected(world)
    world.choose(**BOTH)
    world.run()
    parts = {
        f"visiting_address.{name}": (getattr(KADE, name), getattr(DAM, name))
        for name in ("street", "house_number", "postal_code", "city")
    }
    run = world.last_run()
    line = Kept(
        1, LineKind.CHANGED_HERE, key, "", "debtor", "1", "Jansen",
        changes=parts, before={}, after={}, links=[],
    )  # fmt: skip
    stretch = SimpleNamespace(
        kind=RunKind.UNDO, tenant_id=world.tenant_id, run_id=run.id,
        connection_id=world.connection_id, done=0, work=transaction,
        set=lambda **_: None,
    )  # fmt: skip
    with tenant_scope(world.tenant_id):
        Here(stretch, line).put_back()  # type: ignore[arg-type]
    assert world.relations()[key].visiting_address == replace(DAM, house_number="7")


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


def test_the_series_goes_on_as_wide_as_the_numbers_that_came_in(world: World) -> None:
    numbers = "Debiteurnummer;Naam;Telefoon;Fax\n0009;Jansen;;\n0041;Smit;;\n"
    _import(world, file=numbers)
    with tenant_scope(world.tenant_id):
        assert relations.next_debtor_number() == "0042"
