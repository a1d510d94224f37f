"""Rounds: what is looked at once in a while by whoever comes first.

What the dispatcher does beside waking due work is a part; each stands alone.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from core.models import Mark
from core.plugin.database import insert_for, session

LONGEST_REST = timedelta(days=1)
"""How far ahead a part may set its mark, to rest for longer."""
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Part:
    """What the dispatcher does each time; it commits by itself."""

    name: str
    run: Callable[[datetime], object]


def run_parts(parts: Iterable[Part], now: datetime) -> None:
    """Run each part; one that fails stops no other."""
    for part in parts:
        with alone(part.name):
            part.run(now)


@contextmanager
def alone(part: str, **about: Any) -> Iterator[None]:
    """Keep what fails inside from what comes after; it is logged by name."""
    try:
        yield
    except Exception:
        logger.exception("a part of the dispatcher failed", part=part, **about)
    finally:
        session().rollback()


def is_time(name: str, every: timedelta, now: datetime) -> bool:
    """Tell whether the last round of that name was so long ago, as it seems."""
    known = select(Mark.read_at).where(Mark.name == name)
    early = session().scalar(known.where(~_is_over(every, now)).limit(1))
    return early is None


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
        .where(Mark.name == name, _is_over(every, now))
        .values(read_at=now)
        .returning(Mark.value)
        .execution_options(synchronize_session=False)
    )


def _is_over(every: timedelta, now: datetime) -> ColumnElement[bool]:
    """Tell whether the next round is due. A mark that lies too far ahead is of a clock
    that was ahead: nobody waits until then."""
    return or_(Mark.read_at <= now - every, Mark.read_at > now + every + LONGEST_REST)
