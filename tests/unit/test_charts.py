"""Chart geometry: bars stand on the floor, inside the frame, to scale."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules import charts

amounts = st.decimals(min_value=0, max_value=10**7, places=2)


@given(st.lists(amounts, min_size=1, max_size=60))
def test_bars_stay_inside_and_stand_on_the_floor(values: list[Decimal]) -> None:
    chart = charts.bar_chart([("x", value) for value in values])
    floor = charts.HEIGHT - charts.BOTTOM
    for bar in chart.bars:
        assert bar.y + bar.height == floor
        assert bar.y >= charts.TOP - 1
        assert bar.x >= charts.LEFT
        assert bar.x + bar.width <= charts.WIDTH
    tallest = max(chart.bars, key=lambda bar: bar.value)
    assert tallest.height == max(bar.height for bar in chart.bars)


@pytest.mark.parametrize(
    ("highest", "top"),
    [("0", 4), ("1", 4), ("4.5", 5), ("7", 10), ("11", 20), ("400", 400), ("401", 500),
     ("9999.99", 10000)],
)  # fmt: skip
def test_scales_end_at_a_round_number(highest: str, top: int) -> None:
    assert charts.nice_top(Decimal(highest)) == top


def test_nothing_to_draw_is_told() -> None:
    assert charts.bar_chart([("a", Decimal(0))]).is_empty
    assert charts.bar_chart([]).is_empty
    assert not charts.bar_chart([("a", Decimal(1))]).is_empty


def test_shares_are_of_the_highest_and_never_vanish() -> None:
    assert charts.shares([200, 100, 1, 0]) == [100, 50, 1, 0]
    assert charts.shares([]) == []
