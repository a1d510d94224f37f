"""Entering a supplier's invoice: look whether it is there, find or make the supplier,
make the draft once. A person books the draft in the package."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from core.domain.errors import AskUser, Refused
from core.domain.packages import Booked, Written
from core.domain.purchases import PurchaseBooking, PurchaseShare
from core.domain.structured_invoices import VatCategory
from core.plugin.database import session
from core.plugin.sending import checked
from core.plugin.setups import Setups
from core.plugin.tables import Connection, StepState, Tenant
from core.plugin.work import Job
from core.rules.parties import check_creditor
from plugins.eaccounting import checks, wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.invoices.needs import person_name_of
from plugins.eaccounting.purchases import mapping
from plugins.eaccounting.purchases.mapping import PURCHASE_DRAFT, RuledShare
from plugins.eaccounting.reference import Index
from plugins.eaccounting.refusals import CONFLICT
from plugins.eaccounting.relations import mapping as relation_mapping
from plugins.eaccounting.relations import values as relation_values
from plugins.eaccounting.relations.mapping import Defaults, PersonName, Role
from plugins.eaccounting.setup import STALE, Setup, refreshed
from plugins.eaccounting.wire import Body

_KIND = "supplier"
_PLACES = ("supplierinvoicedrafts", "supplierinvoices")
"""Where an invoice may stand: a draft that a person booked is in the second."""


@contextmanager
def open_purchases(connection: Connection) -> "Iterator[PurchaseSender]":
    """Open the package for a batch of suppliers' invoices."""
    connection_id, tenant_id = connection.id, connection.tenant_id
    person_name = person_name_of(connection)
    tenant = session().get_one(Tenant, tenant_id)
    with open_client(connection) as client:
        yield PurchaseSender(
            client,
            Index(connection_id, tenant_id, client),
            Setups(Setup, tenant),
            person_name,
        )


class PurchaseSender:
    """Enters the suppliers' invoices of one batch in one company."""

    def __init__(
        self,
        client: EAccounting,
        index: Index,
        setups: Setups[Setup],
        person_name: PersonName,
    ) -> None:
        self._client = client
        self._index = index
        self._setups = setups
        self._person_name = person_name

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load nothing: what a draft needs came with it."""

    def send(self, job: Job) -> Booked:
        """Check one invoice and make its draft.

        Raises AskUser `purchase_there` and `purchase_number_taken` for one that came
        another way too, and those of `checks` and the mapping.
        """
        job.exchange = lambda: self._client.http.last_exchange
        job.document = PURCHASE_DRAFT
        booking: PurchaseBooking = job.subject_row
        shares = checked(
            lambda: self._check(booking, self._setups.of(job.coupling_id)),
            stale=STALE,
            refresh=lambda: refreshed(self._index, self._setups),
        )
        payables = int(booking.settings["payables_account"])
        supplier = self._supplier(job, booking)
        step = job.steps.get(PURCHASE_DRAFT)
        if step is None or step.state == StepState.REJECTED:
            self._refuse_twin(booking, supplier)
        body = mapping.purchase_draft(
            booking, shares, supplier_id=supplier, payables_account=payables
        )
        written = self._write(job, booking, body)
        return Booked(
            external_id=written.external_id,
            number=booking.invoice.number,
            debtor_id=supplier,
            warning=written.result.get("difference", ""),
            details={
                "total": str(abs(booking.invoice.amount_incl_vat)),
                "visma_total": written.result.get("total", "?"),
            }
            if written.result.get("difference")
            else {},
        )

    def _check(self, booking: PurchaseBooking, setup: Setup) -> list[RuledShare]:
        mapping.check(booking)
        invoice = booking.invoice
        year = checks.check_period(invoice.issued_on, setup.years, setup.locked_to)
        shares = [_ruled(one, booking, setup) for one in invoice.shares]
        accounts, name = setup.accounts_of(year), str(year["StartDate"])[:4]
        numbers = {item.rule.cost_account for item in shares}
        checks.check_accounts(sorted(numbers), accounts, name)
        other = {str(item.vat_account) for item in shares if item.vat_account}
        other.add(str(booking.settings["payables_account"]))
        checks.check_accounts(sorted(other), accounts, name, by_hand=False)
        return shares

    # --- the draft -----------------------------------------------------------------

    def _found(self, booking: PurchaseBooking, supplier: str) -> Iterator[Body]:
        """Yield what stands there of the supplier under the invoice's number.

        That the number can be filtered on is unverified (contract 2.3): where it is
        refused, all are paged through.
        """
        number = booking.invoice.number
        query = f"InvoiceNumber eq {wire.quoted(number)}"
        for place in _PLACES:
            try:
                items = list(self._client.all(place, query))
            except Refused:
                items = list(self._client.all(place))
            for item in items:
                is_number = str(item.get("InvoiceNumber") or "") == number
                if is_number and item.get("SupplierId") == supplier:
                    yield item

    def _refuse_twin(self, booking: PurchaseBooking, supplier: str) -> None:
        """Refuse what somebody entered already: it came by mail or on paper too."""
        for item in self._found(booking, supplier):
            _refuse(booking, item)

    def _write(self, job: Job, booking: PurchaseBooking, body: Body) -> Written:
        supplier, amount = str(body["SupplierId"]), Decimal(body["TotalAmount"])

        def compared(item: Body) -> Written:
            total = _total(item)
            differs = total != amount or item.get("SupplierId") != supplier
            told = {"difference": "booked_differs", "total": str(total)}
            return Written(str(item["Id"]), told if differs else {})

        def send(_: str) -> Written:
            try:
                return compared(self._client.create_supplier_draft(body))
            except Refused as error:
                if error.code == CONFLICT:
                    self._refuse_twin(booking, supplier)
                raise

        def find(_: str, _sent_at: datetime) -> Written | None:
            for item in self._found(booking, supplier):
                if _total(item) != amount or job.is_of_another(str(item["Id"])):
                    _refuse(booking, item)
                return Written(str(item["Id"]))
            return None

        return job.write(
            PURCHASE_DRAFT,
            reference=lambda: booking.invoice.number[:100],
            send=send,
            find=find,
            last=True,
        )

    # --- the supplier ----------------------------------------------------------------

    def _supplier(self, job: Job, booking: PurchaseBooking) -> str:
        """Return the id of the relation's supplier, made where the package lacks it.

        Raises AskUser `creditor_number_missing`, and `creditor_other_party` when the
        number is another's there.
        """
        number = booking.relation.creditor_number.strip()
        if not number:
            raise AskUser(
                "creditor_number_missing", relation=booking.relation.full_name
            )
        if len(number) > relation_mapping.NUMBER:
            raise AskUser("visma_number_too_long", number=number)
        known = self._known(booking, number)
        if known:
            return job.settled(_KIND, f"#{number}", known)
        return self._made(job, booking, number)

    def _known(self, booking: PurchaseBooking, number: str) -> str:
        query = f"SupplierNumber eq {wire.quoted(number)}"
        for item in self._client.all("suppliers", query):
            if item.get("SupplierNumber") == number:
                key = str(item["Id"])
                check_creditor(booking, key, relation_values.party(item))
                return key
        return ""

    def _made(self, job: Job, booking: PurchaseBooking, number: str) -> str:
        relation, setup = booking.relation, self._setups.of(job.coupling_id)
        body = relation_mapping.body_of(relation, Role.CREDITOR, self._person_name)
        if relation_mapping.missing(body, Role.CREDITOR):
            raise AskUser("relation_incomplete", relation=relation.full_name)
        terms = str(setup.company.get("TermsOfPaymentId") or "")
        defaults = Defaults(terms, str(setup.company.get("CountryCode") or "NL"))
        record = relation_mapping.new_record(relation, body, Role.CREDITOR, defaults)

        def send(_: str) -> Written:
            return Written(str(self._client.create("suppliers", record)["Id"]))

        def find(_: str, __: datetime) -> Written | None:
            found = self._known(booking, number)
            return Written(found) if found else None

        return job.make_once(_KIND, f"#{number}", send=send, find=find)


def _ruled(share: PurchaseShare, booking: PurchaseBooking, setup: Setup) -> RuledShare:
    """Return a share with its VAT code; only VAT that is charged has the code's rate:
    what is reverse-charged is worked out by the package."""
    rule = booking.rule(share)
    code = setup.vat_codes.get(rule.package_vat_code)
    if share.category is not VatCategory.CHARGED:
        rate = Decimal(code["VatRate"]) if code else share.rate
        checks.check_vat_code(code, rate, str(share.category))
        return RuledShare(share, rule, None)
    known = checks.check_vat_code(code, share.rate, str(share.category))
    return RuledShare(share, rule, checks.vat_account(known, share.rate))


def _total(item: Body) -> Decimal:
    return abs(Decimal(item.get("TotalAmount") or 0))


def _refuse(booking: PurchaseBooking, item: Body) -> None:
    invoice, name = booking.invoice, booking.relation.full_name
    if _total(item) == abs(invoice.amount_incl_vat):
        raise AskUser("purchase_there", number=invoice.number, name=name)
    raise AskUser(
        "purchase_number_taken",
        number=invoice.number,
        name=name,
        booked=_total(item),
        now=abs(invoice.amount_incl_vat),
    )
