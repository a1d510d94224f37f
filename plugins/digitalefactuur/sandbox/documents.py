"""Reading what is posted and writing lists: XML, and the forms values may have."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from defusedxml.ElementTree import fromstring
from lxml import etree

from plugins.digitalefactuur.sandbox.errors import UNREADABLE, Refusal, invalid

Record = dict[str, Any]
LONGEST = 255
"""The sandbox's own choice: no length is documented."""
LONGEST_TEXT = 5000
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{2})-(\d{2})-(\d{4})")


def posted(xml: str | None, root_tag: str) -> Any:
    """Return the root of a posted document; refuse anything but the expected one."""
    if not xml:
        raise Refusal(UNREADABLE, "Geen xml ontvangen")
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ValueError, SyntaxError):
        raise Refusal(UNREADABLE, "De xml is niet leesbaar") from None
    if root.tag != root_tag:
        raise Refusal(UNREADABLE, f"Verwacht element {root_tag}")
    return root


def flat(element: Any, known: Collection[str], nested: str = "") -> dict[str, str]:
    """Return an element's texts by tag; refuse unknown, repeated and nested tags."""
    found: dict[str, str] = {}
    for child in element:
        if child.tag == nested:
            continue
        if child.tag not in known:
            raise invalid(child.tag, "onbekend")
        if child.tag in found or len(child):
            raise invalid(child.tag, "mag één keer en zonder onderdelen")
        found[child.tag] = checked_text(child.tag, (child.text or "").strip())
    return found


def checked_text(tag: str, text: str) -> str:
    """Refuse a text that is too long."""
    longest = LONGEST_TEXT if tag in ("omschrijving", "emailtekst") else LONGEST
    if len(text) > longest:
        raise invalid(tag, f"langer dan {longest} tekens")
    return text


def required(fields: dict[str, str], *tags: str) -> None:
    """Refuse when one of these is absent or empty."""
    for tag in tags:
        if not fields.get(tag):
            raise invalid(tag, "verplicht")


def choice(fields: dict[str, str], tag: str, *options: str) -> None:
    """Refuse a given value that is none of these."""
    if fields.get(tag, "") not in ("", *options):
        raise invalid(tag, f"kies uit {', '.join(options)}")


def day(fields: dict[str, str], tag: str) -> str:
    """Return a date as ISO text from dd-mm-yyyy or yyyy-mm-dd; empty when absent."""
    text = fields.get(tag, "")
    if not text:
        return ""
    found = _DATE.fullmatch(text)
    if found is None:
        raise invalid(tag, "geen datum")
    parts = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        raise invalid(tag, "geen datum") from None


def shown_day(iso: str, odd: bool) -> str:
    """Write a date one way or the other: the vendor's samples mix them."""
    return iso if odd or not iso else "-".join(reversed(iso.split("-")))


def decimal(fields: dict[str, str], tag: str, places: int) -> Decimal:
    """Return a number with at most so many decimals, written with a point."""
    text = fields.get(tag, "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise invalid(tag, "geen getal") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > places:
        raise invalid(tag, f"meer dan {places} decimalen")
    return value


def listing(tag: str, records: Iterable[Record]) -> str:
    """Write a list: below the root the list's own name, once per record."""
    root = etree.Element("digitalefactuur")
    for record in records:
        _write(etree.SubElement(root, tag), record)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text.decode()


def _write(element: Any, record: Record) -> None:
    for tag, value in record.items():
        for one in value if isinstance(value, list) else [value]:
            child = etree.SubElement(element, tag)
            if isinstance(one, dict):
                _write(child, one)
            else:
                child.text = str(one)
