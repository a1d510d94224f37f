"""Runs that keep relations in step with a package, and what the user must look at."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, TenantOwned, now_column


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    """Under way, or waiting for its next turn."""
    DONE = "done"
    FAILED = "failed"
    """It stopped; the next run goes on where it was."""


class RelationRun(Base, TenantOwned):
    """One run of a connection: *Koppeling uitvoeren*, or by the clock."""

    __tablename__ = "relation_run"
    __table_args__ = (Index("ix_relation_run_list", "connection_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE")
    )
    state: Mapped[RunState] = mapped_column(String(10))
    phase: Mapped[str] = mapped_column(String(20), default="")
    """`reading`, `comparing`, `writing`: what it is at."""
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
