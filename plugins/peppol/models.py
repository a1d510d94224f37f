"""Own tables: documents on their way, what came in, evidence, and sets of rules."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.plugin.tables import (
    NAMES_NOBODY,
    Base,
    EvidenceRow,
    Leased,
    Money,
    TenantOwned,
    now_column,
)

NOT_CONNECTED = "peppol_not_connected"
"""Code of what waits until an access point is connected (again)."""


class PeppolRules(Base):
    """One set of rules, compiled to XSLT; of the installation, not of a tenant."""

    __tablename__ = "peppol_rules"
    __table_args__ = (UniqueConstraint("layer", "first_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(String(10))
    """Of `rule_packs.LAYERS`."""
    first_day: Mapped[date]
    """From when documents are held against it."""
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = now_column()


class SendingState(StrEnum):
    """Where an invoice on its way over Peppol stands."""

    QUEUED = "queued"
    """To be made, looked up or sent: due at `due_at`."""
    SENT = "sent"
    """The access point has it; its statuses are followed."""
    DELIVERED = "delivered"
    REJECTED = "rejected"
    STOPPED = "stopped"
    """A person must act: see `code`."""
    WITHDRAWN = "withdrawn"
    """Taken back by the user before it left."""


class PeppolSending(Base, TenantOwned, Leased):
    """An invoice that goes over Peppol: at most one row for each."""

    __tablename__ = "peppol_sending"
    __table_args__ = (
        UniqueConstraint("invoice_id"),
        UniqueConstraint("reference"),
        Index("ix_peppol_sending_work", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_invoice.id", ondelete="SET NULL")
    )
    """Empty once the tenant was erased: its invoices went with it."""
    number: Mapped[str] = mapped_column(String(30))
    """The invoice's."""
    reference: Mapped[str] = mapped_column(String(40))
    """Ours at the access point: the same each time it is worked out."""
    turn: Mapped[int] = mapped_column(default=1)
    """Grows when a rejected one is sent again: that is another document there."""
    buyer_reference: Mapped[str] = mapped_column(String(100), default="")
    order_number: Mapped[str] = mapped_column(String(100), default="")
    """What the user gave besides what stands on the invoice."""
    kind: Mapped[str] = mapped_column(String(20), default="")
    """Of `channel.DocumentKind`; empty before the document was made."""
    sender: Mapped[str] = mapped_column(String(60), default="")
    receiver: Mapped[str] = mapped_column(String(60), default="")
    """Participants, as `0208:0428759497`."""
    content: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)
    """Exactly these bytes go; empty before it was made."""
    sha256: Mapped[str] = mapped_column(String(64), default="")
    keep_until: Mapped[date]
    state: Mapped[SendingState] = mapped_column(String(20), default=SendingState.QUEUED)
    code: Mapped[str] = mapped_column(String(60), default="")
    """Why it waits, stopped or was rejected; empty when all is well."""
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    errors: Mapped[list[Any]] = mapped_column(default=list)
    """What is wrong with the document, each as code and params."""
    status: Mapped[str] = mapped_column(String(40), default="")
    """The access point's last word."""
    failures: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    """Set before the call; empty: it certainly did not leave."""
    first_sent_at: Mapped[datetime | None]
    sends: Mapped[int] = mapped_column(default=0)
    missed_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    delivery_id: Mapped[str] = mapped_column(String(100), default="")
    accepted_at: Mapped[datetime | None]
    late_told_at: Mapped[datetime | None]
    """When the user was told that it takes long."""
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now_column()
    changed_at: Mapped[datetime] = now_column()


class PeppolEvidence(Base, TenantOwned, EvidenceRow):
    """One piece of evidence of a sending: bytes, receipt or status, chained."""

    __tablename__ = "peppol_evidence"
    __table_args__ = (UniqueConstraint("sending_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sending_id: Mapped[int] = mapped_column(
        ForeignKey("peppol_sending.id", ondelete="CASCADE")
    )


class ReceivedState(StrEnum):
    """Where a document that came in stands."""

    NEW = "new"
    """Kept, and not read yet."""
    READ = "read"
    UNREADABLE = "unreadable"


class PeppolReceived(Base, TenantOwned, Leased):
    """A document that came in over Peppol, kept as it came before it was read."""

    __tablename__ = "peppol_received"
    __table_args__ = (
        UniqueConstraint("tenant_id", "remote_id"),
        Index("ix_peppol_received_work", "state", "due_at"),
        Index("ix_peppol_received_list", "tenant_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    remote_id: Mapped[str] = mapped_column(String(100), info=NAMES_NOBODY)
    """The envelope's own id, by which the same one is known again."""
    receiver: Mapped[str] = mapped_column(String(60), info=NAMES_NOBODY)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Envelope and document, byte for byte."""
    sha256: Mapped[str] = mapped_column(String(64), info=NAMES_NOBODY)
    chain_hash: Mapped[str] = mapped_column(String(64), info=NAMES_NOBODY)
    """Over its hash, id and moment, as `core.rules.evidence_chain` makes it."""
    received_at: Mapped[datetime]
    keep_until: Mapped[date]
    state: Mapped[ReceivedState] = mapped_column(
        String(20), default=ReceivedState.NEW, info=NAMES_NOBODY
    )
    due_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    code: Mapped[str] = mapped_column(String(60), default="", info=NAMES_NOBODY)
    kind: Mapped[str] = mapped_column(String(20), default="", info=NAMES_NOBODY)
    sender: Mapped[str] = mapped_column(String(60), default="")
    seller: Mapped[str] = mapped_column(String(200), default="")
    seller_vat_number: Mapped[str] = mapped_column(String(30), default="")
    number: Mapped[str] = mapped_column(String(100), default="")
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(String(3), default="", info=NAMES_NOBODY)
    amount_due: Mapped[Decimal | None] = mapped_column(Money)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The document as a person reads it: see `receiving.reading`."""
    findings: Mapped[list[Any]] = mapped_column(default=list)
    """Rules that it breaks: id, text and whether that is fatal."""
    relation_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="SET NULL")
    )
    """Whose it is, as far as numbers say; empty: an unknown sender."""
    twin_id: Mapped[int | None] = mapped_column(
        ForeignKey("peppol_received.id", ondelete="SET NULL")
    )
    """An earlier one of the same sender with the same number."""
    handled_at: Mapped[datetime | None]
    """When the user said that he dealt with it, or it stood in a package."""
    cost_account: Mapped[str] = mapped_column(String(20), default="", info=NAMES_NOBODY)
    """The package's account that a person chose for it; empty: as configured."""
