"""A paid order by a business, invoiced here: the sale once, its payment settled."""

from decimal import Decimal

import pytest

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.orders import Payment
from core.models import InvoiceState
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import sales_invoices
from core.services.transfer import setting_aside
from plugins.eaccounting.models import EAccountingPaymentMapping
from tests.contract.eaccounting.conftest import Coupled
from tests.contract.eaccounting.invoices import Books, switched_on
from tests.contract.eaccounting.test_payments import left, sides, vouchers
from tests.contract.invoiced_orders import (
    METHOD,
    business_order,
    draft,
    invoice_here,
    order_transfer,
    send,
)

DONE = ("done", "")


@pytest.fixture
def books(coupled: Coupled) -> Books:
    made = switched_on(coupled)
    invoice_here(made)
    with transaction() as current:
        current.add(
            EAccountingPaymentMapping(
                tenant_id=made.tenant_id, coupling_id=coupled.coupling_id,
                method=METHOD, clearing_account="2000",
            )
        )  # fmt: skip
    return made


def test_it_is_booked_as_the_invoice_and_settled_once(books: Books) -> None:
    books.coupled.book(business_order())
    waits = order_transfer()
    assert (waits.state, waits.code) == ("failed", "order_to_invoice")
    key = draft(books)
    send(books, key)
    assert books.where(key) == DONE
    [entry] = books.coupled.package.ledger("ledgeritem")
    assert entry["TotalAmountInvoiceCurrency"] == Decimal("40.00")
    assert entry["VATAmountInvoiceCurrency"] == Decimal("6.05")
    [voucher] = vouchers(books.coupled)
    assert sides(voucher) == [(2000, Decimal("40.00")), (1300, Decimal("-40.00"))]
    assert voucher["VoucherText"] == f"Betaling factuur {books.invoice(key).number}"
    books.ask()
    invoice = books.invoice(key)
    assert (invoice.state, books.items()) == (InvoiceState.PAID, {key: Decimal(0)})
    assert (order_transfer().state, order_transfer().code) == (
        "skipped", "invoiced_here",
    )  # fmt: skip
    books.pay(key, "-40.00")  # the bank takes the money back
    books.ask()
    assert books.invoice(key).state == InvoiceState.BOOKED


def test_without_an_account_it_stays_open_there_and_is_paid_here(books: Books) -> None:
    with transaction() as current:
        current.query(EAccountingPaymentMapping).filter_by(method=METHOD).delete()
    books.coupled.book(business_order())
    key = draft(books)
    send(books, key)
    books.ask()
    assert vouchers(books.coupled) == []
    assert books.items() == {key: Decimal("40.00")}
    assert books.invoice(key).state == InvoiceState.PAID


def test_a_refused_payment_leaves_the_booking_with_a_remark(books: Books) -> None:
    late = utcnow().replace(year=2009)  # no fiscal year there
    books.coupled.book(business_order(Payment(METHOD, Decimal("40.00"), late)))
    key = draft(books)
    send(books, key)
    assert books.where(key) == ("done", "payment_not_settled")


@pytest.mark.parametrize("fault", ["drop_after", "html_after", "drop"])
def test_a_lost_answer_costs_no_second_payment(books: Books, fault: str) -> None:
    books.coupled.book(business_order())
    key = draft(books)
    books.coupled.package.fault(
        method="POST", path="paymentvoucher", kind=fault, times=1
    )
    send(books, key)
    for _ in range(4):
        books.coupled.drain()
    assert books.where(key) == DONE
    assert len(vouchers(books.coupled)) == 1
    assert len(books.coupled.package.ledger("ledgeritem")) == 1


def test_the_order_is_booked_no_second_time_while_there_is_an_invoice(
    books: Books,
) -> None:
    books.coupled.book(business_order())
    draft(books)
    invoice_here(books, wanted=False)
    with transaction():
        setting_aside.take_back(order_transfer())
    books.coupled.verwerk(business_order())
    again = order_transfer()
    assert (again.state, again.code) == ("failed", "order_was_invoiced")
    assert books.coupled.package.ledger("ledgeritem") == []


def test_a_draft_that_is_deleted_gives_the_order_back(books: Books) -> None:
    books.coupled.book(business_order())
    key = draft(books)
    invoice_here(books, wanted=False)
    with transaction(), tenant_scope(books.tenant_id):
        sales_invoices.delete_draft(books.invoice(key))
    books.coupled.verwerk(business_order())
    assert (order_transfer().state, order_transfer().code) == ("done", "")
    assert len(books.coupled.package.ledger("ledgeritem")) == 1
    assert left(books.coupled) == [0]


def test_one_that_was_sent_as_an_order_is_looked_up_first(books: Books) -> None:
    """The choice is made while an answer is lost: the order may be there."""
    invoice_here(books, wanted=False)
    books.coupled.package.fault(
        method="POST", path="customerledgeritemswithvoucher", kind="drop_after", times=1
    )
    books.coupled.book(business_order())
    invoice_here(books)
    for _ in range(4):
        books.coupled.drain()
    assert order_transfer().state == "done"
    with pytest.raises(AskUser, match="order_not_invoiced"):
        draft(books)


def test_what_is_partly_paid_is_refused(books: Books) -> None:
    books.coupled.book(business_order(Payment(METHOD, Decimal("10.00"), utcnow())))
    with pytest.raises(AskUser, match="order_not_invoiced"):
        draft(books)
    session().rollback()
