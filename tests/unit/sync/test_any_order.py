"""Whatever happens on both sides, in any order: a sync brings them in step."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from core.rules.sync import Conflict, Ways
from core.rules.sync.bases import Since
from tests.unit.sync.world import BOTH, FIELDS, World, as_is, shouting, writes

NUMBERS = ("1001", "1002", "1003")
ROLES = ("debtor", "creditor")
TEXTS = ("", "Jansen", "De Vries", "jansen")
OUT = Ways(into_crm=False, out=True)
VALUES = [dict(zip(FIELDS, texts, strict=True)) for texts in product(TEXTS, repeat=3)]
NUMBERED = [
    {role: number for role, number in zip(ROLES, numbers, strict=True) if number}
    for numbers in product(("", *NUMBERS), repeat=2)
]
PICKS = range(6)
MANY = settings.default.max_examples
"""As many examples as elsewhere; several times that here."""

NOBODY = {"name": "", "city": "", "iban": ""}
KNOWN_BY_ITS_OTHER_ROLE = [
    ("add_local", {"debtor": "1001", "creditor": "1001"}, NOBODY),
    ("sync",),
    ("edit_remote", 5, "name", "Jansen"),
    ("add_remote", "debtor", "1001", {**NOBODY, "name": "Jansen", "iban": "Jansen"}),
    ("delete_remote", 0),
]


def anyone(name: str, *choices: Iterable[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """One edit of a kind: drawn at once, since most of the time goes into drawing."""
    return st.sampled_from(list(product((name,), *choices)))


unnumbered = st.one_of(
    anyone("add_local", NUMBERED, VALUES),
    anyone("add_remote", ROLES, NUMBERS, VALUES),
    anyone("edit_local", PICKS, FIELDS, TEXTS),
    anyone("edit_remote", PICKS, FIELDS, TEXTS),
    anyone("delete_local", PICKS),
    anyone("delete_remote", PICKS),
    anyone("sync"),
)
edits = st.one_of(
    unnumbered,
    anyone("renumber_local", PICKS, ROLES, ("", *NUMBERS)),
    anyone("renumber_remote", PICKS, NUMBERS),
)


def do(world: World, edit: tuple[Any, ...], ways: Ways) -> None:
    """Do one thing that a user or the schedule may do."""
    name, *rest = edit
    if name == "sync":
        world.sync(ways)
    elif name == "add_local":
        world.add_local(rest[0], **rest[1])
    elif name == "add_remote":
        world.add_remote(rest[0], rest[1], **rest[2])
    elif name.endswith("_local") and world.locals_:
        _touch_local(world, name, *rest)
    elif name.endswith("_remote") and world.remotes:
        _touch_remote(world, name, *rest)


def _at(keys: Any, index: int) -> str:
    found: list[str] = sorted(keys)
    return found[index % len(found)]


def _touch_local(world: World, name: str, index: int, *rest: str) -> None:
    key = _at(world.locals_, index)
    if name == "edit_local":
        world.edit_local(key, **{rest[0]: rest[1]})
    elif name == "renumber_local":
        world.renumber_local(key, **{rest[0]: rest[1]})
    else:
        del world.locals_[key]


def _touch_remote(world: World, name: str, index: int, *rest: str) -> None:
    key = _at(world.remotes, index)
    if name == "edit_remote":
        world.edit_remote(key, **{rest[0]: rest[1]})
    elif name == "renumber_remote":
        world.remotes[key] = replace(world.remotes[key], number=rest[0])
    else:
        del world.remotes[key]


def in_step(world: World, conflicts: list[Conflict], ways: Ways) -> None:
    """Every relation with a number has its one record, and they agree.

    But for what changed in the package alone and may not come in: that stays there.
    """
    stuck = {(key, one.role) for one in conflicts for key in one.locals}
    held: dict[str, tuple[str, str]] = {}
    for local in world.locals_.values():
        for role, number in local.numbers.items():
            if (local.key, role) in stuck:
                continue
            link = world.links[local.key, role]
            remote = world.remotes[link.remote]
            assert remote.role == role
            assert remote.number == number
            since = Since(local, remote, link)
            agreed = world.rewrite(local.values)
            theirs = world.rewrite(remote.values)
            differing = {name for name in agreed if theirs[name] != agreed[name]}
            assert not any(since.ours(name) for name in differing)
            assert not (differing and ways.into_crm)
            assert held.setdefault(remote.key, (local.key, role)) == (local.key, role)


def conflicts_of(acts: Iterable[Any]) -> list[Conflict]:
    return [act for act in acts if isinstance(act, Conflict)]


@pytest.mark.parametrize("rewrite", [as_is, shouting])
@pytest.mark.parametrize("ways", [BOTH, OUT])
@settings(deadline=None, max_examples=4 * MANY,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(steps=st.lists(edits, max_size=14))
@example(steps=KNOWN_BY_ITS_OTHER_ROLE)
def test_after_any_order_the_package_equals_the_crm(
    rewrite: Any, ways: Ways, steps: list[Any]
) -> None:
    world = World(rewrite)
    for step in steps:
        do(world, step, ways)
    first = world.sync(ways)
    event(f"writes: {bool(writes(first))}")
    again = world.sync(ways)
    if set(conflicts_of(first)) - set(conflicts_of(again)):
        # What came in by one role told that the other's card is the same party.
        first, again = again, world.sync(ways)
    assert writes(again) == [], (first, again)
    conflicts = conflicts_of(again)
    event(f"conflicts: {bool(conflicts)}")
    in_step(world, conflicts, ways)


@settings(deadline=None, max_examples=3 * MANY)
@given(steps=st.lists(unnumbered, max_size=12))
def test_nothing_is_ever_doubled(steps: list[Any]) -> None:
    """Syncs add no second record for a role and number, nor a second relation."""
    world = World()
    for step in steps:
        before = _doubles(world)
        do(world, step, BOTH)
        if step[0] == "sync":
            assert _doubles(world) <= before


def _doubles(world: World) -> set[tuple[str, str, str]]:
    seen: set[tuple[str, str, str]] = set()
    double = set()
    for remote in world.remotes.values():
        where = ("remote", remote.role, remote.number)
        (double if where in seen else seen).add(where)
    for local in world.locals_.values():
        for role, number in local.numbers.items():
            where = ("local", role, number)
            (double if where in seen else seen).add(where)
    return double
