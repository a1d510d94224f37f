"""Where VAT is paid to and with which reference, beside the tax office's examples."""

from datetime import date

import pytest
from stdnum import iban

from plugins.belastingdienst.law import payment
from plugins.belastingdienst.law.spans import (
    Span,
    month_of,
    months_from,
    year_of,
)
from tests.quarters import quarter

NUMBER = "001041149B01"


@pytest.mark.parametrize(
    ("number", "period", "expected"),
    [
        # examples in the source of the tax office's Zoekhulp betalingskenmerk
        (NUMBER, month_of(date(2012, 8, 1)), "2001041141201080"),
        (NUMBER, quarter(2023, 2), "4001041141301240"),
        (NUMBER, year_of(date(2022, 1, 1)), "2001041141201400"),
        # the example of the specification
        ("036000012B02", quarter(2023, 3), "0036000011302270"),
    ],
)
def test_the_reference_is_the_tax_offices(
    number: str, period: Span, expected: str
) -> None:
    assert payment.reference(number, period) == expected


@pytest.mark.parametrize(
    "number", ["", "001041149L01", "NL001041149B01", "00104114B011", "001041149B1"]
)
def test_another_number_has_none(number: str) -> None:
    assert payment.reference(number, quarter(2026, 3)) is None


def test_two_months_have_none() -> None:
    assert payment.reference(NUMBER, months_from(date(2026, 7, 1), 2)) is None


def test_a_reference_is_shown_in_fours() -> None:
    assert payment.in_fours("4001041141301240") == "4001 0411 4130 1240"


def test_the_account_is_that_of_the_day() -> None:
    assert payment.account(date(2026, 4, 30)).iban == "NL86INGB0002445588"
    assert payment.account(date(2026, 5, 1)).iban == "NL04RABO0200112244"
    assert all(iban.is_valid(each.iban) for each in payment.ACCOUNTS)
