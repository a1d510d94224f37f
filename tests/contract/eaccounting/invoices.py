"""A tenant whose sent invoices are booked in the demo company."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from core.domain.clock import utcnow
from core.domain.events import InvoiceSent
from core.domain.relations import PostalAddress, RelationData
from core.models import (
    Connection,
    Coupling,
    OpenItem,
    Relation,
    RelationSync,
    SalesInvoice,
    TenantVatCode,
    Transfer,
    VatKind,
)
from core.rules.sync import Link
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.invoicing import (
    invoice_bookings,
    invoice_couplings,
    invoice_setup,
    sales_invoices,
)
from core.services.invoicing.sales_invoices import Draft, DraftLine
from core.services.syncing import relation_links
from tests.contract.eaccounting.conftest import Coupled
from tests.invoices import proven

TODAY = date(2026, 11, 16)
PDF = b"%PDF-1.7 the invoice as it was sent"
VAT = {
    "HOOG": (VatKind.STANDARD, "21", "VH", "8000"),
    "LAAG": (VatKind.REDUCED, "9", "VL", "8010"),
    "NUL": (VatKind.ZERO, "0", "V0", "8020"),
    "VRIJ": (VatKind.EXEMPT, "0", "V0", "8020"),
    "VERLEGD": (VatKind.REVERSE_CHARGED, "0", "V0", "8020"),
    "ICL": (VatKind.INTRA_COMMUNITY, "0", "ICP", "8030"),
    "ICD": (VatKind.INTRA_COMMUNITY_SERVICES, "0", "ICP", "8030"),
    "EXP": (VatKind.EXPORT, "0", "EXP", "8040"),
}
"""The tenant's codes: kind, rate, the package's code and the revenue account."""


BUYER = "Scheepswerf De Hoop"


def relation(**values: Any) -> RelationData:
    """A Dutch organisation with a debtor number."""
    address = PostalAddress("Kade", "1", "", "3011 AA", "Rotterdam", "NL")
    given = {
        "is_person": False,
        "name": BUYER,
        "relation_type": "client",
        "debtor_number": "10001",
        "email": "hoop@example.com",
        "vat_number": "",
        "visiting_address": address,
        "postal_address": address,
    }
    return RelationData(**{**given, **values})


@dataclass
class Books:
    """Invoices made, sent and booked in the package."""

    coupled: Coupled
    tenant_id: int
    codes: dict[str, int]
    plugin: ClassVar[str] = "eaccounting"

    @property
    def coupling(self) -> Coupling:
        """The coupling without a source, as it is now."""
        session().expire_all()
        found = invoice_couplings.of_connection(self.coupled.package_id)
        assert found is not None
        return found

    def relation(self, **values: Any) -> int:
        """Make a relation."""
        with transaction(), tenant_scope(self.tenant_id):
            row = relations.save(relation(**values), None)
            return row.id

    def send(
        self,
        lines: Iterable[tuple[str, str]] = (("HOOG", "100.00"),),
        *,
        relation_id: int | None = None,
        document: bytes | None = PDF,
        media_type: str = "application/pdf",
        issued_on: date = TODAY,
        reference: str = "",
    ) -> int:
        """Make an invoice with (VAT code, amount excl VAT) lines and send it."""
        key = relation_id or self._relation()
        drafted = [
            DraftLine(f"Regel {code}", Decimal(1), Decimal(amount), self.codes[code])
            for code, amount in lines
        ]
        due_on = issued_on + timedelta(days=14)
        with transaction(), tenant_scope(self.tenant_id):
            row = sales_invoices.save_draft(
                self.tenant_id, Draft(key, issued_on, due_on, drafted, reference)
            )
            self._attach(row, PDF if document is None else document, media_type)
            proven(row)
            sales_invoices.send(row, "other")
            if document is None:  # as of an invoice that came without its file
                row.attachments.clear()
            return row.id

    def link(self, invoice_id: int, record: str) -> None:
        """Link an invoice's relation with its debtor, as a run does."""
        connection = self.coupled.connection
        with transaction() as current:
            relation_id = current.get_one(SalesInvoice, invoice_id).relation_id
            link = Link(str(relation_id), "debtor", record)
            relation_links.keep(self.tenant_id, connection.id, link)
            current.add(
                RelationSync(
                    tenant_id=self.tenant_id, connection_id=connection.id,
                    administration=connection.external_id,
                )
            )  # fmt: skip

    def credit(self, invoice_id: int) -> int:
        """Credit an invoice whole."""
        with transaction(), tenant_scope(self.tenant_id):
            row = sales_invoices.credit(
                session().get_one(SalesInvoice, invoice_id), TODAY
            )
            self._attach(row, PDF, "application/pdf")
            return sales_invoices.send(row, "other").id

    def _attach(self, row: SalesInvoice, content: bytes, kind: str) -> None:
        sales_invoices.attach(row, "factuur.pdf", kind, content, is_invoice=True)

    def _relation(self) -> int:
        known = session().query(Relation.id).order_by(Relation.id).first()
        return known[0] if known else self.relation()

    def dispatch(self, invoice_id: int) -> None:
        """Fire the event once more."""
        with transaction():
            event = InvoiceSent(self.tenant_id, invoice_id)
            registry = koppelwerk().registry
            registry.dispatch("on_invoice_sent", [self.plugin], event)

    def invoice(self, invoice_id: int) -> SalesInvoice:
        """An invoice as it is now."""
        session().rollback()
        session().expire_all()
        return session().get_one(SalesInvoice, invoice_id)

    def booking(self, invoice_id: int) -> Transfer:
        """The one booking of an invoice."""
        session().rollback()
        session().expire_all()
        [found] = invoice_bookings.of_invoice(invoice_id)
        return found

    def where(self, invoice_id: int) -> tuple[str, str]:
        """State and code of the booking."""
        found = self.booking(invoice_id)
        return str(found.state), found.code

    def book(self, *lines: tuple[str, str], **options: Any) -> int:
        """Send an invoice and book it."""
        key = self.send(lines or (("HOOG", "100.00"),), **options)
        self.coupled.drain()
        return key

    def pay(self, invoice_id: int, amount: str) -> None:
        """Somebody writes an amount off in the package; negative: takes it back."""
        body = {"id": self.booking(invoice_id).external_id, "amount": amount}
        self.coupled.package.control("payments", body)

    def ask(self) -> None:
        """Let a day go by and read the open items."""
        with transaction():
            self.coupling.open_items_at = utcnow() - timedelta(hours=25)
        jobs.run_task("open_items", self.coupled.package_id)

    def items(self) -> dict[int, Decimal]:
        """What the package last said is left, by invoice."""
        session().expire_all()
        rows = session().query(OpenItem).all()
        return {row.invoice_id: row.open_amount for row in rows}


def vat_codes(tenant_id: int) -> dict[str, int]:
    """Give a tenant a VAT code of each kind; return their ids by code."""
    made = {}
    for code, (kind, rate, *_) in VAT.items():
        row = TenantVatCode(
            tenant_id=tenant_id,
            code=code,
            label=code.title(),
            kind=kind,
            country="NL",
            rate=Decimal(rate),
        )
        session().add(row)
        session().flush()
        made[code] = row.id
    return made


def map_all(coupling: Coupling) -> None:
    """Map every VAT code of the table as it says."""
    offered = invoice_couplings.choices_of(coupling).vat_codes
    ids = {choice.label.split(" ")[0]: choice.value for choice in offered}
    lines = [
        invoice_setup.MappingLine(
            line.code, ids[VAT[line.code.code][2]], VAT[line.code.code][3]
        )
        for line in invoice_setup.lines(coupling)
        if line.code.code in VAT
    ]
    invoice_setup.save_mapping(coupling, lines)


def settings_of(coupling: Coupling) -> dict[str, str]:
    """The package's form, filled in."""
    choices = invoice_couplings.choices_of(coupling)
    return {
        "receivables_account": "1300",
        "payment_terms": choices.payment_terms[0].value,
    }


def switched_on(coupled: Coupled, starts_on: date | None = date(2026, 1, 1)) -> Books:
    """Switch invoice booking on and configure it wholly."""
    tenant_id = session().get_one(Connection, coupled.package_id).tenant_id
    with transaction():
        codes = vat_codes(tenant_id)
    with transaction():
        connection = session().get_one(Connection, coupled.package_id)
        coupling = invoice_setup.switch_on(connection, starts_on)
        invoice_setup.save_settings(coupling, settings_of(coupling))
        map_all(coupling)
        invoice_setup.save_open_items(coupling, wanted=True)
    return Books(coupled, tenant_id, codes)
