"""Sending an order: check, find or make debtor and articles, write the document."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.domain.errors import AskUser, Stop
from core.domain.money import total
from core.domain.orders import Order, SaleKind
from core.domain.packages import Booked, Written
from core.plugin.database import session
from core.plugin.sending import checked, may_be_there, orders_of
from core.plugin.setups import Setups
from core.plugin.tables import Connection, Tenant
from core.plugin.work import Job
from plugins.eaccounting import readback, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.lost import LostDocuments
from plugins.eaccounting.mapping import PAYMENT, TargetKind
from plugins.eaccounting.orders import bodies, mapping
from plugins.eaccounting.orders.articles import Articles
from plugins.eaccounting.orders.debtors import Debtors
from plugins.eaccounting.orders.judgement import Judgement, judge, planned
from plugins.eaccounting.payments import (
    Item,
    Payments,
    Settlement,
    item_of,
    settlements,
    taken_back,
)
from plugins.eaccounting.reference import Index
from plugins.eaccounting.setup import STALE, Setup, refreshed, target_of
from plugins.vies.public import check_no_business, valid_number


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
        self._setups = setups
        self._orders: dict[int, Order] = {}
        self._debtors = Debtors(client, index, connection_id)
        self._articles = Articles(client, index, connection_id)
        self._lost = LostDocuments(client)
        self._entries = readback.Entries(client)

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load the orders and the known debtors of the batch at once."""
        self._orders = orders_of(jobs)
        self._debtors.load(each.email for each in self._orders.values() if each.email)
        name = TargetKind.SALES_ENTRY.value
        self._entries.serve(may_be_there(jobs, name).values())

    def send(self, job: Job) -> Booked:
        """Check one order and book it; see the package's `checks` for the refusals."""
        job.exchange = lambda: self._client.http.last_exchange
        order, setup = self._orders[job.transfer_id], self._setups.of(job.coupling_id)
        if order.credits and not order.lines:
            return self._payment_only(job, order, setup)
        target = target_of(job, setup)
        job.document = target.value
        if target == TargetKind.SALES_ENTRY:
            return self._sales_entry(job, order)
        done = self._checked(job)
        return self._priced_document(job, done)

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
        asked = (
            job.tenant_id, order.vat_number, done.sale.number_prefix,
            setup.own_vat_number,
        )  # fmt: skip
        if setup.doubts_charge(order, done.sale):
            check_no_business(*asked)
        if done.kind != SaleKind.ICP or order.credits:
            # A credit follows its sale, whatever became of the number since.
            return done
        return replace(done, vat_number=valid_number(*asked))

    # --- sales entries -------------------------------------------------------------

    def _sales_entry(self, job: Job, order: Order) -> Booked:
        """Book it, then settle what was paid; what is booked is not checked again."""
        setup = self._setups.of(job.coupling_id)
        written = job.confirmed(TargetKind.SALES_ENTRY.value)
        if written is None:
            written = self._entry(job, self._checked(job))
        wanted = _settlements(order, setup)
        if not wanted:
            return _booked(written)
        item = Item(
            written.external_id,
            written.result.get("voucher", ""),
            order.total_incl_vat,
        )
        document = bodies.paid(order, setup)
        outcome = Payments(self._client, job, document).settle(wanted, item)
        booked = _booked(written)
        if not outcome.code or booked.is_held:
            return booked
        return replace(booked, warning=outcome.code, details=outcome.details)

    def _entry(self, job: Job, done: Judgement) -> Written:
        order = done.order
        debtor = self._debtors.find(job, done)
        debtor_id = debtor.id or self._debtors.made(job, done)
        amount = order.total_incl_vat
        vat = total(item.line.vat_amount for item in done.lines)

        def compared(written: Written) -> Written:
            code = readback.difference(written, total=amount, vat=vat, debtor=debtor_id)
            if not code and vat != order.vat_amount:
                code = "cents_moved"
            return _compared(written, code, order, debtor_id)

        def send(number: str) -> Written:
            body = bodies.entry(done, debtor_id, int(number))
            return compared(readback.entry(self._client.create_sales_entry(body)))

        def find(number: str, sent_at: datetime) -> Written | None:
            found = readback.find_entry(
                self._entries, int(number), sent_at, debtor_id, amount
            )
            return compared(found) if found else None

        def find_lost(since: datetime) -> Written | None:
            word, number = mapping.heading(order)
            found = self._lost.entry(job, word, number, since, amount, debtor_id)
            return compared(found) if found else None

        return job.write(
            done.target.value,
            reference=lambda: str(
                job.draw_number("invoice_number", self._lost.first_number())
            ),
            send=send,
            find=find,
            find_lost=find_lost,
            last=not _settlements(order, done.setup),
        )

    # --- drafts and orders ---------------------------------------------------------

    def _priced_document(self, job: Job, done: Judgement) -> Booked:
        debtor = self._debtors.find(job, done)
        plan = planned(done, debtor)
        debtor_id = debtor.id or self._debtors.made(job, done)
        rows = self._articles.place(job, done.lines, plan, done.setup)
        order, is_order = done.order, done.target == TargetKind.ORDER
        body = bodies.document(done, plan, rows, debtor, debtor_id)
        post = self._client.create_order if is_order else self._client.create_draft
        read = readback.order_document if is_order else readback.draft
        meant = Decimal(body["Amount"]) if is_order else abs(order.total_incl_vat)

        def compared(written: Written) -> Written:
            code = readback.difference(
                written, total=meant, vat=abs(order.vat_amount), debtor=debtor_id,
                incl_vat=plan.incl_vat,
            )  # fmt: skip
            return _compared(written, code, order, debtor_id)

        def find(number: str, sent_at: datetime) -> Written | None:
            found = readback.find_priced(
                self._client, done.target, number, sent_at, debtor_id, meant
            )
            return compared(found) if found else None

        def find_lost(since: datetime) -> Written | None:
            number = wire.clip(order.number, wire.REFERENCE)
            found = self._lost.priced(job, done.target, number, since, meant, debtor_id)
            return compared(found) if found else None

        written = job.write(
            done.target.value,
            reference=lambda: wire.clip(order.number, wire.REFERENCE),
            send=lambda _: compared(read(post(body))),
            find=find,
            find_lost=find_lost,
            last=True,
        )
        return _booked(written)

    # --- payments ------------------------------------------------------------------

    def _payment_only(self, job: Job, order: Order, setup: Setup) -> Booked:
        """Take back or restore the payment of a sale, on the sale's own item.

        Raises Stop `payment_not_ours` where the sale was not settled here, and
        AskUser where it cannot be done.
        """
        job.document = PAYMENT
        order = replace(order, payments=tuple(taken_back(order)))
        wanted, sale = _settlements(order, setup), job.credited
        if not wanted or sale is None or sale.document != TargetKind.SALES_ENTRY:
            raise Stop("payment_not_ours", method=order.payment_method or "-")
        item = item_of(self._client, sale.external_id)
        if item is None:
            raise Stop("payment_not_ours", method=wanted[0].payment.method)
        document = bodies.paid(order, setup)
        outcome = Payments(self._client, job, document).settle(wanted, item)
        made = outcome.written
        if made is None:
            raise AskUser(
                "payment_back_refused",
                sale=order.credits,
                amount=outcome.amount,
                method=outcome.method or "-",
                message=outcome.message,
            )
        return Booked(
            external_id=made.external_id,
            number=made.result.get("number", ""),
            debtor_id=sale.debtor_id,
        )


def _settlements(order: Order, setup: Setup) -> list[Settlement]:
    return settlements(order.payments, setup.clearing_accounts, setup.company)


def _compared(written: Written, code: str, order: Order, debtor: str) -> Written:
    """Keep how it compares with what was meant, for the outcome; never book again."""
    found = written.result
    # Of a credit only a remark: held means there that it is not booked yet.
    is_held = not order.credits and readback.is_serious(written, code, order, debtor)
    meant = {
        "meant_total": str(order.total_incl_vat),
        "meant_vat": str(order.vat_amount),
        "difference": code,
        "held": "1" if is_held else "",
    }
    return Written(written.external_id, {**found, **meant})


def _booked(written: Written) -> Booked:
    """Tell what stands there, and how it differs."""
    result = written.result
    code = result.get("difference", "")
    said = {
        "vat": result.get("meant_vat", "?"),
        "visma_vat": result.get("vat", "?"),
        "total": result.get("meant_total", "?"),
        "visma_total": result.get("total", "?"),
    }
    return Booked(
        external_id=written.external_id,
        number=result.get("number", ""),
        debtor_id=result.get("customer", ""),
        warning=code,
        details=said if code else {},
        is_held=bool(result.get("held")),
    )
