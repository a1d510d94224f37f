"""Amounts as people type them."""

from decimal import Decimal

import pytest

from plugins.belastingdienst.forms.figures import read_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1234,50", "1234.50"), ("1.234,50", "1234.50"), ("1234.5", "1234.5"),
        ("€ 12", "12"), ("-0,01", "-0.01"), ("1.234.567", "1234567"),
        ("1.234", "1234"), ("−5", "-5"), ("12.34", "12.34"),
    ],
)  # fmt: skip
def test_amounts_as_people_type_them(typed: str, amount: str) -> None:
    assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["", "x", "1,234,50", "1,2345", "NaN", "1e3", "--1", "1.23,4", "9" * 10]
)
def test_what_is_no_amount(typed: str) -> None:
    assert read_amount(typed) is None
