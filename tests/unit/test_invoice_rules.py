"""Numbers as people type them, files as they come, VAT per code to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceLineData
from core.domain.money import cents, total
from core.rules.invoice_rules import (
    LARGEST_FILE,
    LONGEST_NAME,
    media_type_of,
    number_of,
    safe_name,
    typed,
    vat_per_code,
)

CODES = {"NL21": Decimal(21), "NL9": Decimal(9), "FI": Decimal("25.5"), "0": Decimal(0)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", "12"), ("12,5", "12.5"), ("12.5", "12.5"), ("1.234,56", "1234.56"),
     ("1.234.567", "1234567"), ("-3", "-3"), ("\u22123,10", "-3.1"), ("€ 4,20", "4.2"),
     (" 0,0125 ", "0.0125"), ("1234.56", "1234.56"), ("1 234,5", "1234.5"),
     ("0", "0")],
)  # fmt: skip
def test_numbers_are_read_as_the_dutch_write_them(text: str, expected: str) -> None:
    assert number_of(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "number_wrong"), ("x", "number_wrong"), ("1,2,3", "number_wrong"),
     ("1.23,4", "number_wrong"), ("1e5", "number_wrong"), ("NaN", "number_wrong"),
     ("--1", "number_wrong"), ("1.234", "number_ambiguous"), ("٣", "number_wrong"),
     ("-1.234", "number_ambiguous"), ("0,12345", "number_too_precise"),
     ("10000000", "number_too_large"), ("1,", "number_wrong"), (",5", "number_wrong")],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(AskUser) as caught:
        number_of(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [("57.81", "57.81"), ("57,81", "57.81"), ("1,234.56", "1234.56"),
     ("1.234", "1.234"), ("1234", "1234"), ("-1,234,567", "-1234567")],
)  # fmt: skip
def test_numbers_are_read_as_the_english_write_them(text: str, expected: str) -> None:
    assert number_of(text, english=True) == Decimal(expected)


def test_a_thousand_or_one_and_a_bit_is_asked_in_english_too() -> None:
    with pytest.raises(AskUser) as caught:
        number_of("1,234", english=True)
    assert caught.value.params == {"whole": "1234", "part": "1.234"}


@given(st.decimals(-9_999_999, 9_999_999, places=4), st.integers(0, 4), st.booleans())
def test_what_is_shown_in_a_field_is_read_back(
    number: Decimal, decimals: int, english: bool
) -> None:
    shown = typed(number, decimals, english=english)
    assert number_of(shown, english=english) == number


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(CODES)),
            st.decimals(-9999, 9999, places=4),
            st.decimals(0, 9999, places=4),
        ),
        max_size=30,
    )
)
def test_totals_are_the_sums_per_code_to_the_cent(rows) -> None:
    lines = [
        InvoiceLineData("x", q, p, cents(q * p), code, CODES[code])
        for code, q, p in rows
    ]
    found = vat_per_code(lines)
    assert len({one.vat_code for one in found}) == len(found)
    assert total(one.amount_excl_vat for one in found) == total(
        line.amount_excl_vat for line in lines
    )
    for one in found:
        mine = [line for line in lines if line.vat_code == one.vat_code]
        amount = total(line.amount_excl_vat for line in mine)
        assert one.vat_amount == cents(amount * one.vat_rate / 100)
        assert one.vat_amount == cents(one.vat_amount)


def test_vat_is_rounded_once_per_code() -> None:
    line = InvoiceLineData("x", Decimal(1), Decimal("0.02"), Decimal("0.02"), "NL21",
                           Decimal(21))  # fmt: skip
    [found] = vat_per_code([line] * 3)
    assert (found.amount_excl_vat, found.vat_amount) == (
        Decimal("0.06"),
        Decimal("0.01"),
    )


def test_files_are_what_their_name_says() -> None:
    assert media_type_of("a.PDF", b"%PDF-1.7") == "application/pdf"
    assert media_type_of("a.xml", b"\xef\xbb\xbf<a/>") == "application/xml"
    assert media_type_of("a.jpeg", b"\xff\xd8\xff\xe0") == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.pdf", b"", "file_empty"), ("a.exe", b"MZ", "file_type"),
     ("a.svg", b"<svg/>", "file_type"), ("a.html", b"<p>", "file_type"),
     ("pdf", b"%PDF-", "file_type"), ("a.pdf", b"MZ%PDF-", "file_content"),
     ("a.docx", b"%PDF-", "file_content"),
     ("a.pdf", b"%PDF-" + b"x" * LARGEST_FILE, "file_too_large")],
)  # fmt: skip
def test_other_files_are_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(AskUser) as caught:
        media_type_of(name, content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a.pdf", "a.pdf"), ("..\\..\\x y.pdf", "x y.pdf"), ("/etc/pass\nwd", "pass wd"),
     ('a";b.pdf', "a ;b.pdf"), ("", "bestand"), ("...", "bestand")],
)  # fmt: skip
def test_names_of_files_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert len(safe_name("x" * 500 + ".pdf")) <= LONGEST_NAME + 1
    assert safe_name("x" * 500 + ".pdf").endswith(".pdf")
