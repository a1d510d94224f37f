"""Sending an order: check, find or make the debtor, book the entry, its payments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from core.domain.errors import AskUser, Stop
from core.domain.orders import Order, SaleKind
from core.domain.packages import Booked
from core.plugin.database import session
from core.plugin.sending import checked, orders_of
from core.plugin.setups import Setups
from core.plugin.tables import Connection, Tenant
from core.plugin.work import Job
from plugins.eboekhouden import checks
from plugins.eboekhouden.booking import book_once
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.mapping import PAYMENT, SALES_ENTRY
from plugins.eboekhouden.orders import mapping
from plugins.eboekhouden.orders.debtors import Debtors
from plugins.eboekhouden.orders.judgement import Checked, entry_of, judge, prefix_of
from plugins.eboekhouden.payments import (
    OPEN,
    Payments,
    Settled,
    due,
    stays_open,
)
from plugins.eboekhouden.readback import Recent
from plugins.eboekhouden.reference import ACCOUNT, FRESH_SECONDS, Index
from plugins.eboekhouden.setup import Setup
from plugins.eboekhouden.wire import Body
from plugins.vies.public import check_no_business, valid_number

_VAT_NUMBER_CODES = (
    "eboekhouden_vat_number_unchecked",
    "eboekhouden_vat_number_invalid",
)


@contextmanager
def open_orders(connection: Connection) -> "Iterator[OrderSender]":
    """Open the administration for a batch of orders."""
    connection_id = connection.id
    tenant = session().get_one(Tenant, connection.tenant_id)
    with open_client(connection, for_booking=True) as client:
        index = Index(connection, client)
        client.known_ids = index
        yield OrderSender(client, index, connection_id, Setups(Setup, tenant))


class OrderSender:
    """Sends the orders of one batch to one administration."""

    def __init__(
        self,
        client: EBoekhouden,
        index: Index,
        connection_id: int,
        setups: Setups[Setup],
    ) -> None:
        self._client = client
        self._index = index
        self._setups = setups
        self._recent = Recent(client, connection_id)
        self._payments = Payments(client, self._recent)
        self._debtors = Debtors(client, index, connection_id)
        self._orders: dict[int, Order] = {}

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load the orders and the known debtors of the batch at once."""
        self._orders = orders_of(jobs)
        self._debtors.load({o.email for o in self._orders.values() if o.email})

    def send(self, job: Job) -> Booked:
        """Check one order and book it; see `checks` for the refusals."""
        job.exchange = lambda: self._client.last_exchange
        order = self._orders[job.transfer_id]
        if order.credits and not order.lines:
            return self._payment_only(job, order)
        job.document = SALES_ENTRY
        done = self._checked(job)
        if job.credited is not None and job.credited.debtor_id:
            debtor = job.credited.debtor_id
        else:
            debtor = self._debtors.code_of(job, done)
        return self._book(job, done, debtor)

    def _payment_only(self, job: Job, order: Order) -> Booked:
        """Take back (or restore) a payment of a sale that stands: a chargeback.

        Raises Stop `eboekhouden_nothing_to_settle` where payments are not booked,
        AskUser `eboekhouden_sale_unknown` without the sale's number and debtor.
        """
        job.document = PAYMENT
        setup = self._setups.of(job.coupling_id)
        payments = checked(
            lambda: due(order.payments, self._setups.of(job.coupling_id)),
            stale=checks.STALE,
            refresh=self._refreshed,
        )
        if not payments:
            raise Stop("eboekhouden_nothing_to_settle")
        sale = job.credited
        if sale is None or not (sale.external_number and sale.debtor_id):
            raise AskUser("eboekhouden_sale_unknown", sale=order.credits)
        settled = Settled(
            sale.external_number, sale.debtor_id, mapping.payment_only_text(order)
        )
        for number, one in enumerate(payments, start=1):
            made = self._payments.book(
                job, setup, one, settled, last=number == len(payments)
            )
        return Booked(
            external_id=made.external_id,
            number=sale.external_number,
            debtor_id=sale.debtor_id,
        )

    def _checked(self, job: Job) -> Checked:
        order = self._orders[job.transfer_id]
        return checked(
            lambda: self._check(job, order, self._setups.of(job.coupling_id)),
            stale=checks.STALE,
            refresh=self._refreshed,
        )

    def _refreshed(self) -> bool:
        if not self._index.read_if_older(ACCOUNT, FRESH_SECONDS):
            return False
        self._setups.forget()
        return True

    def _check(self, job: Job, order: Order, setup: Setup) -> Checked:
        job.reasoning = setup.reasoning(order)
        done = judge(order, setup)
        sale = done.sale
        asked = (
            job.tenant_id, order.vat_number, sale.number_prefix, setup.own_vat_number
        )  # fmt: skip
        if setup.doubts_charge(order, sale):
            check_no_business(*asked, unchecked=_VAT_NUMBER_CODES[0])
        if sale.kind != SaleKind.ICP or order.credits:
            return done
        number = valid_number(*asked, codes=_VAT_NUMBER_CODES)
        return replace(done, vat_number=number)

    def _book(self, job: Job, done: Checked, debtor: str) -> Booked:
        """Book the entry under its stored invoice number, once."""

        def entry(number: str) -> Body:
            return entry_of(done, number, debtor)

        written = book_once(
            self._client,
            self._recent,
            job,
            reference=lambda: mapping.order_invoice_number(
                done.order, prefix_of(done.setup)
            ),
            entry=entry,
            last=not done.payments,
        )
        number = str(written.result.get("number", ""))
        warning = self._payments.settle(
            job, done.setup, done.payments, Settled(number, debtor)
        )
        return Booked(
            external_id=written.external_id,
            number=number,
            debtor_id=debtor,
            warning=warning
            or (OPEN if stays_open(done.order.payments, done.setup) else ""),
        )
