"""When it is asked again, and when it is late."""

from datetime import UTC, datetime, timedelta

import pytest

from plugins.peppol.sending import following

MONDAY = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "late"), [(0, 1), (1, 2), (3, 4), (4, 7), (5, 8), (6, 8), (7, 8)]
)
def test_late_is_one_working_day_later(days: int, late: int) -> None:
    """Of Friday it is Monday; of a weekend Tuesday."""
    since = MONDAY + timedelta(days=days)
    assert following.late_at(since) == MONDAY + timedelta(days=late)


def test_pauses_grow_to_an_hour_and_end_after_ten_days() -> None:
    asked, now = [], MONDAY
    while (at := following.next_poll(MONDAY, now)) is not None:
        asked.append(at - now)
        now = at
    assert asked[0] == timedelta(seconds=20)
    assert max(asked) == asked[-1] == timedelta(hours=1)
    assert asked == sorted(asked)
    assert timedelta(days=10) <= now - MONDAY < timedelta(days=10, hours=1)


def test_after_a_delivery_a_refusal_is_waited_for_three_days() -> None:
    hour = timedelta(hours=1)
    assert following.next_confirmation(MONDAY, MONDAY) == MONDAY + hour
    assert following.next_confirmation(MONDAY, MONDAY + timedelta(days=3)) is None
