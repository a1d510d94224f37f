"""Declarations on their way, their timeline, and the evidence kept seven years."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.domain.declarations import DeclarationKind
from core.plugin.tables import Base, EvidenceRow, Leased, Money, TenantOwned, now_column
from plugins.belastingdienst.models.administration import Administration


class FilingStage(StrEnum):
    """Where a declaration stands here; the channel's own statuses are its events."""

    PREPARED = "prepared"
    """Made and checked; waits for a person's approval."""
    APPROVED = "approved"
    """To be sent, or to be looked up: it is due at `due_at`."""
    DELIVERED = "delivered"
    """Its receipt is kept; its statuses are followed."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    """A person must act: see `code`."""


class FilingWish(StrEnum):
    """What a person asked for that a worker does at its next turn."""

    NOTHING = ""
    RESEND = "resend"
    """It surely did not arrive: look once more, and send it again."""
    CANCEL = "cancel"
    """Take it back at the channel."""


class Filing(Base, TenantOwned, Leased):
    """One declaration of a taxpayer: kind, period and version make it unique.

    Whatever administrations he has: a tenant files a period once for a tax number.
    """

    __tablename__ = "belastingdienst_filing"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id",
            "tax_number",
            "division",
            "kind",
            "starts_on",
            "ends_on",
            "version",
        ),
        UniqueConstraint("reference"),
        Index("ix_belastingdienst_filing_work", "stage", "due_at"),
        Index("ix_belastingdienst_filing_taxpayer", "tax_number", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    administration_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_administration.id")
    )
    kind: Mapped[DeclarationKind] = mapped_column(String(20))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    version: Mapped[int]
    """Grows when a rejected or cancelled one is filed again."""
    reference: Mapped[str] = mapped_column(String(40))
    """Ours (aanleverkenmerk), random, once."""
    tax_number: Mapped[str] = mapped_column(String(14))
    """Whom it is about, as in the content; the administration's may change later."""
    division: Mapped[str] = mapped_column(String(14), default="")
    """Of an ICP declaration: as `Administration.division`."""
    scope: Mapped[str] = mapped_column(String(30), default="")
    """Of an ICP declaration: its kinds, with a comma between; empty: all of them."""
    vat_checks: Mapped[list[Any]] = mapped_column(default=list)
    """Of an ICP declaration: what VIES said of its customers (`icp.vat_numbers`)."""
    is_intermediary: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[str] = mapped_column(String(20))
    """As its profile had it: see `FilingProfile.channel`."""
    profile_id: Mapped[int] = mapped_column(ForeignKey("belastingdienst_profile.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """The XBRL that was checked and approved: exactly these bytes go."""
    content_hash: Mapped[str] = mapped_column(String(64))
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What it declares, in whole euros, as read back from the content."""
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What a return or suppletie says by period (`filing.history`): `periods`, and
    `carried`, corrections of earlier ones; empty: made before this was kept."""
    vat_accounts: Mapped[list[Any]] = mapped_column(default=list)
    """The VAT accounts beside its boxes when it was approved (`figures.vat_check`);
    empty: made of no books."""
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    payable: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    """5g of a return; the total of an ICP declaration."""
    stage: Mapped[FilingStage] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why it waits or stopped; empty when all is well."""
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    prepared_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    approved_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    approved_at: Mapped[datetime | None]
    asked: Mapped[FilingWish] = mapped_column(String(20), default=FilingWish.NOTHING)
    due_at: Mapped[datetime | None]
    """When to send, look up or ask next; None: nothing is to be done by itself."""
    sent_at: Mapped[datetime | None]
    """Set before the call; None: certainly not sent."""
    misses: Mapped[int] = mapped_column(default=0)
    """How often it was looked up in vain."""
    delivery_reference: Mapped[str] = mapped_column(String(100), default="")
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()
    administration: Mapped[Administration] = relationship()


class FilingEvent(Base, TenantOwned):
    """One line of a declaration's timeline, ours or the channel's."""

    __tablename__ = "belastingdienst_filing_event"
    __table_args__ = (UniqueConstraint("filing_id", "at", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(
        ForeignKey("belastingdienst_filing.id", ondelete="CASCADE")
    )
    at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(60))
    """The channel's own status, or ours: `prepared`, `approved`, `sent` ..."""
    description: Mapped[str] = mapped_column(String(500), default="")
    error_code: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(String(2000), default="")
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )


class Evidence(Base, TenantOwned, EvidenceRow):
    """Bytes kept seven years, chained: each hash covers the one before it.

    Without a cascade from the tenant's administrations: evidence is erased only when
    its term is over.
    """

    __tablename__ = "belastingdienst_evidence"
    __table_args__ = (UniqueConstraint("filing_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("belastingdienst_filing.id"))
