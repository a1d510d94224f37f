"""The closing count of a coupling, kept per day so that its pages stay flat."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Leased, TenantOwned


class Tally(Base, TenantOwned, Leased):
    """When a coupling is counted next, and how the last count went."""

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE"), unique=True
    )
    due_at: Mapped[datetime] = mapped_column(index=True)
    asked_from: Mapped[date | None]
    """First and last local date that somebody asked for; None: the usual period."""
    asked_to: Mapped[date | None]
    made_at: Mapped[datetime | None]
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why the last count could not be made; empty when it could."""
    shop_calls: Mapped[int] = mapped_column(default=0)
    """What the last count took."""
    package_calls: Mapped[int] = mapped_column(default=0)


class TallyDay(Base, TenantOwned):
    """One local day of a coupling as it was counted last."""

    __tablename__ = "tally_day"
    __table_args__ = (UniqueConstraint("coupling_id", "on_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE")
    )
    on_day: Mapped[date]
    made_at: Mapped[datetime]
    lines: Mapped[dict[str, Any]]
    """`core.rules.tally.Day` as plain data, without its differences."""
    gaps: Mapped[list[Any]] = mapped_column(default=list)
