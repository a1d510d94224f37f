"""A plan of a part: what was not looked for is neither made nor taken as gone."""

from hypothesis import given
from hypothesis import strategies as st

from core.rules.sync import CreateIn, CreateOut, Link, Local, Remote, Ways, linked, plan
from tests.unit.sync.world import BOTH, writes

WAYS = {"debtor": BOTH, "creditor": BOTH}
VALUES = {"name": "Jansen", "city": "Gouda"}


def _local(key: str, **numbers: str) -> Local:
    return Local(key, VALUES, numbers)


def test_an_unread_record_is_not_gone() -> None:
    local = _local("1", debtor="1001", creditor="2001")
    debtor = Remote("R1", "debtor", "1001", {**VALUES, "name": "De Vries"})
    links = [linked(local, Remote("R1", "debtor", "1001", VALUES)),
             Link("1", "creditor", "R2", "x", "y")]  # fmt: skip
    unread = {("1", "creditor")}
    actions = plan([local], [debtor], links, WAYS, unread=unread)
    assert not any(isinstance(act, CreateOut) for act in actions)
    (gone,) = [act for act in plan([local], [], links, WAYS, unread={("1", "debtor")})
               if isinstance(act, CreateOut)]  # fmt: skip
    assert (gone.role, gone.replaces) == ("creditor", "R2")


def test_an_unread_number_is_not_made() -> None:
    local = _local("1", debtor="1001", creditor="2001")
    made = plan([local], [], [], WAYS, unread={("1", "creditor")})
    assert [(act.role, act.number) for act in made if isinstance(act, CreateOut)] == [
        ("debtor", "1001")
    ]


def test_a_record_with_the_number_of_one_that_is_linked_elsewhere_waits() -> None:
    local = _local("1", debtor="1001")
    link = Link("1", "debtor", "R1", "x", "y")
    other = Remote("R2", "debtor", "1001", VALUES)
    actions = plan([local], [other], [link], WAYS, unread={("1", "debtor")})
    assert writes(actions) == []
    assert len(actions) == 1


def test_a_field_that_a_role_lacks_neither_goes_nor_comes() -> None:
    local = Local("1", {**VALUES, "iban": "NL1"}, {"debtor": "1001"})
    remote = Remote("R1", "debtor", "1001", VALUES)
    link = linked(local, remote)
    assert plan([local], [remote], [link], WAYS) == []
    changed = Local("1", {**VALUES, "iban": "NL2"}, {"debtor": "1001"})
    assert writes(plan([changed], [remote], [link], WAYS)) == []


numbers = st.sampled_from(["1", "2", "3", "4"])
texts = st.fixed_dictionaries({"name": st.sampled_from("AB"), "city": st.just("X")})
locals_ = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(list(WAYS)), numbers), texts), max_size=4
)
remotes = st.lists(st.tuples(st.sampled_from(list(WAYS)), numbers, texts), max_size=4)
ways = st.builds(Ways, into_crm=st.booleans(), out=st.booleans())


@given(locals_, remotes, ways, st.data())
def test_what_is_unread_is_never_written(
    ours: list[tuple[dict[str, str], dict[str, str]]],
    theirs: list[tuple[str, str, dict[str, str]]],
    way: Ways,
    data: st.DataObject,
) -> None:
    left = [Local(f"L{i}", values, own) for i, (own, values) in enumerate(ours)]
    right = [Remote(f"R{i}", *one) for i, one in enumerate(theirs)]
    places = {(one.role, one.number) for one in right}
    pairs = [(one.key, role) for one in left for role, number in one.numbers.items()
             if (role, number) not in places]  # fmt: skip
    unread = data.draw(st.sets(st.sampled_from(pairs)) if pairs else st.just(set()))
    by_role = dict.fromkeys(WAYS, way)
    for act in plan(left, right, [], by_role, unread=unread):
        if isinstance(act, CreateOut):
            assert (act.local, act.role) not in unread
    whole = plan(left, right, [], by_role, trust_absent=True)
    part = plan(left, right, [], by_role, unread=unread)
    assert [act for act in part if isinstance(act, CreateIn)] == [
        act for act in whole if isinstance(act, CreateIn)
    ]
