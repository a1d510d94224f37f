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
    __table_args__ = (Index("ix_log_entry_list", "tenant_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = now_column()
    level: Mapped[LogLevel] = mapped_column(String(10), default=LogLevel.INFO)
    code: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    transfer_id: Mapped[int | None] = mapped_column(
        ForeignKey("transfer.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
