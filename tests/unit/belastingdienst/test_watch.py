"""What a changed period asks for: the limit to the euro, both readings, the day."""

from datetime import date
from decimal import Decimal

import pytest

from plugins.belastingdienst.law.boxes import Box
from plugins.belastingdienst.law.spans import Span
from plugins.belastingdienst.law.watch import Advice, Change, Route, advise, is_late
from tests.quarters import quarter

D = date.fromisoformat
TODAY = D("2026-11-28")
Q1, Q2, Q3, Q4 = (quarter(2026, number) for number in (1, 2, 3, 4))


def change(period: Span, vat: int, known: str = "2026-11-20") -> Change:
    return Change(period, {"1a": Box(Decimal(9999), Decimal(vat))}, D(known))


def advice(*changes: Change, today: date = TODAY, waiting: int = 0) -> list[Advice]:
    decided = {Q2: {"1a": Box(Decimal(0), Decimal(waiting))}} if waiting else {}
    return list(advise(changes, decided, Q4, today))


@pytest.mark.parametrize("vat", [1000, -1000, 0, 1])
def test_up_to_a_thousand_it_may_go_in_the_next_return(vat: int) -> None:
    (one,) = advice(change(Q3, vat))
    assert (one.route, one.until) == (Route.NEXT_RETURN, D("2027-01-31"))


@pytest.mark.parametrize("vat", [1001, -1001])
def test_above_it_a_suppletie_is_due_in_eight_weeks(vat: int) -> None:
    (one,) = advice(change(Q3, vat))
    assert (one.route, one.until, one.is_sure) == (
        Route.SUPPLETIE, D("2027-01-15"), True,
    )  # fmt: skip
    assert not is_late(one, D("2027-01-15"))
    assert is_late(one, D("2027-01-16"))


def test_it_is_the_balance_of_owed_and_input_vat() -> None:
    """1,600 too little owed and 900 too little deducted are 700."""
    boxes = {"1a": Box(Decimal(0), Decimal(1600)), "5b": Box(Decimal(0), Decimal(900))}
    (one,) = advise([Change(Q3, boxes, TODAY)], {}, Q4, TODAY)
    assert (one.change.vat, one.route) == (700, Route.NEXT_RETURN)


def test_where_period_and_year_tell_differently_the_suppletie_is_proposed() -> None:
    opposite = advice(change(Q1, 1500), change(Q2, -1400))
    assert [(one.route, one.is_sure) for one in opposite] == [
        (Route.SUPPLETIE, False)
    ] * 2
    together = advice(change(Q1, 600), change(Q2, 500))
    assert [(one.route, one.is_sure) for one in together] == [
        (Route.SUPPLETIE, False)
    ] * 2
    years = advice(change(quarter(2025, 4), 900), change(Q1, 900))
    assert {one.route for one in years} == {Route.NEXT_RETURN}


def test_what_was_decided_and_did_not_go_counts_too() -> None:
    (one,) = advice(change(Q2, 600), waiting=500)
    assert (one.route, one.is_sure) == (Route.SUPPLETIE, True)
    (one,) = advice(change(Q2, 600), waiting=-500)
    assert one.route is Route.NEXT_RETURN


def test_known_before_2025_has_no_term_and_five_years_end_it() -> None:
    (one,) = advice(change(quarter(2024, 2), 5000, "2024-12-30"))
    assert (one.route, one.until) == (Route.SUPPLETIE, None)
    assert not is_late(one, D("2030-01-01"))
    (one,) = advice(change(quarter(2020, 4), 5000))
    assert (one.route, one.until) == (Route.TOO_OLD, None)
    (one,) = advice(change(quarter(2021, 1), 5000), today=D("2026-12-31"))
    assert one.route is Route.SUPPLETIE
