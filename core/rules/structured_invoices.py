"""A sales invoice of ours as a structured one (EN 16931). Pure.

Amounts and VAT are those of the invoice as it was sent: nothing is worked out anew, so
that paper, booking and structured invoice cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.domain.invoices import InvoiceData, InvoiceLineData
from core.domain.money import ZERO
from core.domain.relations import RelationData
from core.domain.structured_invoices import (
    EmbeddedFile,
    Payment,
    StructuredAddress,
    StructuredInvoice,
    StructuredLine,
    StructuredParty,
    VatCategory,
    VatShare,
)
from core.rules.invoice_rules import invoice_address

CATEGORIES: Mapping[str, VatCategory] = {
    "standard": VatCategory.CHARGED,
    "reduced": VatCategory.CHARGED,
    "zero": VatCategory.ZERO_RATED,
    "exempt": VatCategory.EXEMPT,
    "reverse_charged": VatCategory.REVERSE_CHARGED,
    "intra_community": VatCategory.INTRA_COMMUNITY,
    "intra_services": VatCategory.REVERSE_CHARGED,
    "export": VatCategory.EXPORT,
}
"""By the kind of a VAT code. A service to a business elsewhere in the EU is reverse
charged; K is for goods alone (EN 16931, note to BT-118)."""
REASON_CODES: Mapping[VatCategory, str] = {
    VatCategory.REVERSE_CHARGED: "VATEX-EU-AE",
    VatCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    VatCategory.EXPORT: "VATEX-EU-G",
    VatCategory.OUTSIDE_SCOPE: "VATEX-EU-O",
}
"""Of the VATEX list; which article exempts a sale only its seller knows."""


@dataclass(frozen=True)
class StructuredFacts:
    """What a structured invoice says besides what a package books."""

    delivered_on: date | None = None
    note: str = ""
    credits_on: date | None = None
    payment: Payment | None = None
    payment_terms: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why no VAT is charged, in words, by the kind of the VAT code."""
    files: tuple[EmbeddedFile, ...] = ()


def structured(
    invoice: InvoiceData, seller: StructuredParty, facts: StructuredFacts
) -> StructuredInvoice:
    """Return a sent invoice, or a credit invoice, as a structured one."""
    is_credit = bool(invoice.credits_number)
    sign = Decimal(-1 if is_credit else 1)
    shares = _shares(invoice, sign, facts.reasons)
    goods_abroad = any(
        share.category is VatCategory.INTRA_COMMUNITY for share in shares
    )
    return StructuredInvoice(
        number=invoice.number,
        issued_on=invoice.issued_on,
        seller=seller,
        buyer=buyer_of(invoice.relation),
        lines=tuple(_line(line, sign) for line in invoice.lines),
        shares=shares,
        is_credit=is_credit,
        due_on=None if is_credit else invoice.due_on,
        note=facts.note,
        payment_terms=facts.payment_terms,
        buyer_reference=invoice.reference,
        preceding=(invoice.credits_number, facts.credits_on) if is_credit else None,
        # of goods within the EU both must be said (BR-IC-11, BR-IC-12)
        delivered_on=facts.delivered_on
        or (invoice.issued_on if goods_abroad else None),
        deliver_to=_destination(invoice.relation) if goods_abroad else "",
        prepaid=invoice.prepaid,
        payment=facts.payment if invoice.amount_due or is_credit else None,
        files=facts.files,
    )


def buyer_of(relation: RelationData) -> StructuredParty:
    """Return a relation as the buyer, at the address that its invoices go to."""
    address = invoice_address(relation)
    return StructuredParty(
        name=relation.full_name,
        address=StructuredAddress(
            address.line, address.postal_code, address.city, address.country
        ),
        vat_number=relation.vat_number,
        legal_number=relation.chamber_number,
        email=relation.email,
        phone=relation.phone,
        is_person=relation.is_person,
    )


def _destination(relation: RelationData) -> str:
    delivery = relation.delivery_address
    there = invoice_address(relation) if delivery.is_empty else delivery
    return there.country


def _line(line: InvoiceLineData, sign: Decimal) -> StructuredLine:
    """Turn a line so that its price is not below zero; the amount stays."""
    turned = -sign if line.unit_price < 0 else sign
    return StructuredLine(
        description=line.description,
        quantity=line.quantity * turned,
        unit_price=abs(line.unit_price),
        amount=line.amount_excl_vat * sign,
        category=CATEGORIES[line.vat_kind],
        rate=line.vat_rate,
    )


def _shares(
    invoice: InvoiceData, sign: Decimal, reasons: Mapping[str, str]
) -> tuple[VatShare, ...]:
    """Add up the VAT codes of one category and rate, each as it was rounded."""
    taxable: dict[tuple[VatCategory, Decimal], Decimal] = {}
    vat: dict[tuple[VatCategory, Decimal], Decimal] = {}
    words: dict[VatCategory, dict[str, None]] = {}
    for one in invoice.totals:
        key = CATEGORIES[one.vat_kind], one.vat_rate
        taxable[key] = taxable.get(key, ZERO) + one.amount_excl_vat * sign
        vat[key] = vat.get(key, ZERO) + one.vat_amount * sign
        if reason := reasons.get(one.vat_kind, ""):
            words.setdefault(key[0], {})[reason] = None
    return tuple(
        VatShare(
            category,
            rate,
            amount,
            vat[category, rate],
            " ".join(words.get(category, ())),
            REASON_CODES.get(category, ""),
        )
        for (category, rate), amount in taxable.items()
    )
