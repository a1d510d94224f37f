"""The log: what happened, in codes that are put into the user's words when shown."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, TenantOwned, now_column


class LogLevel(StrEnum):
    """How much attention an entry wants."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogEntry(Base, TenantOwned):
    """One thing that happened to a connection or a transfer."""

    __tablename__ = "log_entry"
    __table_args__ = (
        Index("ix_log_entry_list", "tenant_id", "id"),
        Index("ix_log_entry_transfer", "transfer_id", "tenant_id", "id"),
        Index("ix_log_entry_invoice", "invoice_id", "tenant_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    """Without an index of its own: the ones above begin with it, and a planner
    without statistics would take it for lists it has to read whole."""
    at: Mapped[datetime] = now_column()
    level: Mapped[LogLevel] = mapped_column(String(10), default=LogLevel.INFO)
    code: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    transfer_id: Mapped[int | None] = mapped_column(
        ForeignKey("transfer.id", ondelete="CASCADE")
    )
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="SET NULL")
    )
    """The sales invoice it is about."""
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
