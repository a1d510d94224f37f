"""From an order in the shop to a document in the package, through the sandboxes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.clock import utcnow
from core.models import Transfer, TransferState
from core.runtime.database import session
from plugins.eaccounting.mapping import TargetKind
from tests.product import Product


def order(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A paid Dutch consumer order: two rates, a discount and shipping."""
    return {
        "email": f"klant{number}@example.com",
        "billing": {
            "name": "Sophie Fischer",
            "street": "Stationstraat 12",
            "postalCode": "1012 AB",
            "city": "Amsterdam",
            "countryCode": "NL",
        },
        "lines": [
            {
                "sku": "MOK",
                "name": "Mok met stip",
                "price": "8.95",
                "quantity": 3,
                "vat_rate": "21",
                "discount": "2.00",
            },
            {
                "sku": "THEE",
                "name": "Groene thee",
                "price": "6.50",
                "quantity": 1,
                "vat_rate": "9",
            },
        ],
        "shipping": {"name": "PostNL", "price": "4.95", "vat_rate": "21"},
        "payment_method": "iDEAL",
        **changes,
    }


def place(product: Product, spec: dict[str, Any]) -> str:
    """Place an order in the shop and let it be read and sent."""
    made = product.control("kmoshops", "orders?silent=1", spec)
    product.read_shop()
    product.drain()
    return str(made["id"])


def test_a_sales_entry_debits_debtors_and_credits_revenue_and_vat(
    connected: Product,
) -> None:
    number = place(connected, order())
    transfer = connected.transfers()[number]
    assert (transfer.state, transfer.code) == (TransferState.DONE, "")
    [entry] = connected.ledger("ledgeritem")
    [voucher] = connected.ledger("voucher")
    document = entry["document"]
    assert document["TotalAmountInvoiceCurrency"] == Decimal("36.30")
    assert document["PaymentReferenceNumber"] == number
    rows = voucher["document"]["Rows"]
    assert [(row["AccountNumber"], row["DebitAmount"]) for row in rows[:1]] == [
        (1300, Decimal("36.30"))
    ]
    assert sum(row["CreditAmount"] for row in rows) == Decimal("36.30")
    assert sum(row["DebitAmount"] for row in rows) == Decimal("36.30")
    [customer] = connected.ledger("customer")
    assert customer["document"]["EmailAddress"] == "klant1@example.com"
    assert customer["document"]["IsPrivatePerson"] is True


@pytest.mark.parametrize("kind", [TargetKind.DRAFT_INVOICE, TargetKind.ORDER])
def test_a_priced_document_has_the_shop_s_total(
    connected: Product, kind: TargetKind
) -> None:
    connected.configure(target_kind=kind.value)
    number = place(connected, order())
    transfer = connected.transfers()[number]
    assert (transfer.state, transfer.code) == (TransferState.DONE, "")
    name = "draft" if kind == TargetKind.DRAFT_INVOICE else "order"
    [entry] = connected.ledger(name)
    assert entry["document"]["YourReference"] == number
    total = entry["document"].get("TotalAmount") or entry["document"]["Amount"]
    assert total == Decimal("36.30")
    numbers = {item["document"]["Number"] for item in connected.ledger("article")}
    assert numbers == {"MOK", "THEE", "VERZENDKOSTEN"}


def test_a_known_customer_costs_one_call_an_order(connected: Product) -> None:
    place(connected, order(1))
    before = connected.control("eaccounting", "calls", verb="GET")
    for _ in range(3):
        connected.control("kmoshops", "orders?silent=1", order(1))
    connected.read_shop()
    connected.drain()
    after = connected.control("eaccounting", "calls", verb="GET")
    grown = {key: after[key] - before.get(key, 0) for key in after}
    assert {key: value for key, value in grown.items() if value} == {
        "POST /v2/customerledgeritems/customerledgeritemswithvoucher": 3
    }
    assert len(connected.ledger("customer")) == 1


def test_an_order_cancelled_while_its_worker_was_killed_ends(
    connected: Product,
) -> None:
    made = connected.control("kmoshops", "orders?silent=1", order())
    connected.read_shop()
    number = str(made["id"])
    past = utcnow() - timedelta(minutes=5)
    killed = update(Transfer).values(state=TransferState.SENDING, lease_until=past)
    session().execute(killed)
    session().commit()
    change = {"paymentStatus": "CANCELLED"}
    connected.control("kmoshops", f"orders/{number}?silent=1", change, verb="PATCH")
    connected.read_shop()
    connected.drain()
    transfer = connected.transfers()[number]
    assert (transfer.state, transfer.code) == (TransferState.SKIPPED, "order_cancelled")
