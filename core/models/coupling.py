"""Couplings, and the mapping tables that every order target brings.

A target plugin makes its own VAT and payment tables from the mixins, with its own
prefix and its own migration line; the screens and checks work on the mixins.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from core.domain.orders import SaleKind
from core.domain.structured_invoices import VatCategory
from core.models.base import Base, Json, Leased, Rate, TenantOwned, now_column
from core.models.connection import Connection
from core.rules.refunds import RefundPolicy


class Coupling(Base, TenantOwned, Leased):
    """A source connection feeding a target connection, with its configuration.

    It is held on a lease while its open items are read.

    Without a source it is the sales invoices kept here that feed the target, or, with
    `purchases`, the invoices of suppliers.
    """

    __tablename__ = "coupling"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    """The shop; None: the CRM's own sales invoices."""
    target_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    purchases: Mapped[bool] = mapped_column(default=False)
    """Without a source: it is invoices of suppliers that are entered in the target."""
    enabled: Mapped[bool] = mapped_column(default=True)
    licensed: Mapped[bool] = mapped_column(default=True)
    """False: its licence ended; orders are kept and wait (kept by `licences`)."""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The target plugin's coupling form (target kind, receivables account, ...)."""
    no_turnover: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Lines that are no turnover: `gift_cards` (what they are for) and an account of
    the package for `gift_card`, `deposit` and `tip`."""
    noted: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    """All of it in words as the log last told; None: of before that was kept."""
    configured_at: Mapped[datetime | None]
    """When Configuratie was first saved complete; before that nothing goes."""
    confirmed: Mapped[list[str]] = mapped_column(Json, default=list)
    """Steps of setting it up that the user confirmed (`linking.couplings.STEPS`)."""
    saved_at: Mapped[datetime | None]
    """When its configuration was last saved."""
    needs_look: Mapped[bool] = mapped_column(default=False)
    """Another administration was coupled since it was saved: its accounts and VAT codes
    may mean something else."""
    starts_on: Mapped[date | None]
    """Orders (invoices) before this local date are not passed on."""
    refunds: Mapped[RefundPolicy] = mapped_column(String(20), default=RefundPolicy.ASK)
    """What becomes of a refund of a booked sale."""
    refunds_since: Mapped[datetime | None]
    """When `refunds` was chosen: of money that went back before it the user may have
    booked the credit, so it never goes by itself."""
    invoices_businesses: Mapped[bool] = mapped_column(default=False)
    """With a source: orders of businesses are not booked as orders but wait until a
    sales invoice is made of them here."""
    reads_open_items: Mapped[bool] = mapped_column(default=False)
    """Without a source: paid invoices are looked for once a day (manual 000, D)."""
    open_items_at: Mapped[datetime | None]
    """When the package was last asked what is still open; None: it is to be asked."""
    open_items_read_at: Mapped[datetime | None]
    """When it last answered that."""
    decides_paid: Mapped[bool] = mapped_column(default=False)
    """The user chose that this package says whether an invoice is paid."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = now_column()
    source: Mapped[Connection] = relationship(foreign_keys=[source_id])
    """Of a coupling with a source; `couplings` gives only those to the screens."""
    target: Mapped[Connection] = relationship(foreign_keys=[target_id])


class VatMapping(TenantOwned):
    """One line of the VAT configuration: what a rate becomes in the package."""

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805  # a class's attribute
        """One line per coupling, sale kind, country and rate."""
        return (UniqueConstraint("coupling_id", "sale_kind", "country", "rate"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE"), index=True
    )
    sale_kind: Mapped[SaleKind] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2), default="")
    """ISO code; empty for ICP and International."""
    rate: Mapped[Decimal] = mapped_column(Rate)
    """The percentage the shop sells with: the editable left column (manual 004)."""
    vat_code: Mapped[str] = mapped_column(String(60), default="")
    """The package's id of the VAT code; empty: not configured."""
    revenue_account: Mapped[str] = mapped_column(String(20), default="")


class PaymentMapping(TenantOwned):
    """A payment method of the shop: its clearing account or its fixed debtor."""

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805  # a class's attribute
        """One line per coupling and method."""
        return (UniqueConstraint("coupling_id", "method"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE"), index=True
    )
    method: Mapped[str] = mapped_column(String(200))
    clearing_account: Mapped[str] = mapped_column(String(20), default="")
    fixed_debtor: Mapped[str] = mapped_column(String(60), default="")
    """The package's id of the debtor; never used for ICP orders (manual 004)."""


class InvoiceVatMapping(Base, TenantOwned):
    """What a VAT code of the CRM becomes in the package (manual 000, C)."""

    __tablename__ = "invoice_vat_mapping"
    __table_args__ = (UniqueConstraint("coupling_id", "vat_code_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE")
    )
    vat_code_id: Mapped[int] = mapped_column(
        ForeignKey("tenant_vat_code.id", ondelete="CASCADE"), index=True
    )
    package_vat_code: Mapped[str] = mapped_column(String(60), default="")
    """The package's id of the VAT code; empty: not configured."""
    revenue_account: Mapped[str] = mapped_column(String(20), default="")


class PurchaseVatMapping(Base, TenantOwned):
    """What a category and rate of suppliers' invoices become in the package."""

    __tablename__ = "purchase_vat_mapping"
    __table_args__ = (UniqueConstraint("coupling_id", "category", "rate"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE")
    )
    category: Mapped[VatCategory] = mapped_column(String(2))
    rate: Mapped[Decimal] = mapped_column(Rate)
    """In percent; zero unless VAT is charged."""
    package_vat_code: Mapped[str] = mapped_column(String(60), default="")
    """The package's id of the VAT code; empty: not configured."""
    cost_account: Mapped[str] = mapped_column(String(20), default="")
