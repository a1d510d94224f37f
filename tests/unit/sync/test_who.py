"""Whatever happens, nobody's card becomes another's, and nothing is lost unseen."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from core.rules.parties import Likeness
from core.rules.sync import Action, Store, UpdateIn, UpdateOut, Ways, planner
from tests.unit.sync.world import BOTH, FIELDS, World

NUMBERS = ("1001", "1002")
PARTIES = ("Slagerij Anders", "Bakkerij Heel", "Schilder Kwast")
TEXTS = ("", "Ede", "Gouda")
OUT, IN = Ways(into_crm=False, out=True), Ways(into_crm=True, out=False)
FEW = settings.default.max_examples // 2
picks = st.integers(0, 3)
kinds = st.sampled_from(
    ("add_local", "add_remote", "edit_local", "edit_remote", "renumber_local",
     "renumber_remote", "delete_local", "delete_remote", "recouple", "lost", "sync")
)  # fmt: skip
steps = st.lists(
    st.tuples(kinds, picks, st.sampled_from(PARTIES), st.sampled_from(NUMBERS),
              st.sampled_from(FIELDS), st.sampled_from(TEXTS)),
    min_size=3, max_size=14,
)  # fmt: skip


@dataclass
class Watched(World):
    """A world in which whose card it is and what people wrote are kept apart."""

    ours: set[tuple[str, str]] = field(default_factory=set)
    theirs: set[tuple[str, str]] = field(default_factory=set)
    """Card and field that people changed since the two were last in step."""

    def live(self, steps: list[Any], ways: Ways) -> None:
        for name, index, who, number, field_name, text in steps:
            if name == "add_local":
                self.who[self.add_local({"debtor": number}, city=text)] = who
            elif name == "add_remote":
                self.who[self.add_remote("debtor", number, iban=text)] = who
            elif name == "recouple":
                self._recouple(who)
            elif name in ("sync", "lost"):
                self.loses_answers = name == "lost"
                self.run_watched(self.plan(ways))
            else:
                self._touch(name, index, number, field_name, text)

    def _touch(self, name: str, index: int, number: str, *edit: str) -> None:
        is_ours = name.endswith("_local")
        keys = sorted(self.locals_ if is_ours else self.remotes)
        if not keys:
            return
        key = keys[index % len(keys)]
        if name.startswith("edit"):
            change = self.edit_local if is_ours else self.edit_remote
            change(key, **{edit[0]: edit[1]})
            (self.ours if is_ours else self.theirs).add((key, edit[0]))
        elif name == "renumber_local":
            self.renumber_local(key, debtor=number)
        elif name == "renumber_remote":
            self.remotes[key] = replace(self.remotes[key], number=number)
        else:
            del (self.locals_ if is_ours else self.remotes)[key]

    def _recouple(self, who: str) -> None:
        """Another administration: the same ids and numbers, other people."""
        self.links.clear()
        self.held.clear()
        self.theirs.clear()
        self.ours.clear()
        self.who |= dict.fromkeys(self.remotes, who)

    def run_watched(self, actions: list[Action]) -> None:
        for act in actions:
            if isinstance(act, UpdateOut):
                self._check_out(act)
            elif isinstance(act, UpdateIn):
                self._check_in(act)
            elif isinstance(act, Store):
                self._check_same(act.link.local, act.link.remote)
            self.run([act])

    def _check_same(self, local: str, remote: str) -> None:
        assert self.who[local] == self.who[remote], "another's card"

    def _check_out(self, act: UpdateOut) -> None:
        self._check_same(act.local, act.remote)
        before = self.remotes[act.remote].values
        for name, value in act.changed.items():
            assert value == self.locals_[act.local].values[name]  # the CRM's own
            if not value:
                assert (act.local, name) in self.ours, "wiped"
            if (act.remote, name) in self.theirs and before[name]:
                assert act.overwritten.get(name) == before[name], "not kept"

    def _check_in(self, act: UpdateIn) -> None:
        for remote in act.remotes:
            self._check_same(act.local, remote)
        before = self.locals_[act.local].values
        for name, value in act.changed.items():
            assert act.overwritten[name] == before[name]
            if not value:
                assert any((key, name) in self.theirs for key in act.remotes), "wiped"


@pytest.mark.parametrize("ways", [BOTH, OUT, IN], ids=["both", "out", "in"])
@settings(deadline=None, max_examples=FEW)
@given(steps=steps)
def test_nobody_becomes_another(ways: Ways, steps: list[Any]) -> None:
    Watched().live(steps, ways)


def test_the_histories_go_red_when_cards_are_not_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planner, "likeness", lambda _one, _other: Likeness.SAME)

    def robs(some: list[Any]) -> bool:
        try:
            Watched().live(some, BOTH)
        except AssertionError as error:
            return "another's card" in str(error)
        return False

    told = settings(phases=[Phase.generate], max_examples=500, derandomize=True)
    assert find(steps, robs, settings=told)
