"""From a simple order specification to the order document of the contract. Pure.

A specification is plain data; amounts are Decimal euros, VAT rates percentages:

id                  order number as shown, a string (otherwise the next number)
created             moment, ISO 8601 (otherwise now)
email, customer_id, lang, comments, vendor_number
billing, shipping_address   the fields of a PersonInfo (the second is optional)
vat_id, vat_id_valid, reversed, b2b
prices_include_tax  of the store: true unless said otherwise
lines               [{sku, name, quantity, price, vat_rate, discount, coupon}]
shipping            {name, price, vat_rate}
handling            {name, price, vat_rate}
payment_method, payment_status, fulfillment_status, refund_reason

A line's amount is price times quantity less its discounts. A rate that is left out or
null means untaxed (no `taxes` entry); 0 gives an entry of 0 %. As in the contract's
sample, the VAT on shipping and handling is part of the lines' `taxes[].total` and
stands beside it in `taxesOnShipping` and `handlingFee.taxes`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.domain.money import ZERO, cents, spread, total, vat_in, vat_on

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


@dataclass(frozen=True)
class _Charge:
    """An amount in the store's way of pricing, with the VAT in or on it."""

    price: Decimal
    rate: Decimal | None
    inclusive: bool

    @property
    def tax(self) -> Decimal:
        if self.rate is None:
            return ZERO
        share = vat_in if self.inclusive else vat_on
        return share(self.price, self.rate)

    @property
    def without_tax(self) -> Decimal:
        return self.price - self.tax if self.inclusive else self.price

    @property
    def with_tax(self) -> Decimal:
        return self.price if self.inclusive else self.price + self.tax


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
        refund["date"] = document["createDate"]
    touch(document, moment)


def build(spec: Spec, internal_id: int, number: int, now: datetime) -> Document:
    """Return the full order document; `number` serves when the spec has no id."""
    inclusive = bool(spec.get("prices_include_tax", True))
    lines = list(spec.get("lines", []))
    charges = [_line_charge(line, inclusive) for line in lines]
    shipping = _charge(spec.get("shipping"), inclusive)
    handling = _charge(spec.get("handling"), inclusive)
    document = {
        **_identity(spec, internal_id, number),
        **_customer(spec),
        **_totals(lines, [*charges, shipping, handling], inclusive),
        **_payment(spec),
        "items": _items(internal_id, lines, charges, shipping, handling),
        **_delivery(spec, shipping, handling),
    }
    _refund(document, spec)
    created = spec.get("created")
    appear(document, datetime.fromisoformat(created) if created else now)
    return document


def _charge(part: dict[str, Any] | None, inclusive: bool) -> _Charge:
    if not part:
        return _Charge(ZERO, None, inclusive)
    return _Charge(Decimal(part["price"]), _rate(part), inclusive)


def _rate(part: dict[str, Any]) -> Decimal | None:
    rate = part.get("vat_rate")
    return None if rate is None else Decimal(rate)


def _line_charge(
    line: dict[str, Any], inclusive: bool, discounted: bool = True
) -> _Charge:
    amount = cents(Decimal(line["price"]) * Decimal(line["quantity"]))
    if discounted:
        amount -= _amount(line, "discount") + _amount(line, "coupon")
    return _Charge(amount, _rate(line), inclusive)


def _amount(part: dict[str, Any], name: str) -> Decimal:
    return Decimal(part.get(name) or 0)


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
    result: Document = {
        "customerTaxExempt": False,
        "customerTaxId": vat_id,
        "customerTaxIdValid": bool(spec.get("vat_id_valid", False)),
        "reversedTaxApplied": bool(spec.get("reversed", False)),
        "b2b_b2c": "b2b" if vat_id or billing.get("companyName") else "b2c",
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
    lines: list[dict[str, Any]], charges: list[_Charge], inclusive: bool
) -> Document:
    discount = total(_amount(line, "discount") for line in lines)
    coupon = total(_amount(line, "coupon") for line in lines)
    full = [_line_charge(line, inclusive, discounted=False) for line in lines]
    return {
        "subtotal": total(charge.price for charge in full),
        "subtotalWithoutTax": total(charge.without_tax for charge in full),
        "total": total(charge.with_tax for charge in charges),
        "totalWithoutTax": total(charge.without_tax for charge in charges),
        "tax": total(charge.tax for charge in charges),
        "pricesIncludeTax": inclusive,
        "discount": discount,
        "couponDiscount": coupon,
        "volumeDiscount": ZERO,
        "membershipBasedDiscount": ZERO,
        "totalAndMembershipBasedDiscount": ZERO,
        "customDiscount": [],
        "discountInfo": [_discount_info(discount)] if discount else [],
        "giftCardRedemption": ZERO,
        "customSurcharges": [],
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
    charges: list[_Charge],
    shipping: _Charge,
    handling: _Charge,
) -> list[Document]:
    on_shipping = _shares(charges, shipping)
    on_handling = _shares(charges, handling)
    carried = spread(shipping.price, [charge.price for charge in charges])
    return [
        _item(internal_id * 1000 + index, line, charge, (*extra, share))
        for index, (line, charge, *extra, share) in enumerate(
            zip(lines, charges, on_shipping, on_handling, carried, strict=True), 1
        )
    ]


def _shares(charges: list[_Charge], surcharge: _Charge) -> list[Decimal]:
    """Spread a surcharge's VAT over the lines that have its rate."""
    weights = [c.price if c.rate == surcharge.rate else ZERO for c in charges]
    if not any(weights):
        return [ZERO] * len(charges)
    return spread(surcharge.tax, weights)


def _item(
    key: int, line: dict[str, Any], charge: _Charge, extra: tuple[Decimal, ...]
) -> Document:
    on_shipping, on_handling, carried = extra
    price = Decimal(line["price"])
    unit = _Charge(price, charge.rate, charge.inclusive)
    discount = _amount(line, "discount")
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
        "couponAmount": _amount(line, "coupon"),
        "couponApplied": bool(line.get("coupon")),
        "discounts": [],
        "selectedOptions": [],
        "taxable": charge.rate is not None,
        "taxClassCode": "default",
        "isShippingRequired": True,
        "digital": False,
        "giftCard": False,
        "taxes": [],
    }
    if discount:
        info = _discount_info(discount)
        item["discounts"] = [{"discountInfo": info, "total": discount}]
    if charge.rate is not None:
        parts = (charge.tax, on_shipping, on_handling)
        item["taxes"] = [_item_tax(charge, charge.rate, parts)]
    return item


def _product_id(sku: str) -> int:
    # stable for a sku and within the contract's Int
    return int.from_bytes(sku.encode()[-7:], "big") % 899_999_999 + 100_000_000


def _item_tax(
    charge: _Charge, rate: Decimal, parts: tuple[Decimal, Decimal, Decimal]
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


def _plain_taxes(charge: _Charge) -> list[Document]:
    if charge.rate is None or not charge.price:
        return []
    return [
        {
            "name": "BTW",
            "value": charge.rate,
            "total": charge.tax,
            "includeInPrice": charge.inclusive,
        }
    ]


def _delivery(spec: Spec, shipping: _Charge, handling: _Charge) -> Document:
    result: Document = {"taxesOnShipping": _plain_taxes(shipping)}
    if spec.get("shipping"):
        result["shippingOption"] = {
            "shippingCarrierName": "PostNL",
            "shippingMethodName": str(spec["shipping"].get("name", "Verzending")),
            "shippingRate": shipping.price,
            "shippingRateWithoutTax": shipping.without_tax,
            "isPickup": False,
            "fulfillmentType": "SHIPPING",
        }
    if spec.get("handling"):
        result["handlingFee"] = {
            "name": str(spec["handling"].get("name", "Behandeling")),
            "value": handling.price,
            "valueWithoutTax": handling.without_tax,
            "description": "",
            "taxes": _plain_taxes(handling),
        }
    return result


def _refund(document: Document, spec: Spec) -> None:
    refunded = document["paymentStatus"] == "REFUNDED"
    document["refundedAmount"] = document["total"] if refunded else ZERO
    document["refunds"] = []
    if refunded:
        document["refunds"].append(
            {
                "date": "",
                "source": "CP",
                "reason": str(spec.get("refund_reason", "")),
                "amount": document["total"],
            }
        )
