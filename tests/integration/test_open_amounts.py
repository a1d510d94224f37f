"""What is open of an invoice: by the package, less what is credited; lists and sums."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from core.models import (
    Connection,
    ConnectionState,
    InvoiceState,
    OpenItem,
    SalesInvoice,
    Tenant,
)
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import invoice_lists, open_amounts, sales_invoices
from core.services.invoicing.invoice_lists import Filter
from core.services.people import accounts
from tests.invoices import complete, customer, draft, line

ON = date(2026, 3, 20)
"""Four days after what a draft of the tests is due."""


@pytest.fixture(name="tenant")
def seller(app: Flask) -> Iterator[Tenant]:
    with transaction():
        made = accounts.create_tenant_with_owner(
            name="De Fietsenmaker", email="a@example.com", password="x" * 20
        )
        with tenant_scope(made.id):
            complete(made)
            customer()
    with tenant_scope(made.id):
        yield made


def sent(tenant: Tenant, price: str = "100", **values) -> SalesInvoice:
    """Send an invoice of one line without VAT."""
    relation = session().get_one(sales_invoices.Relation, 1)
    lines = (line(tenant, "1", price, "NLVRIJ"),)
    return sales_invoices.send(draft(tenant, relation, *lines, **values), "other")


def credited(row: SalesInvoice, amount: str = "100") -> SalesInvoice:
    """Credit a part of an invoice."""
    made = sales_invoices.credit(row, row.issued_on)
    made.lines[0].unit_price = Decimal(amount)
    made.lines[0].amount_excl_vat = made.amount_excl_vat = -Decimal(amount)
    return sales_invoices.send(made, "other")


def package(tenant: Tenant) -> int:
    row = Connection(
        tenant_id=tenant.id, plugin="eaccounting", state=ConnectionState.CONNECTED,
        external_id=str(session().query(Connection).count()),
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row.id


def told(row: SalesInvoice, left: str, where: int) -> None:
    """Let a package have told what is open."""
    session().add(
        OpenItem(tenant_id=row.tenant_id, connection_id=where, invoice_id=row.id,
                 open_amount=Decimal(left))
    )  # fmt: skip
    session().flush()


def left(row: SalesInvoice) -> Decimal:
    return open_amounts.of([row.id]).get(row.id, Decimal(0))


def test_what_is_open_by_the_package_and_by_what_was_credited(tenant: Tenant) -> None:
    with transaction():
        first, second = package(tenant), package(tenant)
        unread, partly, paid, both, matched, unmatched, loose = (
            sent(tenant) for _ in range(7)
        )
        told(partly, "60", first)
        told(both, "60", first)
        told(both, "70", second)
        paid.state = InvoiceState.PAID
        told(matched, "60", first)  # the package took the credit of 40 off
        told(credited(matched, "40"), "0", first)
        told(unmatched, "60", first)  # 40 was paid; the credit stands beside it
        told(credited(unmatched, "40"), "-40", first)
        credited(loose, "100")
    found = [left(each) for each in (unread, partly, paid, both, matched, unmatched,
                                     loose)]  # fmt: skip
    assert [str(each) for each in found] == [
        "100.00", "60.00", "0", "70.00", "60.00", "20.00", "0",
    ]  # fmt: skip


def test_the_list_says_what_is_late_and_adds_up_what_is_open(tenant: Tenant) -> None:
    with transaction():
        late = sent(tenant)
        today = sent(tenant, "50", due_on=ON)
        gone = sent(tenant)
        credited(gone)
        draft(tenant, late.relation)
    by_id = {row.invoice.id: row for row in invoice_lists.page(Filter(), ON).rows}
    assert (by_id[late.id].days, by_id[today.id].days, by_id[gone.id].days) == (4, 0, 0)
    assert [row.credited for row in by_id.values()] == [
        False,
        False,
        True,
        False,
        False,
    ]
    totals = invoice_lists.totals(Filter(), ON)
    assert (totals.count, totals.open, totals.overdue) == (5, 150, 100)
    for state, wanted in (("open", [today.id, late.id]), ("overdue", [late.id])):
        rows = invoice_lists.page(Filter(state=state), ON).rows
        assert [row.invoice.id for row in rows] == wanted
    exported = list(invoice_lists.everything(Filter(state="open"), ON))
    assert [row.open for row in exported] == [50, 100]


def test_by_due_date_it_is_paged_by_key(tenant: Tenant) -> None:
    with transaction():
        days = (date(2026, 3, 9), date(2026, 3, 5), date(2026, 3, 9), ON)
        made = [sent(tenant, due_on=day).id for day in days]
    found, after = [], None
    for _ in range(4):
        page = invoice_lists.page(Filter(order="due"), ON, after, 1)
        found += [row.invoice.id for row in page.rows]
        after = page.after
    assert found == [made[1], made[0], made[2], made[3]]
    assert after is None
