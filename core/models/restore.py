"""Backups as the database itself knows them, so that a copy of it knows that it is one.

A backup leaves its row before it copies and completes it afterwards: the copy has the
row without its end. Whoever restores it, by whatever means, finds it so.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class RestorePoint(Base):
    """A backup; one without an end that nobody makes any more was restored."""

    __tablename__ = "restore_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    """By the shared clock, right before the copy: what was done later may be lost."""
    alive_until: Mapped[datetime]
    """Put off while the backup is being made; in a copy it stays."""
    finished_at: Mapped[datetime | None]
    """When the copy was complete; never in the copy itself."""
    ended_at: Mapped[datetime | None]
    """When a person said that what was lost has been found."""
    ended_by: Mapped[str] = mapped_column(String(255), default="")
