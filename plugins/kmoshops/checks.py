"""Which orders may go, and which webhooks are genuine. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from core.domain.orders import UNPAID, OrderState

PAYMENT_STATUSES = (
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
FULFILMENT_STATUSES = (
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
ADJUSTABLE_PAYMENTS = tuple(
    status for status in PAYMENT_STATUSES if status not in ("CANCELLED", "REFUNDED")
)
UNINSTALLED = "application.uninstalled"
"""The message that the owner removed our app from the shop."""
_ENDED = {"REFUNDED": "order_refunded", "CANCELLED": "order_cancelled"}
_WAITING = {
    "AWAITING_PAYMENT": UNPAID,
    "INCOMPLETE": "order_incomplete",
}


@dataclass(frozen=True)
class StatusRules:
    """Which combinations of statuses may be passed on (Configuratie)."""

    payment: Collection[str] = ("PAID",)
    fulfilment: Collection[str] = field(default=FULFILMENT_STATUSES)

    def judge(self, payment: str, fulfilment: str) -> tuple[OrderState, str]:
        """Tell what an order's statuses mean, with the code of why it stays.

        Refunded and cancelled orders never go (manual 004, Inleiding). One that was
        paid and then refunded in part goes in full: the refund is a document, or a
        question, of its own.
        """
        if payment in _ENDED:
            return OrderState.CANCELLED, _ENDED[payment]
        if payment == "PARTIALLY_REFUNDED" and "PAID" in self.payment:
            payment = "PAID"
        if payment not in self.payment:
            return OrderState.WAITING, _WAITING.get(payment, "order_status_waits")
        if fulfilment and fulfilment not in self.fulfilment:
            return OrderState.WAITING, "order_not_shipped"
        return OrderState.READY, ""


def signature(secret: str, created: int, event_id: str) -> str:
    """Return a webhook's signature. It covers id and time only, not the body.

    Ecwid: webhooks, `X-Ecwid-Webhook-Signature` = base64(HMAC-SHA256(client secret,
    "{eventCreated}.{eventId}")).
    """
    text = f"{created}.{event_id}".encode()
    return base64.b64encode(
        hmac.new(secret.encode(), text, hashlib.sha256).digest()
    ).decode()


def is_signed(given: str, secrets: Iterable[str], created: int, event_id: str) -> bool:
    """Tell whether a signature fits one of our secrets (two while one is replaced)."""
    fits = [
        hmac.compare_digest(given.encode(), signature(s, created, event_id).encode())
        for s in map(str.strip, secrets)
        if s
    ]
    return any(fits)


def is_fresh(created: int, now: float, window: int) -> bool:
    """Tell whether a webhook's moment (unix seconds) is within the window."""
    return abs(int(now) - created) <= window
