"""One worker's turn at a connection's relations: its lease, its time, its counts.

Whatever is committed is committed under the lease: a worker that lost it to another
writes nothing any more.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.domain.errors import KoppelwerkError, LeaseLost
from core.models import RelationRun, RelationSync
from core.runtime.database import session, shared_now, transaction

PATIENCE = 60.0
"""Seconds that one turn goes on; well inside the time limit of a job."""
LEASE = timedelta(seconds=150)
"""Longer than a write of a dead worker can stay unseen in a package."""
HELD = 20.0
"""After so many seconds the lease is renewed before the next write."""
UNKNOWNS = 3
"""After so many writes without an answer the rest waits."""


class TurnOver(Exception):
    """The time is up: the next turn goes on."""


@dataclass
class Turn:
    """A turn, held by its token."""

    connection_id: int
    tenant_id: int
    run_id: int
    token: str
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
    held_at: float = field(default_factory=monotonic)
    unknowns: int = 0
    has_done: bool = False
    """It got somewhere: the next turn need not do all of this again."""

    @contextmanager
    def work(self) -> Iterator[Counter[str]]:
        """Commit under the lease what is done inside, and what is counted with it.

        Raises LeaseLost, before anything is done, when another has it.
        """
        tally: Counter[str] = Counter()
        with transaction() as current:
            self._hold(current)
            yield tally
            self._show(current, self.counts + tally)
        self.held_at = monotonic()
        self.counts += tally
        self.has_done = self.has_done or bool(tally)

    def _hold(self, current: Session) -> None:
        kept = current.execute(
            update(RelationSync)
            .where(
                RelationSync.connection_id == self.connection_id,
                RelationSync.token == self.token,
            )
            .values(busy_until=shared_now() + LEASE)
            .execution_options(synchronize_session=False)
        )
        if kept.rowcount != 1:  # type: ignore[attr-defined]  # of an update
            raise LeaseLost

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
        """Raise TurnOver when the time is up; between two things to do.

        Not before anything was done: else a slow package would never get further.
        """
        if self.has_done and monotonic() > self.stop_at:
            raise TurnOver

    def before_call(self) -> None:
        """Make sure of time and lease before something is sent."""
        self.check()
        if monotonic() - self.held_at > HELD:
            with self.work():
                pass

    def unanswered(self, error: KoppelwerkError) -> None:
        """Go on after a write without an answer, unless it happens too often."""
        self.unknowns += 1
        if self.unknowns >= UNKNOWNS:
            raise error

    def sync(self) -> RelationSync:
        """Return how far the connection is, in the current transaction."""
        return session().get_one(
            RelationSync, self.connection_id, populate_existing=True
        )

    def set(self, **values: Any) -> None:
        """Store how far the connection is, in the caller's transaction."""
        row = self.sync()
        self.has_done = True
        for name, value in values.items():
            setattr(row, name, value)
