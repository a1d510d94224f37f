"""Whoever listens by webhook hears what became of an order, once."""

import json
from typing import Any

from sqlalchemy import select

from core.models import Connection, User, WebhookDelivery
from core.runtime.database import session, transaction
from core.services.api import webhooks_out
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.test_booking import order


def listen(coupled: Coupled) -> None:
    """Add an address that is told of everything."""
    with transaction():
        tenant_id = session().get_one(Connection, coupled.package_id).tenant_id
        user = session().scalars(select(User)).one()
        webhooks_out.add(
            tenant_id, "https://crm.example.com/in", webhooks_out.EVENTS,
            user_id=user.id,
        )  # fmt: skip


def told() -> list[tuple[str, dict[str, Any]]]:
    session().rollback()
    rows = session().scalars(select(WebhookDelivery).order_by(WebhookDelivery.id))
    return [(row.event, json.loads(row.payload)["data"]) for row in rows]


def test_booked_and_failed_orders_are_told_once(coupled: Coupled) -> None:
    listen(coupled)
    coupled.book(order(1), order(2, email=""))
    coupled.drain()
    coupled.load()
    (booked, about), (failed, reason) = sorted(told())
    [entry] = coupled.package.ledger("ledgeritem")
    assert (booked, failed) == ("order.booked", "order.failed")
    assert about["number"] == "W1"
    assert about["source_id"] == "1"
    assert about["document"] == "sales_entry"
    assert about["external_id"] == entry["Id"]
    assert (reason["number"], reason["code"]) == ("W2", "email_missing")


def test_an_order_that_goes_after_all_is_told_as_booked(coupled: Coupled) -> None:
    listen(coupled)
    coupled.book(order(2, email=""))
    coupled.verwerk(order(2))
    assert [event for event, _about in told()] == ["order.failed", "order.booked"]
