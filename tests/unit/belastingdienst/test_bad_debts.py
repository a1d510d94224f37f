"""Bad debts, by hand: a year over, paid after all, and what is owed to suppliers."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from plugins.belastingdienst.law.bad_debts import Invoice, Payment, prompts, steps
from plugins.belastingdienst.law.boxes import Box, add
from plugins.belastingdienst.law.spans import Span
from tests.quarters import quarter

D = date.fromisoformat
TODAY = D("2026-12-31")
Q1, Q2, Q3, Q4 = (quarter(2026, number) for number in (1, 2, 3, 4))


def box(turnover: str, vat: str) -> Box:
    return Box(Decimal(turnover), Decimal(vat))


def invoice(
    *paid: tuple[str, str],
    due: str | None = "2025-05-14",
    certain: str | None = None,
    boxes: dict[str, Box] | None = None,
) -> Invoice:
    return Invoice(
        "1",
        D("2025-04-14"),
        boxes or {"1a": box("1000", "210")},
        Decimal(1210),
        D(due) if due else None,
        tuple(Payment(D(on), Decimal(amount)) for on, amount in paid),
        D(certain) if certain else None,
    )


def codes(period: Span, one: Invoice) -> list[str]:
    return [each.code for each in prompts(period, [one], TODAY)]


def boxes_of(period: Span, invoices: Iterable[Invoice], today: date) -> dict[str, Box]:
    found = (step for each in invoices for step in steps(each, today))
    return add(*(step.boxes for step in found if step.on in period))


def test_a_year_after_it_was_due_the_vat_comes_back() -> None:
    assert boxes_of(Q1, [invoice()], TODAY) == {}
    assert boxes_of(Q2, [invoice()], TODAY) == {"1a": box("-1000", "-210")}
    assert boxes_of(Q3, [invoice()], TODAY) == {}
    assert boxes_of(Q2, [invoice()], D("2026-05-13")) == {}
    assert codes(Q2, invoice()) == ["bad_debt_lapsed"]


def test_only_what_is_not_paid() -> None:
    part = invoice(("2025-06-01", "403.33"))
    # 806.67 of 1210 is open: two thirds
    assert boxes_of(Q2, [part], TODAY) == {"1a": box("-666.67", "-140.00")}
    whole = invoice(("2026-05-14", "1210"))
    assert boxes_of(Q2, [whole], TODAY) == {}
    assert codes(Q2, whole) == []


def test_paid_after_all_it_is_owed_again_in_the_period_of_the_payment() -> None:
    late = invoice(("2026-07-01", "605"), ("2026-10-05", "605"), ("2026-11-05", "5"))
    assert boxes_of(Q2, [late], TODAY) == {"1a": box("-1000", "-210")}
    assert boxes_of(Q3, [late], TODAY) == {"1a": box("500", "105")}
    assert boxes_of(Q4, [late], TODAY) == {"1a": box("500", "105")}
    assert codes(Q3, late) == ["bad_debt_paid"]


def test_without_a_term_thirty_days_and_earlier_when_it_is_certain() -> None:
    assert boxes_of(Q2, [invoice(due=None)], TODAY) != {}
    sure = invoice(certain="2025-12-05")
    assert boxes_of(quarter(2025, 4), [sure], TODAY) == {"1a": box("-1000", "-210")}
    assert boxes_of(Q2, [sure], TODAY) == {}


def test_own_debts_the_other_way_round() -> None:
    """Input VAT goes back after a year and is deducted again when paid."""
    own = invoice(("2026-08-01", "1210"), boxes={"5b": box("0", "210")})
    assert boxes_of(Q2, [own], TODAY) == {"5b": box("0", "-210")}
    assert boxes_of(Q3, [own], TODAY) == {"5b": box("0", "210")}
    assert [codes(Q2, own), codes(Q3, own)] == [["own_debt_lapsed"], ["own_debt_paid"]]


def test_on_the_last_day_of_a_period_it_says_that_it_is_close() -> None:
    edge = invoice(due="2025-06-30")
    assert codes(Q2, edge) == ["bad_debt_lapsed", "bad_debt_edge"]
    assert codes(Q3, invoice(due="2025-07-01")) == ["bad_debt_lapsed"]


def test_leap_days_and_what_lapsed_before_2017() -> None:
    leap = Invoice(
        "1", D("2024-01-30"), {"1b": box("100", "9")}, Decimal(109), D("2024-02-29")
    )
    assert leap.lapses_on == D("2025-02-28")
    old = Invoice(
        "1", D("2015-11-30"), {"1b": box("100", "6")}, Decimal(106), D("2015-12-31")
    )
    assert boxes_of(quarter(2016, 4), [old], TODAY) == {}
