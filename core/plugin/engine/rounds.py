"""Rounds: what is looked at once in a while by whoever comes first."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from core.models import Mark
from core.plugin.database import insert_for, session


def is_time(name: str, every: timedelta, now: datetime) -> bool:
    """Tell whether the last round of that name was so long ago, as it seems."""
    began = session().scalar(select(Mark.read_at).where(Mark.name == name))
    return began is None or began <= now - every


def begin(name: str, every: timedelta, now: datetime) -> int | None:
    """Begin a round in the caller's transaction; return where the last one ended.

    None when another began one within `every`.
    """
    session().execute(
        insert_for(Mark)
        .values(name=name, value=0, read_at=now - every)
        .on_conflict_do_nothing()
    )
    return session().scalar(
        update(Mark)
        .where(Mark.name == name, Mark.read_at <= now - every)
        .values(read_at=now)
        .returning(Mark.value)
        .execution_options(synchronize_session=False)
    )
