"""Kinds of due work: the dispatcher's one loop that wakes what is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.plugin import wakeups
from core.plugin.capabilities import DueWork
from core.plugin.database import session
from core.plugin.engine.lease import DueRows
from core.plugin.engine.rounds import alone


@dataclass(frozen=True)
class LeasedWork(DueWork):
    """A kind whose rows are taken on a lease."""

    rows: DueRows[Any]


def leased(
    task: str, queue: str, rows: DueRows[Any], *, each: bool = True
) -> LeasedWork:
    """Return a kind that wakes its task for each due row; without `each`, once for
    all of them, for a task that takes them one after the other itself."""

    def due(now: datetime) -> Sequence[int]:
        keys = rows.due_keys(now)
        return keys if each else [0] * bool(keys)

    return LeasedWork(task, queue, due, rows)


def wake_due(kinds: Iterable[DueWork], now: datetime) -> None:
    """Wake the task of everything that is due; one failing kind stops no other."""
    for kind in kinds:
        with alone(f"waking {kind.task}"):
            row_ids = list(kind.due(now))
            session().rollback()
            for row_id in row_ids:
                wakeups.wake(kind.queue, kind.task, row_id)
