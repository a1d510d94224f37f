"""What of JSON is refused, and what comes through to the digit."""

from decimal import Decimal

import pytest

from core.domain.jsontext import JsonError, dumps, loads


@pytest.mark.parametrize(
    "text",
    [
        '{"total": 1, "total": 2}',
        '{"a": [{"b": 1, "b": 1}]}',
        "NaN",
        '{"amount": Infinity}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a": 1',
        b"\xff",
    ],
)
def test_what_two_readers_could_read_differently_is_refused(text: str | bytes) -> None:
    with pytest.raises(JsonError):
        loads(text)


def test_an_amount_keeps_its_digits() -> None:
    text = '{"amount":0.10,"large":12345678901234567890.12}'
    assert loads(text)["amount"] == Decimal("0.10")
    assert dumps(loads(text)) == text
