"""Which orders go, as the connection's settings say, and why others do not."""

import pytest

from plugins.kmoshops.checks import FULFILMENT_STATUSES, StatusRules
from plugins.kmoshops.orders.shop import rules_from
from plugins.kmoshops.texts import TEXTS
from tests.unit.kmoshops.test_checks import COMBINATIONS


def test_every_reason_has_words() -> None:
    rules = StatusRules(("PAID",), ("SHIPPED",))
    reasons = {rules.judge(*pair)[1] for pair in COMBINATIONS} - {""}
    assert reasons <= set(TEXTS)


@pytest.mark.parametrize(
    ("chosen", "payment", "fulfilment"),
    [
        ({}, ("PAID",), FULFILMENT_STATUSES),
        ({"payment_statuses": []}, ("PAID",), FULFILMENT_STATUSES),
        ({"payment_statuses": "PAID"}, ("PAID",), FULFILMENT_STATUSES),
        (
            {"payment_statuses": ["PAID", "INCOMPLETE"],
             "fulfilment_statuses": ["SHIPPED"]},
            ("PAID", "INCOMPLETE"),
            ("SHIPPED",),
        ),
    ],
)  # fmt: skip
def test_rules_come_from_the_connection_s_settings(
    chosen: dict[str, object], payment: tuple[str, ...], fulfilment: tuple[str, ...]
) -> None:
    assert rules_from(chosen) == StatusRules(payment, fulfilment)
