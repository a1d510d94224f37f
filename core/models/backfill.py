"""Passing on orders of the past: rehearsed first, then below the live traffic."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Money, TenantOwned, now_column


class BackfillState(StrEnum):
    """Where a run stands."""

    REHEARSING = "rehearsing"
    """Reads the shop and the package; nothing is written outside."""
    REHEARSED = "rehearsed"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


class Backfill(Base, TenantOwned):
    """One run over the past orders of a coupling; dates are local, both included."""

    __tablename__ = "backfill"

    id: Mapped[int] = mapped_column(primary_key=True)
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE"), index=True
    )
    first_on: Mapped[date]
    last_on: Mapped[date]
    state: Mapped[BackfillState] = mapped_column(String(20))
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How far the shop was read; the run goes on from there."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the rehearsal found: calls and seconds it would take."""
    reason: Mapped[str] = mapped_column(String(60), default="")
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = now_column()
    ended_at: Mapped[datetime | None]


class BackfillItem(Base, TenantOwned):
    """One past order in a run: what would happen, and the transfer that does it."""

    __tablename__ = "backfill_item"
    __table_args__ = (
        UniqueConstraint("backfill_id", "order_id"),
        Index("ix_backfill_item_list", "backfill_id", "verdict", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    backfill_id: Mapped[int] = mapped_column(
        ForeignKey("backfill.id", ondelete="CASCADE")
    )
    order_id: Mapped[int] = mapped_column(
        ForeignKey("shop_order.id", ondelete="CASCADE")
    )
    verdict: Mapped[str] = mapped_column(String(20))
    """`book`, `stands` (in the package already), `known` (to us) or `refused`."""
    code: Mapped[str] = mapped_column(String(60), default="")
    amount: Mapped[Decimal] = mapped_column(Money)
    transfer_id: Mapped[int | None] = mapped_column(
        ForeignKey("transfer.id", ondelete="SET NULL"), index=True
    )
