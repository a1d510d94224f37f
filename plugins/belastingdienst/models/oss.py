"""The one stop shop (Union scheme): what a taxpayer said of it, and its quarters."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import Base, TenantOwned, now_column


class OssRegister(Base, TenantOwned):
    """How the sales of one tax number abroad are read, and how far that is."""

    __tablename__ = "belastingdienst_oss_register"
    __table_args__ = (UniqueConstraint("tenant_id", "tax_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tax_number: Mapped[str] = mapped_column(String(14))
    since: Mapped[date]
    """First day of the first quarter that is kept here."""
    sales: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Which sales are his, as `figures.own_sales` keeps the choice."""
    invoice_kind: Mapped[str] = mapped_column(String(10), default="")
    """What the invoices kept here sell abroad: goods, services, or not said."""
    distance: Mapped[list[Any]] = mapped_column(default=list)
    """Sales to consumers in other member states per day, for the 10,000 euros."""
    reading: Mapped[bool] = mapped_column(default=False)
    """A reading is asked for or under way."""
    read_at: Mapped[datetime | None]
    """None: the sales were never read."""
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why the last reading failed."""
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reminded_for: Mapped[date | None]
    """First day of the quarter that was last reminded of."""
    reminded_late: Mapped[bool] = mapped_column(default=False)
    """That reminder told that the last day had passed."""


class OssQuarter(Base, TenantOwned):
    """One quarter of a tax number: its sales as last read, and what was declared."""

    __tablename__ = "belastingdienst_oss_quarter"
    __table_args__ = (UniqueConstraint("tenant_id", "tax_number", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tax_number: Mapped[str] = mapped_column(String(14))
    starts_on: Mapped[date]
    sales: Mapped[list[Any]] = mapped_column(default=list)
    """Sales and refunds taxed in it, added up: see `filing.oss_stored`."""
    doubts: Mapped[list[Any]] = mapped_column(default=list)
    """Documents that could not be placed."""
    filed_at: Mapped[datetime | None]
    """When somebody said that it was filed; None: it was not."""
    filed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    portal_reference: Mapped[str] = mapped_column(String(60), default="")
    lines: Mapped[list[Any]] = mapped_column(default=list)
    """What was declared, to the cent, as it was then."""
    corrections: Mapped[list[Any]] = mapped_column(default=list)
    """Of earlier quarters, declared with it."""
    open_doubts: Mapped[list[Any]] = mapped_column(default=list)
    """What was still asked when it was filed, and was filed all the same."""
    created_at: Mapped[datetime] = now_column()
