"""A paid order by a business, invoiced here: the sale once, its payment booked."""

from decimal import Decimal

import pytest

from core.domain.clock import utcnow
from core.domain.orders import Payment, Purse
from core.models import InvoiceState
from core.runtime.database import transaction
from plugins.eboekhouden.models import EBoekhoudenPaymentMapping
from tests.contract.eboekhouden.conftest import Coupled
from tests.contract.eboekhouden.invoices import Books, switched_on
from tests.contract.eboekhouden.test_invoices import DONE, entries, lines
from tests.contract.invoiced_orders import (
    METHOD,
    business_order,
    draft,
    invoice_here,
    order_transfer,
    send,
)

BANK, GIFT_CARDS = "1010", "1650"


@pytest.fixture
def books(coupled: Coupled) -> Books:
    made = switched_on(coupled)
    invoice_here(made)
    with transaction() as current:
        for method, account in ((METHOD, BANK), (Purse.GIFT_CARD, GIFT_CARDS)):
            current.add(
                EBoekhoudenPaymentMapping(
                    tenant_id=made.tenant_id, coupling_id=coupled.coupling_id,
                    method=str(method), clearing_account=account,
                )
            )  # fmt: skip
    return made


def test_it_is_booked_as_the_invoice_and_its_payment_once(books: Books) -> None:
    books.coupled.book(business_order())
    key = draft(books)
    fault = {"method": "POST", "kind": "drop_after", "times": 1}
    books.coupled.package.fault(**fault)
    send(books, key)
    for _ in range(4):
        books.coupled.drain()
    assert books.where(key) == DONE
    sale, payment = entries(books)
    number = books.invoice(key).number
    assert [sale["Soort"], payment["Soort"]] == [
        "FactuurVerstuurd", "FactuurbetalingOntvangen",
    ]  # fmt: skip
    vat = [Decimal(vat) for code, _, vat in lines(sale) if code == "HOOG_VERK_21"]
    assert sum(vat) == Decimal("5.22")
    assert sum(Decimal(net) for _, net, _ in lines(sale)) == Decimal("33.95")
    assert (payment["Factuurnummer"], payment["Rekening"]) == (number, BANK)
    [row] = payment["MutatieRegels"]
    assert str(row["BedragInclBTW"]) == "40.00"
    books.ask()
    assert books.invoice(key).state == InvoiceState.PAID
    assert order_transfer().code == "invoiced_here"


def test_what_a_gift_card_paid_stays_open_there_and_is_told(books: Books) -> None:
    now = utcnow()
    paid = (
        Payment(str(Purse.GIFT_CARD), Decimal("15.00"), now),
        Payment(METHOD, Decimal("25.00"), now),
    )
    books.coupled.book(business_order(*paid))
    key = draft(books)
    send(books, key)
    assert books.where(key) == ("done", "eboekhouden_purse_open")
    assert [one["Soort"] for one in entries(books)] == [
        "FactuurVerstuurd", "FactuurbetalingOntvangen",
    ]  # fmt: skip
    assert books.invoice(key).state == InvoiceState.PAID
