"""The wire: dates and rates in both forms, hostile XML, text that XML cannot hold."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.digitalefactuur import names, wire
from plugins.digitalefactuur.wire import Malformed

BOMB = """<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>"""
EXTERNAL = """<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>"""
REMOTE_DTD = """<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>"""


@pytest.mark.parametrize("text", ["02-06-2010", "2010-06-02"])
def test_dates_come_in_two_forms(text: str) -> None:
    assert wire.read_date(text) == date(2010, 6, 2)


@pytest.mark.parametrize("text", ["", "0000-00-00", "00-00-0000"])
def test_no_date_is_none(text: str) -> None:
    assert wire.read_date(text) is None


@pytest.mark.parametrize(
    "text", ["31-02-2010", "2010-13-01", "1-2-2010", "2010/06/02", "06-2010", "x"]
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        wire.read_date(text)


@pytest.mark.parametrize(
    ("text", "percent"),
    [("0.190", "19"), ("0.210", "21"), ("0.055", "5.5"), ("0", "0"), ("0.000", "0"),
     ("21", "21"), ("5.5", "5.5"), ("0.005", "0.5")],
)  # fmt: skip
def test_fractions_and_percentages_are_told_apart(text: str, percent: str) -> None:
    assert wire.line_rate(text) == wire.product_rate(text) == Decimal(percent)


@pytest.mark.parametrize("text", ["1", "1.000", "-0.1", "100", "NaN", "", "0,21"])
def test_a_rate_that_could_be_either_or_neither_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        wire.line_rate(text)


@given(st.integers(0, 999))
def test_a_rate_survives_the_way_out_and_back(tenths: int) -> None:
    percent = Decimal(tenths) / 10
    line = wire.Line(Decimal(1), "x", Decimal(1), percent)
    document = wire.invoice_xml(wire.Invoice(id="1", lines=(line,)))
    (back,) = wire.read_invoice(wire.parse(document)).lines
    assert back.vat_rate == percent


@pytest.mark.parametrize("document", [BOMB, EXTERNAL, REMOTE_DTD, "<a", "", "tekst"])
def test_no_dtd_no_entities_no_network(document: str) -> None:
    with pytest.raises(Malformed) as caught:
        wire.parse(document)
    assert "passwd" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("body", "code"),
    [("401 Onbekend", "401"), ("500", "500"), (" 422: fout", "422"), ("Verwerkt", ""),
     ("133366", ""), ("<klanten/>", ""), ("", "")],
)  # fmt: skip
def test_three_digits_in_front_are_an_error(body: str, code: str) -> None:
    refusal = wire.refusal(body)
    assert (refusal.code if refusal else "") == code


@pytest.mark.parametrize(
    ("body", "found"),
    [("133366", "133366"), (" 133366\n", "133366"), ("Verwerkt", ""), ("", ""),
     ("<r><id>133366</id></r>", "133366"), ("<klant/>", "")],
)  # fmt: skip
def test_an_id_is_taken_where_there_is_one(body: str, found: str) -> None:
    assert wire.written_id(body) == found


@pytest.mark.parametrize("body", ["<html><body>Onderhoud</body></html>", "<r><id>1"])
def test_a_page_is_no_answer_to_a_write(body: str) -> None:
    with pytest.raises(Malformed):
        wire.written_id(body)


@pytest.mark.parametrize("tag", names.ITEMS[names.CUSTOMERS])
def test_lists_repeat_their_plural_or_the_singular(tag: str) -> None:
    body = f"<r><{tag}><id>1</id></{tag}><{tag}><id>2</id></{tag}></r>"
    assert len(wire.items(body, names.CUSTOMERS)) == 2


@pytest.mark.parametrize("body", ["<r><iets/></r>", "<html/>", "Onderhoud"])
def test_another_answer_is_no_empty_list(body: str) -> None:
    with pytest.raises(Malformed):
        wire.items(body, names.CUSTOMERS)


@pytest.mark.parametrize("body", ["", " ", "<klanten/>", "<?xml version='1.0'?><r/>"])
def test_an_empty_list_is_empty(body: str) -> None:
    assert wire.items(body, names.CUSTOMERS) == []


@pytest.mark.parametrize(
    "body", ["<klant><naam>x</naam></klant>", "<klant><id>1</id><type>x</type></klant>"]
)
def test_a_customer_has_an_id_and_a_known_type(body: str) -> None:
    with pytest.raises(Malformed):
        wire.read_customer(wire.parse(body))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_written_and_read_again(name: str, city: str) -> None:
    document = wire.customer_xml(wire.Customer(id="1", name=name, city=city))
    back = wire.read_customer(wire.parse(document))
    assert back.name == _kept(name)
    assert back.city == _kept(city)


def _kept(text: str) -> str:
    """What XML can hold of a text."""
    held = (sign for sign in text if sign in "\t\n\r" or _is_xml(ord(sign)))
    return "".join(held).strip()


def _is_xml(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


@pytest.mark.parametrize(("value", "step"), [("1.005", "0.01"), ("0.0001", "0.001")])
def test_nothing_is_rounded_on_the_way_out(value: str, step: str) -> None:
    with pytest.raises(ValueError, match="decimals"):
        wire.exactly(Decimal(value), Decimal(step))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Café €".encode(), "Café €"),
        ("Café €".encode("utf-8-sig"), "Café €"),
        ("Café €".encode("windows-1252"), "Café €"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1"), "é"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>é</a>'.encode(), "é"),
        ('<?xml version="1.0" encoding="rot13"?><a>é</a>'.encode(), "é"),
    ],
)
def test_an_answer_is_read_in_the_signs_it_was_written_in(
    content: bytes, text: str
) -> None:
    decoded = wire.decoded(content)
    found = wire.parse(decoded).text if decoded.startswith("<") else decoded
    assert found == text
