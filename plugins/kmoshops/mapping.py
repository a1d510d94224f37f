"""From the shop's order document to our order. Pure.

Discounts go inside the lines (manual 004: no negative sales lines). What the shop
calls a payment (gift card, store credit, loyalty points) stays a payment: the order is
booked for its total before it. Amounts are taken as the shop computed them, nothing is
rounded away: if lines and total do not agree the check before booking says so.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.domain.money import ZERO, cents, spread, total
from core.domain.orders import Address, LineKind, Order, OrderLine
from plugins.kmoshops import wire
from plugins.kmoshops.wire import Document

LONGEST_NUMBER = 64
"""An order number beyond this is none (our column; Ecwid names no limit)."""
LONGEST_PAYMENT_METHOD = 200


def order_from_document(document: Document, currency: str) -> Order:
    """Return the order; raise `wire.Malformed` when a field has not its shape.

    `currency` is the store's: an order document names none (contract 3.3).
    """
    lines = _lines(document)
    number = _number(document)
    ordered_at = wire.moment(document, "create")
    return Order(
        source_id=number,
        number=number,
        ordered_at=ordered_at,
        updated_at=_updated_at(document) or ordered_at,
        currency=currency,
        total_incl_vat=_total(document),
        vat_amount=total(line.vat_amount for line in lines),
        lines=lines,
        email=wire.text(document, "email").lower(),
        customer_id=wire.text(document, "customerId"),
        billing=_address(wire.part(document, "billingPerson")),
        delivery=_address(wire.part(document, "shippingPerson")),
        vat_number=wire.text(document, "customerTaxId"),
        reverse_charged=bool(document.get("reversedTaxApplied")),
        payment_method=wire.text(document, "paymentMethod")[:LONGEST_PAYMENT_METHOD],
        invoice_number=_invoice_number(document),
        payment_status=wire.text(document, "paymentStatus"),
        fulfilment_status=wire.text(document, "fulfillmentStatus"),
        refunded_amount=wire.money(document, "refundedAmount"),
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


def _lines(document: Document) -> tuple[OrderLine, ...]:
    inclusive = _prices_include_vat(document)
    lines = (
        *_goods(document, inclusive),
        *_shipping(document, inclusive),
        *_fees(document, inclusive),
    )
    if not document.get("reversedTaxApplied"):
        return lines
    # The shop may still name the rate it would have charged (contract: the VAT is
    # set to 0); what was not charged is booked at 0 %.
    return tuple(
        line if line.vat_amount else replace(line, vat_rate=ZERO) for line in lines
    )


def _prices_include_vat(document: Document) -> bool:
    """Tell whether prices hold the VAT.

    `pricesIncludeTax` says so. Older documents lack it (the contract's sample has
    `includeInPrice` true on a tax that comes on top), so the total decides there.
    """
    if isinstance(document.get("pricesIncludeTax"), bool):
        return bool(document["pricesIncludeTax"])
    on_top = (
        wire.money(document, "subtotal")
        - wire.money(document, "couponDiscount")
        - wire.money(document, "discount")
        + _shipping_price(document)
        + wire.money(wire.part(document, "handlingFee"), "value")
        + total(
            wire.money(s, "total") for s in wire.parts(document, "customSurcharges")
        )
        + wire.money(document, "tax")
    )
    return on_top != _total(document)


def _total(document: Document) -> Decimal:
    """The order's total incl VAT, before what the contract calls payments (P)."""
    before = wire.money(document, "totalBeforeGiftCardRedemption")
    base = before or wire.money(document, "total")
    if not before:
        base += wire.money(document, "giftCardRedemption")
    return base + total(
        wire.money(wire.part(document, purse), "redemption")
        for purse in ("storeCredit", "loyalty")
    )


def _goods(document: Document, inclusive: bool) -> list[OrderLine]:
    items = list(wire.parts(document, "items"))
    prices = [_discounted(item) for item in items]
    rest = _discount_not_on_lines(document, items)
    if rest and prices:
        shares = spread(rest, prices)
        prices = [p - share for p, share in zip(prices, shares, strict=True)]
    return [
        _line(
            LineKind.GOODS,
            wire.text(item, "name"),
            price,
            _goods_taxes(item),
            inclusive,
            quantity=wire.amount(item, "quantity"),
            article_number=wire.text(item, "sku"),
        )
        for item, price in zip(items, prices, strict=True)
    ]


def _discounted(item: Document) -> Decimal:
    """A line's price for its whole quantity, less the discounts on the line."""
    gross = cents(wire.amount(item, "price") * wire.amount(item, "quantity"))
    return gross - _line_discounts(item)


def _line_discounts(item: Document) -> Decimal:
    return wire.money(item, "couponAmount") + total(
        wire.money(discount, "total") for discount in wire.parts(item, "discounts")
    )


def _discount_not_on_lines(document: Document, items: Iterable[Document]) -> Decimal:
    """What the order was discounted beyond its lines (older shops)."""
    whole = wire.money(document, "couponDiscount") + wire.money(document, "discount")
    return whole - total(_line_discounts(item) for item in items)


def _shipping_price(document: Document) -> Decimal:
    """What shipping costs after its own discount."""
    option = wire.part(document, "shippingOption")
    if option.get("discountedShippingRate") is not None:
        return wire.money(option, "discountedShippingRate")
    return wire.money(option, "shippingRate")


def _shipping(document: Document, inclusive: bool) -> list[OrderLine]:
    price = _shipping_price(document)
    if not price:
        return []
    option = wire.part(document, "shippingOption")
    name = wire.text(option, "shippingMethodName") or "Verzendkosten"
    taxes = _taxes({"taxes": document.get("taxesOnShipping")})
    return [_line(LineKind.SHIPPING, name, price, taxes, inclusive)]


def _fees(document: Document, inclusive: bool) -> list[OrderLine]:
    """The handling fee and surcharges such as payment costs."""
    handling = wire.part(document, "handlingFee")
    found = [(handling, wire.text(handling, "name"), wire.money(handling, "value"))]
    for surcharge in wire.parts(document, "customSurcharges"):
        name = wire.text(surcharge, "description")
        found.append((surcharge, name, wire.money(surcharge, "total")))
    return [
        _line(LineKind.FEE, name or "Toeslag", price, _taxes(fee), inclusive)
        for fee, name, price in found
        if price
    ]


def _taxes(
    part: Document, vat_of: Callable[[Document], Decimal] | None = None
) -> tuple[Decimal, Decimal]:
    """Return rate (percent) and VAT in cents of a part; several rates add up.

    Two taxes on one line (the contract's sample has 12 % and 20 %) come to one rate
    of 32 %. No VAT code fits that, so the user is asked before anything is booked.
    """
    taxes = list(wire.parts(part, "taxes"))
    return total(wire.amount(tax, "value") for tax in taxes), total(
        map(vat_of or _vat, taxes)
    )


def _vat(tax: Document) -> Decimal:
    return wire.money(tax, "total")


def _goods_taxes(item: Document) -> tuple[Decimal, Decimal]:
    """A line's own VAT: its `taxes` hold its share of the shipping's VAT as well."""

    def own(tax: Document) -> Decimal:
        if tax.get("taxOnDiscountedSubtotal") is not None:
            return wire.money(tax, "taxOnDiscountedSubtotal")
        shared = wire.money(tax, "taxOnShipping") + wire.money(tax, "taxOnHandlingFee")
        return _vat(tax) - shared

    return _taxes(item, own)


def _line(
    kind: LineKind,
    description: str,
    price: Decimal,
    taxes: tuple[Decimal, Decimal],
    inclusive: bool,
    *,
    quantity: Decimal = Decimal(1),
    article_number: str = "",
) -> OrderLine:
    rate, vat = taxes
    return OrderLine(
        kind=kind,
        description=description,
        quantity=quantity,
        amount_incl_vat=price if inclusive else price + vat,
        vat_amount=vat,
        vat_rate=rate,
        article_number=article_number,
    )


def _address(person: Document) -> Address:
    first, last = wire.text(person, "firstName"), wire.text(person, "lastName")
    address = Address(
        name=wire.text(person, "name") or f"{first} {last}".strip(),
        company=wire.text(person, "companyName"),
        street=wire.text(person, "street"),
        postal_code=wire.text(person, "postalCode"),
        city=wire.text(person, "city"),
        phone=wire.text(person, "phone"),
    )
    return replace(address, country=_country(wire.text(person, "countryCode")))


def _country(code: str) -> str:
    """Return an ISO code, or nothing: the check before booking asks for it then."""
    return code.upper() if re.fullmatch("[A-Za-z]{2}", code) else ""


def _invoice_number(document: Document) -> str:
    """The shop's own sales invoice, when it made one."""
    for invoice in wire.parts(document, "invoices"):
        if wire.text(invoice, "type") in ("", "SALE"):
            return wire.text(invoice, "id")
    return ""
