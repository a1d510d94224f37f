"""kill -9 before and after every remote call and every commit of one invoice.

As for orders: the points are counted first, then the worker is killed at each of them
in turn, on an invoice of a relation that has no debtor yet. Afterwards another worker
goes on, and the package's own ledger must hold each booking, each document and each
link once.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from core.domain.relations import PostalAddress, RelationData
from core.models import Connection, SalesInvoice, TransferState
from core.net.http import probe
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import invoice_couplings, invoice_setup, sales_invoices
from core.services.invoicing.sales_invoices import Draft, DraftLine
from tests.contract.eaccounting.invoices import map_all, settings_of, vat_codes
from tests.e2e.test_kill_points import ROUNDS, in_child, kill_at, let_time_pass, some_of
from tests.product import Product

DAY = date(2026, 11, 16)
PDF = b"%PDF-1.7 the invoice as it was sent"


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    """No listener is left behind."""
    yield
    probe.listener = None


def work() -> None:
    """What a worker does for an invoice: send it."""
    jobs.run_task("drain", 0)


def switched_on(product: Product) -> int:
    """Switch booking on; return the VAT code that is charged."""
    with transaction():
        codes = vat_codes(product.tenant_id)
    with transaction():
        connection = session().get_one(Connection, product.package_id)
        coupling = invoice_setup.switch_on(connection, date(2026, 1, 1))
        invoice_setup.save_settings(coupling, settings_of(coupling))
        map_all(coupling)
        assert invoice_couplings.problems_of(coupling) == []
    return codes["HOOG"]


def sent(product: Product, vat_code_id: int, number: int) -> str:
    """Send an invoice to a new relation; return its number."""
    place = PostalAddress("Kade", str(number), "", "3011 AA", "Rotterdam", "NL")
    buyer = RelationData(
        False, f"Klant {number}", debtor_number=str(70000 + number),
        postal_address=place,
    )  # fmt: skip
    with transaction(), tenant_scope(product.tenant_id):
        relation = relations.save(buyer, None)
        line = DraftLine("Werk", Decimal(1), Decimal("100.00"), vat_code_id)
        row = sales_invoices.save_draft(
            product.tenant_id, Draft(relation.id, DAY, DAY, [line])
        )
        sales_invoices.attach(row, "f.pdf", "application/pdf", PDF, is_invoice=True)
        return str(sales_invoices.send(row, "other").number)


@pytest.mark.slow
def test_one_booking_and_one_document_wherever_the_worker_is_killed(
    connected: Product,
) -> None:
    code = switched_on(connected)
    points: list[str] = []
    numbers = [sent(connected, code, 0)]
    probe.listener = points.append
    work()
    probe.listener = None
    assert connected.transfers()[numbers[0]].state == TransferState.DONE
    assert len(points) >= 15, points

    for point in some_of(points, first=2):
        numbers.append(sent(connected, code, len(numbers)))
        survived = in_child(work, kill_at(point))
        assert not survived, f"point {point} ({points[point]}) was not reached"
        for _ in range(ROUNDS):
            let_time_pass()
            in_child(work, lambda _: None)
            if connected.transfers()[numbers[-1]].state == TransferState.DONE:
                break

    states = {name: row.state for name, row in connected.transfers().items()}
    assert states == dict.fromkeys(numbers, TransferState.DONE)
    invoices = session().query(SalesInvoice).all()
    ours = {row.state for row in invoices if row.number in numbers}
    assert ours == {"booked"}
    booked = [entry["document"] for entry in connected.ledger("ledgeritem")]
    assert Counter(one["PaymentReferenceNumber"] for one in booked) == Counter(numbers)
    uploads = [entry["document"] for entry in connected.ledger("attachment")]
    assert Counter(one["FileName"] for one in uploads) == Counter(
        f"Factuur_{number}" for number in numbers
    )
    links = [entry["document"] for entry in connected.ledger("attachmentlink")]
    vouchers = {one["DocumentId"] for one in links}
    assert len(links) == len(vouchers) == len(numbers)
    assert vouchers == {one["VoucherId"] for one in booked}
    debtors = [entry["document"] for entry in connected.ledger("customer")]
    assert Counter(one["CustomerNumber"] for one in debtors).most_common(1)[0][1] == 1
