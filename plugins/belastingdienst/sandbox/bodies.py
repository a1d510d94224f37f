"""The messages of koppelvlak 1.2: which fields, in which order, how long."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

from lxml import etree

from plugins.belastingdienst.sandbox.envelope import NotAccepted

MESSAGES = "http://logius.nl/digipoort/koppelvlakservices/1.2/"
CONTENT_BYTES = 20_971_520

Fields = tuple[tuple[str, Any, bool], ...]
"""Name, length or inner fields, required."""
_IDENTITY: Fields = (("nummer", 35, True), ("type", 20, True))
_CONTENT: Fields = (
    ("mimeType", 255, True),
    ("bestandsnaam", 80, True),
    ("inhoud", "base64", True),
)
_PROCESS: Fields = (
    ("kenmerk", 40, True),
    ("autorisatieAdres", 255, False),
    ("tijdstempelVanaf", 40, False),
    ("tijdstempelTot", 40, False),
)
REQUESTS: dict[str, Fields] = {
    "aanleverRequest": (
        ("kenmerk", 40, False),
        ("berichtsoort", 80, True),
        ("aanleverkenmerk", 40, False),
        ("eerderAanleverkenmerk", 40, False),
        ("identiteitBelanghebbende", _IDENTITY, True),
        ("rolBelanghebbende", 40, True),
        ("identiteitOntvanger", _IDENTITY, False),
        ("rolOntvanger", 40, False),
        ("berichtInhoud", _CONTENT, True),
        ("autorisatieAdres", 255, False),
    ),
    "getProcessenRequest": (
        ("berichtsoort", 80, True),
        ("identiteitBelanghebbende", _IDENTITY, True),
        ("autorisatieAdres", 255, False),
    ),
    "getStatussenProcesRequest": _PROCESS,
    "getNieuweStatussenProcesRequest": _PROCESS,
}


def read(content: etree._Element, name: str) -> dict[str, Any]:
    """Return a request's fields; NotAccepted when the schema does not allow it."""
    if content.tag != f"{{{MESSAGES}}}{name}":
        raise NotAccepted(f"the body must hold {name}")
    return _fields(content, REQUESTS[name])


def _fields(parent: etree._Element, fields: Fields) -> dict[str, Any]:
    values: dict[str, Any] = {}
    names = [field[0] for field in fields]
    last = -1
    for child in parent:
        name = str(child.tag).removeprefix(f"{{{MESSAGES}}}")
        if name not in names or names.index(name) <= last:
            raise NotAccepted(f"{name} is not allowed here")
        last = names.index(name)
        values[name] = _value(child, fields[last][1])
    missing = [name for name, _, required in fields if required and name not in values]
    if missing:
        raise NotAccepted(f"{missing[0]} is missing")
    return values


def _value(node: etree._Element, kind: Any) -> Any:
    if isinstance(kind, tuple):
        return _fields(node, kind)
    text = " ".join((node.text or "").split())
    if kind == "base64":
        try:
            content = b64decode(text, validate=True)
        except Base64Error as error:
            raise NotAccepted("inhoud is not base64") from error
        if len(content) > CONTENT_BYTES:
            raise NotAccepted("inhoud is too long")
        return content
    if len(text) > kind:
        raise NotAccepted(f"{node.tag} is longer than {kind}")
    return text


def make(name: str, fields: dict[str, Any]) -> etree._Element:
    """Make an element of the interface; a list repeats, None is left out."""
    root = etree.Element(f"{{{MESSAGES}}}{name}", nsmap={"kv": MESSAGES})
    _fill(root, fields)
    return root


def _fill(parent: etree._Element, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            child = etree.SubElement(parent, f"{{{MESSAGES}}}{name}")
            if isinstance(one, dict):
                _fill(child, one)
            else:
                child.text = str(one)
