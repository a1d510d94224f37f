"""One worker's stretch of a run of relations: its lease, its time, its counts.

Whatever is committed is committed under the lease: a worker that lost it to another
writes nothing any more.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.domain.errors import KoppelwerkError
from core.models import RelationRun, RelationSync
from core.plugin.engine import Lease

PATIENCE = 30.0
"""Seconds that one stretch goes on before others have a turn."""
UNKNOWNS = 3
"""After so many writes without an answer the rest waits."""


class TimeUp(Exception):
    """The time is up: the next stretch goes on."""


@dataclass
class Stretch:
    """A piece of a run, in the hands of one worker."""

    lease: Lease[RelationSync]
    tenant_id: int
    run_id: int
    begun_at: datetime
    """When the run began."""
    by_user: bool
    trust_absent: bool
    whole_since: datetime | None
    phase: str
    manager_id: int | None = None
    counts: Counter[str] = field(default_factory=Counter)
    done: int = 0
    expected: int = 0
    stop_at: float = field(default_factory=lambda: monotonic() + PATIENCE)
    unknowns: int = 0
    has_done: bool = False
    """It got somewhere: the next stretch need not do all of this again."""

    @property
    def connection_id(self) -> int:
        """Whose relations they are."""
        return self.lease.key

    @contextmanager
    def work(self, *, release: bool = False) -> Iterator[Counter[str]]:
        """Commit under the lease what is done inside, and what is counted with it.

        Raises LeaseLost, before anything is done, when another has it.
        """
        tally: Counter[str] = Counter()
        with self.lease.work(release=release) as current:
            yield tally
            self._show(current, self.counts + tally)
        self.counts += tally
        self.has_done = self.has_done or bool(tally)

    def _show(self, current: Session, counts: Counter[str]) -> None:
        """Store what the screen shows."""
        values = {
            "phase": self.phase,
            "done": self.done,
            "expected": self.expected,
            "counts": dict(counts),
        }
        current.execute(
            update(RelationRun)
            .where(RelationRun.id == self.run_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    def enter(self, phase: str, expected: int = 0) -> None:
        """Begin a phase; `expected`: how much there is to do in it."""
        self.phase, self.done, self.expected = phase, 0, expected

    def check(self) -> None:
        """Raise TimeUp when the time is up; between two things to do.

        Not before anything was done: else a slow package would never get further.
        """
        if self.has_done and monotonic() > self.stop_at:
            raise TimeUp

    def before_call(self) -> None:
        """Make sure of time and lease before something is sent."""
        self.check()
        self.lease.make_sure()

    def unanswered(self, error: KoppelwerkError) -> None:
        """Go on after a write without an answer, unless it happens too often."""
        self.unknowns += 1
        if self.unknowns >= UNKNOWNS:
            raise error

    def sync(self) -> RelationSync:
        """Return how far the connection is, in the current transaction."""
        return self.lease.read()

    def set(self, **values: Any) -> None:
        """Store how far the connection is, in the caller's transaction."""
        row = self.sync()
        self.has_done = True
        for name, value in values.items():
            setattr(row, name, value)
