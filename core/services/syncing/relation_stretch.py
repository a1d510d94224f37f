"""One worker's stretch of a run of relations: its lease, its time, its counts.

Whatever is committed is committed under the lease: a worker that lost it to another
writes nothing any more.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.domain.errors import KoppelwerkError, WaitUntil
from core.models import (
    Connection,
    ConnectionState,
    RelationRun,
    RelationSync,
    RunKind,
    Tenant,
)
from core.plugin.engine import Lease
from core.rules.sync import limits
from core.runtime.database import session

PATIENCE = 30.0
"""Seconds that one stretch goes on before others have a turn."""
UNKNOWNS = 3
"""After so many writes without an answer the rest waits."""


class TimeUp(Exception):
    """The time is up: the next stretch goes on."""


class PreviewNeeded(Exception):
    """A run would write more than a person has seen: nothing more is written."""


class Place(NamedTuple):
    """How far a run is; see `RelationSync`."""

    cursor: dict[str, Any]
    seen_at: datetime | None = None
    seen_id: int = 0


@dataclass
class Stretch:
    """A piece of a run, in the hands of one worker."""

    lease: Lease[RelationSync]
    tenant_id: int
    connection_version: int
    run_id: int
    begun_at: datetime
    """When the run began."""
    by_user: bool
    trust_absent: bool
    whole_since: datetime | None
    phase: str
    kind: RunKind = RunKind.SYNC
    of_run_id: int | None = None
    """The run that is undone, or the preview that was confirmed."""
    allowed: Mapping[str, int] = field(default_factory=dict)
    """How much it may write, in the words of `core.rules.sync.limits`."""
    position: dict[str, Any] = field(default_factory=dict)
    """How far a run is that leaves the connection's own place alone."""
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

    @property
    def foresees(self) -> int:
        """The preview that this is, which writes nothing on either side; else 0."""
        return self.run_id if self.kind is RunKind.PREVIEW else 0

    @property
    def has_seen_all(self) -> bool:
        """Whether a person confirmed what this very run writes."""
        return limits.CARDS not in self.allowed

    def allow(self, planned: Mapping[str, int]) -> None:
        """Raise PreviewNeeded before so much more is written than is allowed."""
        if self.kind is not RunKind.SYNC:
            return
        if limits.is_exceeded(self.allowed, self.counts + Counter(planned)):
            raise PreviewNeeded

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

    def begin_anew(self) -> None:
        """Forget how far it was, in the caller's transaction (`work`)."""
        self.enter("")
        self.counts.clear()
        self.position = {}
        session().get_one(RelationRun, self.run_id).position = {}

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

    def before_write(self) -> None:
        """Make sure that the package is as it was when the stretch began, as well.

        Raises WaitUntil when it was connected anew, set up anew or switched off.
        """
        self.before_call()
        if not self._is_same():
            raise WaitUntil("changed_meanwhile", seconds=2)

    def _is_same(self) -> bool:
        query = (
            select(Connection.id)
            .join(Tenant, Tenant.id == Connection.tenant_id)
            .where(
                Connection.id == self.connection_id,
                Connection.version == self.connection_version,
                Connection.state == ConnectionState.CONNECTED,
                Connection.enabled,
                Tenant.active,
            )
        )
        found = session().scalar(query)
        session().rollback()
        return found is not None

    def unanswered(self, error: KoppelwerkError) -> None:
        """Go on after a write without an answer, unless it happens too often."""
        self.unknowns += 1
        if self.unknowns >= UNKNOWNS:
            raise error

    def place(self) -> Place:
        """Return how far it is, in the current transaction."""
        if self.kind is RunKind.SYNC:
            row = self.lease.read()
            return Place(dict(row.cursor), row.seen_at, row.seen_id)
        seen_at = self.position.get("seen_at")
        return Place(
            dict(self.position.get("cursor", {})),
            datetime.fromisoformat(seen_at) if seen_at else None,
            self.position.get("seen_id", 0),
        )

    def set(self, **values: Any) -> None:
        """Store how far it is, in the caller's transaction."""
        self.has_done = True
        if self.kind is RunKind.SYNC:
            row = self.lease.read()
            for name, value in values.items():
                setattr(row, name, value)
            return
        plain = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
        }
        self.position = {**self.position, **plain}
        run = session().get_one(RelationRun, self.run_id)
        run.position = self.position
