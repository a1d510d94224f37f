"""The frame of an instance: contexts, the unit, facts, in the order of the samples."""

from decimal import Decimal

from lxml import etree

from core.domain.declarations import DeclarationKind, TaxPeriod
from plugins.belastingdienst.law.returns import Header
from plugins.belastingdienst.law.taxonomies import (
    Taxonomy,
    has_dimensions,
    name_in,
    taxonomy_for,
)

XBRLI = "http://www.xbrl.org/2003/instance"
LINK = "http://www.xbrl.org/2003/linkbase"
XLINK = "http://www.w3.org/1999/xlink"
ISO4217 = "http://www.xbrl.org/2003/iso4217"
XBRLDI = "http://xbrl.org/2006/xbrldi"
XML = "http://www.w3.org/XML/1998/namespace"
SCHEME = "www.belastingdienst.nl/omzetbelastingnummer"
"""Without http, as in the official samples."""
MESSAGE_CONTEXT = "Msg"
DATA = "dictionary/bd-data"
"""Of the elements, in every version."""
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


class Instance:
    """An instance being written; `write` gives its bytes."""

    def __init__(self, kind: DeclarationKind, period: TaxPeriod, tax_number: str):
        """Begin with the schema reference, one context and the unit.

        Raises AskUser `taxonomy_unknown` for a period without a known version.
        """
        self.taxonomy = taxonomy_for(period, kind)
        self._data = self.taxonomy.namespace(DATA)
        self._period = period
        self._tax_number = tax_number
        names = _namespaces(self.taxonomy, kind)
        self.root = etree.Element(f"{{{XBRLI}}}xbrl", nsmap=names)
        self.root.set(f"{{{XML}}}lang", "nl")
        reference = etree.SubElement(self.root, f"{{{LINK}}}schemaRef")
        reference.set(f"{{{XLINK}}}type", "simple")
        reference.set(f"{{{XLINK}}}href", self.taxonomy.schema(kind))
        self.context(MESSAGE_CONTEXT)

    def context(self, name: str) -> etree._Element:
        """Add a context over the whole period and return it."""
        context = etree.SubElement(self.root, f"{{{XBRLI}}}context", id=name)
        entity = etree.SubElement(context, f"{{{XBRLI}}}entity")
        identifier = etree.SubElement(entity, f"{{{XBRLI}}}identifier", scheme=SCHEME)
        identifier.text = self._tax_number
        period = etree.SubElement(context, f"{{{XBRLI}}}period")
        start = etree.SubElement(period, f"{{{XBRLI}}}startDate")
        start.text = self._period.start.isoformat()
        end = etree.SubElement(period, f"{{{XBRLI}}}endDate")
        end.text = self._period.end.isoformat()
        return context

    def unit(self) -> None:
        """Add the euro, after the last context."""
        unit = etree.SubElement(self.root, f"{{{XBRLI}}}unit", id="EUR")
        etree.SubElement(unit, f"{{{XBRLI}}}measure").text = "iso4217:EUR"

    def text(self, name: str, value: str, parent: etree._Element | None = None) -> None:
        """Add a fact of text; an empty one is left out."""
        if value:
            place = self.root if parent is None else parent
            fact = etree.SubElement(place, f"{{{self._data}}}{name}")
            fact.set("contextRef", MESSAGE_CONTEXT)
            fact.text = value

    def amount(
        self,
        name: str,
        value: Decimal,
        *,
        context: str = MESSAGE_CONTEXT,
        parent: etree._Element | None = None,
    ) -> None:
        """Add an amount in whole euros; ValueError when it has cents."""
        if value != value.to_integral_value():
            raise ValueError(f"{name} is not in whole euros")
        place = self.root if parent is None else parent
        fact = etree.SubElement(place, f"{{{self._data}}}{name}")
        fact.set("decimals", "INF")
        fact.set("contextRef", context)
        fact.set("unitRef", "EUR")
        fact.text = f"{value:.0f}" if value else "0"

    def header(self, header: Header, reference: str, *, contact_type: bool) -> None:
        """Add the header's facts in the order of the official samples.

        `reference` is the element that holds our own reference.
        """
        contact, software = header.contact, header.software
        if contact_type:
            self.text("ContactType", "INT" if contact.is_intermediary else "BPL")
        self.text("ContactInitials", contact.initials)
        self.text("ContactPrefix", contact.prefix)
        self.text("ContactSurname", contact.surname)
        self.text("ContactTelephoneNumber", contact.telephone)
        self.text("TaxConsultantNumber", contact.consultant_number)
        self.text("DateTimeCreation", header.created_on)
        self.text(reference, header.reference)
        self.text("SoftwarePackageVersion", software.version)
        self.text("SoftwarePackageName", software.name)
        self.text("SoftwareVendorAccountNumber", software.vendor_number)

    def write(self) -> bytes:
        """Return the message as UTF-8, indented as the samples are."""
        body = etree.tostring(self.root, encoding="UTF-8", pretty_print=True)
        return _DECLARATION + body.split(b"?>\n", 1)[-1]


def _namespaces(taxonomy: Taxonomy, kind: DeclarationKind) -> dict[str, str]:
    names = {"bd-i": taxonomy.namespace(DATA)}
    if kind is DeclarationKind.ICP and has_dimensions(taxonomy):
        names["bd-axes"] = taxonomy.namespace(name_in(taxonomy, "axes"))
        names["bd-domains"] = taxonomy.namespace(name_in(taxonomy, "domains"))
        names["xbrldi"] = XBRLDI
    elif kind is DeclarationKind.ICP:
        names["bd-t"] = taxonomy.namespace(name_in(taxonomy, "tuples"))
    return names | {"link": LINK, "xlink": XLINK, "iso4217": ISO4217, "xbrli": XBRLI}
