"""Paging over a list that changes under our hands."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from plugins.kmoshops.orders.polling import Place

START = Place(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))


def test_a_place_survives_the_cursor() -> None:
    place = START.after(100, 250)
    assert Place.from_dict(place.to_dict()) == place
    assert (place.offset, place.is_end) == (100, False)


def test_nothing_to_read_is_the_end() -> None:
    assert not START.is_end
    assert START.after(0, 0).is_end


@given(st.integers(0, 60), st.integers(1, 10), st.lists(st.integers(0, 59)))
def test_orders_that_leave_the_period_hide_no_others(
    size: int, page: int, leaving: list[int]
) -> None:
    there, seen, place = list(range(size)), set[int](), START
    left = iter(leaving)
    while not place.is_end:
        gone = next(left, None)
        there = [order for order in there if order != gone]
        found = there[place.offset : place.offset + page]
        seen.update(found)
        place = Place.from_dict(place.after(len(found), len(there)).to_dict())
    assert set(there) <= seen
