"""What was paid is settled on the entry's item: once, behind the booking, or told."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.orders import (
    Order,
    OrderState,
    Payment,
    Purse,
    Reading,
    Refund,
    RefundKind,
)
from core.models import Connection, Coupling, Transfer
from core.rules.refunds import RefundPolicy
from core.runtime.database import session, transaction
from core.services.transfer import orders, transfers
from plugins.eaccounting import payments
from plugins.eaccounting.models import EAccountingPaymentMapping
from plugins.eaccounting.orders import reconcile
from tests.contract.eaccounting.conftest import Coupled
from tests.unit.eaccounting import samples

DONE = ("done", "")
PAID_AT = samples.ORDERED_AT + timedelta(hours=11, minutes=30)
"""23:30 UTC: the next day in the Netherlands."""


def paid(number: int = 1, *some: tuple[str, str], **changes: Any) -> Order:
    """An order of 64.85, paid as given; by iDEAL where nothing is."""
    given = some or (("iDEAL", "64.85"),)
    paid_with = tuple(Payment(name, Decimal(text), PAID_AT) for name, text in given)
    values = {"source_id": str(number), "number": f"W{number}", **changes}
    return samples.order(samples.basket(), payments=paid_with, **values)


@pytest.fixture
def linked(coupled: Coupled) -> Coupled:
    """iDEAL and gift cards have an account; other methods have none."""
    accounts = {"iDEAL": "2000", Purse.GIFT_CARD.value: "2090"}
    tenant_id = coupled.connection.tenant_id
    with transaction() as current:
        for method, account in accounts.items():
            current.add(
                EAccountingPaymentMapping(
                    tenant_id=tenant_id,
                    coupling_id=coupled.coupling_id,
                    method=method,
                    clearing_account=account,
                )
            )
    return coupled


def left(coupled: Coupled) -> list[Decimal]:
    """What is open of each item."""
    return [item["left"] for item in reconcile.documents(coupled.coupling)]


def vouchers(coupled: Coupled) -> list[dict[str, Any]]:
    entries = coupled.package.control("ledger?kind=payment", verb="GET")
    return [entry["body"]["voucher"] for entry in entries]


def sides(voucher: dict[str, Any]) -> list[tuple[int, Decimal]]:
    """Account and debit less credit of each row."""
    return [
        (row["AccountNumber"], row["DebitAmount"] - row["CreditAmount"])
        for row in voucher["Rows"]
    ]


def test_a_paid_order_is_settled_on_the_day_of_the_payment(
    linked: Coupled, judged: list[str]
) -> None:
    linked.book(paid(1))
    judged.clear()
    linked.book(paid(2))
    assert linked.states() == [DONE, DONE]
    assert [call.split()[0] for call in judged] == ["POST", "POST"]
    voucher = vouchers(linked)[0]
    assert sides(voucher) == [(2000, Decimal("64.85")), (1300, Decimal("-64.85"))]
    assert voucher["VoucherDate"] == "2023-03-02T00:00:00Z"
    assert voucher["VoucherText"] == "Betaling bestelling W1"
    assert left(linked) == [0, 0]


def test_each_purse_has_its_own_account_and_one_without_stays_open(
    linked: Coupled,
) -> None:
    some = ("gift_card", "20.00"), ("iDEAL", "40.00"), ("PayPal", "4.85")
    linked.book(paid(1, *some))
    assert linked.states() == [DONE]
    assert [sides(each)[0] for each in vouchers(linked)] == [
        (2090, Decimal("20.00")),
        (2000, Decimal("40.00")),
    ]
    assert left(linked) == [Decimal("4.85")]


def test_without_an_account_nothing_is_settled(coupled: Coupled) -> None:
    coupled.book(paid(1, ("Kado", "64.85")))
    assert coupled.states() == [DONE]
    assert vouchers(coupled) == []


def test_drafts_and_orders_are_never_settled(linked: Coupled) -> None:
    linked.configure(target_kind="order")
    linked.book(paid())
    assert linked.states() == [DONE]
    assert vouchers(linked) == []


@pytest.mark.parametrize("fault", ["drop_after", "html_after", "drop"])
def test_a_lost_answer_costs_no_second_payment(linked: Coupled, fault: str) -> None:
    linked.package.fault(kind=fault, method="POST", path="paymentvoucher", times=1)
    linked.book(paid(1, ("gift_card", "20.00"), ("iDEAL", "44.85")))
    for _ in range(4):
        linked.drain()
    assert linked.states() == [DONE]
    assert len(vouchers(linked)) == 2
    assert len(linked.package.ledger("ledgeritem")) == 1
    assert left(linked) == [0]


def test_a_refused_payment_is_told_and_books_nothing_again(linked: Coupled) -> None:
    late = Payment("iDEAL", Decimal("64.85"), PAID_AT.replace(year=2009))
    linked.book(replace(paid(), payments=(late,)))
    linked.drain()
    assert linked.states() == [("done", "payment_not_settled")]
    row = session().query(Transfer).one()
    assert row.params["amount"] == "64.85"
    assert row.params["message"]
    assert len(linked.package.ledger("ledgeritem")) == 1
    assert left(linked) == [Decimal("64.85")]


def test_more_than_the_order_is_not_settled(linked: Coupled) -> None:
    linked.book(paid(1, ("iDEAL", "70.00")))
    assert linked.states() == [("done", "payment_exceeds")]
    assert vouchers(linked) == []


@pytest.mark.parametrize("which", ["ledger_item", "customer_invoice"])
def test_what_a_payment_settles_is_one_setting(
    linked: Coupled, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked.package.control("settings", {"receivable": "customer_invoice"})

    given = replace(payments.settings(), eaccounting_receivable=which)
    monkeypatch.setattr(payments, "settings", lambda: given)
    linked.book(paid())
    if which == "customer_invoice":
        assert linked.states() == [DONE]
        assert left(linked) == [0]
    else:
        assert linked.states() == [("done", "payment_not_settled")]
        assert left(linked) == [Decimal("64.85")]


def test_an_order_cancelled_between_booking_and_payment_is_told(
    linked: Coupled,
) -> None:
    """Its entry stands and was paid: what became of it afterwards is told."""
    linked.package.fault(kind="status", status=503, path="paymentvoucher", times=1)
    linked.book(paid())
    assert linked.states()[0][0] == "queued"
    with transaction():
        shop = session().get_one(Connection, linked.shop_id)
        later = replace(paid(), updated_at=PAID_AT + timedelta(days=1))
        cancelled = orders.Reading(later, OrderState.CANCELLED)
        orders.record(shop, [cancelled])
    for _ in range(4):
        linked.drain()
    [(state, _)] = linked.states()
    assert state == "held", linked.states()
    assert left(linked) == [Decimal("0.00")]


@pytest.mark.parametrize(
    ("first", "then", "is_told"),
    [
        ([], [("iDEAL", "64.85")], True),
        ([("iDEAL", "64.85")], [], False),  # the shop does not say
        ([("iDEAL", "64.85")], [("gift_card", "64.85")], True),
        ([("iDEAL", "64.85")], [("iDEAL", "60.00"), ("iDEAL", "4.85")], False),
        ([("PayPal", "64.85")], [("Bank", "64.85")], False),
    ],
)
def test_a_payment_that_changes_on_its_account_after_booking_is_told_once(
    linked: Coupled,
    first: list[tuple[str, str]],
    then: list[tuple[str, str]],
    is_told: bool,
) -> None:
    """It is not booked, so the debtor and the account would stay as they are."""
    linked.book(_by(*first))
    assert linked.states() == [DONE]
    told = ("held", "paid_otherwise_after_booking") if is_told else DONE
    for _ in range(2):
        linked.book(_by(*then))
        assert linked.states() == [told]
    [transfer] = session().scalars(select(Transfer))
    if is_told:
        assert transfer.params["before"] == (f"{first[0][1]} iDEAL" if first else "-")
        with transaction():
            transfers.retry(session().get_one(Transfer, transfer.id))
        linked.book(_by(*then))
        assert linked.states() == [("done", "seen_paid_otherwise_after_booking")]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("order_unpaid", ("held", "paid_otherwise_after_booking")),
        ("order_status_waits", DONE),
    ],
)
def test_a_payment_that_is_gone_is_told_when_the_shop_calls_the_order_unpaid(
    linked: Coupled, reason: str, told: tuple[str, str]
) -> None:
    """A payment status of the shop's own says nothing of the money."""
    linked.book(_by(("iDEAL", "64.85")))
    reading = Reading(_by(), OrderState.WAITING, reason)
    with transaction():
        orders.record(session().get_one(Connection, linked.shop_id), [reading])
    assert linked.states() == [told]


def test_a_draft_is_settled_by_nobody_here_so_nothing_is_told(linked: Coupled) -> None:
    linked.configure(target_kind="draft_invoice")
    linked.book(_by())
    linked.book(_by(("iDEAL", "64.85")))
    assert linked.states() == [DONE]


def test_after_a_payment_changed_no_refund_goes_by_itself(linked: Coupled) -> None:
    with transaction():
        coupling = session().get_one(Coupling, linked.coupling_id)
        coupling.refunds = RefundPolicy.BY_ITSELF
    linked.book(_by(("iDEAL", "64.85")))
    back = Refund("r1", Decimal("64.85"), PAID_AT, RefundKind.RETURNED)
    linked.book(replace(_by(("gift_card", "64.85")), refunds=(back,)))
    told = [
        ("held", "paid_otherwise_after_booking"), ("held", "refund_after_change"),
    ]  # fmt: skip
    assert linked.states() == told


def _by(*some: tuple[str, str]) -> Order:
    """An order of 64.85, paid as given or not at all."""
    return paid(1, *some) if some else replace(paid(), payments=())
