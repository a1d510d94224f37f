"""Runs that keep relations in step with a package, and what the user must look at."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Leased, TenantOwned, now_column


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    """Under way, or waiting for its next turn."""
    DONE = "done"
    FAILED = "failed"
    """It stopped; the next run goes on where it was."""


class RunKind(StrEnum):
    """What a run is for."""

    SYNC = "sync"
    """Both sides are brought in step."""
    PREVIEW = "preview"
    """What the next such run would do: nothing is written on either side."""
    UNDO = "undo"
    """What one run wrote is put back."""
    UNDO_PREVIEW = "undo_preview"
    """What putting it back would do, and what cannot be put back."""


class LineKind(StrEnum):
    """What happened to one relation or record, or would happen."""

    MADE_HERE = "made_here"
    CHANGED_HERE = "changed_here"
    MADE_THERE = "made_there"
    CHANGED_THERE = "changed_there"
    OVERWRITTEN = "overwritten"
    """Changed there, over a value that somebody gave it there."""
    CONFLICT = "conflict"
    LEFT_OUT = "left_out"
    """Nothing is written, for the reason of its code."""
    LINKED = "linked"
    """In step without a write: only the link was stored."""
    RESTORED_HERE = "restored_here"
    RESTORED_THERE = "restored_there"
    REMOVED_HERE = "removed_here"
    REMOVED_THERE = "removed_there"


class RelationSync(Base, TenantOwned, Leased):
    """How far a connection's relations are in step, and which worker is at it."""

    __tablename__ = "relation_sync"
    __table_args__ = (
        Index("ix_relation_sync_work", "lease_until"),
        Index("ix_relation_sync_wanted", "wanted_at"),
    )

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The plugin's own: everything in the package up to here is dealt with."""
    seen_at: Mapped[datetime | None]
    """Our relations that changed up to here are dealt with; None: none yet."""
    seen_id: Mapped[int] = mapped_column(default=0)
    whole_since: Mapped[datetime | None]
    """Everything is compared since then, not only what changed; None: that is done."""
    wanted_at: Mapped[datetime | None]
    """Something changed here: a run begins at this moment."""
    administration: Mapped[str] = mapped_column(String(200), default="")
    """Whose records the links point at: `Connection.external_id` of then; of another
    administration they say nothing."""
    needs_preview: Mapped[bool] = mapped_column(default=True)
    """Nothing is written until a person confirmed what would be."""


class RelationRun(Base, TenantOwned):
    """One run of a connection: *Koppeling uitvoeren*, or by the clock."""

    __tablename__ = "relation_run"
    __table_args__ = (Index("ix_relation_run_list", "connection_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    kind: Mapped[RunKind] = mapped_column(String(20), default=RunKind.SYNC)
    of_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation_run.id", ondelete="SET NULL")
    )
    """The preview that was confirmed; of an undo, the run that is put back."""
    confirmed_at: Mapped[datetime | None]
    """When a person let happen what this preview says."""
    allowed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How much it may write: see `core.rules.sync.limits`."""
    position: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How far a run is that leaves `RelationSync` alone."""
    state: Mapped[RunState] = mapped_column(String(10))
    phase: Mapped[str] = mapped_column(String(20), default="")
    """`reading` (the package's), `writing` (ours), `closing` (read back what was
    written) and `reviewing` (troubles): see `core.services.syncing.relation_phases`."""
    done: Mapped[int] = mapped_column(default=0)
    expected: Mapped[int] = mapped_column(default=0)
    """How many of this phase there are; 0: not known yet."""
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What it did: `made_here`, `changed_here`, `made_there`, `changed_there`,
    `overwritten`, `conflicts`, `refused`, `calls`."""
    code: Mapped[str] = mapped_column(String(60), default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime] = now_column()
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = now_column()
    """When its next turn is due, while it is running."""
    failures: Mapped[int] = mapped_column(default=0)
    """Turns in a row that came to nothing."""
    by_user: Mapped[bool] = mapped_column(default=False)
    """*Koppeling uitvoeren*: what was refused before is tried again."""
    trust_absent: Mapped[bool] = mapped_column(default=False)
    """The user confirmed that most records are gone from the package."""


class RelationLine(Base, TenantOwned):
    """What a run did to one relation or record, or what a preview says it would do.

    Values before and after are kept for `relation_lines.KEPT`, so that a run can be
    undone until then.
    """

    __tablename__ = "relation_line"
    __table_args__ = (
        Index("ix_relation_line_list", "run_id", "id"),
        Index("ix_relation_line_kind", "run_id", "kind", "id"),
        Index("ix_relation_line_relation", "run_id", "relation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("relation_run.id", ondelete="CASCADE")
    )
    kind: Mapped[LineKind] = mapped_column(String(20))
    relation_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="SET NULL"), index=True
    )
    external_id: Mapped[str] = mapped_column(String(100), default="")
    role: Mapped[str] = mapped_column(String(10), default="")
    number: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By field of the relation: what it was and what it becomes."""
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The record's values, in the plugin's words, and `number`."""
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    links: Mapped[list[Any]] = mapped_column(default=list)
    """The links that made way for this one: `[relation_id, role, external_id, our_hash,
    their_hash]` each."""
    code: Mapped[str] = mapped_column(String(60), default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = now_column()


class RelationTrouble(Base, TenantOwned):
    """A relation or record that a run could not bring in step: the user must look."""

    __tablename__ = "relation_trouble"
    __table_args__ = (Index("ix_relation_trouble_list", "connection_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    relation_id: Mapped[int | None] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), index=True
    )
    external_id: Mapped[str] = mapped_column(String(100), default="")
    role: Mapped[str] = mapped_column(String(10), default="")
    number: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    since: Mapped[datetime] = now_column()
    noted_at: Mapped[datetime] = now_column()
    """When it last came up: a run does not try it twice."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """Of what was refused: the same is not sent again by the clock."""
    not_before: Mapped[datetime | None]
    """Of a write without an answer: it is looked for until then, not sent again."""
    misses: Mapped[int] = mapped_column(default=0)
    """How often it was looked for and not found."""
    sends: Mapped[int] = mapped_column(default=0)
    """How often it was sent without an answer."""


class RelationDecision(Base, TenantOwned):
    """What a person said of a relation and a record that met by number alone."""

    __tablename__ = "relation_decision"
    __table_args__ = (
        UniqueConstraint("connection_id", "relation_id", "role", "external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    relation_id: Mapped[int] = mapped_column(
        ForeignKey("relation.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(10))
    external_id: Mapped[str] = mapped_column(String(100))
    choice: Mapped[str] = mapped_column(String(20))
    """`same`, `left_out` (`core.rules.sync.Choice`) or `other_number`: the next run
    gives the relation one that is free on both sides."""
    mark: Mapped[str] = mapped_column(String(64), default="")
    """Of who both were: it holds until that changes."""
    number: Mapped[str] = mapped_column(String(20), default="")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The record as it was shown, for the list of what is left out."""
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="SET NULL")
    )
    decided_at: Mapped[datetime] = now_column()
