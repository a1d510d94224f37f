"""A paid webshop order by a business that is invoiced from here, for every package."""

from dataclasses import replace
from decimal import Decimal

from core.domain.clock import utcnow
from core.domain.orders import Order, Payment
from core.models import Coupling, SalesInvoice, Transfer, User
from core.runtime.database import session, transaction
from core.runtime.tenancy import tenant_scope
from core.services.invoicing import order_invoices, sales_invoices
from tests.contract.eaccounting.invoices import Books
from tests.unit.eaccounting import samples

METHOD = "iDEAL"


def business_order(*payments: Payment) -> Order:
    """An order of 40 euros at two rates, paid by iDEAL unless said otherwise.

    The shop rounded VAT per line: 5.22 over what comes to 5.20 when it is added first.
    """
    lines = [samples.line("Lamp", "10.00", "1.74") for _ in range(3)]
    lines.append(samples.line("Thee", "10.00", "0.83", "9"))
    now = utcnow()
    paid = payments or (Payment(METHOD, Decimal("40.00"), now),)
    return samples.order(
        lines,
        number="W7",
        ordered_at=now,
        updated_at=now,
        billing=replace(samples.address(), company="Café De Kroon"),
        payments=paid,
        payment_status="PAID",
    )


def invoice_here(books: Books, wanted: bool = True) -> None:
    """Choose that orders of businesses are invoiced from here."""
    with transaction() as current:
        coupling = current.get_one(Coupling, books.coupled.coupling_id)
        coupling.invoices_businesses = wanted


def order_transfer() -> Transfer:
    """The transfer of the order as an order."""
    session().rollback()
    session().expire_all()
    return session().query(Transfer).filter_by(subject="order").one()


def draft(books: Books) -> int:
    """*Maak er een factuur van*; return the draft's id."""
    with transaction() as current, tenant_scope(books.tenant_id):
        user_id = current.query(User.id).order_by(User.id).limit(1).scalar()
        row = current.query(Transfer).filter_by(subject="order").one()
        return order_invoices.make(row, user_id=user_id).id


def send(books: Books, invoice_id: int) -> None:
    """Send it, otherwise than by mail, and let it be booked."""
    with transaction() as current, tenant_scope(books.tenant_id):
        sales_invoices.send(current.get_one(SalesInvoice, invoice_id), "other")
    books.coupled.drain()
