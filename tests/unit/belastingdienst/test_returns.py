"""Periods, rounding in the taxpayer's favour, sums, corrections."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.declarations import (
    Box,
    PeriodKind,
    Rubric,
    TaxPeriod,
)
from core.domain.money import total
from plugins.belastingdienst.law.boxes import whole_input, whole_owed
from plugins.belastingdienst.law.returns import (
    OWED_RUBRICS,
    VatReturn,
    creation_stamp,
)
from tests.unit.belastingdienst.samples import box, sample_return


@pytest.mark.parametrize(
    ("period", "kind", "code", "start", "end"),
    [
        (TaxPeriod.month(2024, 2), "month", "2024-02", "2024-02-01", "2024-02-29"),
        (TaxPeriod.quarter(2026, 3), "quarter", "2026-Q3", "2026-07-01", "2026-09-30"),
        (TaxPeriod.whole_year(2025), "year", "2025", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_tax_period_is_a_calendar_one(
    period: TaxPeriod, kind: str, code: str, start: str, end: str
) -> None:
    assert (period.kind, period.code) == (PeriodKind(kind), code)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)
    assert period.start in period
    assert date(2020, 1, 1) not in period


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 2, 1), date(2026, 4, 30)),
        (date(2026, 1, 2), date(2026, 1, 31)),
        (date(2026, 1, 1), date(2026, 1, 30)),
        (date(2026, 2, 1), date(2026, 3, 31)),
        (date(2026, 3, 1), date(2026, 1, 31)),
        (date(2025, 12, 1), date(2026, 2, 28)),
    ],
)
def test_anything_else_is_no_tax_period(start: date, end: date) -> None:
    with pytest.raises(ValueError, match="no tax period"):
        TaxPeriod(start, end)


@pytest.mark.parametrize(
    ("amount", "owed", "reclaimed"),
    [("10.99", "10", "11"), ("-10.01", "-11", "-10"), ("7", "7", "7"), ("0", "0", "0")],
)
def test_rounding_is_in_the_taxpayers_favour(
    amount: str, owed: str, reclaimed: str
) -> None:
    assert whole_owed(Decimal(amount)) == Decimal(owed)
    assert whole_input(Decimal(amount)) == Decimal(reclaimed)


AMOUNTS = st.decimals(-(10**7), 10**7, places=2)


@given(st.dictionaries(st.sampled_from(Rubric), st.builds(Box, AMOUNTS, AMOUNTS)))
def test_a_return_never_costs_more_than_the_exact_amounts(
    boxes: dict[Rubric, Box],
) -> None:
    made = VatReturn.from_exact(TaxPeriod.quarter(2026, 1), boxes)
    exact = total(boxes.get(rubric, Box()).vat for rubric in OWED_RUBRICS)
    exact -= boxes.get(Rubric.R5B, Box()).vat
    assert exact - len(OWED_RUBRICS) - 1 < made.payable <= exact
    assert made.owed == total(made.box(rubric).vat for rubric in OWED_RUBRICS)
    assert made.payable == made.balance == made.owed - made.input_vat
    assert all(one.vat == one.vat.to_integral_value() for one in made.boxes.values())


def test_the_sums_are_the_official_samples() -> None:
    made = sample_return(2020)
    assert (made.owed, made.input_vat, made.payable) == (3240, 0, 3240)


def test_5d_lowers_what_is_paid() -> None:
    made = VatReturn(TaxPeriod.quarter(2020, 1), {Rubric.R1A: box("500", "105")})
    less = VatReturn(made.period, made.boxes, small_business_reduction=Decimal(100))
    assert (less.balance, less.payable) == (105, 5)


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        (datetime(2026, 7, 31, 22, 30, tzinfo=UTC), "202608010030"),
        (datetime(2026, 1, 31, 22, 30, tzinfo=UTC), "202601312330"),
    ],
)
def test_the_moment_of_making_is_dutch_time(moment: datetime, stamp: str) -> None:
    assert creation_stamp(moment) == stamp
