"""What can be sent: signs that XML holds."""

from dataclasses import dataclass

import pytest
from lxml import etree

from core.domain import strings

REFUSED = ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud83d"]
TAKEN = ["\t", "\n", "\r", "\x7f", "\x85", "é", "\ue000", "\ufffd", "😀", "\U0001ffff"]


@pytest.mark.parametrize("sign", [*REFUSED, *TAKEN])
def test_what_can_be_sent_is_what_xml_holds(sign: str) -> None:
    element = etree.Element("x")
    try:
        element.text = f"a{sign}b"
        etree.tostring(element, encoding="utf-8")
        is_held = True
    except ValueError:  # of which UnicodeEncodeError is one
        is_held = False
    assert strings.is_sendable(sign) is is_held is (sign in TAKEN)
    element.text = strings.sendable(f"a{sign}b")
    assert strings.is_sendable(element.text)
    assert (element.text == f"a{sign}b") is is_held


def test_breaks_become_spaces_and_the_rest_goes() -> None:
    assert strings.sendable("Jan\b Test\x0bB.V.\x0c\ud83d") == "Jan Test B.V. ?"


@dataclass(frozen=True)
class _Part:
    name: str
    more: tuple[str, ...] = ()
    count: int = 0


def test_a_whole_document_is_walked() -> None:
    given = {"a\x00": [_Part("b\x01", ("c\x02",), 3)], "d": None}
    assert strings.all_sendable(given) == {"a": [_Part("b", ("c",), 3)], "d": None}
    part = _Part("b", ("c",))
    assert strings.all_sendable(part) is part


def test_the_field_is_named() -> None:
    document = {"Rows": [{"Text": "a"}, {"Text": "b\uffff"}], "Name": "c"}
    assert strings.unsendable_field(document) == "Rows.2.Text"
    assert strings.unsendable_field({"Name": "c", "x": 1}) is None
