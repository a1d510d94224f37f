"""What an access point looks at in a document before it takes it: cheap and certain."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

SCHEME = "iso6523-actorid-upis"
KNOWN_SCHEMES = frozenset((
    "0106", "0190", "0208", "0211", "9910", "9914", "9920", "9925", "9926", "9928",
    "9929", "9930", "9931", "9933", "9934", "9935", "9937", "9938", "9939", "9943",
    "9944", "9945", "9946", "9947", "9949", "9950", "9957",
))  # fmt: skip
UBL = "urn:oasis:names:specification:ubl:schema:xsd"
BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROCESS = "cenbii-procid-ubl::urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
TYPES = {
    f"busdox-docid-qns::{UBL}:{kind}-2::{kind}##{BILLING}::2.1": kind
    for kind in ("Invoice", "CreditNote")
}
_NAMES = {
    "cac": f"{UBL}:CommonAggregateComponents-2",
    "cbc": f"{UBL}:CommonBasicComponents-2",
}
_FORMS = {
    "0106": re.compile(r"\d{8}", re.ASCII),
    "0190": re.compile(r"\d{20}", re.ASCII),
    "0208": re.compile(r"[01]\d{9}", re.ASCII),
    "9944": re.compile(r"NL\d{9}B\d{2}", re.ASCII),
    "9925": re.compile(r"BE[01]\d{9}", re.ASCII),
}


class Refusal(Exception):
    """The document, or what stands around it, is refused."""


def participant(text: str) -> str:
    """Return `0208:0428759497` of a participant's identifier; Refusal."""
    scheme, _, rest = text.partition("::")
    kind, _, value = rest.partition(":")
    if scheme != SCHEME or kind not in KNOWN_SCHEMES or not value:
        raise Refusal(f"Failed to parse the participant ID '{text}'")
    form = _FORMS.get(kind)
    if form and not form.fullmatch(value):
        raise Refusal(f"Participant ID '{text}' has no valid value")
    if kind == "0208" and 97 - int(value[:8]) % 97 != int(value[8:]):
        raise Refusal(f"Participant ID '{text}' has no valid check digits")
    return f"{kind}:{value}"


def checked(content: bytes, kind: str, sender: str, receiver: str) -> dict[str, Any]:
    """Return what the sandbox remembers of a document; Refusal with the reason."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal(f"Not well-formed: {error}") from error
    if root.tag != f"{{{UBL}:{kind}-2}}{kind}":
        raise Refusal(f"The document is no {kind}")
    _same("CustomizationID", _text(root, "cbc:CustomizationID"), BILLING)
    _same("ProfileID", _text(root, "cbc:ProfileID"), PROCESS.partition("::")[2])
    for path, expected in (
        ("cac:AccountingSupplierParty", sender),
        ("cac:AccountingCustomerParty", receiver),
    ):
        node = root.find(f"{path}/cac:Party/cbc:EndpointID", _NAMES)
        found = "" if node is None else f"{node.get('schemeID')}:{node.text}"
        _same(f"{path} EndpointID", found, expected)
    _sums(root, kind)
    totals = "cac:LegalMonetaryTotal/cbc:"
    return {
        "number": _text(root, "cbc:ID"),
        "kind": kind,
        "payable": _text(root, f"{totals}PayableAmount"),
        "vat": _text(root, "cac:TaxTotal/cbc:TaxAmount"),
    }


def _sums(root: Any, kind: str) -> None:
    totals = "cac:LegalMonetaryTotal/cbc:"
    lines = sum(
        (_amount(line, "cbc:LineExtensionAmount")
         for line in root.findall(f"cac:{kind}Line", _NAMES)),
        Decimal(0),
    )  # fmt: skip
    _same("BR-CO-10", lines, _amount(root, f"{totals}LineExtensionAmount"))
    excluding = _amount(root, f"{totals}TaxExclusiveAmount")
    including = _amount(root, f"{totals}TaxInclusiveAmount")
    vat = _amount(root, "cac:TaxTotal/cbc:TaxAmount")
    _same("BR-CO-15", excluding + vat, including)
    due = including - _amount(root, f"{totals}PrepaidAmount", needed=False)
    due += _amount(root, f"{totals}PayableRoundingAmount", needed=False)
    _same("BR-CO-16", due, _amount(root, f"{totals}PayableAmount"))


def _text(root: Any, path: str) -> str:
    found: str | None = root.findtext(path, namespaces=_NAMES)
    if not found:
        raise Refusal(f"{path} is missing")
    return found


def _amount(root: Any, path: str, *, needed: bool = True) -> Decimal:
    text = root.findtext(path, namespaces=_NAMES)
    if text is None and not needed:
        return Decimal(0)
    try:
        return Decimal(text or "")
    except InvalidOperation as error:
        raise Refusal(f"{path} is no amount") from error


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Refusal(f"{what}: {found} instead of {expected}")
