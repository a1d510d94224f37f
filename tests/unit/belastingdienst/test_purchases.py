"""Transferred VAT: a quarter by hand, and what does not fit."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest

from plugins.belastingdienst.law import purchases
from plugins.belastingdienst.law.boxes import Box, payable, rounded
from plugins.belastingdienst.law.doubts import Doubt

ON = date(2026, 8, 15)


def box(turnover: str, vat: str = "0") -> Box:
    return Box(Decimal(turnover), Decimal(vat))


def codes(found: Iterable[Doubt]) -> list[str]:
    return [each.code for each in found]


def test_a_quarter_by_hand() -> None:
    """Goods from Germany (1,000 at 21 %, 200 at 9 %), software from America (99.95), a
    subcontractor (500, of whose VAT 60 % is deducted)."""
    boxes = {
        "4b": box("1200.00", "228.00"), "4a": box("99.95", "20.99"),
        "2a": box("500.00", "105.00"), "1a": box("3000", "630"),
        "5b": box("0", "311.99"),
    }  # fmt: skip
    form = rounded(boxes)
    # 630 + 228 + 20 + 105 owed, 312 to deduct
    assert payable(form) == 671
    # 353 is transferred and 312 deducted: told, since 40 % of one is not deductible
    assert codes(purchases.form_doubts(form, ON)) == ["transferred_not_in_input"]
    assert codes(purchases.form_doubts(form, ON, confirmed=["5b"])) == []


@pytest.mark.parametrize(
    ("name", "turnover", "vat", "code"),
    [
        ("4b", "10000", "0", "transferred_without_vat"),
        ("4b", "0", "21", "transferred_without_turnover"),
        ("4a", "100", "24", "transferred_too_high"),
        ("4a", "100", "-21", "transferred_too_high"),
        ("2a", "100", "6", "transferred_too_low"),
    ],
)
def test_what_does_not_fit(name: str, turnover: str, vat: str, code: str) -> None:
    form = {name: box(turnover, vat), "5b": box("0", vat)}
    assert codes(purchases.form_doubts(form, ON)) == [code]
    assert codes(purchases.form_doubts(form, ON, confirmed=[name])) == []


@pytest.mark.parametrize(
    ("name", "turnover", "vat"),
    [
        ("4b", "100", "21"), ("4b", "100", "9"), ("4b", "-100", "-21"),
        ("2a", "100", "23"), ("2a", "100", "7"), ("4b", "200", "30"),
    ],
)  # fmt: skip
def test_what_fits_rounded_to_whole_euros(name: str, turnover: str, vat: str) -> None:
    form = {name: box(turnover, vat), "5b": box("0", vat)}
    assert codes(purchases.form_doubts(form, ON)) == []


def test_the_form_is_looked_at_too() -> None:
    """4b of 10,000 with no VAT passed in silence once."""
    form = {"4b": box("10000"), "5b": box("0", "50")}
    assert codes(purchases.form_doubts(form, ON)) == ["transferred_without_vat"]
    assert codes(purchases.form_doubts(form, ON, confirmed=["4b"])) == []
    alone = {"4b": box("1000", "210"), "5b": box("0", "100")}
    (told,) = purchases.form_doubts(alone, ON)
    assert (told.code, told.blocks) == ("transferred_not_in_input", False)
    assert codes(purchases.form_doubts(alone, ON, confirmed=["5b"])) == []


def test_the_rates_are_those_of_the_day() -> None:
    form = {"4b": box("1000", "60"), "5b": box("0", "60")}
    assert codes(purchases.form_doubts(form, date(2018, 5, 1))) == []
    assert codes(purchases.form_doubts(form, ON)) == ["transferred_too_low"]
