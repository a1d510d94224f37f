"""Licences of couplings, the trial that may be had once, and our own invoices."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Money, Rate, TenantOwned, now_column


class LicenceState(StrEnum):
    """Whether a coupling may book."""

    TRIAL = "trial"
    PAID = "paid"
    EXPIRED = "expired"
    """Trial or year is over: orders are kept and wait, nothing is booked."""
    CANCELLED = "cancelled"
    """Ended by the user, or the app was removed from the shop."""


class Licence(Base, TenantOwned):
    """What a tenant may use: one coupling of one shop plugin and one package."""

    __tablename__ = "licence"
    __table_args__ = (Index("ix_licence_work", "state", "ends_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    """The licence key people quote in a mail to support."""
    source_plugin: Mapped[str] = mapped_column(String(50))
    target_plugin: Mapped[str] = mapped_column(String(50))
    coupling_id: Mapped[int | None] = mapped_column(
        ForeignKey("coupling.id", ondelete="SET NULL"), unique=True
    )
    source_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="SET NULL"), index=True
    )
    """The shop's connection, once the installation has begun to make it."""
    target_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="SET NULL"), index=True
    )
    """The package's connection, likewise."""
    state: Mapped[LicenceState] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(60), default="")
    """Code of why it ended; empty while it runs."""
    ends_on: Mapped[date]
    """Last local date of the trial or of the paid year."""
    reminders: Mapped[int] = mapped_column(default=0)
    """How many went out about this end: 1 a week before, 2 a day before."""
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()


class TrialUse(Base):
    """A shop or company that had its trial; only a hash, so that it may stay."""

    __tablename__ = "trial_use"

    plugin: Mapped[str] = mapped_column(String(50), primary_key=True)
    external_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    licence_key: Mapped[str] = mapped_column(String(40))
    used_at: Mapped[datetime] = now_column()


class ServiceInvoice(Base, TenantOwned):
    """An invoice of ours to a tenant; amounts in euros, the lines excl VAT."""

    __tablename__ = "service_invoice"
    __table_args__ = (UniqueConstraint("year", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int | None] = mapped_column(
        ForeignKey("licence.id", ondelete="SET NULL"), index=True
    )
    year: Mapped[int]
    sequence: Mapped[int]
    """Without gaps within a year (Dutch VAT act, article 35a)."""
    issued_on: Mapped[date]
    due_on: Mapped[date]
    customer: Mapped[dict[str, Any]]
    """Name, address, country and VAT number as they were on the day."""
    lines: Mapped[list[Any]]
    amount_excl_vat: Mapped[Decimal] = mapped_column(Money)
    vat_rate: Mapped[Decimal] = mapped_column(Rate)
    vat_amount: Mapped[Decimal] = mapped_column(Money)
    is_reverse_charged: Mapped[bool] = mapped_column(default=False)
    paid_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """What people read and pay with: KW2026-0001."""
        return f"KW{self.year}-{self.sequence:04d}"

    @property
    def amount_incl_vat(self) -> Decimal:
        """Euros to be paid."""
        return self.amount_excl_vat + self.vat_amount
