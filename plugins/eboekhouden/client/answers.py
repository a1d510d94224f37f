"""Reading answers of the SOAP interface by what they hold, not by how they are built.

An answer is read by the names of the schema: what the schema does not know is passed
over, wherever it stands, since that is how services grow. Lists are read a record at a
time, so that memory does not grow with the answer. A record that cannot be read as it
stands is marked (`wire.UNREADABLE`) and the others are read: with characters that XML
forbids (which .NET sends all the same), a bad byte, an unknown entity, or without what
the schema wants.

Nothing of an answer is ever expanded or fetched: a DTD is refused.
"""

import mmap
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import IO, Any

from core.domain.money import cents
from plugins.eboekhouden import wire
from plugins.eboekhouden.wire import Body, Malformed

NAMESPACE = "http://www.e-boekhouden.nl/soap"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(#x[0-9A-Fa-f]+|#[0-9]+|[^\s;&<>]*)(;?)")
_LONGEST = 10
"""Signs of a reference to a character; a longer one is to none."""
_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_NOT_SPLIT = (b"<![CDATA[", b"<!--", b"<?")
"""What may hide a tag: an answer with these is read whole or not at all."""


@dataclass(frozen=True)
class Rows:
    """The list in an answer: its holder, and the records in that."""

    holder: str
    name: str
    kind: Any
    """Their type in the schema."""


def read(content: IO[bytes], operation: Any) -> Body:
    """Return what an operation's answer holds; a list as `{holder: {name: rows}}`.

    `operation` is zeep's, of the WSDL. Raises Malformed, ValueError or LxmlError for
    what is no answer.
    """
    result = operation.output.body.type.elements
    if not result:
        _content(_parsed(_whole(content)))
        return {}
    name, kind = result[0][0], result[0][1].type
    rows = rows_of(kind)
    if rows is None:
        return _values(_result(_parsed(_mended(_whole(content))), name), kind)
    found: list[Body]
    try:
        root, found = _streamed(content, rows)
    except _broken():
        root, found = _by_record(content, rows)
    values = _values(_result(root, name), kind)
    return {**values, rows.holder: {rows.name: found}}


@lru_cache(maxsize=64)
def rows_of(kind: Any) -> Rows | None:
    """Return the list that a result holds; None when it holds none."""
    for holder, element in kind.elements:
        for name, row in getattr(element.type, "elements", ()):
            if row.accepts_multiple:
                return Rows(holder, name, row.type)
    return None


# --- the document -------------------------------------------------------------------


def _etree() -> Any:
    return import_module("lxml.etree")  # heavy, as zeep is: only when asked


def _broken() -> Any:
    return _etree().XMLSyntaxError


def _refuse_dtd(content: IO[bytes]) -> None:
    """Refuse what could declare entities, in every encoding that could hide it."""
    rest = b""
    content.seek(0)
    while part := content.read(1 << 20):
        if b"<!DOCTYPE" in rest + part or b"\0" in part:
            raise Malformed("a DTD, or not UTF-8")
        rest = part[-8:]
    content.seek(0)


def _whole(content: IO[bytes]) -> bytes:
    _refuse_dtd(content)
    return content.read()


def _parsed(data: bytes) -> Any:
    etree = _etree()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    return etree.fromstring(data, parser)


def _content(root: Any) -> Any:
    """Return what stands in the body of an envelope; Malformed for a fault."""
    found = root.find(f"{_ENVELOPE}Body/*")
    if found is None or found.tag == f"{_ENVELOPE}Fault":
        raise Malformed("a SOAP fault, or no envelope")
    return found


def _result(root: Any, name: str) -> Any:
    """Return the element with an operation's result."""
    found = _content(root).find(f"{{{NAMESPACE}}}{name}")
    if found is None:
        raise Malformed("no result")
    return found


# --- lists --------------------------------------------------------------------------


def _streamed(content: IO[bytes], rows: Rows) -> tuple[Any, list[Body]]:
    """Read a well-formed answer, letting go of each record once it is read."""
    _refuse_dtd(content)
    found: list[Body] = []
    context = _etree().iterparse(
        content,
        events=("end",),
        tag=f"{{{NAMESPACE}}}{rows.name}",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in context:
        found.append(_record(element, rows, is_as_sent=True))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return context.root, found


def _by_record(content: IO[bytes], rows: Rows) -> tuple[Any, list[Body]]:
    """Read an answer that is not well-formed: each record alone, then what is around.

    Only where a record's tags can be told from its texts. What is around must be right.
    """
    with closing(_mapped(content)) as data:
        begin = data.find(b"?>", 0, 200) + 2 if data[:5] == b"<?xml" else 0
        if any(data.find(mark, begin) >= 0 for mark in _NOT_SPLIT):
            raise Malformed("not well-formed")
        found, around, at = [], bytearray(), 0
        for record in _records(data, rows.name):
            around += data[at : record.start()]
            at = record.end()
            found += _alone(record.group(), rows)
        around += data[at:]
    return _parsed(bytes(around)), found


def _mapped(content: IO[bytes]) -> mmap.mmap:
    """Return the bytes of an answer without reading them all into memory."""
    if isinstance(content, BytesIO):
        data = mmap.mmap(-1, len(content.getbuffer()))
        data.write(content.getbuffer())
        return data
    return mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ)


def _records(data: Any, name: str) -> Iterator[re.Match[bytes]]:
    tag = rb"(?:[\w.-]+:)?" + re.escape(name.encode())
    one = rb"<(" + tag + rb")(?:\s[^<>]*)?(?:/>|(?<!/)>.*?</\1\s*>)"
    return re.finditer(one, data, re.DOTALL)


def _alone(data: bytes, rows: Rows) -> list[Body]:
    """Read the bytes of one record; each that they may hold when they are a muddle."""
    try:
        return [_record(_standing_alone(data), rows, is_as_sent=True)]
    except _broken():
        pass
    try:
        return [_record(_standing_alone(_mended(data)), rows, is_as_sent=False)]
    except _broken():
        pass
    begins = re.finditer(rb"<(?:[\w.-]+:)?" + rows.name.encode() + rb"[\s/>]", data)
    starts = [begin.start() for begin in begins]
    return [
        _unreadable(_guessed(data[start:end]))
        for start, end in zip(starts, [*starts[1:], len(data)], strict=True)
    ]


def _standing_alone(data: bytes) -> Any:
    """Parse a record outside its document, whose prefixes are declared there."""
    prefix = re.match(rb"<(?:([\w.-]+):)?", data)
    own = b":" + prefix[1] if prefix and prefix[1] else b""
    head = b'<r xmlns%s="%s" xmlns:xsi="%s">' % (
        own, NAMESPACE.encode(), _NIL[1:].partition("}")[0].encode(),
    )  # fmt: skip
    return _parsed(head + data + b"</r>")[0]


def _mended(data: bytes) -> bytes:
    """Put a sign in the place of each that XML forbids, and of unknown entities."""
    text = _FORBIDDEN.sub(_UNKNOWN, data.decode("utf-8", "replace"))
    return _REFERENCE.sub(_kept, text).encode()


def _kept(reference: re.Match[str]) -> str:
    name, end = reference.groups()
    if end and name in _ENTITIES:
        return reference.group()
    if end and name.startswith("#") and len(name) < _LONGEST:
        number = int(name[2:], 16) if name[1] == "x" else int(name[1:])
        is_character = number <= 0x10FFFF and not _FORBIDDEN.match(chr(number))
        return reference.group() if is_character else _UNKNOWN
    return _UNKNOWN


def _guessed(data: bytes) -> Body:
    """Return what names a record, as far as its bytes tell."""
    found = {
        name: re.search(rb"<(?:[\w.-]+:)?%s>([^<]{1,50})<" % name.encode(), data)
        for name in ("ID", "Code")
    }
    return {
        name: match[1].decode("utf-8", "replace").strip() if match else None
        for name, match in found.items()
    }


# --- records ------------------------------------------------------------------------


def _record(element: Any, rows: Rows, *, is_as_sent: bool) -> Body:
    """Read a record; one without what the schema wants keeps what names it."""
    try:
        values = _values(element, rows.kind)
    except (ValueError, TypeError, ArithmeticError):
        return _unreadable(_texts(element))
    lacks = any(
        values[name] is None and part.min_occurs and not part.nillable
        for name, part in rows.kind.elements
    )
    if lacks:
        return _unreadable(_texts(element))
    if is_as_sent:
        return values
    if _UNKNOWN in str(values.get("Code")):  # then it names another
        return _unreadable({"ID": values.get("ID")})
    return {**values, wire.UNREADABLE: True}


def _unreadable(values: Body) -> Body:
    return {"ID": None, "Code": None, **values, wire.UNREADABLE: True}


def _texts(element: Any) -> Body:
    """Return the texts that stand in a record, of whatever type they should be."""
    return {
        _name(child): child.text
        for child in element
        if isinstance(child.tag, str) and not len(child) and child.text
    }


def _values(element: Any, kind: Any) -> Body:
    """Return a structure by the names of the schema; None for what is not there.

    ValueError, TypeError or ArithmeticError for a value of another type.
    """
    known = dict(kind.elements)
    found: Body = dict.fromkeys(known)
    for child in element:
        part = known.get(_name(child))
        if part is None or child.get(_NIL) in ("true", "1"):
            continue
        value = _value(child, part.type)
        if part.accepts_multiple:
            found[part.name] = [*(found[part.name] or ()), value]
        elif found[part.name] is None:
            found[part.name] = value
    return found


def _name(element: Any) -> str:
    """Return the name of an element of the vendor's; empty for anything else."""
    tag = element.tag
    if not isinstance(tag, str) or not tag.startswith(f"{{{NAMESPACE}}}"):
        return ""
    return tag.partition("}")[2]


def _value(element: Any, kind: Any) -> Any:
    if hasattr(kind, "elements"):
        return _values(element, kind)
    if element.text is None:
        return None
    value = kind.pythonvalue(element.text)
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("no amount")
    return cents(value) if getattr(kind, "is_inexact", False) else value
