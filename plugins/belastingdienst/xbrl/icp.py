"""The ICP declaration as XBRL: tuples up to 2025, typed dimensions from 2026.

Contract section 5 (ICP). How 2026 writes corrections is not known: they are refused.
"""

from lxml import etree

from core.domain.declarations import Customer, DeclarationKind, IcpKind
from core.domain.errors import AskUser
from plugins.belastingdienst.law.icp import Declaration, Row
from plugins.belastingdienst.law.returns import Header
from plugins.belastingdienst.law.taxonomies import has_dimensions, name_in
from plugins.belastingdienst.xbrl.instance import XBRLDI, XBRLI, Instance

REFERENCE = "MessageReferenceSupplierICP"
TUPLES = {
    IcpKind.GOODS: "IntraCommunitySupplies",
    IcpKind.SERVICES: "IntraCommunityServices",
    IcpKind.ABC: "IntraCommunityABCSupplies",
}
AMOUNTS = {
    IcpKind.GOODS: "SuppliesAmount",
    IcpKind.SERVICES: "ServicesAmount",
    IcpKind.ABC: "SuppliesAmount",
}
DIMENSIONAL_AMOUNTS = {**AMOUNTS, IcpKind.ABC: "ABCSuppliesAmount"}
COUNTRY = "CountryCodeISO-EC"
VAT_NUMBER = "VATIdentificationNumberNational"
DIVISION = "VATIdentificationNumberNLFiscalEntityDivision"
"""In every version: NT14 and NT19 were read, messages of NT20 have it."""
_ASSOCIATION = "ProfessionalAssociationForTaxServiceProviders"


def write_icp(header: Header, declaration: Declaration) -> bytes:
    """Write an ICP declaration.

    Raises AskUser `taxonomy_unknown`, and `icp_correction_unsupported` for
    corrections from 2026.
    """
    kind = DeclarationKind.ICP
    instance = Instance(kind, declaration.period, header.tax_number)
    if has_dimensions(instance.taxonomy):
        return _dimensions(instance, header, declaration)
    return _tuples(instance, header, declaration)


def _tuples(instance: Instance, header: Header, declaration: Declaration) -> bytes:
    instance.unit()
    instance.header(header, REFERENCE, contact_type=False)
    instance.text(DIVISION, declaration.division)
    if header.association:
        place = _tuple(instance, f"{_ASSOCIATION}Specification")
        instance.text(f"{_ASSOCIATION}Name", header.association, place)
    for row in declaration.rows:
        _tuple_row(instance, row)
    return instance.write()


def _tuple_row(instance: Instance, row: Row) -> None:
    """Add a row; the members stand in alphabetical order, as the schema asks."""
    name, amount = TUPLES[row.kind], AMOUNTS[row.kind]
    if row.corrects is not None:
        place = _tuple(instance, f"{name}Correction")
        instance.amount(f"Corrections{amount}", row.amount, parent=place)
        instance.text(COUNTRY, row.customer.country, place)
    else:
        place = _tuple(instance, name)
        instance.text(COUNTRY, row.customer.country, place)
        instance.amount(amount, row.amount, parent=place)
    instance.text(VAT_NUMBER, row.customer.vat_number, place)


def _tuple(instance: Instance, name: str) -> etree._Element:
    space = instance.taxonomy.namespace(name_in(instance.taxonomy, "tuples"))
    return etree.SubElement(instance.root, f"{{{space}}}{name}")


def _dimensions(instance: Instance, header: Header, declaration: Declaration) -> bytes:
    if any(row.corrects is not None for row in declaration.rows):
        raise AskUser("icp_correction_unsupported", year=declaration.period.end.year)
    if header.association:
        raise AskUser("icp_association_unsupported", year=declaration.period.end.year)
    names = {customer: _context_name(customer) for customer in _customers(declaration)}
    for customer, name in names.items():
        _scenario(instance, instance.context(name), customer)
    instance.unit()
    instance.header(header, REFERENCE, contact_type=False)
    instance.text(DIVISION, declaration.division)
    for row in declaration.rows:
        name = DIMENSIONAL_AMOUNTS[row.kind]
        instance.amount(name, row.amount, context=names[row.customer])
    return instance.write()


def _customers(declaration: Declaration) -> list[Customer]:
    """Return each customer once, in order of the rows."""
    return list(dict.fromkeys(row.customer for row in declaration.rows))


def _context_name(customer: Customer) -> str:
    return f"ICP_{customer.country}_{customer.vat_number}"


def _scenario(instance: Instance, context: etree._Element, customer: Customer) -> None:
    scenario = etree.SubElement(context, f"{{{XBRLI}}}scenario")
    space = instance.taxonomy.namespace(name_in(instance.taxonomy, "domains"))
    for name, value in (
        ("VATNumber", customer.vat_number),
        ("CountryCodeEU", customer.country),
    ):
        member = etree.SubElement(scenario, f"{{{XBRLDI}}}typedMember")
        member.set("dimension", f"bd-axes:{name}Dimension")
        etree.SubElement(member, f"{{{space}}}{name}Domain").text = value
