"""Sending an invoice of the CRM: check, find or make its debtor, book the entry."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from core.domain.errors import AskUser
from core.domain.invoices import InvoiceBooking
from core.domain.packages import Booked, Written
from core.plugin.database import session
from core.plugin.sending import checked
from core.plugin.tables import Connection, Tenant
from core.plugin.work import Job
from core.rules.parties import check_debtor, is_debtor
from plugins.eboekhouden import checks, reference
from plugins.eboekhouden.booking import book_once, may_be_made
from plugins.eboekhouden.checks import STALE
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.invoices import document, mapping
from plugins.eboekhouden.mapping import SALES_ENTRY, CodedLine, entry_lines
from plugins.eboekhouden.payments import (
    OPEN,
    Due,
    Payments,
    Settled,
    due,
    stays_open,
)
from plugins.eboekhouden.readback import Recent
from plugins.eboekhouden.reference import ACCOUNT, FRESH_SECONDS, Index
from plugins.eboekhouden.refusals import CodeTaken
from plugins.eboekhouden.relations.mapping import local, party, relation_body, sent
from plugins.eboekhouden.relations.package import shows_full_names
from plugins.eboekhouden.wire import Body

WITHOUT_VAT_NUMBER = "eboekhouden_debtor_without_vat_number"
_LINK = "relation"
"""Kind of the link that makes sure that a debtor is made once."""


@contextmanager
def open_invoices(connection: Connection) -> "Iterator[InvoiceSender]":
    """Open the administration for a batch of invoices."""
    connection_id = connection.id
    full_names = shows_full_names(connection)
    timezone = session().get_one(Tenant, connection.tenant_id).timezone
    with open_client(connection, for_booking=True) as client:
        index = Index(connection, client)
        client.known_ids = index
        yield InvoiceSender(
            client, index, connection_id, timezone, full_names=full_names
        )


@dataclass(frozen=True)
class _Accounts:
    """Where the payments of an invoice are booked (`payments.Accounts`)."""

    clearing_accounts: Mapping[str, str]
    accounts: Mapping[str, Body]
    receivables_account: str
    timezone: str


class InvoiceSender:
    """Sends the invoices of one batch to one administration (manual 001, C)."""

    def __init__(
        self,
        client: EBoekhouden,
        index: Index,
        connection_id: int,
        timezone: str,
        *,
        full_names: bool,
    ) -> None:
        """Bind to an open administration. `full_names`: how persons are made there."""
        self._client = client
        self._index = index
        self._recent = Recent(client, connection_id)
        self._payments = Payments(client, self._recent)
        self._connection_id = connection_id
        self._timezone = timezone
        self._full_names = full_names

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load nothing: what an invoice needs came with it."""

    def send(self, job: Job) -> Booked:
        """Check one invoice and book it; see `checks` and `entry_lines`."""
        job.exchange = lambda: self._client.last_exchange
        job.document = SALES_ENTRY
        booking: InvoiceBooking = job.subject_row
        checks.check_invoice(booking.invoice)
        lines = mapping.invoice_lines(booking.invoice, booking.rule)
        entry_lines(lines)
        account = self._checked(booking, lines)
        accounts, dues = self._due(booking, account)
        number = checks.check_number(booking.relation)
        file = document.file_of(booking)
        self._ensure_debtor(job, booking, number)

        def entry(_: str) -> Body:
            return mapping.invoice_entry(
                booking.invoice,
                lines,
                debtor_code=number,
                receivables_account=account,
                voucher=file.filename if file else "",
            )

        written = book_once(
            self._client,
            self._recent,
            job,
            reference=lambda: booking.invoice.number,
            entry=entry,
            last=not dues,
        )
        settled = Settled(booking.invoice.number, number)
        warning = self._payments.settle(job, accounts, dues, settled)
        if stays_open(booking.invoice.prepayments, accounts):
            warning = warning or OPEN
        warning = document.deposit(job, booking, file) or warning
        return Booked(
            external_id=written.external_id,
            number=booking.invoice.number,
            debtor_id=number,
            warning=warning,
        )

    def _checked(self, booking: InvoiceBooking, lines: Sequence[CodedLine]) -> str:
        """Check codes and accounts; return the debtors account."""
        for line in lines:
            checks.check_vat_code(line.vat_code, line.vat_rate)
        account = str(booking.settings.get("receivables_account") or "")
        if not account:
            raise AskUser("eboekhouden_receivables_missing")
        revenue = sorted({line.revenue_account for line in lines})
        checked(
            lambda: self._check_accounts(account, revenue),
            stale=STALE,
            refresh=lambda: self._index.read_if_older(ACCOUNT, FRESH_SECONDS),
        )
        return account

    def _check_accounts(self, account: str, revenue: Sequence[str]) -> None:
        known = reference.accounts_of(self._connection_id)
        session().rollback()
        checks.check_accounts(account, revenue, known)

    def _due(
        self, booking: InvoiceBooking, account: str
    ) -> tuple[_Accounts, Sequence[Due]]:
        """Return which prepayments are booked, and where; AskUser as `payments.due`."""

        def judge() -> tuple[_Accounts, Sequence[Due]]:
            accounts = self._accounts(booking, account)
            return accounts, due(booking.invoice.prepayments, accounts)

        return checked(
            judge,
            stale=STALE,
            refresh=lambda: self._index.read_if_older(ACCOUNT, FRESH_SECONDS),
        )

    def _accounts(self, booking: InvoiceBooking, account: str) -> _Accounts:
        known = reference.accounts_of(self._connection_id)
        session().rollback()
        return _Accounts(booking.clearing_accounts, known, account, self._timezone)

    def _ensure_debtor(self, job: Job, booking: InvoiceBooking, number: str) -> None:
        """See to it that the package has a relation with the debtor number as code.

        One that is there is taken as it is: keeping it in step is the relation sync's.
        Raises AskUser `debtor_other_party` when the code is another's there, and
        `eboekhouden_debtor_without_vat_number` when a sale to another member state
        needs one: the EC sales list is made of it.
        """
        needs = checks.needs_vat_number(booking.invoice)
        is_sent = may_be_made(job, _LINK)
        known = None if is_sent else self._known(booking, number, needs)
        if known is None:
            self._make(job, booking, number, needs)
        elif needs and not known.get("BTWNummer"):
            raise AskUser(WITHOUT_VAT_NUMBER, email=number)

    def _known(
        self, booking: InvoiceBooking, number: str, needs_vat_number: bool
    ) -> Body | None:
        """Return what is known of a relation; asked again where that will not do."""
        row = reference.by_code(self._connection_id, number)
        session().rollback()
        if row is not None:
            key = str(row.data.get("ID") or "")
            is_own = is_debtor(booking, key, reference.party_of(row))
            if is_own and (row.data.get("BTWNummer") or not needs_vat_number):
                return row.data
        return self._found(booking, number)

    def _make(
        self, job: Job, booking: InvoiceBooking, number: str, needs_vat_number: bool
    ) -> None:
        """Make the debtor, once; AskUser where it lacks a VAT number that is needed."""
        relation = booking.relation
        if needs_vat_number and not relation.vat_number:
            raise AskUser(WITHOUT_VAT_NUMBER, email=number)
        whole = relation_body(relation, full_names=self._full_names)
        ours = local("", relation, full_names=self._full_names)
        body = {"BP": whole["BP"], **sent(whole, ours.sent, with_number=True)}

        def send(_: str) -> Written:
            try:
                made = self._client.add_relation(body)
            except CodeTaken:  # somebody made it a moment ago
                self._found(booking, number)
                return Written(number)
            self._index.add({**body, "ID": made})
            return Written(number)

        def find(_: str, __: datetime) -> Written | None:
            found = self._found(booking, number)
            if found and needs_vat_number and not found.get("BTWNummer"):
                raise AskUser(WITHOUT_VAT_NUMBER, email=number)
            return Written(number) if found else None

        job.make_once(_LINK, number, send=send, find=find)

    def _found(self, booking: InvoiceBooking, number: str) -> Body | None:
        """Ask the package for a code; what it has is kept in the index.

        Raises AskUser `debtor_other_party` unless it is the relation's own.
        """
        found: Body | None = None
        for row in self._client.relations(code=number):
            check_debtor(booking, str(row.get("ID") or ""), party(row))
            found = self._index.add(row).data
        return found
