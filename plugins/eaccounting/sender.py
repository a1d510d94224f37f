"""Sending an order: check, find or make debtor and articles, write the document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.clock import local_date, utcnow
from core.domain import Booked, Order, SaleKind, TargetKind
from core.errors import AskUser, WaitUntil
from core.extensions import settings
from core.sales import check_business, check_order, sale_kind
from core.services import orders
from core.services.journal import Job, Written
from plugins.eaccounting import checks, mapping, readback, reference, wire
from plugins.eaccounting.articles import Articles
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.mapping import RuledLine
from plugins.eaccounting.models import EAccountingRecord
from plugins.eaccounting.reference import CUSTOMER, Index
from plugins.eaccounting.setup import Setup, Setups
from plugins.eaccounting.wire import Body
from plugins.vies.public import Outcome, consult

VIES_WAIT_SECONDS = 1800
LOOK_BACK = timedelta(minutes=10)


@dataclass(frozen=True)
class Debtor:
    """The debtor an order is booked under."""

    id: str
    is_private: bool
    has_vat_number: bool


@dataclass(frozen=True)
class Checked:
    """An order that passed the checks, with what they found."""

    order: Order
    setup: Setup
    kind: SaleKind
    lines: Sequence[RuledLine]
    booked_on: date
    vat_number: str
    """Valid VAT number of an ICP order; empty for others."""


class OrderSender:
    """Sends the orders of one batch to one company."""

    def __init__(
        self,
        client: EAccounting,
        index: Index,
        connection_id: int,
        facts: Mapping[str, Any],
        setups: Setups,
    ) -> None:
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._facts = facts
        self._setups = setups
        self._orders: dict[int, Order] = {}
        self._customers: dict[str, list[EAccountingRecord]] = {}
        self._articles = Articles(client, index, connection_id)

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load orders, known debtors and known articles of the batch at once."""
        self._orders = {job.transfer_id: orders.load(job.subject_row) for job in jobs}
        emails = {order.email for order in self._orders.values() if order.email}
        self._customers = reference.by_key(self._connection_id, CUSTOMER, emails)
        if any(self._with_articles(job) for job in jobs):
            lines = [line for order in self._orders.values() for line in order.lines]
            self._articles.load(lines)

    def _with_articles(self, job: Job) -> bool:
        chosen = self._setups.of(job.coupling_id).settings.get("target_kind")
        return bool(chosen) and chosen != TargetKind.SALES_ENTRY

    def send(self, job: Job) -> Booked:
        """Check one order and book it; see the package's `checks` for the refusals."""
        job.exchange = lambda: self._client.http.last_exchange
        setup = self._setups.of(job.coupling_id)
        job.document = setup.kind.value
        done = self._check(job, self._orders[job.transfer_id], setup)
        debtor = self._debtor(job, done)
        if setup.kind == TargetKind.SALES_ENTRY:
            return self._sales_entry(job, done, debtor)
        return self._priced_document(job, done, debtor)

    # --- checks before booking -----------------------------------------------------

    def _check(self, job: Job, order: Order, setup: Setup) -> Checked:
        check_order(order)
        checks.check_target(setup.kind, self._facts.get("target_kinds", ()))
        kind = sale_kind(order, setup.home_country)
        if setup.settings.get("require_vat_number", True):
            check_business(order, kind, setup.home_country)
        booked_on = local_date(order.ordered_at, setup.timezone)
        year = checks.check_period(booked_on, setup.years, setup.locked_to)
        lines = self._ruled(order, setup, kind)
        numbers = sorted({item.rule.revenue_account for item in lines})
        if setup.kind == TargetKind.SALES_ENTRY:
            numbers.append(str(setup.settings.get("receivables_account") or ""))
            checks.check_sales_entry(order, lines)
        checks.check_accounts(numbers, setup.accounts_of(year), str(booked_on.year))
        vat_number = ""
        if kind == SaleKind.ICP:
            vat_number = self._valid_vat_number(job, order, setup)
        return Checked(order, setup, kind, lines, booked_on, vat_number)

    def _ruled(self, order: Order, setup: Setup, kind: SaleKind) -> list[RuledLine]:
        ruled = []
        for line in order.lines:
            rule = setup.rules.find(line, kind, order.country)
            code = checks.check_vat_code(
                setup.vat_codes.get(rule.vat_code), line.vat_rate, rule.vat_code
            )
            account = checks.vat_account(code, line.vat_rate)
            ruled.append(RuledLine(line, rule, account))
        return ruled

    def _valid_vat_number(self, job: Job, order: Order, setup: Setup) -> str:
        """Return the number VIES calls valid; unknown waits and is never booked."""
        answer = consult(
            job.tenant_id, order.vat_number, order.country, setup.own_vat_number
        )
        if answer.outcome == Outcome.UNKNOWN:
            raise WaitUntil(
                "vat_number_unchecked",
                seconds=VIES_WAIT_SECONDS,
                number=order.vat_number,
                reason=answer.reason,
            )
        if answer.outcome == Outcome.INVALID:
            raise AskUser("vat_number_invalid", number=order.vat_number)
        return answer.number

    # --- debtor --------------------------------------------------------------------

    def _debtor(self, job: Job, done: Checked) -> Debtor:
        order = done.order
        fixed = done.setup.fixed_debtors.get(order.payment_method)
        if fixed and done.kind != SaleKind.ICP:
            return self._known(fixed, order, "")
        if not order.email:
            raise AskUser("email_missing")
        found = self._customers.get(order.email)
        if not found:
            checks.check_customer(order)
            self._index.refresh_if_stale(CUSTOMER)
            self._customers |= reference.by_key(
                self._connection_id, CUSTOMER, [order.email]
            )
            found = self._customers.get(order.email)
        if not found:
            return self._made(job, done)
        if len(found) > 1 and done.setup.settings.get("duplicate_debtor") != "oldest":
            raise AskUser("debtor_ambiguous", email=order.email, count=len(found))
        return _debtor_of(found[0])

    def _made(self, job: Job, done: Checked) -> Debtor:
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
            query = f"ChangedUtc ge {wire.utc_literal(sent_at - LOOK_BACK)}"
            for item in self._client.all("customers", query):
                if str(item.get("EmailAddress") or "").lower() == order.email:
                    made.append(item)
                    return Written(str(item["Id"]))
            return None

        debtor_id = job.make_once("debtor", order.email, send=send, find=find)
        if made:
            self._index.add(CUSTOMER, made[-1])
            self._customers |= reference.by_key(
                self._connection_id, CUSTOMER, [order.email]
            )
        return self._known(debtor_id, order, done.vat_number)

    def _known(self, debtor_id: str, order: Order, vat_number: str) -> Debtor:
        record = reference.by_id(self._connection_id, CUSTOMER, debtor_id)
        if record is not None:
            return _debtor_of(record)
        is_private = order.is_private_person and not vat_number
        return Debtor(debtor_id, is_private, bool(vat_number))

    # --- documents -----------------------------------------------------------------

    def _sales_entry(self, job: Job, done: Checked, debtor: Debtor) -> Booked:
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

        written = job.write(
            "document",
            reference=lambda: str(
                job.draw_number("invoice_number", int(utcnow().timestamp()))
            ),
            send=send,
            find=find,
            last=True,
        )
        return self._booked(written, order.total_incl_vat, order.vat_amount, debtor)

    def _priced_document(self, job: Job, done: Checked, debtor: Debtor) -> Booked:
        order, setup = done.order, done.setup
        if done.kind == SaleKind.ICP and not debtor.has_vat_number:
            # VAT follows from the debtor, which we never change (manual 004).
            raise AskUser("debtor_without_vat_number", email=order.email)
        lines = self._articles.price(job, done.lines, setup)
        incl_vat = debtor.is_private and not self._facts.get("prices_excl_vat")
        is_order = setup.kind == TargetKind.ORDER
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

        def find(number: str, sent_at: datetime) -> Written | None:
            return readback.find_priced(
                self._client, is_order, number, sent_at, debtor.id
            )

        written = job.write(
            "document",
            reference=lambda: order.number[: wire.REFERENCE],
            send=lambda _: read(post(body)),
            find=find,
            last=True,
        )
        meant = Decimal(body["Amount"]) if is_order else order.total_incl_vat
        return self._booked(written, meant, order.vat_amount, debtor)

    def _booked(
        self, written: Written, amount: Decimal, vat: Decimal, debtor: Debtor
    ) -> Booked:
        """Compare what stands there with what was meant; never book again for it."""
        result = written.result
        warning = ""
        if Decimal(result["total"]) != amount or result["customer"] != debtor.id:
            warning = "booked_differs"
        elif Decimal(result["vat"]) != vat:
            warning = "booked_vat_differs"
        return Booked(
            external_id=written.external_id,
            number=str(result.get("number") or ""),
            url=settings().eaccounting_app_url,
            debtor_id=debtor.id,
            warning=warning,
        )


def _debtor_of(record: EAccountingRecord) -> Debtor:
    return Debtor(
        record.external_id,
        bool(record.data.get("IsPrivatePerson")),
        bool(record.data.get("VatNumber")),
    )
