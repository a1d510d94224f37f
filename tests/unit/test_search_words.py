"""What orders are found by, and how typed amounts are read."""

from decimal import Decimal

import pytest

from core.rules import search_words

ORDER = {
    "number": "T-1",
    "email": "Zoë.Smit@Example.com",
    "billing": {"name": "Zoë Smit", "company": "Thee & Zo B.V."},
    "delivery": {"name": "Jan de Vries", "company": ""},
    "is_business": None,
}


def test_an_order_is_found_by_number_names_and_address() -> None:
    found = search_words.order_words(ORDER)
    assert {"t-1", "zoe.smit@example.com", "zoe", "smit", "thee", "jan"} <= found
    assert all(set(search_words.typed(one)) <= found for one in ("ZOË SMIT", "t-1"))


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, "Thee & Zo B.V."),
        ({"is_business": False}, "Zoë Smit"),
        ({"billing": {"name": "Zoë Smit", "company": "n.v.t."}}, "Zoë Smit"),
        ({"billing": {}}, ""),
    ],
)
def test_the_customer_is_the_company_or_else_the_person(
    changed: dict[str, object], wanted: str
) -> None:
    assert search_words.customer_of({**ORDER, **changed}) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("52,90", "52.90"), ("52.90", "52.90"), ("€ 52,9", "52.9"), ("52", "52"),
        ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1.234", "1234"),
        ("-10,00", "-10.00"), ("12,345.6", "12345.6"),
        ("T001", None), ("", None), ("12.34.56", None), ("1,2,3", None), (",", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_type_it(text: str, wanted: str | None) -> None:
    found = search_words.amount(text)
    assert found == (None if wanted is None else Decimal(wanted))


def test_the_number_of_a_refund_names_its_order() -> None:
    assert search_words.order_number(" T12-R1 ") == "T12"
    assert search_words.order_number("T12-RAAM") == "T12-RAAM"
