"""Which orders may go, and which webhooks are genuine."""

from itertools import product

import pytest

from core.domain.orders import OrderState
from plugins.kmoshops.checks import (
    FULFILMENT_STATUSES,
    PAYMENT_STATUSES,
    StatusRules,
    is_fresh,
    is_signed,
    signature,
)

DEFAULT = {
    "AWAITING_PAYMENT": (OrderState.WAITING, "order_unpaid"),
    "PAID": (OrderState.READY, ""),
    "CANCELLED": (OrderState.CANCELLED, "order_cancelled"),
    "REFUNDED": (OrderState.CANCELLED, "order_refunded"),
    "PARTIALLY_REFUNDED": (OrderState.READY, ""),
    "INCOMPLETE": (OrderState.WAITING, "order_incomplete"),
    "CUSTOM_PAYMENT_STATUS_1": (OrderState.WAITING, "order_status_waits"),
    "CUSTOM_PAYMENT_STATUS_2": (OrderState.WAITING, "order_status_waits"),
    "CUSTOM_PAYMENT_STATUS_3": (OrderState.WAITING, "order_status_waits"),
}
COMBINATIONS = list(product(PAYMENT_STATUSES, FULFILMENT_STATUSES))


@pytest.mark.parametrize(("payment", "fulfilment"), COMBINATIONS)
def test_by_default_paid_orders_go_whatever_their_delivery(
    payment: str, fulfilment: str
) -> None:
    assert StatusRules().judge(payment, fulfilment) == DEFAULT[payment]


@pytest.mark.parametrize(("payment", "fulfilment"), COMBINATIONS)
def test_chosen_statuses_decide_but_ended_orders_never_go(
    payment: str, fulfilment: str
) -> None:
    rules = StatusRules(PAYMENT_STATUSES, ("SHIPPED", "DELIVERED"))
    if payment in ("CANCELLED", "REFUNDED"):
        expected = DEFAULT[payment]
    elif fulfilment in ("SHIPPED", "DELIVERED"):
        expected = (OrderState.READY, "")
    else:
        expected = (OrderState.WAITING, "order_not_shipped")
    assert rules.judge(payment, fulfilment) == expected


@pytest.mark.parametrize("payment", ["", "BRAND_NEW_STATUS"])
def test_a_status_nobody_knows_waits(payment: str) -> None:
    verdict = (OrderState.WAITING, "order_status_waits")
    assert StatusRules().judge(payment, "SHIPPED") == verdict


KNOWN = "iFx4bpWlvTHaALC9tc39JfN8GzStfV7XHgPXyRKimY8="
"""`printf 1469429915.08a78904 | openssl dgst -sha256 -hmac geheim -binary | base64`"""


def test_the_signature_is_that_of_another_program() -> None:
    assert signature("geheim", 1469429915, "08a78904") == KNOWN


@pytest.mark.parametrize(
    ("given", "secrets", "created", "event_id", "genuine"),
    [
        (KNOWN, ["geheim"], 1469429915, "08a78904", True),
        (KNOWN, ["nieuw", " geheim "], 1469429915, "08a78904", True),
        (KNOWN, ["nieuw"], 1469429915, "08a78904", False),
        (KNOWN, ["geheim"], 1469429916, "08a78904", False),
        (KNOWN, ["geheim"], 1469429915, "08a78905", False),
        (KNOWN.lower(), ["geheim"], 1469429915, "08a78904", False),
        ("", ["geheim"], 1469429915, "08a78904", False),
        ("é", ["geheim"], 1469429915, "08a78904", False),
        (KNOWN, [], 1469429915, "08a78904", False),
        (signature("", 1, "x"), [""], 1, "x", False),
    ],
)
def test_only_our_secrets_sign(
    given: str, secrets: list[str], created: int, event_id: str, genuine: bool
) -> None:
    assert is_signed(given, secrets, created, event_id) is genuine


@pytest.mark.parametrize(
    ("created", "fresh"),
    [(1000, True), (700, True), (1300, True), (699, False), (1301, False)],
)
def test_the_window_has_two_sides(created: int, fresh: bool) -> None:
    assert is_fresh(created, 1000, 300) is fresh
