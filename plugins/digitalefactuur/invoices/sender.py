"""A sent sales invoice becomes an invoice of the account, once (beyond manual 002)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.domain.errors import AskUser, OutcomeUnknown
from core.domain.invoices import InvoiceBooking
from core.domain.packages import Booked, Written
from core.plugin.tables import Connection
from core.plugin.work import Job
from core.rules.parties import check_debtor
from core.rules.sync import CreateOut, Remote
from core.rules.sync.settings import DEBTOR
from plugins.digitalefactuur import checks, wire
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.connector import open_client
from plugins.digitalefactuur.invoices import mapping as invoice_mapping
from plugins.digitalefactuur.refusals import SERVICE
from plugins.digitalefactuur.relations import mapping

_STEP, _KIND = "invoice", "debtor"


@contextmanager
def open_invoices(connection: Connection) -> "Iterator[InvoiceSender]":
    """Open the account for a batch of invoices."""
    with open_client(connection) as client:
        yield InvoiceSender(client)


class InvoiceSender:
    """Sends the invoices of one batch to one account."""

    def __init__(self, client: DigitaleFactuur) -> None:
        self._client = client
        self._debtors: dict[str, list[Remote]] = {}

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Read the account's debtors at once: their list has no pages."""
        self._read_debtors()

    def send(self, job: Job) -> Booked:
        """Check one invoice and make it; see `checks` for the refusals."""
        job.exchange = lambda: self._client.http.last_exchange
        job.document = _STEP
        booking: InvoiceBooking = job.subject_row
        invoice = booking.invoice
        checks.invoice(invoice, invoice_mapping.invoice(invoice, ""))
        debtor_id = self._debtor(job, booking)
        by_debit = bool(booking.settings.get("direct_debit"))
        wanted = invoice_mapping.invoice(invoice, debtor_id, direct_debit=by_debit)
        written = job.write(
            _STEP,
            reference=lambda: wanted.full_number,
            send=lambda _: self._made(wanted),
            find=lambda _reference, _sent_at: self._found(wanted),
            last=True,
        )
        return Booked(
            external_id=written.external_id,
            number=wanted.full_number,
            warning="df_read_back_differs" if written.result.get("differs") else "",
        )

    def _made(self, wanted: wire.Invoice) -> Written:
        """Make the invoice unless it is there, and read back what stands there.

        Whether the vendor refuses a number that is in use is not documented, so it is
        looked for first; the answer to a write may lack the id, the read has it.
        """
        there = self._found(wanted)
        if there is not None:
            return there
        self._client.create_invoice(wanted)
        found = self._client.find_invoices(wanted)
        if len(found) != 1:  # taken in, and not to be seen yet: looked up later
            raise _unseen()
        differs = invoice_mapping.differences(wanted, found[0])
        return Written(found[0].id, {"differs": differs})

    def _found(self, wanted: wire.Invoice) -> Written | None:
        """Find the invoice by its number; AskUser when another one has it."""
        found = self._client.find_invoices(wanted)
        if not found:
            return None
        differences = invoice_mapping.differences(wanted, found[0])
        if len(found) > 1 or differences:
            fields = ", ".join(differences) or "number"
            raise AskUser("df_found_differs", number=wanted.full_number, fields=fields)
        return Written(found[0].id)

    def _debtor(self, job: Job, booking: InvoiceBooking) -> str:
        """Return the debtor's id by its number; make the debtor when it is not there.

        It is kept up to date by the sync of relations, not from here. Raises AskUser
        `debtor_other_party` when the number is another's there.
        """
        relation = booking.relation
        number = relation.debtor_number.strip()
        if not number:
            raise AskUser("debtor_number_missing", relation=relation.full_name)
        known = self._debtors.get(number, [])
        if len(known) > 1:
            raise AskUser("df_debtor_number_twice", number=number)
        if known:
            check_debtor(booking, known[0].key, known[0].party)
            return job.settled(_KIND, number, known[0].key)
        checks.relation(relation)
        local = mapping.local("", relation)
        action = CreateOut("", DEBTOR, number, local.sent)
        return job.make_once(
            _KIND,
            number,
            send=lambda _: self._make_debtor(booking, action),
            find=lambda _reference, _sent_at: self._find_debtor(booking, number),
        )

    def _make_debtor(self, booking: InvoiceBooking, action: CreateOut) -> Written:
        new = mapping.customer(action.role, action.number, action.values)
        self._client.create_customer(new)
        found = self._find_debtor(booking, action.number)
        if found is None:
            raise _unseen()
        return found

    def _find_debtor(self, booking: InvoiceBooking, number: str) -> Written | None:
        self._read_debtors()
        known = self._debtors.get(number, [])
        if not known:
            return None
        check_debtor(booking, known[0].key, known[0].party)
        return Written(known[0].key)

    def _read_debtors(self) -> None:
        self._debtors = {}
        for customer in self._client.customers():
            remote = mapping.remote(customer)
            if remote.role == DEBTOR:
                self._debtors.setdefault(remote.number, []).append(remote)


def _unseen() -> OutcomeUnknown:
    cause = "not found after it was made"
    return OutcomeUnknown("outcome_unknown", service=SERVICE, cause=cause)
