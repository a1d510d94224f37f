"""Amounts without cents stand as those with cents do, in either language."""

from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from core.rules import pdf_parts


@pytest.mark.parametrize(
    ("locale", "amount", "expected"),
    [
        ("nl", "12500", "€ 12.500"),
        ("nl", "-1234.56", "€ -1.235"),
        ("en", "12500", "€12,500"),
        ("en", "-1234", "-€1,234"),
    ],
)
def test_whole_euros_are_placed_as_exact_ones(
    locale: str, amount: str, expected: str
) -> None:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context(), force_locale(locale):
        assert pdf_parts.euro_round(Decimal(amount)) == expected
        exact = pdf_parts.euro(Decimal(amount)).replace("\N{NO-BREAK SPACE}", " ")
        assert exact.startswith(expected[:3])
