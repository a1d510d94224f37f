"""The cash scheme: a year of quarters by hand, and money that comes in parts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.belastingdienst.law.boxes import Box, add
from plugins.belastingdienst.law.cash_scheme import (
    Payment,
    Sale,
    paid_for,
    shares,
)
from plugins.belastingdienst.law.spans import Span, year_of
from tests.quarters import quarter

D = date.fromisoformat
Q1, Q2, Q3 = (quarter(2026, number) for number in (1, 2, 3))


def box(turnover: str, vat: str = "0") -> Box:
    return Box(Decimal(turnover), Decimal(vat))


def sale(on: str, boxes: dict[str, Box], *paid: tuple[str, str], **more: bool) -> Sale:
    payments = tuple(Payment(D(day), Decimal(amount)) for day, amount in paid)
    return Sale("1", D(on), boxes, payments, **more)


def boxes_of(period: Span, one: Sale) -> dict[str, Box]:
    found = shares(one)
    return add(*(more for payment, more in found if payment.received_on in period))


def test_vat_is_owed_when_the_money_comes() -> None:
    """An invoice of 30 March over 1,210, paid on 15 May."""
    one = sale("2026-03-30", {"1a": box("1000", "210")}, ("2026-05-15", "1210"))
    assert boxes_of(Q1, one) == {}
    assert boxes_of(Q2, one) == {"1a": box("1000", "210")}


def test_parts_two_rates_and_money_paid_back() -> None:
    """121 at 21 % and 109 at 9 %; half, a third of the rest, then 23 back."""
    one = sale(
        "2026-01-05", {"1a": box("100", "21"), "1b": box("100", "9")},
        ("2026-01-10", "115"), ("2026-04-01", "38.33"), ("2026-07-01", "-23"),
    )  # fmt: skip
    assert boxes_of(Q1, one) == {
        "1a": box("50", "10.50"),
        "1b": box("50", "4.50"),
    }
    # 153.33 / 230 is 0.666652...: 66.67 and 14.00, 66.67 and 6.00
    assert boxes_of(Q2, one) == {
        "1a": box("16.67", "3.50"),
        "1b": box("16.67", "1.50"),
    }
    # 130.33 / 230 is 0.566652...: 56.67 and 11.90, 56.67 and 5.10
    assert boxes_of(Q3, one) == {
        "1a": box("-10", "-2.10"),
        "1b": box("-10", "-0.90"),
    }


def test_money_before_the_invoice_counts_when_it_comes() -> None:
    one = sale("2026-04-02", {"1a": box("100", "21")}, ("2026-03-31", "121"))
    assert boxes_of(Q1, one) == {"1a": box("100", "21")}
    assert boxes_of(Q2, one) == {}


@pytest.mark.parametrize("name", ["3a", "3b", "2a", "4b"])
def test_never_for_icp_reverse_charge_and_exports(name: str) -> None:
    assert not sale("2026-01-05", {name: box("100")}).follows_money


def test_reverse_charge_within_the_country_stays_with_its_invoice() -> None:
    boxes = {"1e": box("100")}
    assert not sale("2026-01-05", boxes, is_reverse_charged=True).follows_money
    assert sale("2026-01-05", boxes).follows_money


def test_more_than_the_sale_is_nothing_more() -> None:
    boxes = {"1a": box("100", "21")}
    over = sale("2026-01-05", boxes, ("2026-01-06", "121"), ("2026-04-01", "9"))
    assert (boxes_of(Q1, over), boxes_of(Q2, over)) == (boxes, {})
    credit = {"1a": box("-100", "-21")}
    assert boxes_of(Q1, sale("2026-01-05", credit, ("2026-01-06", "-121"))) == credit


@given(
    rates=st.lists(st.integers(1, 99_999), min_size=1, max_size=3),
    parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
)
def test_all_payments_together_are_exactly_the_sale(
    rates: list[int], parts: list[int]
) -> None:
    boxes = {
        name: box(str(Decimal(cents) / 100), str(Decimal(cents * 21 // 100) / 100))
        for name, cents in zip(("1a", "1b", "1c"), rates, strict=False)
    }
    whole, amount = Sale("1", D("2026-01-01"), boxes), Decimal(0)
    payments = []
    for place, part in enumerate(parts):
        left = whole.amount_incl_vat - amount
        paid = left if place == len(parts) - 1 else min(Decimal(part) / 100, left)
        payments.append((f"2026-{place * 2 + 1:02}-01", str(paid)))
        amount += paid
    one = sale("2026-01-01", boxes, *payments)
    assert paid_for(one, whole.amount_incl_vat) == boxes
    months = [boxes_of(quarter(2026, number), one) for number in (1, 2, 3, 4)]
    assert add(*months) == add(boxes)
    assert boxes_of(year_of(D("2026-01-01")), one) == add(boxes)
