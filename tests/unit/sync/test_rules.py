"""Each rule of the sync by name (manuals 000 to 002: the CRM leads)."""

import time
from dataclasses import replace

import pytest

from core.rules.parties import Party, mark
from core.rules.sync import (
    Choice,
    Conflict,
    CreateIn,
    CreateOut,
    Decided,
    ImplausibleList,
    Link,
    Local,
    Remote,
    Store,
    UpdateIn,
    UpdateOut,
    Ways,
    linked,
    plan,
)
from tests.unit.sync.world import BOTH, World, shouting, writes

IN = Ways(into_crm=True, out=False)
OUT = Ways(into_crm=False, out=True)
OFF = Ways(into_crm=False, out=False)


@pytest.fixture
def linked_world() -> World:
    """One relation and its debtor, in step."""
    world = World()
    world.add_local({"debtor": "1001"}, name="Bakkerij Jansen", city="Leiden")
    world.sync()
    return world


def test_a_relation_with_a_number_goes_out() -> None:
    world = World()
    key = world.add_local({"debtor": "1001", "creditor": "2001"}, name="Jansen")
    world.add_local({}, name="Suspect")
    made = world.sync()
    values = {"name": "Jansen", "city": "", "iban": ""}
    assert made == [
        CreateOut(key, "debtor", "1001", values),
        CreateOut(key, "creditor", "2001", values),
    ]
    assert world.plan() == []


def test_a_record_comes_in_once() -> None:
    world = World()
    key = world.add_remote("debtor", "1001", name="Jansen")
    made = world.sync()
    values = {"name": "Jansen", "city": "", "iban": ""}
    assert made == [CreateIn(key, "debtor", "1001", values)]
    assert world.plan() == []


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_record_that_cannot_be_read_is_left_alone(
    linked_world: World, is_changed: bool
) -> None:
    [(key, remote)] = linked_world.remotes.items()
    odd = replace(remote, values={}, may_come_in=False, is_unreadable=True)
    linked_world.remotes[key] = odd
    if is_changed:
        [ours] = linked_world.locals_
        linked_world.edit_local(ours, city="Delft")
    [conflict] = linked_world.plan()
    assert isinstance(conflict, Conflict)
    assert (conflict.code, conflict.remotes) == ("unreadable", (key,))
    assert len(conflict.locals) == 1


def test_one_without_a_key_may_be_any_that_seems_gone(linked_world: World) -> None:
    linked_world.remotes.clear()
    nameless = Remote("", "debtor", "", {}, may_come_in=False, is_unreadable=True)
    linked_world.remotes[""] = nameless
    assert [type(act) for act in linked_world.plan()] == [Conflict]
    del linked_world.remotes[""]
    assert [type(act) for act in linked_world.plan()] == [CreateOut]


def test_an_unlinked_one_meets_nobody_by_its_number() -> None:
    world = World()
    world.add_local({"debtor": "1001"}, name="Jansen")
    odd = Remote("9", "debtor", "1001", {}, may_come_in=False, is_unreadable=True)
    world.remotes["9"] = odd
    [conflict] = world.plan()
    assert isinstance(conflict, Conflict)
    assert conflict.code == "unreadable"


def test_a_record_that_may_not_come_in_stays_out() -> None:
    world = World()
    key = world.add_remote("debtor", "9001", name="Jansen")
    world.remotes[key] = replace(world.remotes[key], may_come_in=False)
    assert world.plan() == []


@pytest.mark.parametrize("ways", [BOTH, OUT])
def test_a_change_in_the_crm_goes_out_alone(linked_world: World, ways: Ways) -> None:
    linked_world.edit_local("L001", city="Gouda")
    (made,) = linked_world.sync(ways)
    assert made == UpdateOut("L001", "debtor", "R002", {"city": "Gouda"})


@pytest.mark.parametrize("ways", [BOTH, IN])
def test_a_change_in_the_package_comes_in(linked_world: World, ways: Ways) -> None:
    linked_world.edit_remote("R002", city="Gouda")
    update, _store = linked_world.sync(ways)
    assert update == UpdateIn(
        "L001", {"city": "Gouda"}, {}, {"city": "Leiden"}, ("R002",)
    )
    assert linked_world.locals_["L001"].values["city"] == "Gouda"


def test_when_both_changed_the_crm_wins_and_the_rest_is_kept(
    linked_world: World,
) -> None:
    linked_world.edit_local("L001", name="Bakker Jansen")
    linked_world.edit_remote("R002", name="Jansen BV", iban="NL91")
    update, out = linked_world.sync()
    assert isinstance(update, UpdateIn)
    assert update.changed == {"iban": "NL91"}  # that changed there alone
    assert isinstance(out, UpdateOut)
    assert out.changed == {"name": "Bakker Jansen"}
    assert out.overwritten == {"name": "Jansen BV"}
    assert linked_world.plan() == []


def test_with_only_the_way_in_the_package_wins(linked_world: World) -> None:
    linked_world.edit_local("L001", name="Bakker Jansen")
    linked_world.edit_remote("R002", name="Jansen BV")
    update = linked_world.sync(IN)[0]
    assert isinstance(update, UpdateIn)
    assert update.changed == {"name": "Jansen BV"}
    assert update.overwritten == {"name": "Bakker Jansen"}


def test_with_only_the_way_out_a_change_in_the_package_stays_until_ours_changes(
    linked_world: World,
) -> None:
    linked_world.edit_remote("R002", city="Gouda", iban="NL91")
    assert writes(linked_world.sync(OUT)) == []
    assert linked_world.plan(OUT) == []
    linked_world.edit_local("L001", city="Breda")
    (made,) = linked_world.sync(OUT)
    assert isinstance(made, UpdateOut)
    assert (made.changed, made.overwritten) == ({"city": "Breda"}, {"city": "Gouda"})
    update = linked_world.sync(BOTH)[0]
    assert isinstance(update, UpdateIn)
    assert update.changed == {"iban": "NL91"}


def test_with_only_the_way_in_what_changed_here_waits_for_the_way_out(
    linked_world: World,
) -> None:
    linked_world.edit_local("L001", city="Breda")
    linked_world.edit_remote("R002", iban="NL91")
    linked_world.sync(IN)
    assert linked_world.plan(IN) == []
    (made,) = linked_world.sync(BOTH)
    assert isinstance(made, UpdateOut)
    assert (made.changed, made.overwritten) == ({"city": "Breda"}, {})


def test_a_link_of_before_its_fields_were_remembered_goes_by_the_whole_card(
    linked_world: World,
) -> None:
    (link,) = linked_world.links.values()
    linked_world.links["L001", "debtor"] = replace(link, base="")
    linked_world.edit_local("L001", name="Bakker Jansen")
    linked_world.edit_remote("R002", iban="NL91")
    (made,) = linked_world.plan()
    assert isinstance(made, UpdateOut)
    assert made.changed == {"name": "Bakker Jansen", "iban": ""}
    assert made.overwritten["iban"] == "NL91"


def test_the_same_change_on_both_sides_costs_no_call(linked_world: World) -> None:
    linked_world.edit_local("L001", city="Gouda")
    linked_world.edit_remote("R002", city="Gouda")
    made = linked_world.sync()
    assert [type(act) for act in made] == [Store]
    assert linked_world.plan() == []


def test_with_both_ways_off_nothing_is_written(linked_world: World) -> None:
    linked_world.edit_local("L001", city="Gouda")
    linked_world.edit_remote("R002", city="Breda")
    linked_world.add_local({"debtor": "1002"})
    linked_world.add_remote("creditor", "2001")
    assert linked_world.plan(OFF) == []


def test_a_role_that_is_not_switched_on_is_left_alone(linked_world: World) -> None:
    linked_world.add_remote("creditor", "2001")
    assert linked_world.plan(BOTH, creditor=OUT) == []


def test_they_meet_by_number_and_the_crm_wins() -> None:
    world = World()
    world.add_local({"debtor": "1001"}, name="Bakker Jansen")
    world.add_remote("debtor", "1001", name="Bakker Janssen BV", city="Leiden")
    update, out = world.sync()
    assert isinstance(update, UpdateIn)
    assert update.changed == {"city": "Leiden"}  # the CRM had none
    assert isinstance(out, UpdateOut)
    assert out.changed == {"name": "Bakker Jansen"}
    assert out.overwritten == {"name": "Bakker Janssen BV"}
    assert world.plan() == []


def test_at_the_first_meeting_an_empty_field_wipes_nothing() -> None:
    world = World()
    world.add_local({"debtor": "1001"}, name="Jansen")
    world.add_remote("debtor", "1001", name="Jansen", city="Leiden")
    assert writes(world.sync(OUT)) == []
    assert world.plan(OUT) == []
    assert writes(world.sync(IN))  # the city comes in once it may
    assert world.locals_["L001"].values["city"] == "Leiden"


PLACE = {"main.line": "Kade 1", "main.postal_code": "1000 AA", "main.city": "Ede"}
MOVED = {"main.line": "Dam 9", "main.postal_code": "9999 ZZ", "main.city": "Goor"}


@pytest.mark.parametrize("ways", [BOTH, OUT])
def test_an_address_that_both_changed_is_never_mixed(ways: Ways) -> None:
    local = Local("L", PLACE, {"debtor": "1"}, Party(("Jansen Bouw",)))
    remote = Remote("R", "debtor", "1", PLACE, party=local.party)
    link = linked(local, remote)
    local = replace(local, values={**PLACE, "main.line": "Kade 2"})
    remote = replace(remote, values=MOVED)
    [sent] = plan([local], [remote], [link], {"debtor": ways})
    assert isinstance(sent, UpdateOut)
    assert (sent.changed, sent.overwritten) == (local.values, MOVED)
    taken = plan([local], [remote], [link], {"debtor": IN})[0]
    assert isinstance(taken, UpdateIn)
    assert taken.changed == MOVED


def test_another_address_at_the_first_meeting_fills_in_nothing() -> None:
    ours = {**PLACE, "main.postal_code": ""}
    local = Local("L", ours, {"debtor": "1"}, Party(("Jansen Bouw",)))
    remote = Remote("R", "debtor", "1", MOVED, party=local.party)
    [sent] = plan([local], [remote], [], {"debtor": BOTH})
    assert isinstance(sent, UpdateOut)
    assert sent.changed == {"main.line": "Kade 1", "main.city": "Ede"}
    now = replace(remote, values={**MOVED, **sent.changed})
    link = linked(local, now, sent.pending)
    assert plan([local], [now], [link], {"debtor": BOTH}) == []


BAKER = Party(("Bakkerij Heel",), emails=("b@x.nl",), postal_codes=("1000 AA",))
BUTCHER = Party(("Slagerij Anders",), emails=("s@y.nl",), postal_codes=("9999 ZZ",))


def reused() -> tuple[Local, Remote, Link]:
    """A linked card that somebody there gave to another party."""
    local = Local("L", {"name": "Bakkerij Heel", "phone": "1"}, {"debtor": "1"}, BAKER)
    remote = Remote("R", "debtor", "1", local.values, party=BAKER)
    theirs = {"name": "Slagerij Anders", "phone": "2"}
    return local, replace(remote, values=theirs, party=BUTCHER), linked(local, remote)


@pytest.mark.parametrize("ways", [BOTH, IN, OUT])
def test_a_linked_card_that_became_anothers_is_for_the_user(ways: Ways) -> None:
    local, remote, link = reused()
    edited = replace(local, values={**local.values, "phone": "3"})
    for ours in (local, edited):
        told = plan([ours], [remote], [link], {"debtor": ways})
        assert told == [Conflict("other_party", "debtor", "1", ("L",), ("R",))]
    moved = replace(remote, party=replace(BUTCHER, emails=BAKER.emails))
    assert isinstance(plan([local], [moved], [link], {"debtor": IN})[0], UpdateIn)


def test_what_is_decided_of_a_card_that_became_anothers() -> None:
    local, remote, link = reused()
    who = mark(BAKER, BUTCHER)
    decided = {("L", "debtor", "R"): Decided(Choice.SAME, who)}
    taken = plan([local], [remote], [link], {"debtor": BOTH}, decided=decided)[0]
    assert isinstance(taken, UpdateIn)
    assert taken.changed == remote.values
    decided = {("L", "debtor", "R"): Decided(Choice.LEFT_OUT, who)}
    assert plan([local], [remote], [link], {"debtor": BOTH}, decided=decided) == []
    other = replace(local, numbers={"debtor": "2"})  # the choice of another number
    apart = plan([other], [remote], [link], {"debtor": BOTH})
    assert [(type(act), act.number) for act in apart] == [
        (CreateIn, "1"),
        (CreateOut, "2"),
    ]


def meeting() -> World:
    """A butcher there has the number that a baker has here."""
    world = World()
    world.add_local({"debtor": "1001"}, name="Bakkerij Heel Anders")
    world.add_remote("debtor", "1001", name="Slagerij Vleesweg")
    return world


@pytest.mark.parametrize("ways", [BOTH, IN, OUT])
def test_another_party_with_the_number_is_for_the_user(ways: Ways) -> None:
    world = meeting()
    said = Conflict("other_party", "debtor", "1001", ("L001",), ("R002",))
    assert world.sync(ways) == world.sync(ways) == [said]
    assert world.plan(OFF) == []


def test_two_cards_that_say_nothing_are_not_the_same() -> None:
    world = World()
    world.add_local({"debtor": "1001"})
    world.add_remote("debtor", "1001")
    assert [type(act) for act in world.plan()] == [Conflict]


def _decide(world: World, choice: Choice) -> None:
    ours, theirs = world.locals_["L001"], world.remotes["R002"]
    seen = mark(world.party(ours), world.party(theirs))
    world.decided["L001", "debtor", "R002"] = Decided(choice, seen)


def test_what_the_user_calls_the_same_is_linked_and_the_rules_decide() -> None:
    world = meeting()
    _decide(world, Choice.SAME)
    (made,) = world.sync()
    assert isinstance(made, UpdateOut)
    assert made.overwritten == {"name": "Slagerij Vleesweg"}
    assert world.plan() == []


def test_what_the_user_leaves_out_is_asked_again_when_it_is_another() -> None:
    world = meeting()
    _decide(world, Choice.LEFT_OUT)
    assert world.sync() == []
    world.edit_remote("R002", city="Gouda")
    assert world.sync() == []
    world.edit_remote("R002", name="Slagerij Nieuw")
    assert [type(act) for act in world.plan()] == [Conflict]


def test_a_decision_is_no_longer_one_of_another_card() -> None:
    world = meeting()
    _decide(world, Choice.SAME)
    world.edit_remote("R002", name="Schilder Kwast")
    assert [type(act) for act in world.plan()] == [Conflict]


def test_a_lost_answer_is_found_again_but_not_in_anothers_record() -> None:
    world = World()
    world.loses_answers = True
    world.add_local({"debtor": "1001"}, name="Jansen")
    world.add_local({"debtor": "1002"}, name="De Vries")
    world.sync()
    (record,) = [key for key, one in world.remotes.items() if one.number == "1002"]
    world.edit_remote(record, name="Smit")
    assert {type(act) for act in world.sync()} == {Store, Conflict}
    assert len(world.remotes) == 2


def test_what_is_held_comes_in_and_never_goes_out(linked_world: World) -> None:
    world = linked_world
    world.edit_local("L001", city="?", iban="bel mij")
    world.locals_["L001"] = replace(
        world.locals_["L001"], held=frozenset({"iban"}), numbers={"debtor": "1001"}
    )
    (made,) = world.sync()
    assert isinstance(made, UpdateOut)
    assert made.changed == {"city": "?"}
    assert world.plan() == []
    world.edit_remote("R002", iban="NL91")
    update = world.sync()[0]
    assert isinstance(update, UpdateIn)
    assert update.changed == {"iban": "NL91"}


def test_what_was_held_goes_out_once_it_is_in_order() -> None:
    world = World()
    key = world.add_local({"debtor": "1001"}, name="Jansen", iban="bel mij")
    world.locals_[key] = replace(world.locals_[key], held=frozenset({"iban"}))
    (made,) = world.sync()
    assert isinstance(made, CreateOut)
    assert "iban" not in made.values
    assert world.plan() == []
    world.locals_[key] = replace(world.locals_[key], held=frozenset())
    (out,) = world.sync()
    assert isinstance(out, UpdateOut)
    assert out.changed == {"iban": "bel mij"}


def test_a_package_that_rewrites_is_not_written_again() -> None:
    world = World(shouting)
    world.add_local({"debtor": "1001"}, name="Bakkerij Jansen")
    world.sync()
    assert world.remotes["R002"].values["name"] == "BAKKER"
    assert world.plan() == []
    world.edit_local("L001", city="Gouda")
    assert len(writes(world.sync())) == 1
    assert world.plan() == []


def test_what_is_deleted_in_the_package_comes_back(linked_world: World) -> None:
    del linked_world.remotes["R002"]
    assert linked_world.plan(IN) == []
    (made,) = linked_world.sync()
    assert isinstance(made, CreateOut)
    assert made.replaces == "R002"
    assert linked_world.plan() == []


def test_what_is_deleted_in_the_crm_stays_and_does_not_return(
    linked_world: World,
) -> None:
    del linked_world.locals_["L001"]
    assert linked_world.plan() == []
    assert "R002" in linked_world.remotes


def test_without_its_number_a_relation_rests(linked_world: World) -> None:
    linked_world.renumber_local("L001", debtor="")
    linked_world.edit_local("L001", city="Gouda")
    assert linked_world.plan() == []
    linked_world.renumber_local("L001", debtor="1001")
    (made,) = linked_world.sync()
    assert isinstance(made, UpdateOut)
    assert len(linked_world.remotes) == 1


def test_a_number_that_moved_takes_the_record_along(linked_world: World) -> None:
    linked_world.renumber_local("L001", debtor="")
    other = linked_world.add_local({"debtor": "1001"}, name="Bakkerij Jansen BV")
    linked_world.sync()
    assert len(linked_world.remotes) == 1
    assert linked_world.links[other, "debtor"].remote == "R002"


def test_a_new_number_goes_out_and_comes_in(linked_world: World) -> None:
    linked_world.renumber_local("L001", debtor="1009")
    (out,) = linked_world.sync()
    assert out == UpdateOut("L001", "debtor", "R002", {}, "1009")
    linked_world.remotes["R002"] = replace(linked_world.remotes["R002"], number="1010")
    update = linked_world.sync()[0]
    assert isinstance(update, UpdateIn)
    assert update.numbers == {"debtor": "1010"}


def test_a_number_that_the_package_gives_is_learned() -> None:
    world = World()
    key = world.add_local({"debtor": "1001"}, name="Jansen")
    world.sync()
    world.locals_[key] = replace(world.locals_[key], numbers={"debtor": ""})
    update = world.sync(OUT)[0]
    assert isinstance(update, UpdateIn)
    assert update.numbers == {"debtor": "1001"}
    assert world.plan() == []


def test_a_number_of_another_record_is_not_given_away(linked_world: World) -> None:
    linked_world.add_local({"debtor": "1002"}, name="De Vries")
    linked_world.sync()
    linked_world.renumber_local("L001", debtor="1002")
    assert writes(linked_world.plan()) == []
    (conflict,) = linked_world.plan()
    assert isinstance(conflict, Conflict)
    assert (conflict.code, conflict.number) == ("number_taken", "1002")


def test_a_number_that_two_records_have_is_for_the_user() -> None:
    world = World()
    world.add_local({"debtor": "1001"})
    world.add_remote("debtor", "1001", name="Jansen")
    world.add_remote("debtor", "1001", name="Jansen BV")
    assert world.plan() == [
        Conflict("number_twice", "debtor", "1001", ("L001",), ("R002", "R003"))
    ]


def test_a_number_that_two_relations_have_is_for_the_user() -> None:
    world = World()
    world.add_local({"debtor": "1001"})
    world.add_local({"debtor": "1001"})
    assert world.plan() == [
        Conflict("number_twice", "debtor", "1001", ("L001", "L002"))
    ]


def test_a_debtor_that_became_a_creditor_is_for_the_user(linked_world: World) -> None:
    linked_world.remotes["R002"] = replace(
        linked_world.remotes["R002"], role="creditor"
    )
    (conflict,) = linked_world.plan()
    assert isinstance(conflict, Conflict)
    assert conflict.code == "role_changed"


def test_a_list_that_lacks_most_is_not_believed() -> None:
    world = World()
    for number in range(1001, 1011):
        world.add_local({"debtor": str(number)})
    world.sync()
    kept = dict(list(world.remotes.items())[:4])
    world.remotes = kept
    with pytest.raises(ImplausibleList):
        world.plan(trust_absent=False)
    assert len(writes(world.plan(trust_absent=True))) == 6
    world.remotes = {}
    with pytest.raises(ImplausibleList):
        world.plan(trust_absent=False)


def _three(world: World) -> None:
    for number in ("1001", "1002", "1003"):
        world.add_local({"debtor": number}, name=number)
    world.sync()


def test_numbers_that_move_up_go_in_an_order_that_works() -> None:
    world = World()
    _three(world)
    for key, number in (("L001", "1002"), ("L002", "1003"), ("L003", "1004")):
        world.renumber_local(key, debtor=number)
    taken = [act.number for act in world.sync() if isinstance(act, UpdateOut)]
    assert taken == ["1004", "1003", "1002"]
    assert world.plan() == []


def test_numbers_that_are_swapped_are_for_the_user() -> None:
    world = World()
    _three(world)
    world.renumber_local("L001", debtor="1002")
    world.renumber_local("L002", debtor="1001")
    assert [type(act) for act in world.plan()] == [Conflict, Conflict]


def test_a_record_that_lost_its_number_gets_it_again(linked_world: World) -> None:
    linked_world.remotes["R002"] = replace(linked_world.remotes["R002"], number="")
    (out,) = linked_world.sync()
    assert isinstance(out, UpdateOut)
    assert (out.number, out.overwritten) == ("1001", {"number": ""})
    assert linked_world.plan() == []


def test_the_work_of_a_plan_grows_with_the_relations() -> None:
    """Ten times the relations, some ten times the work; not a hundred."""
    few, many = work_of_a_plan(400), work_of_a_plan(4_000)
    assert many < 40 * few


def work_of_a_plan(size: int) -> float:
    """The CPU seconds of a plan in which half of the relations have changed."""
    world = World()
    for number in range(size):
        world.add_local({"debtor": str(10_000 + number)}, name=str(number))
    world.sync()
    for key in list(world.locals_)[: size // 2]:
        world.edit_local(key, city="Gouda")
    start = time.process_time()
    made = world.plan()
    used = time.process_time() - start
    assert len(made) == size // 2
    return used
