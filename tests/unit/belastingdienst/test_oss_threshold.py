"""The threshold of 10,000 euros under the rules of 2026 and of 2027, by hand."""

from datetime import date
from decimal import Decimal

from plugins.belastingdienst.law.oss_threshold import (
    DistanceSale,
    standing,
)

D = date.fromisoformat


def sale(name: str, on: str, amount: str, dispatched_from: str = "NL") -> DistanceSale:
    return DistanceSale(name, D(on), Decimal(amount), dispatched_from)


def test_at_home_up_to_ten_thousand_and_not_a_cent_more() -> None:
    exact = [sale("a", "2026-03-01", "9999.99"), sale("b", "2026-04-01", "0.01")]
    found = standing(2026, exact, "NL")
    assert (found.abroad_from, found.left) == (None, Decimal(0))
    found = standing(2026, [*exact, sale("c", "2026-05-02", "0.01")], "NL")
    assert (found.abroad_from, found.passed_by) == (D("2026-05-02"), "c")
    assert found.counted == Decimal("10000.01")


def test_a_refund_lowers_it_before_and_takes_nothing_back_after() -> None:
    sales = [
        sale("c", "2026-06-01", "3000"), sale("a", "2026-02-01", "8000"),
        sale("ar", "2026-03-01", "-1500"), sale("d", "2026-06-02", "600"),
        sale("dr", "2026-06-03", "-5000"),
    ]  # fmt: skip
    found = standing(2026, sales, "NL")
    assert (found.passed_by, found.counted) == ("d", Decimal(5100))
    assert found.left == 0


def test_the_year_after_begins_abroad() -> None:
    sales = [sale("a", "2025-12-31", "10000.50"), sale("b", "2026-01-05", "10")]
    found = standing(2026, sales, "NL")
    assert (found.abroad_from, found.passed_by) == (D("2026-01-01"), "")
    assert standing(2027, sales, "NL").abroad_from is None


def test_stock_abroad_counts_until_2026_and_no_more_from_2027() -> None:
    def both(year: int) -> list[DistanceSale]:
        return [
            sale("a", f"{year}-02-01", "6000"),
            sale("b", f"{year}-03-01", "6000", "DE"),
        ]

    wide = standing(2026, both(2026), "NL")
    assert (wide.passed_by, wide.counted) == ("b", Decimal(12000))
    assert [(each.code, each.blocks) for each in wide.doubts] == [
        ("oss_stock_abroad", False)
    ]
    narrow = standing(2028, both(2028), "NL")
    assert (narrow.abroad_from, narrow.left) == (None, Decimal(4000))
    assert narrow.doubts == ()


def test_2027_is_asked_where_two_readings_of_2026_differ() -> None:
    sales = [sale("a", "2026-02-01", "6000"), sale("b", "2026-03-01", "6000", "DE")]
    found = standing(2027, sales, "NL")
    assert [(each.code, each.blocks) for each in found.doubts] == [
        ("oss_threshold_two_readings", True)
    ]
    alike = standing(2027, [sale("a", "2026-02-01", "16000")], "NL")
    assert (alike.doubts, alike.abroad_from) == ((), D("2027-01-01"))
