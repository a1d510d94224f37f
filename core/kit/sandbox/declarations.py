"""What Digipoort and the tax office find in a declaration.

Digipoort validates against the taxonomy (status 311); the tax office looks at what
the taxonomy leaves open (status 510). Own reading of contract section 5; only what it
says is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

XBRLI = "http://www.xbrl.org/2003/instance"
LINK = "http://www.xbrl.org/2003/linkbase"
HREF = "{http://www.w3.org/1999/xlink}href"
_VERSIONS = {
    2020: "nt14/bd/20191211", 2021: "nt15/bd/20201209", 2022: "nt16/bd/20211208",
    2023: "nt17/bd/20221207", 2024: "nt18/bd/20231213", 2025: "nt19/bd/20241211",
    2026: "nt20/bd/20251210",
}  # fmt: skip
_ENTRIES = {
    "Omzetbelasting": "bd-rpt-ob-aangifte",
    "ICP": "bd-rpt-icp-opgaaf",
    "OBSUP": "bd-rpt-ob-suppletie",
}
_LIMITS = {
    "ContactInitials": 10, "ContactPrefix": 10, "ContactSurname": 200,
    "ContactTelephoneNumber": 14, "MessageReferenceSupplierVAT": 20,
    "MessageReferenceSupplierICP": 20, "SoftwarePackageName": 30,
    "SoftwarePackageVersion": 20,
}  # fmt: skip
_OWED = (
    "ValueAddedTaxSuppliesServicesGeneralTariff",
    "ValueAddedTaxSuppliesServicesReducedTariff",
    "ValueAddedTaxSuppliesServicesOtherRates",
    "ValueAddedTaxPrivateUse",
    "ValueAddedTaxSuppliesServicesByWhichVATTaxationIsTransferred",
    "ValueAddedTaxOnSuppliesFromCountriesOutsideTheEC",
    "ValueAddedTaxOnSuppliesFromCountriesWithinTheEC",
)
_CONTACT = ("ContactInitials", "ContactSurname", "ContactTelephoneNumber")
_MOMENT = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d")
_AMOUNT = re.compile(r"-?\d{1,10}")
_ICP_AMOUNT = re.compile(r"-?[1-9]\d{0,9}")
_COUNTRIES = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GB", "HR",
    "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    "XI",
}  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What is wrong, by who sees it."""

    validation: tuple[str, ...]
    content: tuple[str, ...]


def findings(content: bytes, kind: str, number: str) -> Findings:
    """Judge a declaration of a kind for a taxpayer."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        return Findings((f"Het bestand is geen XML: {error}",), ())
    if root.tag != f"{{{XBRLI}}}xbrl":
        return Findings(("Het bestand is geen XBRL-instance.",), ())
    return Findings(tuple(_validation(root, kind)), tuple(_content(root, kind, number)))


def _facts(root: etree._Element) -> list[tuple[str, str, bool]]:
    """Return name, value and whether it is an amount, of every fact."""
    return [
        (etree.QName(node).localname, node.text or "", node.get("unitRef") is not None)
        for node in root.iter(etree.Element)
        if node.get("contextRef") is not None
    ]


def _validation(root: etree._Element, kind: str) -> Iterator[str]:
    ends = [node.text or "" for node in root.iter(f"{{{XBRLI}}}endDate")]
    years = {int(end[:4]) for end in ends if end[:4].isdigit()}
    version = _VERSIONS.get(min(years, default=0))
    reference = root.find(f"{{{LINK}}}schemaRef")
    href = "" if reference is None else reference.get(HREF, "")
    wanted = (
        f"http://www.nltaxonomie.nl/{version}/entrypoints/"
        f"{_ENTRIES[kind]}-{min(years, default=0)}.xsd"
    )
    if len(years) != 1 or href != wanted:
        yield f"Het entrypoint {href} hoort niet bij dit bericht en tijdvak."
    for name, value, is_amount in _facts(root):
        if is_amount and not _amount_fits(name, value):
            yield f"{name}: {value} is geen geldig bedrag."
        if not is_amount and not _text_fits(name, value):
            yield f"{name}: {value} is niet toegestaan."


def _amount_fits(name: str, value: str) -> bool:
    is_icp = name.endswith(("SuppliesAmount", "ServicesAmount"))
    return bool((_ICP_AMOUNT if is_icp else _AMOUNT).fullmatch(value))


def _text_fits(name: str, value: str) -> bool:
    if name == "DateTimeCreation":
        return bool(_MOMENT.fullmatch(value))
    if name == "SoftwareVendorAccountNumber":
        return len(value) == 8
    if name == "CountryCodeISO-EC":
        return value in _COUNTRIES
    return 1 <= len(value) <= _LIMITS.get(name, 1000)


def _content(root: etree._Element, kind: str, number: str) -> Iterator[str]:
    """Look at what the taxonomy does not catch."""
    facts = _facts(root)
    values = {name: value for name, value, _ in facts}
    identifiers = {node.text for node in root.iter(f"{{{XBRLI}}}identifier")}
    if identifiers != {number}:
        yield "Het omzetbelastingnummer is niet dat van de belanghebbende."
    if any(not values.get(name) for name in _CONTACT):
        yield "De contactpersoon ontbreekt."
    measures = {node.text for node in root.iter(f"{{{XBRLI}}}measure")}
    decimals = {node.get("decimals") for node in root.iter() if node.get("unitRef")}
    if measures != {"iso4217:EUR"} or not decimals <= {"INF"}:
        yield "De bedragen staan niet in hele euro's."
    if kind == "Omzetbelasting":
        yield from _sums(values)


def _sums(values: dict[str, str]) -> Iterator[str]:
    def amount(name: str) -> int:
        text = values.get(name, "")
        return int(text) if _AMOUNT.fullmatch(text) else 0

    owed = sum(amount(name) for name in _OWED)
    if "ValueAddedTaxOwed" not in values or amount("ValueAddedTaxOwed") != owed:
        yield "Rubriek 5a is niet de som van de btw."
    reduction = amount("SmallEntrepreneurProvisionReduction")
    payable = owed - amount("ValueAddedTaxOnInput") - reduction
    name = "ValueAddedTaxOwedToBePaidBack"
    if name not in values or amount(name) != payable:
        yield "Rubriek 5g klopt niet."
