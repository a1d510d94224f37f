"""How much a run may write before a person looks at it again."""

import pytest

from core.rules.sync import limits


@pytest.mark.parametrize(
    ("cards", "most"), [(0, 100), (300, 100), (1000, 100), (100_000, 10_000)]
)
def test_an_ordinary_run_may_touch_some_cards(cards: int, most: int) -> None:
    allowed = limits.ordinary(cards)
    assert not limits.is_exceeded(allowed, {"made_there": most - 1, "changed_here": 1})
    assert limits.is_exceeded(allowed, {"made_there": most, "changed_here": 1})


def test_what_was_overwritten_counts_once() -> None:
    counts = {"changed_there": 100, "overwritten": 100}
    assert not limits.is_exceeded(limits.ordinary(0), counts)


@pytest.mark.parametrize(
    ("kind", "seen", "most"),
    [("made_here", 0, 0), ("overwritten", 0, 0), ("made_here", 3, 8),
     ("made_there", 200, 220), ("changed_there", 3, 11), ("changed_here", 100, 210)],
)  # fmt: skip
def test_a_confirmed_run_may_do_a_little_more_of_what_was_seen(
    kind: str, seen: int, most: int
) -> None:
    allowed = limits.confirmed({kind: seen})
    assert not limits.is_exceeded(allowed, {kind: most})
    assert limits.is_exceeded(allowed, {kind: most + 1})
