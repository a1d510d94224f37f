"""Stretches and corrections of the ICP declaration, by the tax office's own cases."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.declarations import Customer, IcpKind, TaxPeriod
from core.domain.errors import AskUser
from plugins.belastingdienst.law import icp
from plugins.belastingdienst.law.icp import Declaration, Rhythm, Row, Way, Why
from plugins.belastingdienst.law.spans import Span, month_of, quarter_of
from tests.quarters import quarter

D = date.fromisoformat
Q3 = quarter(2026, 3)
BE = IcpKind.GOODS, Customer("BE", "0123456749")
DE = IcpKind.SERVICES, Customer("DE", "136695976")
FR = Customer("FR", "1")


def by_month(**amounts: int) -> dict[Span, Decimal]:
    """m2026_07=50_000."""
    return {
        month_of(date(int(name[1:5]), int(name[6:]), 1)): Decimal(amount)
        for name, amount in amounts.items()
    }


@pytest.mark.parametrize(
    ("goods", "spans"),
    [
        ({}, ["2026-Q3"]),
        ({"m2026_07": 20_000, "m2026_08": 20_000, "m2026_09": 10_000}, ["2026-Q3"]),
        ({"m2026_07": 50_001}, ["2026-07", "2026-08", "2026-09"]),
        ({"m2026_07": 50_000, "m2026_08": 1}, ["2026-07/2026-08", "2026-09"]),
        ({"m2026_07": 50_000, "m2026_09": 1}, ["2026-Q3"]),
        ({"m2026_07": 60_000, "m2026_08": -20_000}, ["2026-07", "2026-08", "2026-09"]),
        ({"m2026_04": 30_000, "m2026_06": 20_001}, ["2026-07", "2026-08", "2026-09"]),
        ({"m2025_07": 50_001}, ["2026-07", "2026-08", "2026-09"]),
        ({"m2025_06": 50_001}, ["2026-Q3"]),
        ({"m2026_03": 30_000, "m2026_04": 30_000}, ["2026-Q3"]),
    ],
)
def test_stretches_of_goods(goods: dict[str, int], spans: list[str]) -> None:
    assert [one.code for one in icp.goods_spans(Q3, by_month(**goods))] == spans


def test_passing_in_the_third_month_makes_the_next_quarter_monthly() -> None:
    goods = by_month(m2026_09=50_001)
    assert [one.code for one in icp.goods_spans(Q3, goods)] == ["2026-Q3"]
    assert len(icp.goods_spans(quarter(2026, 4), goods)) == 3
    assert len(icp.goods_spans(quarter(2027, 3), goods)) == 3
    assert len(icp.goods_spans(quarter(2027, 4), goods)) == 1


def test_services_stay_quarterly_beside_monthly_goods() -> None:
    supplies, services = ["goods", "abc"], ["services"]
    found = icp.due(Q3, by_month(m2026_07=50_000, m2026_08=1))
    assert [(one.span.code, list(one.kinds)) for one in found] == [
        ("2026-07/2026-08", supplies), ("2026-Q3", services), ("2026-09", supplies),
    ]  # fmt: skip
    (one,) = icp.due(Q3, {})
    assert (one.span, list(one.kinds)) == (Q3, [*supplies, *services])
    assert one.period == TaxPeriod.quarter(2026, 3)
    monthly = icp.due(Q3, {}, Rhythm.MONTH)
    assert [list(one.kinds) for one in monthly] == [[*supplies, *services]] * 3
    chosen = icp.due(Q3, {}, Rhythm.GOODS)
    assert [(one.period.code, list(one.kinds)) for one in chosen] == [
        ("2026-07", supplies), ("2026-08", supplies),
        ("2026-Q3", services), ("2026-09", supplies),
    ]  # fmt: skip
    (yearly,) = icp.due(Q3, {}, Rhythm.YEAR)
    assert (yearly.period.code, list(yearly.kinds)) == ("2026", [*supplies, *services])
    with pytest.raises(ValueError, match="no quarter"):
        icp.due(month_of(D("2026-07-01")), {})


@pytest.mark.parametrize(
    ("filed", "left"),
    [
        ([], {"2026-Q3": "goods abc services"}),
        ([("2026-Q3", icp.ALL)], {"2026-Q3": "goods abc services"}),
        (
            [("2026-07", icp.SUPPLIES)],
            {"2026-08": "goods abc", "2026-09": "goods abc", "2026-Q3": "services"},
        ),
        (
            [("2026-07", icp.ALL)],
            {"2026-08": "goods abc services", "2026-09": "goods abc services"},
        ),
        # the quarter was declared for services only: goods may not get lost
        (
            [("2026-Q3", (IcpKind.SERVICES,))],
            {
                "2026-07": "goods abc",
                "2026-08": "goods abc",
                "2026-09": "goods abc",
                "2026-Q3": "services",
            },
        ),
        ([("2026-Q2", icp.ALL)], {"2026-Q3": "goods abc services"}),
    ],
)
def test_what_went_over_other_stretches_is_not_declared_again(
    filed: list[tuple[str, tuple[IcpKind, ...]]], left: dict[str, str]
) -> None:
    went = [due_of(code, kinds) for code, kinds in filed]
    found = icp.remaining(icp.due(Q3, {}), went)
    assert {one.period.code: " ".join(one.kinds) for one in found} == left


def test_a_quarter_that_went_whole_is_not_asked_by_month() -> None:
    monthly = icp.due(Q3, by_month(m2026_07=60_000))
    whole = [due_of("2026-Q3", icp.ALL)]
    assert [one.period.code for one in icp.remaining(monthly, whole)] == ["2026-Q3"]


def test_services_of_months_that_went_for_goods_stay_quarterly() -> None:
    """Who declares everything monthly by December lost those of October, November."""
    went = [due_of(code, icp.SUPPLIES) for code in ("2026-07", "2026-08")]
    monthly = icp.due(Q3, {}, Rhythm.MONTH)
    found = icp.remaining(monthly, went)
    assert {one.period.code: " ".join(one.kinds) for one in found} == {
        "2026-07": "goods abc", "2026-08": "goods abc", "2026-09": "goods abc",
        "2026-Q3": "services",
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_month_is_declared_once_for_each_kind(data: st.DataObject) -> None:
    """Whatever is booked late and however the taxpayer's rhythm changes."""
    goods: dict[Span, Decimal] = {}
    filed: list[icp.Due] = []
    months = [month_of(date(2026, number, 1)) for number in range(1, 13)]
    for place, month in enumerate(months):
        at = data.draw(st.sampled_from(months[: place + 1]))
        amount = data.draw(st.integers(-40_000, 80_000))
        goods[at] = goods.get(at, Decimal(0)) + amount
        rhythm = data.draw(st.sampled_from([Rhythm.LAW, Rhythm.GOODS, Rhythm.MONTH]))
        quarter = quarter_of(month.start)
        for one in icp.remaining(icp.due(quarter, goods, rhythm), filed):
            there = [each for each in filed if each.span == one.span]
            if there:
                assert set(one.kinds) <= set(there[0].kinds)
            elif one.span.end <= month.end:
                filed.append(one)
    for month in months:
        for kind in icp.ALL:
            held = [one for one in filed if kind in one.kinds]
            assert sum(month.start in one.span for one in held) == 1


def due_of(code: str, kinds: tuple[IcpKind, ...]) -> icp.Due:
    period = TaxPeriod.from_code(code)
    return icp.Due(Span(period.start, period.end), kinds)


def test_a_year_needs_a_yearly_return_and_little() -> None:
    limits = Decimal(200_000), Decimal(15_000)
    assert icp.may_be_yearly(*limits, yearly_return=True)
    assert not icp.may_be_yearly(*limits, yearly_return=False)
    assert not icp.may_be_yearly(limits[0], Decimal("15000.01"), yearly_return=True)


def test_rows_are_whole_euros_negative_ones_too_and_none_of_zero() -> None:
    amounts = {
        BE: Decimal("-10.01"),
        DE: Decimal("10.99"),
        (IcpKind.ABC, FR): Decimal("0.99"),
    }
    assert icp.rows(amounts) == (
        Row(*BE, Decimal(-11)),
        Row(*DE, Decimal(10)),
    )


def test_a_declarations_amount_leaves_corrections_out() -> None:
    earlier = TaxPeriod.quarter(2026, 1)
    rows = (Row(*BE, Decimal(100)), Row(*BE, Decimal(50), earlier))
    assert Declaration(TaxPeriod.quarter(2026, 2), rows).amount == 100


def test_a_correction_is_a_row_to_2025_and_owed_by_hand_from_2026() -> None:
    q4 = TaxPeriod.quarter(2025, 4)
    declared = {q4: {BE: Decimal(1000), DE: Decimal(50)}}
    right = {q4: {BE: Decimal("1200.70"), (IcpKind.GOODS, FR): Decimal(3)}}
    found = list(icp.corrections(declared, right))
    assert found == [
        Row(*BE, Decimal(200), q4),
        Row(IcpKind.GOODS, FR, Decimal(3), q4),
        Row(*DE, Decimal(-50), q4),
    ]
    assert icp.way(q4) is Way.MESSAGE
    assert icp.way(quarter(2026, 1)) is Way.PORTAL
    held = icp.after(declared, found)
    assert not list(icp.corrections(held, right))


def test_what_was_never_filed_is_not_corrected() -> None:
    period = TaxPeriod.quarter(2026, 3)
    assert not list(icp.corrections({}, {period: {BE: Decimal(5)}}))
    with pytest.raises(AskUser, match="icp_not_filed"):
        icp.after({}, [Row(*BE, Decimal(5), period)])


@pytest.mark.parametrize(
    ("goods", "rhythm", "why", "code"),
    [
        ({}, Rhythm.LAW, Why.UNDER_LIMIT, "2026-Q3"),
        ({"m2026_07": 50_000, "m2026_08": 1}, Rhythm.LAW, Why.PASSED, "2026-08"),
        ({"m2025_09": 50_001}, Rhythm.LAW, Why.PASSED_BEFORE, "2025-Q3"),
        (
            {"m2025_09": 50_001, "m2026_06": 50_001},
            Rhythm.LAW,
            Why.PASSED_BEFORE,
            "2026-Q2",
        ),
        ({"m2026_07": 99_000}, Rhythm.GOODS, Why.CHOICE, "2026-Q3"),
    ],
)
def test_why_goods_go_so(
    goods: dict[str, int], rhythm: Rhythm, why: Why, code: str
) -> None:
    found = icp.reason(Q3, by_month(**goods), rhythm)
    assert (found.why, found.span.code) == (why, code)
