"""Growing pauses, 72 hours, and then no more."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from plugins.belastingdienst.sending.polling import FIRST, GIVE_UP, LONGEST, next_poll

START = datetime(2026, 10, 5, 12, tzinfo=UTC)


def polls() -> list[datetime]:
    moments, now = [], START
    while (following := next_poll(START, now)) is not None:
        moments.append(following)
        now = following
    return moments


def test_the_pauses_grow_and_end_at_72_hours() -> None:
    moments = polls()
    pauses = [b - a for a, b in pairwise([START, *moments])]
    assert pauses[0] == FIRST
    assert all(a <= b for a, b in pairwise(pauses[:-1]))
    assert max(pauses) == LONGEST
    assert moments[-1] == START + GIVE_UP == START + timedelta(hours=72)
    assert len(moments) < 110


def test_the_first_hour_is_asked_often_and_a_day_is_not() -> None:
    moments = polls()
    first = [moment for moment in moments if moment <= START + timedelta(hours=1)]
    later = [moment for moment in moments if moment > START + timedelta(hours=48)]
    assert 10 < len(first) < 30
    assert len(later) <= 25


def test_a_late_worker_asks_once_more_and_stops() -> None:
    end = START + GIVE_UP
    assert next_poll(START, end - timedelta(minutes=1)) == end
    assert next_poll(START, end) is None
    assert next_poll(START, end + timedelta(days=9)) is None
