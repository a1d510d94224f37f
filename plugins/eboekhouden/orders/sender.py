"""Sending an order: check, find or make the debtor, book the sales entry."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.clock import local_date
from core.domain.orders import Order, SaleKind
from core.domain.packages import Booked
from core.plugin.database import session
from core.plugin.sending import checked, orders_of
from core.plugin.setups import Setups
from core.plugin.tables import Connection, Tenant
from core.plugin.work import Job
from core.rules.sale_place import Sale
from plugins.eboekhouden import checks
from plugins.eboekhouden.booking import book_once
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.mapping import SALES_ENTRY, CodedLine
from plugins.eboekhouden.orders import mapping
from plugins.eboekhouden.orders.debtors import Debtors
from plugins.eboekhouden.reference import ACCOUNT, FRESH_SECONDS, Index
from plugins.eboekhouden.setup import Setup
from plugins.eboekhouden.wire import Body
from plugins.vies.public import valid_number

_VAT_NUMBER_CODES = (
    "eboekhouden_vat_number_unchecked",
    "eboekhouden_vat_number_invalid",
)


@dataclass(frozen=True)
class Checked:
    """An order that passed the checks, with what they found."""

    order: Order
    setup: Setup
    kind: SaleKind
    lines: Sequence[CodedLine]
    booked_on: date
    vat_number: str
    """Valid VAT number of an ICP order; empty for others."""
    vat_difference: Decimal


@contextmanager
def open_orders(connection: Connection) -> "Iterator[OrderSender]":
    """Open the administration for a batch of orders."""
    connection_id = connection.id
    tenant = session().get_one(Tenant, connection.tenant_id)
    with open_client(connection, for_booking=True) as client:
        index = Index(connection, client)
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
        self._debtors = Debtors(client, index, connection_id)
        self._orders: dict[int, Order] = {}

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load the orders and the known debtors of the batch at once."""
        self._orders = orders_of(jobs)
        self._debtors.load({o.email for o in self._orders.values() if o.email})

    def send(self, job: Job) -> Booked:
        """Check one order and book it; see `checks` for the refusals."""
        job.exchange = lambda: self._client.last_exchange
        job.document = SALES_ENTRY
        done = self._checked(job)
        debtor = self._debtors.code_of(
            job, done.order, done.kind, done.vat_number, done.setup
        )
        return self._book(job, done, debtor)

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
        sale = setup.sale_of(order)
        booked_on = local_date(order.ordered_at, setup.timezone)
        checks.check_date(booked_on)
        mapping.order_invoice_number(order, _prefix(setup))
        lines = _coded(order, setup, sale)
        difference = checks.check_amounts(lines)
        revenue = sorted({line.revenue_account for line in lines})
        checks.check_accounts(setup.receivables_account, revenue, setup.accounts)
        vat_number = ""
        if sale.kind == SaleKind.ICP:
            vat_number = valid_number(
                job.tenant_id,
                order.vat_number,
                sale.number_prefix,
                setup.own_vat_number,
                codes=_VAT_NUMBER_CODES,
            )
        return Checked(
            order, setup, sale.kind, lines, booked_on, vat_number, difference
        )

    def _book(self, job: Job, done: Checked, debtor: str) -> Booked:
        """Book the entry under its stored invoice number, once."""

        def entry(number: str) -> Body:
            return mapping.order_entry(
                done.order,
                done.lines,
                invoice_number=number,
                debtor_code=debtor,
                receivables_account=done.setup.receivables_account,
                payment_days=done.setup.payment_days,
                booked_on=done.booked_on,
                with_invoice_number=bool(
                    done.setup.settings.get("invoice_number_in_text")
                ),
            )

        written = book_once(
            self._client,
            job,
            reference=lambda: mapping.order_invoice_number(
                done.order, _prefix(done.setup)
            ),
            entry=entry,
        )
        return Booked(
            external_id=written.external_id,
            number=str(written.result.get("number", "")),
            debtor_id=debtor,
            warning="eboekhouden_vat_differs" if done.vat_difference else "",
        )


def _coded(order: Order, setup: Setup, sale: Sale) -> list[CodedLine]:
    coded = []
    for line in order.lines:
        rule = setup.rules.find(line, sale)
        checks.check_vat_code(rule.vat_code, line.vat_rate)
        coded.append(mapping.coded(line, rule))
    return coded


def _prefix(setup: Setup) -> str:
    return str(setup.settings.get("number_prefix") or "")
