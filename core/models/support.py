"""What the support desk works with: reports, take-overs, paid requests."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Money, TenantOwned, now_column


class RequestState(StrEnum):
    """Where a report or a request stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class ProblemReport(Base, TenantOwned):
    """*Meld probleem*: a document with all that is needed to look into it."""

    __tablename__ = "problem_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int | None] = mapped_column(
        ForeignKey("transfer.id", ondelete="SET NULL"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    message: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    """Exactly what the preview showed, redacted."""
    state: Mapped[RequestState] = mapped_column(String(20), default=RequestState.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = now_column()
    answered_at: Mapped[datetime | None]


class ProblemFile(Base, TenantOwned):
    """A picture that came with a report; forgotten by `problem_files`."""

    __tablename__ = "problem_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(
        ForeignKey("problem_report.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = now_column()


class Takeover(Base, TenantOwned):
    """An operator looking at a tenant's pages: why, from when, until when."""

    __tablename__ = "takeover"

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    reason: Mapped[str] = mapped_column(String(500))
    began_at: Mapped[datetime] = now_column()
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ServiceKind(StrEnum):
    """Paid work (manual 004, section 6)."""

    INSTALLATION = "installation"
    BACKFILL = "backfill"


class ServiceRequest(Base, TenantOwned):
    """A tenant asks us to install or to pass on past orders; price excl VAT."""

    __tablename__ = "service_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ServiceKind] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    remark: Mapped[str] = mapped_column(Text, default="")
    price_excl_vat: Mapped[Decimal] = mapped_column(Money)
    state: Mapped[RequestState] = mapped_column(String(20), default=RequestState.OPEN)
    created_at: Mapped[datetime] = now_column()
    closed_at: Mapped[datetime | None]
