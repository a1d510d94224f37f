"""Transfers (the rows that are the jobs), their step journal, links and counters."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Leased,
    Money,
    OfAdministration,
    TenantOwned,
    by_bytes,
    now_column,
)

_MOVING = column("state").in_([literal_column("'queued'"), literal_column("'sending'")])
_FAULTY = column("state").in_([literal_column("'failed'"), literal_column("'held'")])
DOCUMENT_LENGTH = 20
"""Characters of the name that a plugin gives a kind of document."""


class TransferState(StrEnum):
    """Where a document stands; the dashboard's tabs follow from it."""

    WAITING = "waiting"
    """Tab Open: not eligible yet (status in the shop, refresh under way)."""
    QUEUED = "queued"
    """Tab Open: goes at `due_at`."""
    SENDING = "sending"
    """A worker holds it."""
    DONE = "done"
    FAILED = "failed"
    """Tab Fouten: the user must do something."""
    HELD = "held"
    """Tab Fouten: the user is told or asked. A sale is booked, but changed or was
    cancelled afterwards; a credit is not booked yet."""
    SKIPPED = "skipped"
    """Ended without a booking: cancelled before it went, nothing to book, set aside."""


class Transfer(Base, TenantOwned, Leased):
    """One document on its way to one target."""

    __tablename__ = "transfer"
    __table_args__ = (
        UniqueConstraint("target_id", "subject", "subject_id"),
        Index(
            "ix_transfer_work",
            "target_id",
            "state",
            column("priority").desc(),
            "due_at",
        ),
        Index(
            "ix_transfer_moving",
            "target_id",
            "coupling_id",
            "state",
            "due_at",
            sqlite_where=_MOVING,
            postgresql_where=_MOVING,
        ),
        Index(
            "ix_transfer_refreshing",
            "changed_at",
            sqlite_where=column("code") == literal_column("'refreshing'"),
            postgresql_where=column("code") == literal_column("'refreshing'"),
        ),
        Index("ix_transfer_list", "tenant_id", "state", "id"),
        Index(
            "ix_transfer_booked",
            "tenant_id",
            "booked_at",
            "id",
            "number",
            "external_number",
            "target_id",
        ),
        Index("ix_transfer_subject", "subject", "subject_id"),
        Index(
            "ix_transfer_set_aside",
            "tenant_id",
            "set_aside_at",
            sqlite_where=column("set_aside_at").is_not(None),
            postgresql_where=column("set_aside_at").is_not(None),
        ),
        Index("ix_transfer_amount", "tenant_id", "amount", "id"),
        Index("ix_transfer_document", "tenant_id", "external_number", "id"),
        Index("ix_transfer_number", "tenant_id", "number", "id"),
        Index(
            "ix_transfer_cause",
            "tenant_id",
            "code",
            "coupling_id",
            "id",
            sqlite_where=_FAULTY,
            postgresql_where=_FAULTY,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    """Without an index of its own: the ones above begin with it, and a planner
    without statistics would take it for lists it has to read whole."""
    coupling_id: Mapped[int] = mapped_column(
        ForeignKey("coupling.id", ondelete="CASCADE"), index=True
    )
    target_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    subject: Mapped[str] = mapped_column(String(20))
    """What is transferred: order, credit (of a refund), invoice, purchase."""
    subject_id: Mapped[int]
    document: Mapped[str] = mapped_column(String(DOCUMENT_LENGTH), default="")
    """What it becomes, once decided: one of the plugin's `documents`."""
    number: Mapped[str] = mapped_column(by_bytes(100), default="")
    amount: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))

    state: Mapped[TransferState] = mapped_column(String(20))
    priority: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    alone: Mapped[bool] = mapped_column(default=False)
    """Leased by itself, so that a crash is surely this document's."""
    started: Mapped[bool] = mapped_column(default=False)
    """This attempt reached its first remote write."""

    code: Mapped[str] = mapped_column(String(60), default="")
    """Why it waits, failed or is held; empty when all is well."""
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reasoning: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why its VAT is what it is, as its sender judged; empty: not told."""
    external_id: Mapped[str] = mapped_column(String(100), default="")
    external_number: Mapped[str] = mapped_column(by_bytes(50), default="")
    external_url: Mapped[str] = mapped_column(String(300), default="")
    administration: Mapped[str] = mapped_column(String(100), default="")
    """Of a former administration that it stands in; empty: in the one coupled now."""
    debtor_id: Mapped[str] = mapped_column(String(100), default="")
    """The package's id of whom it was booked under: a credit goes there too."""
    booked_hash: Mapped[str] = mapped_column(String(64), default="")
    """The order's content hash at the moment it was booked."""
    booked_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]
    """When the user said that it is not for us to send: no worker does until it is
    taken back, whatever its state says."""
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()


class StepState(StrEnum):
    """Where one remote write stands."""

    PREPARED = "prepared"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Step(Base, TenantOwned):
    """One remote write of a transfer, committed before and after the call."""

    __tablename__ = "step"
    __table_args__ = (UniqueConstraint("transfer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id", ondelete="CASCADE"))
    """Without an index: steps are asked for by their transfer."""
    transfer_id: Mapped[int] = mapped_column(
        ForeignKey("transfer.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(String(100))
    reference: Mapped[str] = mapped_column(String(100))
    """What the document is found back by; drawn once, stored before the call."""
    state: Mapped[StepState] = mapped_column(String(20))
    attempt: Mapped[int]
    sent_at: Mapped[datetime]
    """When it was sent last, or was about to be."""
    first_sent_at: Mapped[datetime | None]
    """When it was first sent, or first since a person let it go again."""
    sends: Mapped[int] = mapped_column(default=0)
    """How often it was sent since then without an answer."""
    not_before: Mapped[datetime | None]
    """Not sent again before, though it is absent."""
    missed_at: Mapped[datetime | None]
    """When a look-up first did not find it."""
    external_id: Mapped[str] = mapped_column(String(100), default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    exchange: Mapped[str] = mapped_column(Text, default="")
    """The last request and answer, redacted, for Meer info."""


class Link(Base, TenantOwned, OfAdministration):
    """What stands for our record in the outside system.

    Without `external_id` it is a claim: somebody is making it right now.
    """

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(255))
    external_id: Mapped[str] = mapped_column(String(100), default="")
    transfer_id: Mapped[int | None] = mapped_column(
        ForeignKey("transfer.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = now_column()


class Counter(Base, TenantOwned, OfAdministration):
    """A series of numbers of a connection, drawn once each."""

    __tablename__ = "counter"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    value: Mapped[int]
