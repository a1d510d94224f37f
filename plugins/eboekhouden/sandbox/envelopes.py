"""SOAP 1.1 envelopes: a request into plain values, an answer into XML.

The reading is strict: elements that the schema does not know or in another order,
values of another type and absent required ones are a SOAP fault, as is anything that
is no XML or carries a DTD.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from plugins.eboekhouden.sandbox.wsdl import (
    ENUMERATIONS,
    NAMESPACE,
    OPERATIONS,
    STRUCTURES,
    Field,
)

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
Values = dict[str, Any]
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,4})?")
_LONG = re.compile(r"-?\d{1,18}")


class NotSoap(ValueError):
    """The request is no envelope that the schema allows; the text says why."""


def parse(body: bytes) -> tuple[str, Values]:
    """Return the operation and its arguments; raise `NotSoap`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotSoap("Request format is unrecognized.") from error
    if b"<!DOCTYPE" in body:
        raise NotSoap("For security reasons DTD is prohibited.")
    content = root.find(f"{{{ENVELOPE}}}Body/*")
    if root.tag != f"{{{ENVELOPE}}}Envelope" or content is None:
        raise NotSoap("no soap body")
    name = _local(content)
    if name not in OPERATIONS:
        raise NotSoap(f"Server did not recognize {name}.")
    return name, _structure(content, OPERATIONS[name][0])


def _local(element: etree._Element) -> str:
    name = etree.QName(element)
    if name.namespace != NAMESPACE:
        raise NotSoap(f"{name.localname} is of another namespace")
    return str(name.localname)


def _structure(element: etree._Element, fields: Iterable[Field]) -> Values:
    """Read a structure: known elements, in the schema's order."""
    left = list(element)
    values: Values = {}
    for name, kind, needed in fields:
        if left and _local(left[0]) == name:
            values[name] = _value(left.pop(0), kind)
        elif needed:
            raise NotSoap(f"{name} is missing in {_local(element)}")
    if left:
        raise NotSoap(f"{_local(left[0])} is not expected in {_local(element)}")
    return values


def _value(element: etree._Element, kind: str) -> Any:
    if kind.endswith("[]"):
        rows = [item for item in element if _local(item) == kind[:-2]]
        if len(rows) != len(element):
            raise NotSoap(f"not only {kind[:-2]} in {_local(element)}")
        return [_structure(row, STRUCTURES[kind[:-2]]) for row in rows]
    if kind in STRUCTURES:
        return _structure(element, STRUCTURES[kind])
    return _simple(_local(element), element.text or "", kind)


def _simple(name: str, text: str, kind: str) -> Any:
    if kind == "string":
        return text
    if kind in ENUMERATIONS and text in ENUMERATIONS[kind]:
        return text
    if kind == "long" and _LONG.fullmatch(text):
        return int(text)
    if kind == "decimal" and _NUMBER.fullmatch(text):
        return Decimal(text)
    if kind == "dateTime":
        # The schema's type is dateTime; the manual, which wins, writes dates (2).
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise NotSoap(f"{text} is no date for {name}") from error
    raise NotSoap(f"{text[:40]} is not a valid value for {name}")


def answer(operation: str, result: Mapping[str, Any] | None) -> bytes:
    """Write the response of an operation."""
    response = etree.Element(f"{{{NAMESPACE}}}{operation}Response")
    kind = OPERATIONS[operation][1]
    if kind:
        _write(response, f"{operation}Result", kind, result or {})
    return _envelope(response)


def _write(parent: etree._Element, name: str, kind: str, value: Any) -> None:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if kind.endswith("[]"):
        for row in value:
            _write(element, kind[:-2], kind[:-2], row)
    elif kind in STRUCTURES:
        for field, inner, _ in STRUCTURES[kind]:
            if value.get(field) is not None:
                _write(element, field, inner, value[field])
    else:
        element.text = _text(value, kind)


def _text(value: Any, kind: str) -> str:
    if kind == "dateTime":
        return f"{str(value)[:10]}T00:00:00"
    return str(value)


def fault(code: str, text: str) -> bytes:
    """Write a SOAP fault; `code` is Client or Server."""
    element = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"soap": ENVELOPE})
    etree.SubElement(element, "faultcode").text = f"soap:{code}"
    etree.SubElement(element, "faultstring").text = text
    return _envelope(element)


def _envelope(content: etree._Element) -> bytes:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(content)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
