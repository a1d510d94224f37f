"""A document that came in, as a person reads it. Runs in a process of its own.

The envelope (SBDH, Peppol's Business Message Envelope) is taken off, and the invoice or
credit note inside is told in plain data. What cannot be read raises ValueError there.
"""

from base64 import b64decode
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from core.kit import confined

READER = "plugins.peppol.receiving.reading:read"
LIMITS = confined.Limits(
    cpu_seconds=10,
    memory_bytes=2_000_000_000,
    data_bytes=400_000_000,
    output_bytes=12_000_000,
    seconds=30,
)
KINDS = ("Invoice", "CreditNote")
MOST_LINES, MOST_FILES = 1000, 20
LONGEST = 1000
"""Signs of one text that are kept to be shown; the bytes have all of it."""
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_NAMES = {
    "cac": f"{_UBL}:CommonAggregateComponents-2",
    "cbc": f"{_UBL}:CommonBasicComponents-2",
}


def read(content: bytes) -> Iterator[Any]:
    """Yield one object: the document, and its own bytes without the envelope."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    tree = etree.fromstring(content, parser)
    kinds = {f"{{{_UBL}:{kind}-2}}{kind}": kind for kind in KINDS}
    root = next((each for each in tree.iter() if each.tag in kinds), None)
    if root is None:
        raise ValueError("no invoice and no credit note")
    kind = kinds[root.tag]
    yield {
        **_head(root, kind),
        "lines": [_line(each, kind) for each in _all(root, f"cac:{kind}Line")],
        "shares": [_share(each) for each in _all(root, "cac:TaxTotal/cac:TaxSubtotal")],
        "files": [_file(each) for each in _files(root)],
        "differences": _differences(root, kind),
        "document": etree.tostring(root, encoding="unicode"),
    }


def attachments(content: bytes) -> Iterator[Any]:
    """Yield each embedded file: name, media type and its base64 text."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    for node in _files(etree.fromstring(content, parser)):
        b64decode("".join((node.text or "").split()), validate=True)
        yield {**_file(node), "content": "".join((node.text or "").split())}


def _all(root: Any, path: str) -> list[Any]:
    found: list[Any] = root.findall(path, _NAMES)[:MOST_LINES]
    return found


def _files(root: Any) -> list[Any]:
    name = f"{{{_NAMES['cbc']}}}EmbeddedDocumentBinaryObject"
    return list(root.iter(name))[:MOST_FILES]


def _text(root: Any, path: str) -> str:
    found: str = root.findtext(path, default="", namespaces=_NAMES) or ""
    return " ".join(found.split())[:LONGEST]


def _head(root: Any, kind: str) -> dict[str, str]:
    seller, buyer = (f"cac:Accounting{one}Party/cac:Party/"
                     for one in ("Supplier", "Customer"))  # fmt: skip
    endpoint = root.find(f"{seller}cbc:EndpointID", _NAMES)
    scheme = "" if endpoint is None else endpoint.get("schemeID", "")
    totals = "cac:LegalMonetaryTotal/cbc:"
    means = "cac:PaymentMeans/"
    return {
        "kind": kind,
        "number": _text(root, "cbc:ID"),
        "issued_on": _text(root, "cbc:IssueDate"),
        "due_on": _text(root, "cbc:DueDate"),
        "note": _text(root, "cbc:Note"),
        "currency": _text(root, "cbc:DocumentCurrencyCode"),
        "buyer_reference": _text(root, "cbc:BuyerReference"),
        "order_number": _text(root, "cac:OrderReference/cbc:ID"),
        "preceding": _text(
            root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
        ),
        "sender": f"{scheme}:{_text(root, f'{seller}cbc:EndpointID')}"[:60],
        "seller": _text(root, f"{seller}cac:PartyLegalEntity/cbc:RegistrationName")
        or _text(root, f"{seller}cac:PartyName/cbc:Name"),
        "seller_vat_number": _text(root, f"{seller}cac:PartyTaxScheme/cbc:CompanyID"),
        "seller_number": _text(root, f"{seller}cac:PartyLegalEntity/cbc:CompanyID"),
        "buyer": _text(root, f"{buyer}cac:PartyLegalEntity/cbc:RegistrationName"),
        "iban": _text(root, f"{means}cac:PayeeFinancialAccount/cbc:ID"),
        "payment_reference": _text(root, f"{means}cbc:PaymentID"),
        "excluding": _text(root, f"{totals}TaxExclusiveAmount"),
        "vat": _text(root, "cac:TaxTotal/cbc:TaxAmount"),
        "including": _text(root, f"{totals}TaxInclusiveAmount"),
        "due": _text(root, f"{totals}PayableAmount"),
    }


def _line(node: Any, kind: str) -> dict[str, str]:
    counted = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    return {
        "description": _text(node, "cac:Item/cbc:Name"),
        "quantity": _text(node, f"cbc:{counted}"),
        "price": _text(node, "cac:Price/cbc:PriceAmount"),
        "rate": _text(node, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"),
        "amount": _text(node, "cbc:LineExtensionAmount"),
    }


def _share(node: Any) -> dict[str, str]:
    category = "cac:TaxCategory/cbc:"
    return {
        "category": _text(node, f"{category}ID"),
        "rate": _text(node, f"{category}Percent"),
        "taxable": _text(node, "cbc:TaxableAmount"),
        "vat": _text(node, "cbc:TaxAmount"),
        "reason": _text(node, f"{category}TaxExemptionReason"),
    }


def _file(node: Any) -> dict[str, str]:
    return {
        "name": " ".join(node.get("filename", "").split())[:LONGEST],
        "media_type": node.get("mimeCode", "")[:LONGEST],
    }


def _differences(root: Any, kind: str) -> list[dict[str, str]]:
    """Return which totals are not what their parts say."""
    totals = "cac:LegalMonetaryTotal/cbc:"
    every_line = root.findall(f"cac:{kind}Line", _NAMES)
    every_share = root.findall("cac:TaxTotal/cac:TaxSubtotal", _NAMES)
    lines = [_amount(each, "cbc:LineExtensionAmount") for each in every_line]
    shares = [_amount(each, "cbc:TaxAmount") for each in every_share]
    excluding = _amount(root, f"{totals}TaxExclusiveAmount")
    vat = _amount(root, "cac:TaxTotal/cbc:TaxAmount")
    pairs = (
        ("lines", sum(lines), _amount(root, f"{totals}LineExtensionAmount")),
        ("vat", sum(shares), vat),
        ("total", excluding + vat, _amount(root, f"{totals}TaxInclusiveAmount")),
    )
    return [
        {"what": what, "parts": f"{parts:f}", "told": f"{told:f}"}
        for what, parts, told in pairs
        if parts != told
    ]


def _amount(root: Any, path: str) -> Decimal:
    """Return an amount; one that is none counts as nothing, and so differs."""
    try:
        found = Decimal(_text(root, path) or 0)
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)
