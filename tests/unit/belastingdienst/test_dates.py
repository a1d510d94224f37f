"""Last days, looked up in the calendar by hand."""

from datetime import date

import pytest

from plugins.belastingdienst.law import dates, spans
from plugins.belastingdienst.law.dates import (
    Filing,
    Urgency,
    last_to_file,
    last_to_pay,
    urgency,
)
from plugins.belastingdienst.law.spans import Span, month_of, year_of
from tests.quarters import quarter

D = date.fromisoformat


@pytest.mark.parametrize(
    ("kind", "period", "file", "pay"),
    [
        (Filing.VAT_RETURN, quarter(2026, 3), "2026-10-31", "2026-10-30"),
        (Filing.VAT_RETURN, quarter(2026, 4), "2027-01-31", "2027-01-29"),
        (Filing.VAT_RETURN, quarter(2026, 1), "2026-04-30", "2026-04-30"),
        (Filing.VAT_RETURN, month_of(D("2027-01-05")), "2027-02-28", "2027-02-26"),
        (Filing.VAT_RETURN, month_of(D("2028-01-05")), "2028-02-29", "2028-02-29"),
        (Filing.VAT_RETURN, year_of(D("2026-06-01")), "2027-03-31", "2027-03-31"),
        (Filing.VAT_RETURN, year_of(D("2023-06-01")), "2024-03-31", "2024-03-28"),
        (Filing.OSS, quarter(2026, 3), "2026-10-31", "2026-10-30"),
        (Filing.VAT_RETURN, year_of(date(2028, 1, 1)), "2029-03-31", "2029-03-29"),
        (Filing.VAT_RETURN, month_of(date(2029, 2, 1)), "2029-03-31", "2029-03-29"),
        (Filing.ICP, quarter(2026, 3), "2026-10-31", None),
        (Filing.ICP, Span(D("2026-07-01"), D("2026-08-31")), "2026-09-30", None),
        (Filing.ICP, year_of(D("2026-06-01")), "2027-01-31", None),
        (Filing.SMALL_BUSINESS, quarter(2025, 4), "2026-01-31", None),
    ],
)
def test_last_days(kind: Filing, period: Span, file: str, pay: str | None) -> None:
    assert last_to_file(kind, period) == D(file)
    assert last_to_pay(kind, period) == (D(pay) if pay else None)


@pytest.mark.parametrize(
    ("today", "days", "wanted"),
    [
        ("2026-10-23", 7, Urgency.EARLY),
        ("2026-10-24", 7, Urgency.SOON),
        ("2026-10-31", 7, Urgency.SOON),
        ("2026-11-01", 7, Urgency.LATE),
        ("2026-10-31", 0, Urgency.EARLY),
        ("2026-09-30", 60, Urgency.EARLY),
        ("2026-10-01", 60, Urgency.SOON),
    ],
)
def test_how_urgent_it_is(today: str, days: int, wanted: Urgency) -> None:
    assert urgency(Filing.VAT_RETURN, quarter(2026, 3), D(today), days) is wanted


@pytest.mark.parametrize(
    ("known", "until"),
    [
        ("2026-11-02", "2026-12-28"), ("2025-01-01", "2025-02-26"),
        ("2024-12-31", None), ("2026-12-15", "2027-02-09"),
    ],
)  # fmt: skip
def test_a_suppletie_is_due_in_eight_weeks_since_2025(
    known: str, until: str | None
) -> None:
    assert dates.suppletie_until(D(known)) == (D(until) if until else None)


def test_how_far_back_is_corrected() -> None:
    assert dates.correctable_until(quarter(2021, 2)) == D("2026-12-31")
    assert dates.oss_correctable_until(quarter(2023, 3)) == D("2026-10-31")
    assert dates.oss_correctable_until(quarter(2023, 4)) == D("2027-01-31")
    assert dates.oss_kept_until(quarter(2026, 1)) == D("2036-12-31")


def test_stretches_of_months() -> None:
    two = Span(D("2026-07-01"), D("2026-08-31"))
    assert (two.months, two.code) == (2, "2026-07/2026-08")
    assert quarter(2026, 2).code == "2026-Q2"
    assert year_of(D("2026-02-03")).code == "2026"
    assert spans.before(quarter(2026, 1)) == quarter(2025, 4)
    assert spans.before(two) == Span(D("2026-05-01"), D("2026-06-30"))
    assert spans.years_later(D("2024-02-29"), 1) == D("2025-02-28")
    assert [each.code for each in spans.months_in(two)] == ["2026-07", "2026-08"]
    for start, end in (("2026-07-02", "2026-07-31"), ("2026-07-01", "2026-07-30"),
                       ("2026-07-01", "2026-06-30")):  # fmt: skip
        with pytest.raises(ValueError, match="no whole months"):
            Span(D(start), D(end))


def test_parts_cover_a_whole() -> None:
    year = year_of(D("2026-01-01"))
    quarters = [quarter(2026, number) for number in (1, 2, 3, 4)]
    assert spans.covers(quarters, year)
    assert not spans.covers(quarters[:3], year)
    assert not spans.covers([year], quarter(2026, 1))
