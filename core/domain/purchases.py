"""Invoices of suppliers as plain data: what plugins make purchase entries of. Pure.

Amounts are in euros; those of a credit note are negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.domain.errors import AskUser
from core.domain.money import plain, total
from core.domain.relations import RelationData
from core.domain.structured_invoices import VatCategory

VatUse = tuple[VatCategory, Decimal]
"""Why VAT is charged, or not, and its rate in percent."""


@dataclass(frozen=True)
class PurchaseShare:
    """What falls under one category and rate, as the supplier worked it out."""

    category: VatCategory
    rate: Decimal
    amount_excl_vat: Decimal
    vat_amount: Decimal

    @property
    def use(self) -> VatUse:
        """By what it is mapped."""
        return self.category, self.rate


@dataclass(frozen=True)
class PurchaseInvoice:
    """An invoice of a supplier, or a credit note."""

    number: str
    """The supplier's."""
    issued_on: date
    due_on: date
    shares: tuple[PurchaseShare, ...]
    relation_id: int
    """Whose it is."""
    payment_reference: str = ""
    cost_account: str = ""
    """The package's account that a person chose for this one; empty: as configured."""

    @property
    def vat_amount(self) -> Decimal:
        """The VAT on it."""
        return total(share.vat_amount for share in self.shares)

    @property
    def amount_incl_vat(self) -> Decimal:
        """The total with VAT."""
        return total(share.amount_excl_vat + share.vat_amount for share in self.shares)


@dataclass(frozen=True)
class PurchaseRule:
    """What a category and rate become in the package."""

    package_vat_code: str
    """The package's id of the VAT code."""
    cost_account: str


@dataclass(frozen=True)
class PurchaseBooking:
    """A supplier's invoice with what a package needs to enter it."""

    invoice: PurchaseInvoice
    relation: RelationData
    """The supplier as it is now: whose creditor it is entered under."""
    linked: frozenset[str] = frozenset()
    """The package's ids of records that the relation is linked with: its own. Another
    is found by its number, and to be compared (`core.rules.parties.check_creditor`)."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The coupling's values of `Purchases.form`."""
    rules: Mapping[VatUse, PurchaseRule] = field(default_factory=dict)

    def rule(self, share: PurchaseShare) -> PurchaseRule:
        """Return what a share becomes; AskUser `purchase_vat_unmapped` if not set."""
        found = self.rules.get(share.use)
        if found is None:
            raise AskUser(
                "purchase_vat_unmapped",
                vat_category=share.category,
                rate=plain(share.rate),
            )
        account = self.invoice.cost_account or found.cost_account
        return PurchaseRule(found.package_vat_code, account)
