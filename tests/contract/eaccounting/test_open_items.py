"""Payments come back: Geboekt, Betaald, and Geboekt again (manual 000, D)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import LogEntry
from core.plugin.engine import wake_due
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.services.invoicing import invoice_setup, open_items
from plugins.eaccounting.client import EAccounting
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.invoices import Books, switched_on

ITEMS = "customerledgeritems"


@pytest.fixture
def books(coupled: Coupled) -> Books:
    return switched_on(coupled)


def logged(*codes: str) -> list[str]:
    """The log's codes of a kind, oldest first."""
    rows = session().scalars(select(LogEntry).order_by(LogEntry.id))
    return [row.code for row in rows if row.code in codes]


def test_from_sent_to_paid_and_back_again(books: Books) -> None:
    key = books.send([("HOOG", "100.00")])
    assert books.invoice(key).state == "sent"
    books.coupled.drain()
    assert books.invoice(key).state == "booked"
    books.ask()
    assert (books.invoice(key).state, books.items()) == (
        "booked", {key: Decimal("121.00")},
    )  # fmt: skip

    books.pay(key, "100.00")
    books.ask()
    assert (books.invoice(key).state, books.items()) == (
        "booked", {key: Decimal("21.00")},
    )  # fmt: skip
    books.pay(key, "21.00")
    books.ask()
    assert (books.invoice(key).state, books.items()) == ("paid", {key: Decimal(0)})
    assert books.invoice(key).paid_on is not None

    books.pay(key, "-0.01")
    books.ask()
    assert (books.invoice(key).state, books.items()) == (
        "booked", {key: Decimal("0.01")},
    )  # fmt: skip
    assert books.invoice(key).paid_on is None
    assert logged("invoice_booked", "invoice_paid", "invoice_reopened") == [
        "invoice_booked", "invoice_paid", "invoice_reopened",
    ]  # fmt: skip


def test_a_credit_invoice_is_paid_when_it_is_settled(books: Books) -> None:
    key = books.credit(books.book())
    books.coupled.drain()
    books.ask()
    assert books.items()[key] == Decimal("-121.00")
    books.pay(key, "121.00")
    books.ask()
    assert books.invoice(key).state == "paid"


def test_only_what_changed_is_asked_for_and_once_a_week_everything(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = EAccounting.all

    def noted(self: EAccounting, resource: str, query: str = "", **more: str) -> Any:
        if resource == ITEMS:
            asked.append(query.split(" ")[0])
        return plain(self, resource, query, **more)

    monkeypatch.setattr(EAccounting, "all", noted)
    key = books.book()
    books.ask()
    books.ask()
    connection = books.coupled.connection
    cursor = connection.cursor["open_items"]
    before = datetime.fromisoformat(cursor["whole"]) - timedelta(days=8)
    with transaction():
        connection = books.coupled.connection
        connection.cursor = {
            **connection.cursor,
            "open_items": {**cursor, "whole": before.isoformat()},
        }
    books.ask()
    books.ask()
    assert asked == ["", "ModifiedUtc", "", "ModifiedUtc"]
    assert books.invoice(key).state == "booked"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "retry_after": 60},
        {"kind": "html"},
        {"kind": "drop"},
        {"kind": "status", "status": 200, "body": {}},
        {"kind": "status", "status": 200, "body": {"Data": [], "Meta": {}}},
    ],
)
def test_an_error_never_means_paid_and_is_asked_again(
    books: Books, unjudged: None, fault: dict[str, Any]
) -> None:
    key = books.book()
    books.pay(key, "121.00")
    books.coupled.package.fault(method="GET", path=ITEMS, **fault)
    books.ask()
    assert (books.invoice(key).state, books.items()) == ("booked", {})
    asked_at = books.coupling.open_items_at
    assert asked_at is not None
    assert asked_at < utcnow() - timedelta(hours=22)
    assert logged("open_items_not_read") == ["open_items_not_read"]
    books.coupled.package.control("faults", verb="DELETE")
    books.ask()
    assert books.invoice(key).state == "paid"


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"Id": "someone-elses", "RemainingAmountInvoiceCurrency": Decimal(0)}],
        [{"Id": None, "RemainingAmountInvoiceCurrency": Decimal(0)}],
        ["cut"],
        ["null"],
        ["text"],
    ],
)
def test_what_an_answer_does_not_plainly_say_changes_nothing(
    books: Books, monkeypatch: pytest.MonkeyPatch, items: list[Any]
) -> None:
    key = books.book()
    item = {"Id": books.booking(key).external_id}
    odd = {
        "cut": item,
        "null": {**item, "RemainingAmountInvoiceCurrency": None},
        "text": {**item, "RemainingAmountInvoiceCurrency": "0"},
    }
    answer = [odd[one] if isinstance(one, str) else one for one in items]
    monkeypatch.setattr(EAccounting, "all", lambda *_, **__: iter(answer))
    books.ask()
    assert (books.invoice(key).state, books.items()) == ("booked", {})


def test_a_paid_invoice_that_an_answer_lacks_stays_paid(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = books.book()
    books.pay(key, "121.00")
    books.ask()
    monkeypatch.setattr(EAccounting, "all", lambda *_, **__: iter([]))
    books.ask()
    assert books.invoice(key).state == "paid"


def test_it_is_asked_once_a_day(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []

    def wake(_queue: str, task: str, key: int = 0) -> None:
        if task == "open_items":
            woken.append(key)

    monkeypatch.setattr(jobs, "wake", wake)
    key = books.book()
    books.ask()
    wake_due([open_items.DUE], utcnow())
    assert woken == []
    books.pay(key, "121.00")
    jobs.run_task("open_items", books.coupled.package_id)
    assert books.invoice(key).state == "booked"
    with transaction():
        books.coupling.open_items_at = utcnow() - timedelta(hours=24)
    wake_due([open_items.DUE], utcnow())
    assert woken == [books.coupled.package_id]


def test_switched_off_or_paused_it_is_not_asked(books: Books) -> None:
    key = books.book()
    books.pay(key, "121.00")
    with transaction():
        invoice_setup.save_open_items(books.coupling, wanted=False)
    books.ask()
    with transaction():
        invoice_setup.save_open_items(books.coupling, wanted=True)
    books.coupled.change(state="paused")
    books.ask()
    assert not [one for one in books.coupled.package.calls("GET") if ITEMS in one]
    assert books.invoice(key).state == "booked"


def test_lost_authentication_pauses_the_connection(books: Books) -> None:
    books.book()
    books.coupled.package.control("revoke")
    books.ask()
    assert books.coupled.connection.state == "paused"
    assert books.items() == {}
