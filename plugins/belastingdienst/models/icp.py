"""What an ICP declaration still lacks, and goods that lie in stock with a customer."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.domain.declarations import IcpKind
from core.plugin.tables import NAMES_NOBODY, Base, Money, TenantOwned


class IcpCorrection(Base, TenantOwned):
    """One row that differs from what was declared over an earlier stretch.

    Open until somebody says that it was corrected at the portal, or a declaration
    carries it that was not refused.
    """

    __tablename__ = "belastingdienst_icp_correction"
    __table_args__ = (
        Index("ix_belastingdienst_icp_correction_of", "tax_number", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tax_number: Mapped[str] = mapped_column(String(14))
    division: Mapped[str] = mapped_column(String(14), default="")
    """As `Administration.division`."""
    starts_on: Mapped[date]
    """Of the stretch that was declared."""
    ends_on: Mapped[date]
    icp_kind: Mapped[IcpKind] = mapped_column(String(10))
    customer_country: Mapped[str] = mapped_column(String(2))
    customer_number: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Decimal] = mapped_column(Money)
    """In whole euros, to add to what was declared; never zero."""
    noticed_on: Mapped[date]
    """In Dutch time."""
    done_at: Mapped[datetime | None]
    """When somebody said that it was corrected at the portal."""
    done_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    filing_id: Mapped[int | None] = mapped_column(
        ForeignKey("belastingdienst_filing.id", ondelete="CASCADE"), index=True
    )
    """The later declaration that carries it."""


class CallOffStock(Base, TenantOwned):
    """Goods that lie with a customer in another member state until he takes them."""

    __tablename__ = "belastingdienst_call_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    administration_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_administration.id", ondelete="CASCADE"), index=True
    )
    description: Mapped[str] = mapped_column(String(100), default="")
    customer_country: Mapped[str] = mapped_column(String(2), info=NAMES_NOBODY)
    """VIES prefix: EL for Greece."""
    customer_number: Mapped[str] = mapped_column(String(20), info=NAMES_NOBODY)
    amount: Mapped[Decimal] = mapped_column(Money)
    """Excl VAT."""
    arrived_on: Mapped[date]
    called_off_on: Mapped[date | None]
    returned_on: Mapped[date | None]
