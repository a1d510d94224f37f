"""Transferred VAT: a quarter by hand, and what does not fit."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest

from plugins.belastingdienst.law import purchases
from plugins.belastingdienst.law.boxes import Box, add, payable, rounded
from plugins.belastingdienst.law.doubts import Doubt
from plugins.belastingdienst.law.purchases import Purchase, transferred

ON = date(2026, 8, 15)


def box(turnover: str, vat: str = "0") -> Box:
    return Box(Decimal(turnover), Decimal(vat))


def bought(name: str, amount: str, vat: str, deducted: str | None = None) -> Purchase:
    given = vat if deducted is None else deducted
    return Purchase("1", name, ON, Decimal(amount), Decimal(vat), Decimal(given))


def codes(found: Iterable[Doubt]) -> list[str]:
    return [each.code for each in found]


def test_a_quarter_by_hand() -> None:
    """Goods from Germany, software from America, a subcontractor, books at 9 %."""
    boxes = add(
        transferred("4b", Decimal("1000.00"), Decimal(21)),
        transferred("4a", Decimal("99.95"), Decimal(21)),
        transferred("2a", Decimal("500.00"), Decimal(21), Decimal(60)),
        transferred("4b", Decimal("200.00"), Decimal(9)),
        {"1a": box("3000", "630")},
    )
    assert boxes == {
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
    with pytest.raises(ValueError, match="no transferred VAT"):
        transferred("1a", Decimal(1), Decimal(21))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (bought("4b", "10000", "0"), "transferred_without_vat"),
        (bought("4b", "0", "21"), "transferred_without_turnover"),
        (bought("4a", "100", "21.02"), "transferred_too_high"),
        (bought("4a", "100", "-21"), "transferred_too_high"),
        (bought("2a", "100", "8.98"), "transferred_too_low"),
        (bought("2a", "100", "21", "0"), "transferred_not_deducted"),
        (bought("2a", "100", "21", "21.01"), "transferred_deducted_too_much"),
        (bought("2a", "-100", "-21", "21"), "transferred_deducted_too_much"),
    ],
)
def test_what_does_not_fit(given: Purchase, code: str) -> None:
    assert codes(purchases.doubts_of([given])) == [code]
    assert codes(purchases.doubts_of([given], confirmed=["1"])) == []


@pytest.mark.parametrize(
    "given",
    [
        bought("4b", "100", "21"), bought("4b", "100", "9"),
        bought("4b", "-100", "-21"), bought("2a", "100", "21", "10.50"),
        bought("4b", "200", "30"), bought("4b", "0.33", "0.07"),
    ],
)  # fmt: skip
def test_what_fits(given: Purchase) -> None:
    assert codes(purchases.doubts_of([given])) == []


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
    six = Purchase("1", "4b", date(2018, 5, 1), Decimal(100), Decimal(6), Decimal(6))
    assert codes(purchases.doubts_of([six])) == []
    assert codes(purchases.doubts_of([bought("4b", "100", "6")])) == [
        "transferred_too_low"
    ]
