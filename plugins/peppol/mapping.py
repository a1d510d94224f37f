"""A structured invoice as UBL 2.1, by Peppol BIS Billing 3.0. Pure.

Sources: the specification of Peppol BIS Billing 3.0 (tables of its UBL syntax), and the
OASIS schemas of UBL 2.1, whose order of elements is kept.
"""

import re
from base64 import b64encode
from decimal import Decimal
from typing import Any

from lxml import etree

from core.domain.money import CENT, plain
from core.domain.structured_invoices import (
    Adjustment,
    EmbeddedFile,
    Identifier,
    StructuredAddress,
    StructuredInvoice,
    StructuredLine,
    StructuredParty,
    VatCategory,
)
from plugins.peppol.channel import BILLING, PROCESS, UBL, DocumentKind
from plugins.peppol.checks import endpoint_of, legal_identifier, vat_number_of

INVOICE_TYPE, CREDIT_NOTE_TYPE = "380", "381"
"""Of UNCL1001."""
SEPA_TRANSFER = "58"
"""Of UNCL4461."""
PIECE = "C62"
"""Of UN/ECE Recommendation 20: one, whatever it is."""
EMBEDDED = frozenset((
    "application/pdf", "image/png", "image/jpeg", "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
))  # fmt: skip
"""What may go inside (BR-CL-24)."""
_CAC = f"{UBL}:CommonAggregateComponents-2"
_CBC = f"{UBL}:CommonBasicComponents-2"
_NAMES = {"cac": _CAC, "cbc": _CBC}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_Node = etree._Element


def kind_of(invoice: StructuredInvoice) -> DocumentKind:
    """Return what an invoice becomes."""
    return DocumentKind.CREDIT_NOTE if invoice.is_credit else DocumentKind.INVOICE


def ubl_of(invoice: StructuredInvoice, sender: Identifier | None = None) -> bytes:
    """Return the document; what is unknown is left out, never empty.

    `sender`: as what the seller is registered, where that is known.
    """
    kind = kind_of(invoice).value
    space = f"{UBL}:{kind}-2"
    names: Any = {None: space, **_NAMES}  # the stubs know no default namespace
    root = etree.Element(f"{{{space}}}{kind}", nsmap=names)
    _head(root, invoice)
    _references(root, invoice)
    for name, party, found in (
        ("Supplier", invoice.seller, sender),
        ("Customer", invoice.buyer, None),
    ):
        endpoint = found or endpoint_of(party)
        _party(_part(root, f"Accounting{name}Party"), party, endpoint, invoice)
    _delivery(root, invoice)
    _payment(root, invoice)
    for adjustment in filter(_counts, invoice.adjustments):
        node = _adjustment(root, adjustment, invoice.currency)
        _scheme(_category(node, "TaxCategory", adjustment.category, adjustment.rate))
    _vat(root, invoice)
    _totals(root, invoice)
    for position, line in enumerate(invoice.lines, 1):
        _line(root, position, line, invoice)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def text_of(text: str) -> str:
    """Return a text as XML can hold it: without control characters."""
    return _NOT_XML.sub(" ", text).strip()


def _part(parent: _Node, name: str) -> _Node:
    return etree.SubElement(parent, f"{{{_CAC}}}{name}")


def _put(parent: _Node, name: str, value: object, **attributes: str) -> None:
    """Add a value; nothing when it is empty (PEPPOL-EN16931-R008)."""
    text = text_of(str(value)) if value is not None else ""
    if text:
        node = etree.SubElement(parent, f"{{{_CBC}}}{name}", attributes)
        node.text = text


def _amount(parent: _Node, name: str, amount: Decimal, currency: str) -> None:
    _put(parent, name, f"{amount.quantize(CENT):f}", currencyID=currency)


def _head(root: _Node, invoice: StructuredInvoice) -> None:
    _put(root, "CustomizationID", BILLING)
    _put(root, "ProfileID", PROCESS)
    _put(root, "ID", invoice.number)
    _put(root, "IssueDate", invoice.issued_on)
    if invoice.is_credit:
        _put(root, "CreditNoteTypeCode", CREDIT_NOTE_TYPE)
    else:
        _put(root, "DueDate", invoice.due_on)
        _put(root, "InvoiceTypeCode", INVOICE_TYPE)
    _put(root, "Note", invoice.note)
    _put(root, "DocumentCurrencyCode", invoice.currency)
    _put(root, "BuyerReference", invoice.buyer_reference)


def _references(root: _Node, invoice: StructuredInvoice) -> None:
    if invoice.order_number:
        _put(_part(root, "OrderReference"), "ID", invoice.order_number)
    if invoice.preceding is not None:
        number, issued_on = invoice.preceding
        node = _part(_part(root, "BillingReference"), "InvoiceDocumentReference")
        _put(node, "ID", number)
        _put(node, "IssueDate", issued_on)
    for file in invoice.files:
        if file.media_type in EMBEDDED:
            _file(root, file)


def _file(root: _Node, file: EmbeddedFile) -> None:
    node = _part(root, "AdditionalDocumentReference")
    _put(node, "ID", file.filename)
    _put(node, "DocumentDescription", file.description)
    _put(
        _part(node, "Attachment"),
        "EmbeddedDocumentBinaryObject",
        b64encode(file.content).decode(),
        mimeCode=file.media_type,
        filename=text_of(file.filename),
    )


def _party(
    parent: _Node,
    party: StructuredParty,
    endpoint: Identifier | None,
    invoice: StructuredInvoice,
) -> None:
    node = _part(parent, "Party")
    _identifier(node, "EndpointID", endpoint)
    _put(_part(node, "PartyName"), "Name", party.name)
    _address(_part(node, "PostalAddress"), party.address)
    if party.vat_number and not _is_outside_scope(invoice):
        scheme = _part(node, "PartyTaxScheme")
        _put(scheme, "CompanyID", vat_number_of(party))
        _put(_part(scheme, "TaxScheme"), "ID", "VAT")
    legal = _part(node, "PartyLegalEntity")
    _put(legal, "RegistrationName", party.name)
    _identifier(legal, "CompanyID", legal_identifier(party))
    _contact(node, party)


def _is_outside_scope(invoice: StructuredInvoice) -> bool:
    """Tell whether no VAT number may stand on it (BR-O-02 to BR-O-04)."""
    return any(one.category is VatCategory.OUTSIDE_SCOPE for one in invoice.shares)


def _identifier(parent: _Node, name: str, found: Identifier | None) -> None:
    if found is not None:
        scheme = {"schemeID": found.scheme} if found.scheme else {}
        _put(parent, name, found.value, **scheme)


def _address(node: _Node, address: StructuredAddress) -> None:
    _put(node, "StreetName", address.line)
    _put(node, "CityName", address.city)
    _put(node, "PostalZone", address.postal_code)
    if address.country:
        _put(_part(node, "Country"), "IdentificationCode", address.country)


def _contact(node: _Node, party: StructuredParty) -> None:
    found = (
        ("Name", party.contact), ("Telephone", party.phone),
        ("ElectronicMail", party.email),
    )  # fmt: skip
    if any(text_of(value) for _name, value in found):
        contact = _part(node, "Contact")
        for name, value in found:
            _put(contact, name, value)


def _delivery(root: _Node, invoice: StructuredInvoice) -> None:
    if not invoice.delivered_on and not invoice.deliver_to:
        return
    node = _part(root, "Delivery")
    _put(node, "ActualDeliveryDate", invoice.delivered_on)
    if invoice.deliver_to:
        address = _part(_part(node, "DeliveryLocation"), "Address")
        _address(address, StructuredAddress(country=invoice.deliver_to))


def _payment(root: _Node, invoice: StructuredInvoice) -> None:
    if invoice.payment is not None:
        means = _part(root, "PaymentMeans")
        _put(means, "PaymentMeansCode", SEPA_TRANSFER)
        _put(means, "PaymentID", invoice.payment.reference)
        account = _part(means, "PayeeFinancialAccount")
        _put(account, "ID", invoice.payment.iban.replace(" ", ""))
        _put(account, "Name", invoice.payment.name)
        if invoice.payment.bic:
            branch = _part(account, "FinancialInstitutionBranch")
            _put(branch, "ID", invoice.payment.bic)
    if text_of(invoice.payment_terms):
        _put(_part(root, "PaymentTerms"), "Note", invoice.payment_terms)


def _counts(one: Adjustment) -> bool:
    return bool(one.amount)


def _adjustment(parent: _Node, one: Adjustment, currency: str) -> _Node:
    node = _part(parent, "AllowanceCharge")
    _put(node, "ChargeIndicator", "true" if one.amount > 0 else "false")
    _put(node, "AllowanceChargeReason", one.reason)
    _amount(node, "Amount", abs(one.amount), currency)
    return node


def _category(parent: _Node, name: str, category: VatCategory, rate: Decimal) -> _Node:
    node = _part(parent, name)
    _put(node, "ID", category)
    if category is not VatCategory.OUTSIDE_SCOPE:
        _put(node, "Percent", plain(rate))
    return node


def _scheme(category: _Node) -> None:
    _put(_part(category, "TaxScheme"), "ID", "VAT")


def _vat(root: _Node, invoice: StructuredInvoice) -> None:
    whole = _part(root, "TaxTotal")
    _amount(whole, "TaxAmount", invoice.vat_amount, invoice.currency)
    for share in invoice.shares:
        part = _part(whole, "TaxSubtotal")
        _amount(part, "TaxableAmount", share.taxable, invoice.currency)
        _amount(part, "TaxAmount", share.vat, invoice.currency)
        node = _category(part, "TaxCategory", share.category, share.rate)
        _put(node, "TaxExemptionReasonCode", share.reason_code)
        _put(node, "TaxExemptionReason", share.reason)
        _scheme(node)


def _totals(root: _Node, invoice: StructuredInvoice) -> None:
    node = _part(root, "LegalMonetaryTotal")
    currency = invoice.currency
    _amount(node, "LineExtensionAmount", invoice.lines_total, currency)
    _amount(node, "TaxExclusiveAmount", invoice.amount_excl_vat, currency)
    _amount(node, "TaxInclusiveAmount", invoice.amount_incl_vat, currency)
    for name, amount in (
        ("AllowanceTotalAmount", invoice.discounts_total),
        ("ChargeTotalAmount", invoice.surcharges_total),
        ("PrepaidAmount", invoice.prepaid),
        ("PayableRoundingAmount", invoice.rounding),
    ):
        if amount:
            _amount(node, name, amount, currency)
    _amount(node, "PayableAmount", invoice.amount_due, currency)


def _line(
    root: _Node, position: int, line: StructuredLine, invoice: StructuredInvoice
) -> None:
    node = _part(root, f"{kind_of(invoice).value}Line")
    counted = "CreditedQuantity" if invoice.is_credit else "InvoicedQuantity"
    _put(node, "ID", position)
    _put(node, counted, plain(line.quantity), unitCode=PIECE)
    _amount(node, "LineExtensionAmount", line.amount, invoice.currency)
    for adjustment in filter(_counts, line.adjustments):
        _adjustment(node, adjustment, invoice.currency)
    item = _part(node, "Item")
    _put(item, "Name", line.description)
    _scheme(_category(item, "ClassifiedTaxCategory", line.category, line.rate))
    price = _part(node, "Price")
    _put(price, "PriceAmount", plain(line.unit_price), currencyID=invoice.currency)
