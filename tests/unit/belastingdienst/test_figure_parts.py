"""Period codes, and bars of either sign."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.declarations import TaxPeriod
from core.rules.charts import BOTTOM, HEIGHT, LEFT, TOP, WIDTH
from plugins.belastingdienst.figures.plots import signed_bars


@pytest.mark.parametrize(
    "period",
    [
        TaxPeriod.month(2026, 7),
        TaxPeriod(date(2026, 7, 1), date(2026, 8, 31)),
        TaxPeriod.quarter(2025, 4),
        TaxPeriod.whole_year(2024),
    ],
)
def test_a_code_reads_back(period: TaxPeriod) -> None:
    assert TaxPeriod.from_code(period.code) == period


@pytest.mark.parametrize(
    "code", ["", "2026-Q5", "2026-13", "2026-7", "26-Q3", "2026-q3", "2026-Q3 ", "x",
             "1999", "٢٠٢٦", "2026-07_09", "2026-08_09", "2026-07_07", "2026-12_13"],
)  # fmt: skip
def test_other_codes_are_no_period(code: str) -> None:
    with pytest.raises(ValueError, match="no tax period"):
        TaxPeriod.from_code(code)


signed = st.decimals(min_value=-(10**7), max_value=10**7, places=0)


@given(st.lists(signed, min_size=1, max_size=24))
def test_bars_stand_on_or_hang_from_zero(values: list[Decimal]) -> None:
    drawn = signed_bars([("x", value) for value in values])
    for bar in drawn.chart.bars:
        assert drawn.zero in (bar.y, bar.y + bar.height)
        assert bar.y >= TOP - 1
        assert bar.y + bar.height <= HEIGHT - BOTTOM + 1
        assert bar.x >= LEFT
        assert bar.x + bar.width <= WIDTH
        if bar.value < 0:
            assert bar.y == drawn.zero
    places = [tick.y for tick in drawn.chart.ticks]
    assert places[0] == drawn.zero
    assert all(abs(place - drawn.zero) > 15 for place in places[1:])
