"""A small order document in the contract's words, to change one thing at a time."""

from decimal import Decimal
from typing import Any

D = Decimal


def tax(rate: str, amount: str, **more: Any) -> dict[str, Any]:
    """One entry of `taxes`."""
    return {"name": "BTW", "value": D(rate), "total": D(amount), **more}


def item(price: str = "12.10", quantity: int = 1, **more: Any) -> dict[str, Any]:
    """One line at 21 %, prices incl VAT."""
    return {
        "name": "Mok",
        "sku": "MOK",
        "price": D(price),
        "quantity": quantity,
        "taxes": [tax("21", "2.10", taxOnDiscountedSubtotal=D("2.10"))],
        **more,
    }


def document(**changes: Any) -> dict[str, Any]:
    """A paid order of one mug, 12.10 incl 21 % VAT."""
    return {
        "id": "W-1001",
        "internalId": 300000001,
        "orderNumber": 1001,
        "createDate": "2026-05-31 22:08:36 +0000",
        "updateDate": "2026-05-31 22:09:35 +0000",
        "pricesIncludeTax": True,
        "subtotal": D("12.10"),
        "total": D("12.10"),
        "tax": D("2.10"),
        "paymentStatus": "PAID",
        "fulfillmentStatus": "SHIPPED",
        "paymentMethod": "iDEAL",
        "items": [item()],
        "billingPerson": {"name": "Sophie Fischer", "countryCode": "NL"},
        **changes,
    }
