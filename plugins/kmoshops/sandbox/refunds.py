"""Refunds as the contract has them. Pure."""

from decimal import Decimal
from typing import Any

from core.domain.money import ZERO

Document = dict[str, Any]
FULL, PARTLY = "REFUNDED", "PARTIALLY_REFUNDED"
"""What a refund makes of the payment status."""


def give_back(document: Document, amount: Decimal, reason: str, date: str) -> None:
    """Refund an amount of a paid order; raise ValueError beyond what was paid.

    The payment status follows. As in the contract a refund has a day, a source, a
    reason and an amount: no lines and no VAT.
    """
    if document["paymentStatus"] not in ("PAID", PARTLY):
        raise ValueError("only what was paid can be refunded")
    left = document["total"] - document["refundedAmount"]
    if not ZERO < amount <= left:
        raise ValueError(f"there is {left} left to refund")
    add_refund(document, amount, reason, date)
    document["paymentStatus"] = FULL if amount == left else PARTLY


def add_refund(document: Document, amount: Decimal, reason: str, date: str) -> None:
    """Put a refund on an order that may have it."""
    refund = {"date": date, "source": "CP", "reason": reason, "amount": amount}
    document["refunds"] = [*document["refunds"], refund]
    document["refundedAmount"] += amount
