"""From a simple order specification to the order document of the contract. Pure.

A specification is plain data; amounts are Decimal euros, VAT rates percentages:

id                  order number as shown, a string (otherwise the next number)
created, updated    moments, ISO 8601 (otherwise now)
email, customer_id, lang, comments, vendor_number
billing, shipping_address   the fields of a PersonInfo (the second is optional)
vat_id, vat_id_valid, reversed, tax_exempt
b2b                 "b2b" or "b2c" (otherwise by company name and VAT number)
prices_include_tax  of the store: true unless said otherwise
lines               [{sku, name, quantity, price, vat_rate, discount, coupon,
                    product_id, combination_id, options, gift_card}]
                    options: [{name, value}]; a gift card is untaxed
shipping            {name, price, vat_rate, with_tax, pickup}
handling            {name, price, vat_rate, with_tax}
surcharges          [{id, name, price, vat_rate, with_tax}]; id "tips" is a tip, a
                    price below zero a payment discount
gift_card, store_credit, loyalty    what was paid with before, taken off the total
payment_method, payment_status, fulfillment_status, refund_reason
refunds             [{amount, reason, date}] of a paid order; date ISO 8601
invoices            as the contract has them

A line's amount is price times quantity less its discounts. A rate that is left out or
null means untaxed (no `taxes` entry); 0 gives an entry of 0 %; "goods" (shipping and
handling) the rates of the lines. `with_tax` says whether that price holds its VAT where
the store's others do not, or the other way round. As in the contract's sample, the VAT
on shipping and handling is part of the lines' `taxes[].total` and stands beside it in
`taxesOnShipping` and `handlingFee.taxes`.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.domain.money import ZERO, total
from plugins.kmoshops.sandbox.charges import (
    Charge,
    Extra,
    amount_of,
    extra,
    line_charge,
)
from plugins.kmoshops.sandbox.refunds import FULL, add_refund, give_back

Spec = dict[str, Any]
Document = dict[str, Any]

PAYMENT_STATUSES = frozenset(
    (
        "AWAITING_PAYMENT",
        "PAID",
        "CANCELLED",
        "REFUNDED",
        "PARTIALLY_REFUNDED",
        "INCOMPLETE",
        "CUSTOM_PAYMENT_STATUS_1",
        "CUSTOM_PAYMENT_STATUS_2",
        "CUSTOM_PAYMENT_STATUS_3",
    )
)
FULFILLMENT_STATUSES = frozenset(
    (
        "AWAITING_PROCESSING",
        "PROCESSING",
        "SHIPPED",
        "DELIVERED",
        "WILL_NOT_DELIVER",
        "RETURNED",
        "READY_FOR_PICKUP",
        "OUT_FOR_DELIVERY",
        "CUSTOM_FULFILLMENT_STATUS_1",
        "CUSTOM_FULFILLMENT_STATUS_2",
        "CUSTOM_FULFILLMENT_STATUS_3",
    )
)


_SCHEMES = ("b2b", "b2c")
_PURSES = ("gift_card", "store_credit", "loyalty")


def moment_text(moment: datetime) -> str:
    """Return a UTC moment as the API writes it: `2018-05-31 15:08:36 +0000`."""
    return moment.strftime("%Y-%m-%d %H:%M:%S +0000")


def touch(document: Document, moment: datetime) -> None:
    """Set the moment of the last change."""
    document["updateDate"] = moment_text(moment)
    document["updateTimestamp"] = int(moment.timestamp())


def appear(document: Document, moment: datetime) -> None:
    """Set the moment at which the order was made."""
    document["createDate"] = moment_text(moment)
    document["createTimestamp"] = int(moment.timestamp())
    for refund in document.get("refunds", ()):
        refund["date"] = refund["date"] or document["createDate"]
    touch(document, moment)


def build(spec: Spec, internal_id: int, number: int, now: datetime) -> Document:
    """Return the full order document; `number` serves when the spec has no id.

    Raises ValueError for what is no specification or what the shop never makes.
    """
    _check(spec)
    inclusive = bool(spec.get("prices_include_tax", True))
    lines = list(spec.get("lines", []))
    charges = [line_charge(line, inclusive) for line in lines]
    shipping = extra(spec.get("shipping"), charges, inclusive)
    handling = extra(spec.get("handling"), charges, inclusive)
    added = list(spec.get("surcharges") or [])
    surcharges = [extra(part, charges, inclusive) for part in added]
    extras = [shipping, handling, *surcharges]
    every = [*charges, *(charge for one in extras for charge in one.charges)]
    document = {
        **_identity(spec, internal_id, number),
        **_customer(spec),
        **_totals(spec, lines, every, inclusive),
        **_payment(spec),
        "customSurcharges": list(map(_surcharge, added, surcharges)),
        "items": _items(internal_id, lines, charges, shipping, handling),
        **_delivery(spec, shipping, handling),
        "invoices": list(spec.get("invoices") or []),
    }
    _refund(document, spec)
    created = spec.get("created")
    appear(document, datetime.fromisoformat(created) if created else now)
    return document


def _check(spec: Spec) -> None:
    for line in spec.get("lines", []):
        if line.get("gift_card") and line.get("vat_rate") is not None:
            raise ValueError("the shop sells gift cards untaxed")
    if spec.get("b2b") not in (None, *_SCHEMES):
        raise ValueError(f"b2b is one of {_SCHEMES}")


def _identity(spec: Spec, internal_id: int, number: int) -> Document:
    shown = str(spec.get("id") or number)
    digits = "".join(filter(str.isdigit, shown))
    return {
        "id": shown,
        "internalId": internal_id,
        "orderNumber": int(digits[-9:]) if digits else number,
        "vendorOrderNumber": str(spec.get("vendor_number") or shown),
        "hidden": False,
        "orderComments": str(spec.get("comments", "")),
        "orderExtraFields": [],
        "lang": str(spec.get("lang", "nl")),
        "acceptMarketing": False,
        "disableAllCustomerNotifications": False,
        "externalFulfillment": False,
    }


def _customer(spec: Spec) -> Document:
    billing = dict(spec.get("billing") or {})
    vat_id = str(spec.get("vat_id", ""))
    is_business = bool(vat_id or billing.get("companyName"))
    result: Document = {
        "customerTaxExempt": bool(spec.get("tax_exempt", False)),
        "customerTaxId": vat_id,
        "customerTaxIdValid": bool(spec.get("vat_id_valid", False)),
        "reversedTaxApplied": bool(spec.get("reversed", False)),
        "b2b_b2c": str(spec.get("b2b") or ("b2b" if is_business else "b2c")),
        "billingPerson": billing,
        "shippingPerson": dict(spec.get("shipping_address") or billing),
    }
    # the contract leaves both out for an order without a known customer
    if spec.get("email"):
        result["email"] = str(spec["email"])
    if spec.get("customer_id"):
        result["customerId"] = int(spec["customer_id"])
    return result


def _totals(
    spec: Spec, lines: list[dict[str, Any]], charges: list[Charge], inclusive: bool
) -> Document:
    discount = total(amount_of(line, "discount") for line in lines)
    coupon = total(amount_of(line, "coupon") for line in lines)
    full = [line_charge(line, inclusive, discounted=False) for line in lines]
    tax = total(charge.tax for charge in charges)
    whole = total(charge.with_tax for charge in charges)
    purses = {name: amount_of(spec, name) for name in _PURSES}
    if min(purses.values()) < ZERO or (
        any(purses.values()) and total(purses.values()) > whole
    ):
        raise ValueError("more paid with before than there is to pay")
    rest = whole - total(purses.values())
    result: Document = {
        "subtotal": total(charge.price for charge in full),
        "subtotalWithoutTax": total(charge.without_tax for charge in full),
        "total": rest,
        "totalWithoutTax": rest - tax,
        "totalBeforeGiftCardRedemption": rest + purses["gift_card"],
        "tax": tax,
        "pricesIncludeTax": inclusive,
        "discount": discount,
        "couponDiscount": coupon,
        "volumeDiscount": ZERO,
        "membershipBasedDiscount": ZERO,
        "totalAndMembershipBasedDiscount": ZERO,
        "customDiscount": [],
        "discountInfo": [_discount_info(discount)] if discount else [],
        "giftCardRedemption": purses["gift_card"],
    }
    for name, field in (("store_credit", "storeCredit"), ("loyalty", "loyalty")):
        if purses[name]:
            redeemed = {"id": name, "amount": purses[name], "cancelled": False}
            result[field] = {"redemption": redeemed, "balance": ZERO}
    return result


def _surcharge(part: dict[str, Any], charged: Extra) -> Document:
    return {
        "id": str(part.get("id") or "surcharge"),
        "value": charged.price,
        "type": "ABSOLUTE",
        "total": charged.price,
        "totalWithoutTax": charged.without_tax,
        "description": str(part.get("name", "Toeslag")),
        "taxable": part.get("vat_rate") is not None,
        "taxes": charged.taxes,
    }


def _discount_info(amount: Decimal) -> Document:
    return {"value": amount, "type": "ABS", "base": "ON_TOTAL"}


def _payment(spec: Spec) -> Document:
    payment = str(spec.get("payment_status", "PAID"))
    fulfillment = str(spec.get("fulfillment_status", "AWAITING_PROCESSING"))
    if payment not in PAYMENT_STATUSES or fulfillment not in FULFILLMENT_STATUSES:
        raise ValueError(f"no such status: {payment} / {fulfillment}")
    method = str(spec.get("payment_method", "iDEAL"))
    return {
        "paymentMethod": method,
        "paymentModule": "CUSTOM_PAYMENT_APP-mollie-pg",
        "paymentStatus": payment,
        "fulfillmentStatus": fulfillment,
    }


def _items(
    internal_id: int,
    lines: list[dict[str, Any]],
    charges: list[Charge],
    shipping: Extra,
    handling: Extra,
) -> list[Document]:
    shares = zip(
        shipping.shares(charges),
        handling.shares(charges),
        shipping.carried(charges),
        handling.carried(charges),
        strict=True,
    )
    return [
        _item(internal_id * 1000 + index, line, charge, share)
        for index, (line, charge, share) in enumerate(
            zip(lines, charges, shares, strict=True), 1
        )
    ]


def _item(
    key: int, line: dict[str, Any], charge: Charge, shares: tuple[Decimal, ...]
) -> Document:
    on_shipping, on_handling, carried, handled = shares
    price = Decimal(line["price"])
    unit = Charge(price, charge.rate, charge.inclusive)
    discount = amount_of(line, "discount")
    tax = charge.tax + on_shipping + on_handling
    item: Document = {
        "id": key,
        "productId": int(line.get("product_id") or _product_id(str(line["sku"]))),
        "sku": str(line["sku"]),
        "name": str(line["name"]),
        "quantity": int(line["quantity"]),
        "price": price,
        "productPrice": price,
        "priceWithoutTax": unit.without_tax,
        "tax": tax,
        "shipping": carried,
        "handlingFee": handled,
        "couponAmount": amount_of(line, "coupon"),
        "couponApplied": bool(line.get("coupon")),
        "discounts": [],
        "selectedOptions": [_option(option) for option in line.get("options") or []],
        "taxable": charge.rate is not None,
        "taxClassCode": "default",
        "isShippingRequired": True,
        "digital": False,
        "giftCard": bool(line.get("gift_card", False)),
        "taxes": [],
    }
    if line.get("combination_id"):
        item["combinationId"] = int(line["combination_id"])
    if discount:
        info = _discount_info(discount)
        item["discounts"] = [{"discountInfo": info, "total": discount}]
    if charge.rate is not None:
        parts = (charge.tax, on_shipping, on_handling)
        item["taxes"] = [_item_tax(charge, charge.rate, parts)]
    return item


def _option(option: dict[str, Any]) -> Document:
    value = str(option["value"])
    selection = {
        "selectionTitle": value,
        "selectionModifier": ZERO,
        "selectionModifierType": "ABSOLUTE",
    }
    return {
        "name": str(option["name"]),
        "type": "CHOICE",
        "value": value,
        "valuesArray": [value],
        "selections": [selection],
    }


def _product_id(sku: str) -> int:
    # stable for a sku and within the contract's Int
    return int.from_bytes(sku.encode()[-7:], "big") % 899_999_999 + 100_000_000


def _item_tax(
    charge: Charge, rate: Decimal, parts: tuple[Decimal, Decimal, Decimal]
) -> Document:
    on_goods, on_shipping, on_handling = parts
    return {
        "name": "BTW",
        "value": rate,
        "total": total(parts),
        "taxOnDiscountedSubtotal": on_goods,
        "taxOnShipping": on_shipping,
        "taxOnHandlingFee": on_handling,
        "includeInPrice": charge.inclusive,
    }


def _delivery(spec: Spec, shipping: Extra, handling: Extra) -> Document:
    result: Document = {"taxesOnShipping": shipping.taxes}
    if spec.get("shipping"):
        is_pickup = bool(spec["shipping"].get("pickup"))
        result["shippingOption"] = {
            "shippingMethodName": str(spec["shipping"].get("name", "Verzending")),
            "shippingRate": shipping.price,
            "shippingRateWithoutTax": shipping.without_tax,
            "isPickup": is_pickup,
            "fulfillmentType": "PICKUP" if is_pickup else "SHIPPING",
        }
        if not is_pickup:
            result["shippingOption"]["shippingCarrierName"] = "PostNL"
        elif "shipping_address" not in spec:
            # a public dump of a real order: who collects has a name and no address
            name = dict(spec.get("billing") or {}).get("name", "")
            result["shippingPerson"] = {"name": name}
    if spec.get("handling"):
        result["handlingFee"] = {
            "name": str(spec["handling"].get("name", "Behandeling")),
            "value": handling.price,
            "valueWithoutTax": handling.without_tax,
            "description": "",
            "taxes": handling.taxes,
        }
    return result


def _refund(document: Document, spec: Spec) -> None:
    document["refundedAmount"], document["refunds"] = ZERO, []
    if document["paymentStatus"] == FULL and document["total"]:
        reason = str(spec.get("refund_reason", ""))
        add_refund(document, document["total"], reason, "")
        return
    for refund in spec.get("refunds") or []:
        date = refund.get("date")
        moment = (
            moment_text(datetime.fromisoformat(date).astimezone(UTC)) if date else ""
        )
        give_back(
            document, Decimal(refund["amount"]), str(refund.get("reason", "")), moment
        )
