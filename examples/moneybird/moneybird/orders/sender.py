"""Books orders as external sales invoices: check, map, write once, compare."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from core.domain.clock import local_date
from core.domain.orders import Order
from core.domain.packages import Booked, Written
from core.plugin.database import session
from core.plugin.sending import orders_of
from core.plugin.setups import Setups
from core.plugin.tables import Connection, Tenant
from core.plugin.work import Job
from moneybird import mapping
from moneybird.checks import check, difference
from moneybird.client import Moneybird
from moneybird.connector import open_client
from moneybird.setup import Setup
from moneybird.wire import Body, Invoice


@contextmanager
def open_orders(connection: Connection) -> Iterator["OrderSender"]:
    """Open the administration for a batch of orders."""
    tenant = session().get_one(Tenant, connection.tenant_id)
    with open_client(connection) as client:
        yield OrderSender(client, Setups(Setup, tenant))


class OrderSender:
    """Books orders over one connection."""

    def __init__(self, client: Moneybird, setups: Setups[Setup]) -> None:
        self._client = client
        self._setups = setups
        self._orders: dict[int, Order] = {}

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load the orders of the batch at once."""
        self._orders = orders_of(jobs)

    def send(self, job: Job) -> Booked:
        """Check, make the contact and the invoice once each, compare."""
        setup = self._setups.of(job.coupling_id)
        order = self._orders[job.transfer_id]
        session().rollback()
        job.exchange = lambda: self._client.http.last_exchange
        job.document = mapping.EXTERNAL_INVOICE
        job.reasoning = setup.reasoning(order)
        sale = setup.sale_of(order)
        check(order)
        lines = mapping.invoice_lines(order, sale, setup.rules)
        on = local_date(order.ordered_at, setup.timezone)
        contact = self._contact(job, order)
        body = mapping.invoice_body(lines, contact, on, setup.payment_days)
        invoice = self._invoice(job, body, f"{setup.prefix}-{order.number}", on)
        return Booked(
            external_id=invoice.id,
            number=invoice.reference,
            debtor_id=contact,
            warning=difference(order, invoice, contact),
        )

    def _contact(self, job: Job, order: Order) -> str:
        body = mapping.contact_body(order)
        known = self._client.contact_with

        def send(_: str) -> Written:
            email = body["send_invoices_to_email"]
            return Written(known(email) or self._client.create_contact(body))

        def find(email: str, _: object) -> Written | None:
            found = known(email)
            return Written(found) if found else None

        return job.make_once("contact", order.email.lower(), send=send, find=find)

    def _invoice(self, job: Job, body: Body, reference: str, on: date) -> Invoice:
        def send(ref: str) -> Written:
            return _written(self._client.create_invoice({**body, "reference": ref}))

        def find(ref: str, _: object) -> Written | None:
            found = self._client.invoice_with(ref, body["contact_id"], on)
            return _written(found) if found else None

        written = job.write(
            "invoice", reference=lambda: reference, send=send, find=find, last=True
        )
        return Invoice(**written.result)


def _written(invoice: Invoice) -> Written:
    return Written(invoice.id, {**vars(invoice)})
