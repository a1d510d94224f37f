"""From the shop's order document to our order. Pure.

Lines: `orders.lines`; what was paid and what went back: `orders.payments`.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.domain.companies import company_name
from core.domain.countries import codes
from core.domain.money import total
from core.domain.orders import Address, Order
from plugins.kmoshops import wire
from plugins.kmoshops.orders import paid
from plugins.kmoshops.orders.lines import order_lines
from plugins.kmoshops.wire import Document

LONGEST_NUMBER = 64
"""An order number beyond this is none (our column; Ecwid names no limit)."""
MOST_VAT = Decimal(10) ** 10
"""Amounts beyond it are no money, and fit in no column."""
_OTHER_CODES = {"UK": "GB", "EL": "GR"}
"""Codes that ISO 3166-1 keeps free for these countries; XI is Northern Ireland, which
VAT knows apart (directive 2006/112/EC, art. 215; protocol Ireland/Northern Ireland)."""


def order_from_document(document: Document, currency: str) -> Order:
    """Return the order; raise `wire.Malformed` when a field has not its shape.

    `currency` is the store's: an order document names none (contract 3.3).
    """
    number = _number(document)
    ordered_at = wire.moment(document, "create")
    updated_at = _updated_at(document) or ordered_at
    whole = paid.order_total(document)
    lines = order_lines(document, whole)
    vat = total(line.vat_amount for line in lines)
    if abs(vat) >= MOST_VAT:
        raise wire.Malformed("taxes")
    return Order(
        source_id=number,
        number=number,
        ordered_at=ordered_at,
        updated_at=updated_at,
        currency=currency,
        total_incl_vat=whole,
        vat_amount=vat,
        lines=lines,
        email=wire.text(document, "email").lower(),
        customer_id=wire.text(document, "customerId"),
        billing=_address(wire.part(document, "billingPerson")),
        delivery=_address(wire.part(document, "shippingPerson")),
        vat_number=wire.text(document, "customerTaxId"),
        reverse_charged=bool(wire.flag(document, "reversedTaxApplied")),
        payment_method=paid.payment_method(document),
        invoice_number=_invoice_number(document),
        payment_status=wire.text(document, "paymentStatus"),
        fulfilment_status=wire.text(document, "fulfillmentStatus"),
        refunded_amount=paid.refunded_amount(document),
        is_collected=_is_collected(document),
        is_business=_is_business(document),
        payments=paid.payments(document, ordered_at, whole),
        refunds=paid.refunds(document, updated_at, whole),
    )


def _number(document: Document) -> str:
    """Return `id`: what the shop shows, and what webhooks and `ids` name.

    The contract proposes `internalId` as key; `id` is as unique within a shop, and a
    message about an order must be comparable with the order (core: `_message_waits`).
    """
    number = wire.order_id(document)
    if not 0 < len(number) <= LONGEST_NUMBER:
        raise wire.Malformed("id")
    return number


def _updated_at(document: Document) -> datetime | None:
    if document.get("updateTimestamp") is None and not document.get("updateDate"):
        return None
    return wire.moment(document, "update")


def _is_collected(document: Document) -> bool:
    """Tell whether the buyer collects at the shop: where the goods are handed over."""
    option = wire.part(document, "shippingOption")
    if wire.flag(option, "isPickup"):
        return True
    return wire.text(option, "fulfillmentType").upper() == "PICKUP"


def _is_business(document: Document) -> bool | None:
    """Return what `b2b_b2c` says; None where it says nothing or the rest denies it.

    A VAT number or a reversed charge is a business's own: `b2c` beside it is a shop
    that never sets the field.
    """
    said = wire.text(document, "b2b_b2c").lower()
    if said == "b2b":
        return True
    is_taxed_as_one = wire.text(document, "customerTaxId") or wire.flag(
        document, "reversedTaxApplied"
    )
    return False if said == "b2c" and not is_taxed_as_one else None


def _address(person: Document) -> Address:
    first, last = wire.text(person, "firstName"), wire.text(person, "lastName")
    address = Address(
        name=wire.text(person, "name") or f"{first} {last}".strip(),
        company=company_name(wire.text(person, "companyName")),
        street=wire.text(person, "street"),
        postal_code=wire.text(person, "postalCode"),
        city=wire.text(person, "city"),
        phone=wire.text(person, "phone"),
    )
    return replace(address, country=_country(wire.text(person, "countryCode")))


def _country(code: str) -> str:
    """Return an ISO code (or XI), or nothing: the check before booking asks then."""
    given = _OTHER_CODES.get(code.upper(), code.upper())
    return given if given in codes() or given == "XI" else ""


def _invoice_number(document: Document) -> str:
    """The shop's own sales invoice, when it made one."""
    for invoice in wire.parts(document, "invoices"):
        if wire.text(invoice, "type") in ("", "SALE"):
            return wire.text(invoice, "id")
    return ""
