"""From the shop's order document to our order. Pure.

Discounts go inside the lines (manual 004: no negative sales lines). What the shop
calls a payment (gift card, store credit) stays a payment: the order is booked for its
total before it. Amounts are taken as the shop computed them, nothing is rounded away:
if lines and total do not agree the check before booking says so.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core.domain import Address, LineKind, Order, OrderLine
from core.money import ZERO, cents, spread, total
from plugins.kmoshops import wire
from plugins.kmoshops.wire import Document


def order_from_document(document: Document, currency: str) -> Order:
    """Return the order; raise `wire.Malformed` when a field has not its shape.

    `currency` is the store's: an order document names none (contract 3.3).
    """
    inclusive = _prices_include_vat(document)
    lines = [
        *_goods(document, inclusive),
        *_shipping(document, inclusive),
        *_fees(document, inclusive),
    ]
    return Order(
        source_id=wire.order_id(document),
        number=wire.order_id(document),
        ordered_at=wire.moment(document, "create"),
        updated_at=wire.moment(document, "update"),
        currency=currency,
        total_incl_vat=_total(document),
        vat_amount=total(line.vat_amount for line in lines),
        lines=tuple(lines),
        email=wire.text(document, "email").lower(),
        customer_id=wire.text(document, "customerId"),
        billing=_address(wire.part(document, "billingPerson")),
        delivery=_address(wire.part(document, "shippingPerson")),
        vat_number=wire.text(document, "customerTaxId"),
        reverse_charged=bool(document.get("reversedTaxApplied")),
        payment_method=wire.text(document, "paymentMethod"),
        invoice_number=_invoice_number(document),
        payment_status=wire.text(document, "paymentStatus"),
        fulfilment_status=wire.text(document, "fulfillmentStatus"),
        refunded_amount=wire.amount(document, "refundedAmount"),
    )


def _prices_include_vat(document: Document) -> bool:
    """Tell whether prices hold the VAT.

    `pricesIncludeTax` says so. Older documents lack it (the contract's sample has
    `includeInPrice` true on a tax that comes on top), so the total decides there.
    """
    if isinstance(document.get("pricesIncludeTax"), bool):
        return bool(document["pricesIncludeTax"])
    on_top = (
        wire.amount(document, "subtotal")
        - wire.amount(document, "couponDiscount")
        - wire.amount(document, "discount")
        + wire.amount(wire.part(document, "shippingOption"), "shippingRate")
        + wire.amount(wire.part(document, "handlingFee"), "value")
        + wire.amount(document, "tax")
    )
    return on_top != wire.amount(document, "total")


def _total(document: Document) -> Decimal:
    """The order's total incl VAT, before gift cards and store credit."""
    before = wire.amount(document, "totalBeforeGiftCardRedemption")
    base = before or wire.amount(document, "total")
    if not before:
        base += wire.amount(document, "giftCardRedemption")
    return base + wire.amount(wire.part(document, "storeCredit"), "redemption")


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
            _taxes(item, "taxOnDiscountedSubtotal"),
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
    return wire.amount(item, "couponAmount") + total(
        wire.amount(discount, "total") for discount in wire.parts(item, "discounts")
    )


def _discount_not_on_lines(document: Document, items: Iterable[Document]) -> Decimal:
    """What the order was discounted beyond its lines (older shops)."""
    whole = wire.amount(document, "couponDiscount") + wire.amount(document, "discount")
    return whole - total(_line_discounts(item) for item in items)


def _shipping(document: Document, inclusive: bool) -> list[OrderLine]:
    option = wire.part(document, "shippingOption")
    price = wire.amount(option, "shippingRate")
    if option.get("discountedShippingRate") is not None:
        price = wire.amount(option, "discountedShippingRate")
    if not price:
        return []
    name = wire.text(option, "shippingMethodName") or "Verzendkosten"
    taxes = _taxes({"taxes": document.get("taxesOnShipping")}, "total")
    return [_line(LineKind.SHIPPING, name, price, taxes, inclusive)]


def _fees(document: Document, inclusive: bool) -> list[OrderLine]:
    """The handling fee and surcharges such as payment costs."""
    handling = wire.part(document, "handlingFee")
    found = [(handling, wire.text(handling, "name"), wire.amount(handling, "value"))]
    for surcharge in wire.parts(document, "customSurcharges"):
        name = wire.text(surcharge, "description")
        found.append((surcharge, name, wire.amount(surcharge, "total")))
    return [
        _line(LineKind.FEE, name or "Toeslag", price, _taxes(fee, "total"), inclusive)
        for fee, name, price in found
        if price
    ]


def _taxes(part: Document, share: str) -> tuple[Decimal, Decimal]:
    """Return rate (percent) and VAT amount of a part; several rates add up."""
    rate, vat = ZERO, ZERO
    for tax in wire.parts(part, "taxes"):
        rate += wire.amount(tax, "value")
        vat += wire.amount(tax, share if share in tax else "total")
    return rate, vat


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
    return replace(address, country=wire.text(person, "countryCode").upper())


def _invoice_number(document: Document) -> str:
    """The shop's own sales invoice, when it made one."""
    for invoice in wire.parts(document, "invoices"):
        if wire.text(invoice, "type") in ("", "SALE"):
            return wire.text(invoice, "id")
    return ""
