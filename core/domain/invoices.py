"""Sales invoices as plain data: what plugins map to their packages. Pure.

Amounts are in euros. Texts are empty when unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.domain.errors import AskUser
from core.domain.money import total
from core.domain.orders import Payment
from core.domain.relations import RelationData


@dataclass(frozen=True)
class InvoiceLineData:
    """One line of a sales invoice; amounts in euros excl VAT, negative on a credit."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount_excl_vat: Decimal
    vat_code: str
    """The tenant's own code; a coupling maps it to the package's."""
    vat_rate: Decimal
    vat_kind: str = "standard"
    """What the code means: a value of `core.models.VatKind`."""
    vat_amount: Decimal | None = None
    """As a shop charged it; None: it is worked out over all lines of the code."""


@dataclass(frozen=True)
class VatTotal:
    """One VAT code of an invoice: what it is charged on and the VAT, in euros."""

    vat_code: str
    vat_rate: Decimal
    amount_excl_vat: Decimal
    vat_amount: Decimal
    vat_kind: str = "standard"


@dataclass(frozen=True)
class InvoiceData:
    """A sent sales invoice, or a credit invoice (all amounts negative)."""

    number: str
    issued_on: date
    due_on: date
    relation: RelationData
    lines: tuple[InvoiceLineData, ...]
    totals: tuple[VatTotal, ...]
    """Per VAT code, rounded per code; they add up to the invoice's totals."""
    amount_excl_vat: Decimal
    vat_amount: Decimal
    reference: str = ""
    credits_number: str = ""
    """The number of the invoice that this one credits."""
    prepayments: tuple[Payment, ...] = ()
    """What was paid before it was sent: the whole of it, or nothing."""

    @property
    def amount_incl_vat(self) -> Decimal:
        """The total with VAT, in euros."""
        return self.amount_excl_vat + self.vat_amount

    @property
    def prepaid(self) -> Decimal:
        """What was paid before it was sent, in euros."""
        return total(each.amount for each in self.prepayments)

    @property
    def amount_due(self) -> Decimal:
        """What is still to be paid when it is sent, in euros."""
        return self.amount_incl_vat - self.prepaid


@dataclass(frozen=True)
class InvoiceVatRule:
    """What a VAT code of the tenant becomes in the package (manual 000, C)."""

    package_vat_code: str
    """The package's id of the VAT code."""
    revenue_account: str


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class InvoiceBooking:
    """A sent invoice with what a package needs to book it."""

    invoice: InvoiceData
    """As it was sent; its relation is as it was then."""
    relation: RelationData
    """As it is now: whose debtor it is booked under, and how one is made."""
    debtor_key: str = ""
    """The package's id of the record that the relation is linked with as debtor: its
    own, whatever its name became; one that a run found to be another party's is not
    booked on. Empty: it is found by its number, and is to be compared
    (`core.rules.parties.check_debtor`)."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The coupling's values of `InvoiceTarget.form`."""
    rules: Mapping[str, InvoiceVatRule] = field(default_factory=dict)
    """By the tenant's VAT code; only those that are wholly filled in."""
    clearing_accounts: Mapping[str, str] = field(default_factory=dict)
    """The package's account that a prepayment came in on, by payment method, as the
    shop's orders have it; a method without one is not settled."""
    document_name: str = ""
    """File name of the invoice as it was sent; empty: there is none."""
    document_type: str = ""
    read_document: Callable[[], bytes | None] = _nothing

    @property
    def document(self) -> bytes | None:
        """Read the invoice as it was sent (a PDF, mostly); None: there is none.

        It is read from the database each time: ask once, and only when it is needed.
        """
        return self.read_document()

    def rule(self, vat_code: str) -> InvoiceVatRule:
        """Return what a VAT code becomes; AskUser `invoice_vat_unmapped` if not set."""
        if vat_code not in self.rules:
            raise AskUser("invoice_vat_unmapped", vat_code=vat_code)
        return self.rules[vat_code]


@dataclass(frozen=True)
class BookedInvoice:
    """A booked invoice whose open item is asked after (manual 000, D)."""

    invoice_id: int
    number: str
    debtor_number: str
    external_id: str
    """Of the booking in the package."""
    amount_incl_vat: Decimal
    booked_at: datetime
    """Aware UTC."""
    seen_open: bool
    """An earlier answer had it open."""
    is_paid: bool
    """It counts as paid here; it may have been reopened."""


@dataclass(frozen=True)
class Settlements:
    """What a package says of booked invoices, by invoice id."""

    open: Mapping[int, Decimal] = field(default_factory=dict)
    """Still open, in euros incl VAT (negative on a credit invoice)."""
    settled: Mapping[int, date | None] = field(default_factory=dict)
    """Wholly written off, with the local date where the package tells it."""
    cursor: Mapping[str, Any] = field(default_factory=dict)
    """The plugin's own, to go on from: kept as `open_items` in the connection's
    cursor, in the transaction that stores this answer."""
    undecided: Mapping[int, str] = field(default_factory=dict)
    """Gone from the open items without proof that it was paid: the code of why, said
    on the invoice."""
