"""The figures of an administration's period, with the entries behind them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.domain.declarations import IcpKind, Rubric
from core.plugin.tables import Base, Money, TenantOwned
from plugins.belastingdienst.models.administration import Administration


class EntryOrigin(StrEnum):
    """Where an entry comes from."""

    LEDGER = "ledger"
    INVOICE = "invoice"
    ORDER = "order"
    """A shop order, or the credit of its refund."""
    MANUAL = "manual"
    """Filled in here, with a description of what it is."""
    CORRECTION = "correction"
    """Of an earlier period, up to 1,000 euro VAT."""


class PeriodFigures(Base, TenantOwned):
    """One tax period of an administration, as it was last read."""

    __tablename__ = "belastingdienst_period"
    __table_args__ = (
        UniqueConstraint("administration_id", "starts_on", "ends_on"),
        Index("ix_belastingdienst_period_work", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    administration_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_administration.id", ondelete="CASCADE")
    )
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """The last day, included."""
    read_at: Mapped[datetime | None]
    """None: the entries were never read."""
    reading: Mapped[bool] = mapped_column(default=False)
    """A reading is asked for or under way."""
    due_at: Mapped[datetime | None]
    """When it is read next by itself: after a passing fault, or because it was filed
    and stays watched; None: not by itself."""
    tries: Mapped[int] = mapped_column(default=0)
    """Passing faults in a row."""
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why the last reading failed."""
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    """Entries that could not be placed: nothing may be filed while there are any."""
    vat_accounts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The VAT accounts beside the boxes (`figures.vat_check`); empty: no books."""
    left_out: Mapped[list[Any]] = mapped_column(default=list)
    """What of the own sales is in no box and needs no answer: code, count, amount."""
    administration: Mapped[Administration] = relationship()


class Entry(Base, TenantOwned):
    """One booking behind a figure; amounts are exact euros, signed as the form is."""

    __tablename__ = "belastingdienst_entry"
    __table_args__ = (
        Index("ix_belastingdienst_entry_box", "period_id", "rubric", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_period.id", ondelete="CASCADE")
    )
    origin: Mapped[EntryOrigin] = mapped_column(String(20))
    source_id: Mapped[str] = mapped_column(String(60), default="")
    """Of the ledger: its transaction; of an invoice or order: its id here."""
    booked_on: Mapped[date]
    description: Mapped[str] = mapped_column(String(200), default="")
    reference: Mapped[str] = mapped_column(String(60), default="")
    rubric: Mapped[Rubric] = mapped_column(String(2))
    turnover: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    vat: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    icp_kind: Mapped[IcpKind | None] = mapped_column(String(10))
    customer_country: Mapped[str] = mapped_column(String(2), default="")
    customer_number: Mapped[str] = mapped_column(String(20), default="")
