"""The inbox: authenticated messages from outside, kept before they are answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    column,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, TenantOwned, now_column

_NEW = column("state") == literal_column("'new'")


class InboxState(StrEnum):
    """Whether a message was acted on."""

    NEW = "new"
    DONE = "done"
    FAILED = "failed"


class InboxEvent(Base, TenantOwned):
    """A hint that something changed outside; its content is always re-read."""

    __tablename__ = "inbox_event"
    __table_args__ = (
        UniqueConstraint("connection_id", "event_id"),
        Index("ix_inbox_event_work", "connection_id", "state", "priority", "id"),
        Index(
            "ix_inbox_event_new",
            "connection_id",
            "state",
            "received_at",
            sqlite_where=_NEW,
            postgresql_where=_NEW,
        ),
        Index("ix_inbox_event_source", "connection_id", "source_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    event_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(50))
    source_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[InboxState] = mapped_column(String(20), default=InboxState.NEW)
    priority: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(60), default="")
    received_at: Mapped[datetime] = now_column()
    done_at: Mapped[datetime | None]
