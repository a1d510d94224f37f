"""Whether the database was restored from a backup, and since when things may be lost.

Until a person ends it, nothing goes out for the first time unseen: documents are looked
for in the package by what they carry themselves (`RemoteWrite.find_lost`), and what
was about to be told at the backup's moment is held, since it may have been told since.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.models import RestorePoint
from core.plugin.database import session, shared_now

OVERLAP = timedelta(minutes=15)
"""Looking begins so long before the backup's moment: clocks differ, and what is sent
is told of a little later."""

Made = InstrumentedAttribute[datetime]


def is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a backup's row one that we were restored to."""
    return (
        RestorePoint.finished_at.is_(None),
        RestorePoint.ended_at.is_(None),
        RestorePoint.alive_until < now,
    )


def lost_since() -> datetime | None:
    """Return since when what was done may be unknown here; None: all is known."""
    oldest = select(func.min(RestorePoint.taken_at)).where(*is_open(shared_now()))
    taken_at = session().scalar(oldest)
    return None if taken_at is None else taken_at - OVERLAP


def may_be_told(
    made_at: InstrumentedAttribute[datetime], now: datetime
) -> ColumnElement[bool]:
    """Return: it was made after the backup, so that nobody can have told it before."""
    return not_(exists().where(*is_open(now), made_at <= RestorePoint.taken_at))
