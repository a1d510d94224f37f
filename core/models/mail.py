"""The outbox: mail is a row first, so that a mail server never holds up booking."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    column,
    func,
    select,
    table,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from core.models.base import Base, Leased, TenantOwned, now_column, sealed

_earlier = table("mail_attachment", column("id"), column("mail_id")).alias("earlier")


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base, Leased):
    """One mail; its content is encrypted until it is sent and wiped afterwards."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_work", "state", "due_at"),
        Index("ix_mail_turn", "tenant_id", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int | None] = mapped_column(
        ForeignKey("tenant.id", ondelete="CASCADE"), index=True
    )
    """Whom it is about; empty for a mail to ourselves."""
    recipient: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(60))
    dedup_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    """One message per cause and day: a second one with the same key is not made."""
    content: Mapped[bytes | None] = sealed("mail/{id}")
    state: Mapped[MailState] = mapped_column(String(20), default=MailState.QUEUED)
    due_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """What the mail server said last, for ourselves; without personal data."""
    created_at: Mapped[datetime] = now_column()
    sent_at: Mapped[datetime | None]


class MailAttachment(Base):
    """A file that goes with a mail; encrypted, and gone once the mail was sent."""

    __tablename__ = "mail_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(
        ForeignKey("mail.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = sealed("mail/{mail_id}/{place}/{filename}")
    place: Mapped[int] = column_property(
        select(func.count())
        .select_from(_earlier)
        .where(_earlier.c.mail_id == mail_id, _earlier.c.id < id)  # noqa: A003  the column above
        .scalar_subquery(),
        deferred=True,
    )
    """How many files of the mail come before it."""


class Notice(Base, TenantOwned):
    """A cause that a tenant is mailed of, once a local day."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("tenant_id", "on_day", "cause"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(String(64))
    """Hash of the key of the group under Fouten (`reporting.faults`)."""
    on_day: Mapped[date]
    """The tenant's own."""
    seen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """Empty: it waits for the next mail."""


class Mark(Base):
    """How far a periodic reader has come, so that it reads only what is new."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
    """The highest key it has seen."""
    read_at: Mapped[datetime]
