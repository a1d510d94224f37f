"""Sales invoices of the CRM side; amounts in euros, lines excl VAT."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.domain.money import total
from core.domain.orders import Payment, payments_from_data
from core.models.base import (
    Base,
    Json,
    Leased,
    Money,
    Quantity,
    Rate,
    TenantOwned,
    now_column,
)
from core.models.relation import Relation


class InvoiceState(StrEnum):
    """Concept, Verstuurd, Geboekt, Betaald (manual 000, C and D)."""

    DRAFT = "draft"
    SENT = "sent"
    BOOKED = "booked"
    PAID = "paid"


class VatKind(StrEnum):
    """What a VAT code of the tenant means; its country decides which are offered."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"
    EXEMPT = "exempt"
    REVERSE_CHARGED = "reverse_charged"
    """BTW verlegd within the country."""
    INTRA_COMMUNITY = "intra_community"
    """Goods to a business in another member state."""
    INTRA_COMMUNITY_SERVICES = "intra_services"
    """Services to a business in another member state, charged there."""
    EXPORT = "export"


class TenantVatCode(Base, TenantOwned):
    """A VAT code that invoice lines may carry."""

    __tablename__ = "tenant_vat_code"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100))
    kind: Mapped[VatKind] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    """The own country it is for."""
    rate: Mapped[Decimal] = mapped_column(Rate)
    active: Mapped[bool] = mapped_column(default=True)


class SalesInvoice(Base, TenantOwned):
    """A sales invoice, or a credit invoice when `credits_id` is set."""

    __tablename__ = "sales_invoice"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_sales_invoice_list", "tenant_id", "state", "id"),
        Index("ix_sales_invoice_due", "tenant_id", "due_on", "id"),
        Index("ix_sales_invoice_credits", "credits_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(30))
    """Drawn without gaps when it is sent; empty while it is a draft."""
    state: Mapped[InvoiceState] = mapped_column(String(20), default=InvoiceState.DRAFT)
    relation_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="RESTRICT"), index=True
    )
    credits_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="RESTRICT")
    )
    order_id: Mapped[int | None] = mapped_column(
        ForeignKey("shop_order.id", ondelete="SET NULL"), index=True
    )
    """The webshop order that it was made of, which is not booked as an order."""
    prepayments: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """What was paid before it was sent (`payments_to_data`): all of it, or nothing."""
    issued_on: Mapped[date]
    due_on: Mapped[date]
    delivered_on: Mapped[date | None]
    """When it was delivered, where that is another day than the issue date."""
    language: Mapped[str] = mapped_column(String(5), default="nl")
    """Of the invoice itself and of the mail that brings it."""
    reference: Mapped[str] = mapped_column(String(100), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    amount_excl_vat: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    vat_amount: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    sent_as: Mapped[str] = mapped_column(String(10), default="")
    """`mail`, `other`, `api`, or the name of the plugin that sends it."""
    sent_at: Mapped[datetime | None]
    customer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Name, address and VAT number as they were when it was sent."""
    vat_proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the VAT register said of the customer's number, where no VAT is charged:
    see `core.services.invoicing.vat_proofs`."""
    paid_on: Mapped[date | None]
    created_at: Mapped[datetime] = now_column()
    relation: Mapped[Relation] = relationship()
    lines: Mapped[list["SalesInvoiceLine"]] = relationship(
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="SalesInvoiceLine.position",
    )
    attachments: Mapped[list["InvoiceAttachment"]] = relationship(
        cascade="all, delete-orphan", order_by="InvoiceAttachment.id"
    )

    @property
    def amount_incl_vat(self) -> Decimal:
        """The invoice's total with VAT, in euros."""
        return self.amount_excl_vat + self.vat_amount

    @property
    def payments(self) -> tuple[Payment, ...]:
        """What was paid before it was sent."""
        return payments_from_data(self.prepayments or ())

    @property
    def prepaid_amount(self) -> Decimal:
        """What was paid before it was sent, in euros."""
        return total(each.amount for each in self.payments)


class SalesInvoiceLine(Base, TenantOwned):
    """One line; negative on a credit invoice."""

    __tablename__ = "sales_invoice_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    description: Mapped[str] = mapped_column(String(255))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit_price: Mapped[Decimal] = mapped_column(Quantity)
    """Excl VAT."""
    amount_excl_vat: Mapped[Decimal] = mapped_column(Money)
    vat_amount: Mapped[Decimal | None] = mapped_column(Money)
    """As a shop charged it; None: it is worked out over all lines of the code."""
    vat_code_id: Mapped[int] = mapped_column(
        ForeignKey("tenant_vat_code.id", ondelete="RESTRICT")
    )
    vat_code: Mapped[TenantVatCode] = relationship(lazy="joined")


class InvoiceAttachment(Base, TenantOwned):
    """A file of an invoice; one of them is the invoice itself as it was sent."""

    __tablename__ = "invoice_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    is_invoice: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = now_column()


class WaitingState(StrEnum):
    """Where a draft stands that is to go as soon as its VAT number is confirmed."""

    WAITING = "waiting"
    REFUSED = "refused"
    """It cannot go as it is: a person has to look at it."""


class WaitingInvoice(Base, TenantOwned, Leased):
    """A draft that goes by itself once the VAT register has answered, and how."""

    __tablename__ = "waiting_invoice"
    __table_args__ = (Index("ix_waiting_invoice_work", "state", "due_at"),)

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="CASCADE"), primary_key=True
    )
    sent_as: Mapped[str] = mapped_column(String(10))
    letter: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The mail that brings it; empty when it goes otherwise."""
    attachment_id: Mapped[int | None]
    number: Mapped[str] = mapped_column(String(30), default="")
    """Given by an outside system; empty: ours is drawn."""
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    state: Mapped[WaitingState] = mapped_column(
        String(20), default=WaitingState.WAITING
    )
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why it was refused, with its values."""
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime] = now_column()


class NumberSeries(Base, TenantOwned):
    """The last number given out in a series of a tenant: no gaps, none twice."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    year: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int]
    pattern: Mapped[str] = mapped_column(String(30), default="")
    """How its numbers are written; fixed when the first one is drawn."""


class InvoiceSettings(Base, TenantOwned):
    """What stands on a tenant's invoices besides its name, address and VAT number."""

    __tablename__ = "invoice_settings"

    tenant_id: Mapped[int] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    chamber_number: Mapped[str] = mapped_column(String(20), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    """Stands on the invoice, and is where answers to its mail go."""
    phone: Mapped[str] = mapped_column(String(50), default="")
    term_days: Mapped[int] = mapped_column(default=14)
    """Proposed for a new invoice."""
    prefix: Mapped[str] = mapped_column(String(8), default="")
    separator: Mapped[str] = mapped_column(String(1), default="")
    digits: Mapped[int] = mapped_column(default=5)
    first_number: Mapped[int] = mapped_column(default=1)
    """Of a book year that has no invoice yet: who comes from elsewhere goes on."""
    first_year: Mapped[int] = mapped_column(default=0)
    """The book year that `first_number` is for; every other one begins at 1."""
    payment_code: Mapped[bool] = mapped_column(default=True)
    """Whether a QR code to pay with stands on invoices."""


class OpenItem(Base, TenantOwned):
    """What the package last said of a booked invoice (manual 000, D)."""

    __tablename__ = "open_item"
    __table_args__ = (UniqueConstraint("connection_id", "invoice_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="CASCADE"), index=True
    )
    open_amount: Mapped[Decimal] = mapped_column(Money)
    changed_at: Mapped[datetime | None]
    """When `open_amount` was first seen as it is; None: as it was booked."""
    settled_on: Mapped[date | None]
    """Local date on which nothing was left, by the package or else as we saw it."""
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why it is not known whether it was paid (`Settlements.undecided`)."""
    seen_open_at: Mapped[datetime | None]
    looked_at: Mapped[datetime] = now_column()
