"""Entering a supplier's invoice: look whether it is there, find or make the supplier,
book the entry once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from core.domain.errors import AskUser
from core.domain.packages import Booked, Written
from core.domain.purchases import PurchaseBooking
from core.plugin.database import session
from core.plugin.sending import checked
from core.plugin.tables import Connection, StepState
from core.plugin.work import Job
from core.rules.parties import check_creditor
from plugins.eboekhouden import checks, readback, reference, wire
from plugins.eboekhouden.booking import may_be_made
from plugins.eboekhouden.checks import STALE
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.mapping import CodedLine, entry_total
from plugins.eboekhouden.purchases import mapping
from plugins.eboekhouden.purchases.mapping import PURCHASE_ENTRY
from plugins.eboekhouden.reference import ACCOUNT, FRESH_SECONDS, Index
from plugins.eboekhouden.refusals import CodeTaken, Duplicate
from plugins.eboekhouden.relations.mapping import party, relation_body
from plugins.eboekhouden.relations.package import shows_full_names
from plugins.eboekhouden.wire import Body

_LINK = "supplier"
"""Kind of the link that makes sure that a supplier is made once."""


@contextmanager
def open_purchases(connection: Connection) -> "Iterator[PurchaseSender]":
    """Open the administration for a batch of suppliers' invoices."""
    connection_id = connection.id
    full_names = shows_full_names(connection)
    with open_client(connection, for_booking=True) as client:
        index = Index(connection, client)
        client.known_ids = index
        yield PurchaseSender(client, index, connection_id, full_names=full_names)


class PurchaseSender:
    """Enters the suppliers' invoices of one batch in one administration."""

    def __init__(
        self,
        client: EBoekhouden,
        index: Index,
        connection_id: int,
        *,
        full_names: bool,
    ) -> None:
        """Bind to an open administration. `full_names`: how persons are made there."""
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._full_names = full_names

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load nothing: what an entry needs came with it."""

    def send(self, job: Job) -> Booked:
        """Check one invoice and enter it.

        Raises AskUser `purchase_there` and `purchase_number_taken` for one that came
        another way too, and those of `checks`.
        """
        job.exchange = lambda: self._client.last_exchange
        job.document = PURCHASE_ENTRY
        booking: PurchaseBooking = job.subject_row
        checks.check_purchase(booking.invoice)
        lines = mapping.lines_of(booking)
        payables = self._checked(booking, lines)
        code = checks.check_supplier(booking.relation)
        entry = mapping.purchase_entry(booking, lines, code=code, payables=payables)
        step = job.steps.get(PURCHASE_ENTRY)
        if step is None or step.state == StepState.REJECTED:
            self._refuse_twin(booking, entry)
        self._ensure_supplier(job, booking, code)
        written = self._write(job, booking, entry)
        return Booked(
            external_id=written.external_id,
            number=booking.invoice.number,
            debtor_id=code,
        )

    def _checked(self, booking: PurchaseBooking, lines: Sequence[CodedLine]) -> str:
        """Check codes and accounts; return the account for creditors."""
        for line in lines:
            checks.check_purchase_code(line.vat_code, line.vat_rate)
        payables = str(booking.settings.get("payables_account") or "")
        costs = sorted({line.revenue_account for line in lines})
        checked(
            lambda: self._check_accounts(payables, costs),
            stale=STALE,
            refresh=lambda: self._index.read_if_older(ACCOUNT, FRESH_SECONDS),
        )
        return payables

    def _check_accounts(self, payables: str, costs: Sequence[str]) -> None:
        known = reference.accounts_of(self._connection_id)
        session().rollback()
        checks.check_accounts(payables, costs, known, category=wire.CREDITORS)

    # --- the entry -----------------------------------------------------------------

    def _found(self, entry: Body) -> list[Body]:
        """Return what stands there under the supplier's code and number."""
        rows = readback.of_invoice(self._client, entry["Factuurnummer"])
        return [
            row
            for row in rows
            if row["Soort"] == entry["Soort"]
            and row.get("Factuurnummer") == entry["Factuurnummer"]
            and row.get("RelatieCode") == entry["RelatieCode"]
        ]

    def _refuse_twin(self, booking: PurchaseBooking, entry: Body) -> None:
        """Refuse what somebody entered already: it came by mail or on paper too."""
        for row in self._found(entry):
            self._refuse(booking, entry, row)

    def _refuse(self, booking: PurchaseBooking, entry: Body, row: Body) -> None:
        there = readback.amount_of(row, "BedragInclBTW")
        here = entry_total(entry)
        named = {
            "number": booking.invoice.number,
            "name": booking.relation.full_name,
        }
        if there == here:
            raise AskUser("purchase_there", **named)
        raise AskUser("purchase_number_taken", booked=there, now=here, **named)

    def _write(self, job: Job, booking: PurchaseBooking, entry: Body) -> Written:
        def find(_: str, _sent_at: datetime) -> Written | None:
            for row in self._found(entry):
                number = str(row["MutatieNr"])
                is_same = readback.amount_of(row, "BedragInclBTW") == entry_total(entry)
                if not is_same or job.is_of_another(number):
                    self._refuse(booking, entry, row)
                return Written(number)
            return None

        def send(_: str) -> Written:
            try:
                return Written(self._client.add_entry(entry))
            except Duplicate:
                self._refuse_twin(booking, entry)
                raise

        return job.write(
            PURCHASE_ENTRY,
            reference=lambda: booking.invoice.number,
            send=send,
            find=find,
            last=True,
        )

    # --- the supplier ----------------------------------------------------------------

    def _ensure_supplier(self, job: Job, booking: PurchaseBooking, code: str) -> None:
        """See to it that the package has a relation with the supplier's code.

        One that is there is taken as it is. Raises AskUser `creditor_other_party` when
        the code is another's there.
        """
        row = reference.by_code(self._connection_id, code)
        session().rollback()
        if row is not None and not may_be_made(job, _LINK):
            key = str(row.data.get("ID") or "")
            check_creditor(booking, key, reference.party_of(row))
            return
        if not self._known(booking, code):
            self._make(job, booking, code)

    def _known(self, booking: PurchaseBooking, code: str) -> bool:
        """Ask the package for a code; what it has is kept in the index."""
        is_there = False
        for row in self._client.relations(code=code):
            check_creditor(booking, str(row.get("ID") or ""), party(row))
            self._index.add(row)
            is_there = True
        return is_there

    def _make(self, job: Job, booking: PurchaseBooking, code: str) -> None:
        relation = replace(booking.relation, debtor_number=code)
        body = relation_body(relation, full_names=self._full_names)

        def send(_: str) -> Written:
            try:
                made = self._client.add_relation(body)
            except CodeTaken:  # somebody made it a moment ago
                self._known(booking, code)
                return Written(code)
            self._index.add({**body, "ID": made})
            return Written(code)

        def find(_: str, __: datetime) -> Written | None:
            return Written(code) if self._known(booking, code) else None

        job.make_once(_LINK, code, send=send, find=find)
