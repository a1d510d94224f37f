"""Sending an order: check, find or make debtor and articles, write the document."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.orders import Order, SaleKind
from core.domain.packages import Booked, Written
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.sending import checked, orders_of
from core.plugin.setups import Setups
from core.plugin.tables import Connection, Tenant
from core.plugin.work import Job
from plugins.eaccounting import checks, lost, mapping, readback, reference, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.lost import LostDocuments
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.orders.articles import Articles
from plugins.eaccounting.orders.judgement import (
    Judgement,
    debtor_trouble,
    judge,
    oldest,
)
from plugins.eaccounting.reference import CUSTOMER, Index
from plugins.eaccounting.settings import settings
from plugins.eaccounting.setup import STALE, Setup, refreshed, target_of
from plugins.eaccounting.wire import Body
from plugins.vies.public import valid_number


@dataclass(frozen=True)
class Debtor:
    """The debtor an order is booked under."""

    id: str
    is_private: bool


@contextmanager
def open_orders(connection: Connection) -> "Iterator[OrderSender]":
    """Open the package for a batch of orders."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    tenant = session().get_one(Tenant, tenant_id)
    with open_client(connection) as client:
        index = Index(connection_id, tenant_id, client)
        yield OrderSender(client, index, connection_id, Setups(Setup, tenant))


class OrderSender:
    """Sends the orders of one batch to one company."""

    def __init__(
        self,
        client: EAccounting,
        index: Index,
        connection_id: int,
        setups: Setups[Setup],
    ) -> None:
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._setups = setups
        self._orders: dict[int, Order] = {}
        self._customers: dict[str, list[Record]] = {}
        self._articles = Articles(client, index, connection_id)
        self._lost = LostDocuments(client)

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load the orders and the known debtors of the batch at once."""
        self._orders = orders_of(jobs)
        emails = {order.email for order in self._orders.values() if order.email}
        self._customers = reference.by_key(self._connection_id, CUSTOMER, emails)

    def send(self, job: Job) -> Booked:
        """Check one order and book it; see the package's `checks` for the refusals."""
        job.exchange = lambda: self._client.http.last_exchange
        job.document = target_of(job, self._setups.of(job.coupling_id)).value
        done = self._checked(job)
        debtor = self._debtor(job, done)
        if done.target == TargetKind.SALES_ENTRY:
            return self._sales_entry(job, done, debtor)
        return self._priced_document(job, done, debtor)

    # --- checks before booking -----------------------------------------------------

    def _checked(self, job: Job) -> Judgement:
        order = self._orders[job.transfer_id]
        return checked(
            lambda: self._check(job, order),
            stale=STALE,
            refresh=lambda: refreshed(self._index, self._setups),
        )

    def _check(self, job: Job, order: Order) -> Judgement:
        setup = self._setups.of(job.coupling_id)
        job.reasoning = setup.reasoning(order)
        done = judge(order, setup, TargetKind(job.document))
        if done.kind != SaleKind.ICP:
            return done
        number = valid_number(
            job.tenant_id,
            order.vat_number,
            done.sale.number_prefix,
            setup.own_vat_number,
        )
        return replace(done, vat_number=number)

    # --- debtor --------------------------------------------------------------------

    def _debtor(self, job: Job, done: Judgement) -> Debtor:
        order = done.order
        if done.fixed_debtor:
            return self._known(done.fixed_debtor, order)
        if not order.email:
            raise AskUser("email_missing")
        found = self._customers.get(order.email, [])
        code = debtor_trouble(found, done)
        if not found:
            checks.check_customer(order)
        if (not found or code) and self._index.refresh_if_stale(CUSTOMER):
            # Somebody may have made, merged or completed it in the package meanwhile.
            found = self._load_customer(order.email)
            code = debtor_trouble(found, done)
        if not found:
            return self._made(job, done)
        if code:
            raise AskUser(code, email=order.email, count=len(found))
        return _debtor_of(oldest(found))

    def _load_customer(self, email: str) -> list[Record]:
        known = reference.by_key(self._connection_id, CUSTOMER, [email])
        self._customers[email] = known.get(email, [])
        return self._customers[email]

    def _made(self, job: Job, done: Judgement) -> Debtor:
        """Make the debtor, once; it is never changed afterwards (manual 004)."""
        order, made = done.order, list[Body]()
        terms = str(done.setup.settings.get("payment_terms") or "")
        if not terms:
            raise AskUser("payment_terms_missing")

        def send(_: str) -> Written:
            body = mapping.customer(order, terms, done.vat_number)
            made.append(self._client.create_customer(body))
            return Written(str(made[-1]["Id"]))

        def find(_: str, sent_at: datetime) -> Written | None:
            since = wire.utc_literal(sent_at - readback.LOOK_BACK)
            query = f"ChangedUtc ge {since}"
            for item in self._client.all("customers", query):
                if str(item.get("EmailAddress") or "").lower() == order.email:
                    made.append(item)
                    return Written(str(item["Id"]))
            return None

        debtor_id = job.make_once("debtor", order.email, send=send, find=find)
        if made:
            self._customers[order.email] = [self._index.add(CUSTOMER, made[-1])]
            return _debtor_of(self._customers[order.email][0])
        return self._known(debtor_id, order, done.vat_number)

    def _known(self, debtor_id: str, order: Order, vat_number: str = "") -> Debtor:
        record = reference.by_id(self._connection_id, CUSTOMER, debtor_id)
        if record is not None:
            return _debtor_of(record)
        return Debtor(debtor_id, order.is_private_person and not vat_number)

    # --- documents -----------------------------------------------------------------

    def _sales_entry(self, job: Job, done: Judgement, debtor: Debtor) -> Booked:
        order, setup = done.order, done.setup

        def send(number: str) -> Written:
            body = mapping.sales_entry(
                order,
                done.lines,
                customer_id=debtor.id,
                receivables_account=int(setup.settings["receivables_account"]),
                invoice_number=int(number),
                booked_on=done.booked_on,
                with_invoice_number=bool(setup.settings.get("invoice_number_in_text")),
            )
            return readback.entry(self._client.create_sales_entry(body))

        def find(number: str, sent_at: datetime) -> Written | None:
            return readback.find_entry(
                self._client, int(number), sent_at, debtor.id, order.total_incl_vat
            )

        def find_lost(since: datetime) -> Written | None:
            amount = order.total_incl_vat
            return self._lost.entry(
                job, lost.ORDER, order.number, since, amount, debtor.id
            )

        written = job.write(
            done.target.value,
            reference=lambda: str(
                job.draw_number("invoice_number", self._lost.first_number())
            ),
            send=send,
            find=find,
            find_lost=find_lost,
            last=True,
        )
        return _booked(written, order.total_incl_vat, order.vat_amount, debtor)

    def _priced_document(self, job: Job, done: Judgement, debtor: Debtor) -> Booked:
        order, setup = done.order, done.setup
        lines = self._articles.price(job, done.lines, setup)
        incl_vat = debtor.is_private and not setup.company.get("ShowPricesExclVatPC")
        is_order = done.target == TargetKind.ORDER
        make = mapping.order_document if is_order else mapping.draft_invoice
        post = self._client.create_order if is_order else self._client.create_draft
        body = make(
            order,
            lines,
            customer_id=debtor.id,
            incl_vat=incl_vat,
            booked_on=done.booked_on,
        )
        read = readback.order if is_order else readback.draft
        meant = Decimal(body["Amount"]) if is_order else order.total_incl_vat

        def find(number: str, sent_at: datetime) -> Written | None:
            return readback.find_priced(
                self._client, done.target, number, sent_at, debtor.id, meant
            )

        def find_lost(since: datetime) -> Written | None:
            number = order.number[: wire.REFERENCE]
            return self._lost.priced(job, done.target, number, since, meant, debtor.id)

        written = job.write(
            done.target.value,
            reference=lambda: order.number[: wire.REFERENCE],
            send=lambda _: read(post(body)),
            find=find,
            find_lost=find_lost,
            last=True,
        )
        return _booked(written, meant, order.vat_amount, debtor, incl_vat)


def _booked(
    written: Written,
    amount: Decimal,
    vat: Decimal,
    debtor: Debtor,
    incl_vat: bool | None = None,
) -> Booked:
    """Compare what stands there with what was meant; never book again for it."""
    warning = readback.difference(
        written, total=amount, vat=vat, debtor=debtor.id, incl_vat=incl_vat
    )
    return Booked(
        external_id=written.external_id,
        number=written.result.get("number", ""),
        url=settings().eaccounting_app_url,
        debtor_id=debtor.id,
        warning=warning,
    )


def _debtor_of(record: Record) -> Debtor:
    return Debtor(record.external_id, bool(record.data.get("IsPrivatePerson")))
