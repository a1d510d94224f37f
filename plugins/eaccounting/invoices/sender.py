"""Sending an invoice: check, find or make the debtor, book it, attach the document.

The booking, the upload and the link are steps of their own: whatever fails behind the
booking, it is never made again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from core.domain.errors import AskUser, AuthenticationLost, Refused
from core.domain.invoices import InvoiceBooking, VatTotal
from core.domain.packages import Booked, Written
from core.plugin.database import session
from core.plugin.records import Record
from core.plugin.sending import checked, may_be_there
from core.plugin.setups import Setups
from core.plugin.tables import Connection, Tenant, VatKind
from core.plugin.work import Job
from core.rules.parties import check_debtor, is_debtor
from plugins.eaccounting import checks, lost, readback, reference, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.invoices import mapping as invoice_mapping
from plugins.eaccounting.invoices.mapping import RuledTotal
from plugins.eaccounting.invoices.needs import person_name_of
from plugins.eaccounting.lost import LostDocuments
from plugins.eaccounting.mapping import TargetKind
from plugins.eaccounting.payments import (
    Item,
    Outcome,
    Paid,
    Payments,
    Settlement,
    settlements,
)
from plugins.eaccounting.reference import CUSTOMER, Index
from plugins.eaccounting.refusals import NO_SCOPE
from plugins.eaccounting.relations import mapping as relation_mapping
from plugins.eaccounting.relations import values as relation_values
from plugins.eaccounting.relations.mapping import Defaults, PersonName, Role
from plugins.eaccounting.setup import STALE, Setup, refreshed
from plugins.eaccounting.wire import Body

UPLOAD, LINK = "attachment", "attachment_link"
_KIND = "debtor"
_TO_MEMBER_STATES = (VatKind.INTRA_COMMUNITY, VatKind.INTRA_COMMUNITY_SERVICES)


@contextmanager
def open_invoices(connection: Connection) -> "Iterator[InvoiceSender]":
    """Open the package for a batch of invoices."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    person_name = person_name_of(connection)
    tenant = session().get_one(Tenant, tenant_id)
    with open_client(connection) as client:
        yield InvoiceSender(
            client,
            Index(connection_id, tenant_id, client),
            connection_id,
            Setups(Setup, tenant),
            person_name,
        )


class InvoiceSender:
    """Sends the invoices of one batch to one company."""

    def __init__(
        self,
        client: EAccounting,
        index: Index,
        connection_id: int,
        setups: Setups[Setup],
        person_name: PersonName,
    ) -> None:
        self._client = client
        self._index = index
        self._connection_id = connection_id
        self._setups = setups
        self._person_name = person_name
        self._lost = LostDocuments(client)
        self._entries = readback.Entries(client)

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load nothing: the core hands over what a booking needs."""
        name = TargetKind.SALES_ENTRY.value
        self._entries.serve(may_be_there(jobs, name).values())

    def send(self, job: Job) -> Booked:
        """Check one invoice and book it; see `checks` and the mapping for refusals."""
        job.exchange = lambda: self._client.http.last_exchange
        job.document = TargetKind.SALES_ENTRY.value
        booking: InvoiceBooking = job.subject_row
        written = self._entry(job, booking)
        unpaid = self._settle(job, booking, written)
        warning = self._document(job, booking, written)
        booked = Booked(
            external_id=written.external_id,
            number=written.result["number"],
            debtor_id=written.result["customer"],
            warning=warning,
        )
        if written.result["difference"]:
            return replace(
                booked,
                warning=written.result["difference"],
                details=_differing(booking, written),
            )
        if unpaid.code:
            return replace(booked, warning=unpaid.code, details=unpaid.details)
        return booked

    # --- what was paid before ------------------------------------------------------

    def _settle(self, job: Job, booking: InvoiceBooking, entry: Written) -> Outcome:
        """Settle what the customer paid before the invoice was sent."""
        wanted = self._settlements(job, booking)
        if not wanted:
            return Outcome()
        about = ("Betaling factuur", booking.invoice.number)
        document = Paid(lambda _: about, self._setups.of(job.coupling_id))
        item = Item(
            entry.external_id,
            entry.result.get("voucher", ""),
            booking.invoice.amount_incl_vat,
        )
        ends = not booking.document_name
        return Payments(self._client, job, document).settle(wanted, item, ends=ends)

    def _settlements(self, job: Job, booking: InvoiceBooking) -> list[Settlement]:
        company = self._setups.of(job.coupling_id).company
        return settlements(
            booking.invoice.prepayments, booking.clearing_accounts, company
        )

    # --- checks before booking -----------------------------------------------------

    def _checked(self, job: Job, booking: InvoiceBooking) -> list[RuledTotal]:
        return checked(
            lambda: self._check(booking, self._setups.of(job.coupling_id)),
            stale=STALE,
            refresh=lambda: refreshed(self._index, self._setups),
        )

    def _check(self, booking: InvoiceBooking, setup: Setup) -> list[RuledTotal]:
        invoice = booking.invoice
        if not setup.settings.get("receivables_account"):
            raise AskUser("receivables_account_missing")
        checks.check_target(TargetKind.SALES_ENTRY, setup.company)
        year = checks.check_period(invoice.issued_on, setup.years, setup.locked_to)
        totals = [_ruled(item, booking, setup) for item in invoice.totals]
        invoice_mapping.check(invoice, totals)
        accounts, name = setup.accounts_of(year), str(year["StartDate"])[:4]
        numbers = {item.rule.revenue_account for item in totals}
        numbers.add(str(setup.settings["receivables_account"]))
        checks.check_accounts(sorted(numbers), accounts, name)
        vat = {str(item.vat_account) for item in totals if item.vat_account}
        checks.check_accounts(sorted(vat), accounts, name, by_hand=False)
        return totals

    # --- debtor --------------------------------------------------------------------

    def _debtor(self, job: Job, booking: InvoiceBooking) -> str:
        """Return the id of the relation's debtor, made where the package lacks it.

        Raises AskUser `debtor_other_party` when the number is another's there.
        """
        relation = booking.relation
        number = relation.debtor_number[: relation_mapping.NUMBER]
        if not number:
            raise AskUser("debtor_number_missing", relation=relation.full_name)
        found = self._known(number)
        lacks = found is None or self._lacks_vat_number(booking, found)
        if lacks and self._index.refresh_if_stale(CUSTOMER):
            found = self._known(number)
        if found is None or not self._is_own(booking, found):
            return self._made(job, booking, number)
        if self._lacks_vat_number(booking, found):
            raise AskUser("debtor_lacks_vat_number", number=number)
        return job.settled(_KIND, f"#{number}", found.external_id)

    def _is_own(self, booking: InvoiceBooking, found: Record) -> bool:
        """Tell whether a customer with the number is there and the relation's own.

        The index has little of who it is: where that leaves a doubt, the package is
        asked. False: it is not there any more.
        """
        if is_debtor(booking, found.external_id, reference.party_of(found)):
            return True
        item = self._client.record("customers", found.external_id)
        if item is None:
            return False
        _check(booking, item)
        return True

    def _known(self, number: str) -> Record | None:
        return reference.by_number(self._connection_id, number)

    @staticmethod
    def _lacks_vat_number(booking: InvoiceBooking, record: Record) -> bool:
        """Tell whether an invoice to another member state cannot be declared."""
        kinds = {item.vat_kind for item in booking.invoice.totals}
        return bool(kinds & set(_TO_MEMBER_STATES)) and not record.data.get("VatNumber")

    def _made(self, job: Job, booking: InvoiceBooking, number: str) -> str:
        relation, setup = booking.relation, self._setups.of(job.coupling_id)
        sent = relation_values.local("", relation, self._person_name).sent
        body = relation_values.sent(
            relation_mapping.body_of(relation, Role.DEBTOR, self._person_name),
            Role.DEBTOR,
            sent,
            with_number=True,
        )
        missing = relation_mapping.missing(body, Role.DEBTOR)
        if missing:
            raise AskUser("relation_incomplete", relation=relation.full_name)
        terms = str(setup.settings.get("payment_terms") or "")
        if not terms:
            raise AskUser("payment_terms_missing")
        defaults = Defaults(terms, str(setup.company.get("CountryCode") or "NL"))
        record = relation_mapping.new_record(relation, body, Role.DEBTOR, defaults)

        def send(_: str) -> Written:
            return self._kept(self._create(booking, record, number))

        def find(_: str, sent_at: datetime) -> Written | None:
            since = wire.utc_literal(sent_at - readback.LOOK_BACK)
            for item in self._client.all("customers", f"ChangedUtc ge {since}"):
                if item.get("CustomerNumber") == number:
                    _check(booking, item)
                    return self._kept(item)
            return None

        return job.make_once(_KIND, f"#{number}", send=send, find=find)

    def _create(self, booking: InvoiceBooking, record: Body, number: str) -> Body:
        """Make a debtor; one that a relation sync made meanwhile is taken over."""
        try:
            return self._client.create_customer(record)
        except Refused as error:
            query = f"CustomerNumber eq {wire.quoted(number)}"
            if error.code != "visma_conflict":
                raise
            known = next(self._client.all("customers", query), None)
            if known is None:
                raise
            _check(booking, known)
            return known

    def _kept(self, item: Body) -> Written:
        self._index.add(CUSTOMER, item)
        return Written(str(item["Id"]))

    # --- booking -------------------------------------------------------------------

    def _entry(self, job: Job, booking: InvoiceBooking) -> Written:
        """Book it; once that is certain, nothing about it is asked or checked again."""
        name = TargetKind.SALES_ENTRY.value
        if (known := job.confirmed(name)) is not None:
            return known
        totals = self._checked(job, booking)
        debtor = self._debtor(job, booking)
        invoice, setup = booking.invoice, self._setups.of(job.coupling_id)

        def compared(written: Written) -> Written:
            code = readback.difference(
                written,
                total=invoice.amount_incl_vat,
                vat=invoice.vat_amount,
                debtor=debtor,
            )
            return Written(written.external_id, {**written.result, "difference": code})

        def send(number: str) -> Written:
            body = invoice_mapping.sales_entry(
                invoice,
                totals,
                customer_id=debtor,
                receivables_account=int(setup.settings["receivables_account"]),
                invoice_number=int(number),
            )
            return compared(readback.entry(self._client.create_sales_entry(body)))

        def find(number: str, sent_at: datetime) -> Written | None:
            found = readback.find_entry(
                self._entries, int(number), sent_at, debtor, invoice.amount_incl_vat
            )
            return compared(found) if found else None

        def find_lost(since: datetime) -> Written | None:
            amount = invoice.amount_incl_vat
            word = lost.CREDIT if amount < 0 else lost.INVOICE
            found = self._lost.entry(job, word, invoice.number, since, amount, debtor)
            return compared(found) if found else None

        return job.write(
            name,
            reference=lambda: str(
                invoice_mapping.own_number(invoice.number)
                or job.draw_number("invoice_number", self._lost.first_number())
            ),
            send=send,
            find=find,
            find_lost=find_lost,
            last=not (booking.document_name or self._settlements(job, booking)),
        )

    # --- document ------------------------------------------------------------------

    def _document(self, job: Job, booking: InvoiceBooking, entry: Written) -> str:
        """Attach the sent invoice to the voucher; return a code when it cannot be.

        A refusal does not take the booking back: it stands, with a remark.
        """
        if not booking.document_name:
            return ""
        if not invoice_mapping.can_attach(booking.document_type):
            return "document_not_attached"
        try:
            upload = self._upload(job, booking, entry.result["voucher"])
            self._link(job, entry.result["voucher"], upload.external_id)
        except AskUser:
            return "document_not_attached"
        except AuthenticationLost as error:
            if error.code != NO_SCOPE:
                raise
            return "document_needs_right"
        return ""

    def _upload(self, job: Job, booking: InvoiceBooking, voucher: str) -> Written:
        if (known := job.confirmed(UPLOAD)) is not None:
            return known
        content = booking.document
        if content is None:
            raise AskUser("document_not_attached")

        def send(mark: str) -> Written:
            body = invoice_mapping.attachment(
                booking.invoice, content, booking.document_type, mark
            )
            return Written(str(self._client.create_attachment(body)["Id"]))

        def find(mark: str, _: datetime) -> Written | None:
            unmatched = self._client.all(
                "attachments", includeMatched="false", includeTemporaryUrl="false"
            )
            for item in unmatched:
                if item.get("Comment") == mark:
                    return Written(str(item["Id"]))
            return None

        mark = f"Koppelwerk {job.tenant_id}-{job.transfer_id}"
        name = invoice_mapping.file_name(booking.invoice)
        return job.write(
            UPLOAD,
            reference=lambda: mark,
            send=send,
            find=find,
            find_lost=lambda _: self._lost.attachment(mark, voucher, name),
        )

    def _link(self, job: Job, voucher: str, attachment: str) -> None:
        def send(_: str) -> Written:
            self._client.link_attachments(
                invoice_mapping.voucher_link(voucher, attachment)
            )
            return Written(attachment)

        def find(_: str, _sent_at: datetime) -> Written | None:
            linked = self._client.attachment(attachment).get("DocumentId")
            return Written(attachment) if linked == voucher else None

        job.write(LINK, reference=lambda: attachment, send=send, find=find, last=True)


def _differing(booking: InvoiceBooking, written: Written) -> dict[str, str]:
    return {
        "vat": str(booking.invoice.vat_amount),
        "visma_vat": written.result.get("vat", "?"),
        "total": str(booking.invoice.amount_incl_vat),
        "visma_total": written.result.get("total", "?"),
    }


def _ruled(item: VatTotal, booking: InvoiceBooking, setup: Setup) -> RuledTotal:
    rule = booking.rule(item.vat_code)
    code = checks.check_vat_code(
        setup.vat_codes.get(rule.package_vat_code), item.vat_rate, item.vat_code
    )
    return RuledTotal(item, rule, checks.vat_account(code, item.vat_rate))


def _check(booking: InvoiceBooking, customer: Body) -> None:
    """Refuse a customer that may be another party than the invoice's relation."""
    check_debtor(booking, str(customer["Id"]), relation_values.party(customer))
