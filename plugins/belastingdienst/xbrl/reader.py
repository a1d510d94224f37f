"""Reading an instance back, so that what is sent is what is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from plugins.belastingdienst.xbrl.instance import ISO4217, LINK, XBRLDI, XBRLI, XLINK


class NotXbrl(ValueError):
    """The bytes are no XBRL instance."""


@dataclass(frozen=True)
class Fact:
    """One fact; names are without namespace."""

    name: str
    value: str
    context: str
    unit: str = ""
    """The unit's measure, such as EUR; empty for text."""
    decimals: str = ""
    parent: str = ""
    """The tuple it stands in; empty otherwise."""

    @property
    def is_amount(self) -> bool:
        """Whether it has a unit."""
        return bool(self.unit)


@dataclass(frozen=True)
class Context:
    """One context."""

    identifier: str
    scheme: str
    start: str
    end: str
    members: Mapping[str, str] = field(default_factory=dict)
    """Typed dimensions by name, without namespace (ICP from 2026)."""


@dataclass(frozen=True)
class Message:
    """An instance as plain values."""

    schema: str
    contexts: dict[str, Context]
    facts: tuple[Fact, ...]

    def value(self, name: str) -> str | None:
        """Return the first fact of a name, or None."""
        return next((fact.value for fact in self.facts if fact.name == name), None)


def read(content: bytes) -> Message:
    """Read an instance; NotXbrl when it is none. No entity is ever resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise NotXbrl(str(error)) from error
    if root.tag != f"{{{XBRLI}}}xbrl" or b"<!DOCTYPE" in content:
        raise NotXbrl("the root is not xbrli:xbrl")
    reference = root.find(f"{{{LINK}}}schemaRef")
    schema = "" if reference is None else reference.get(f"{{{XLINK}}}href", "")
    contexts = {
        node.get("id", ""): _context(node) for node in root.iter(f"{{{XBRLI}}}context")
    }
    units = {node.get("id", ""): _measure(node) for node in root.iter(_UNIT)}
    facts = (
        _fact(node, units)
        for node in root.iter(etree.Element)
        if node.get("contextRef") is not None
    )
    return Message(schema, contexts, tuple(facts))


_UNIT = f"{{{XBRLI}}}unit"


def _context(node: etree._Element) -> Context:
    identifier = node.find(f"{{{XBRLI}}}entity/{{{XBRLI}}}identifier")
    return Context(
        identifier="" if identifier is None else identifier.text or "",
        scheme="" if identifier is None else identifier.get("scheme", ""),
        start=node.findtext(f"{{{XBRLI}}}period/{{{XBRLI}}}startDate") or "",
        end=node.findtext(f"{{{XBRLI}}}period/{{{XBRLI}}}endDate") or "",
        members=dict(_member(one) for one in node.iter(f"{{{XBRLDI}}}typedMember")),
    )


def _member(node: etree._Element) -> tuple[str, str]:
    name = node.get("dimension", "").rpartition(":")[2]
    return name, "".join(child.text or "" for child in node)


def _measure(node: etree._Element) -> str:
    text = (node.findtext(f"{{{XBRLI}}}measure") or "").strip()
    prefix, _, name = text.rpartition(":")
    return name if node.nsmap.get(prefix) == ISO4217 else text


def _fact(node: etree._Element, units: dict[str, str]) -> Fact:
    parent = node.getparent()
    name = "" if parent is None else etree.QName(parent).localname
    unit = node.get("unitRef")
    return Fact(
        name=etree.QName(node).localname,
        value=node.text or "",
        context=node.get("contextRef", ""),
        unit="" if unit is None else units.get(unit, "?"),
        decimals=node.get("decimals", ""),
        parent="" if name == "xbrl" else name,
    )
