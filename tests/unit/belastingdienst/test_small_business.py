"""KOR and EU-KOR: to the cent, by hand."""

from datetime import date
from decimal import Decimal

import pytest

from core.domain.errors import AskUser
from core.rules.vatrates import MEMBER_STATES
from plugins.belastingdienst.law import small_business as kor
from plugins.belastingdienst.law.small_business import Limit, Turnover
from plugins.belastingdienst.law.spans import month_of
from tests.quarters import quarter

D = date.fromisoformat


def sold(
    name: str, on: str, amount: str, country: str = "NL", **more: bool
) -> Turnover:
    return Turnover(name, D(on), country, Decimal(amount), **more)


def test_it_ends_with_the_sale_that_passes_twenty_thousand() -> None:
    """19,000 in January and 1,500 in February."""
    sales = [
        sold("a", "2026-01-10", "19000"),
        sold("b", "2026-02-10", "1500"),
        sold("c", "2026-03-01", "10"),
    ]
    found = kor.home_standing(2026, sales)
    assert (found.passed_by, found.ends_on, found.left) == ("b", D("2026-02-10"), 0)
    exact = kor.home_standing(2026, [sold("a", "2026-01-10", "20000.00")])
    assert (exact.ends_on, exact.left) == (None, 0)


def test_a_new_calendar_year_counts_anew_unless_the_old_one_was_above() -> None:
    old = [sold("a", "2025-12-31", "15000")]
    found = kor.home_standing(2026, [*old, sold("b", "2026-01-01", "15000")])
    assert (found.ends_on, found.before, found.left) == (None, 15000, 5000)
    above = kor.home_standing(2026, [sold("a", "2025-06-01", "20000.01")])
    assert (above.ends_on, above.passed_by) == (D("2026-01-01"), "")


def test_refunds_and_other_countries() -> None:
    sales = [
        sold("a", "2026-01-10", "19000"),
        sold("r", "2026-01-20", "-4000"),
        sold("b", "2026-02-10", "5000"),
        sold("d", "2026-02-11", "9000", "DE"),
    ]
    found = kor.home_standing(2026, sales)
    assert (found.ends_on, found.counted) == (None, 20000)
    assert kor.union_standing(2026, sales).counted == 29000


def test_joining_again() -> None:
    assert not list(kor.may_join(D("2028-01-01"), D("2026-03-01"), []))
    (told,) = kor.may_join(D("2027-12-31"), D("2026-03-01"), [])
    assert (told.code, told.params["date"]) == ("kor_closed", "2027-12-31")
    sales = [sold("a", "2026-05-01", "20000.01")]
    assert [each.code for each in kor.may_join(D("2027-01-01"), None, sales)] == [
        "kor_above_limit"
    ]


def test_the_eu_scheme_ends_everywhere_above_a_hundred_thousand() -> None:
    sales = [
        sold("a", "2026-01-10", "60000"),
        sold("b", "2026-08-10", "40000", "BE"),
        sold("c", "2026-08-20", "0.01", "DE"),
        sold("d", "2026-09-01", "7", "FR"),
    ]
    found = kor.union_standing(2026, sales)
    assert (found.passed_by, found.ends_on) == ("c", D("2026-08-20"))
    told = kor.until_passed(quarter(2026, 3), sales, found, MEMBER_STATES)
    assert told is not None
    assert (told.amount, told.amounts["FR"]) == (Decimal("40000.01"), 0)
    assert kor.until_passed(quarter(2026, 2), sales, found, MEMBER_STATES) is None


def test_the_statement_names_every_state() -> None:
    sales = [
        sold("a", "2026-07-01", "100.50"),
        sold("b", "2026-09-30", "20", "BE"),
        sold("r", "2026-09-30", "-5", "BE"),
        sold("c", "2026-10-01", "9", "BE"),
    ]
    made = kor.statement(quarter(2026, 3), sales, MEMBER_STATES)
    assert len(made.amounts) == 27
    assert {land: amount for land, amount in made.amounts.items() if amount} == {
        "NL": Decimal("100.50"), "BE": Decimal(15),
    }  # fmt: skip
    assert kor.statement(quarter(2026, 4), [], MEMBER_STATES).amount == 0
    with pytest.raises(AskUser, match="statement_no_quarter"):
        kor.statement(month_of(D("2026-07-01")), [], MEMBER_STATES)


def test_a_limit_that_was_not_read_is_asked_for() -> None:
    with pytest.raises(AskUser) as asked:
        kor.national_limit("PL", D("2026-03-01"))
    assert asked.value.code == "national_limit_unknown"
    assert asked.value.params == {"country": "PL", "most": "85000"}
    given = [Limit("PL", D("2026-01-01"), Decimal(56_000))]
    assert kor.national_limit("PL", D("2026-03-01"), given) == 56_000


def test_a_states_own_limit() -> None:
    sales = [sold("a", "2025-04-01", "25000", "BE"), sold("b", "2025-05-01", "1", "BE")]
    found, doubts = kor.national_standing(2025, "BE", sales)
    assert (found.passed_by, doubts) == ("b", ())
    later = [sold("c", "2026-04-01", "10", "BE")]
    _, told = kor.national_standing(2026, "BE", later)
    assert [(each.code, each.blocks) for each in told] == [
        ("national_limit_old", False)
    ]
    given = [Limit("BE", D("2026-01-01"), Decimal(25_000))]
    assert kor.national_standing(2026, "BE", later, given)[1] == ()


def test_france_has_one_for_goods_and_one_for_services() -> None:
    services = [sold("a", "2025-04-01", "37500.01", "FR", is_service=True)]
    assert kor.national_standing(2025, "FR", services)[0].passed_by == "a"
    both = [*services, sold("b", "2025-05-01", "10", "FR")]
    found, doubts = kor.national_standing(2025, "FR", both)
    assert (found.limit, [each.code for each in doubts]) == (
        85_000, ["national_limit_mixed"],
    )  # fmt: skip
