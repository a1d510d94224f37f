"""Turns: tenant after tenant has its work done, whoever has how much of it.

The tenant that was served longest ago goes first, by kind of work. Within one wake-up a
tenant has no more than its share of the time, and a wake-up ends soon: the next kind
has its turn, and what is left is woken again.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement

from core.models import Base
from core.plugin.engine.lease import DueRows, Lease

ROUND_SECONDS = 1.0
"""How long who waits is known before it is asked anew."""
Row = TypeVar("Row", bound=Base)
Within = Callable[[int], Sequence[ColumnElement[bool]]]


@dataclass
class Turns(Generic[Row]):
    """One wake-up's due rows of a kind, in turns of their tenants."""

    rows: DueRows[Row]
    seconds: float
    """How long the wake-up goes on taking rows."""
    share: float
    """Seconds after which a tenant had its share of it."""
    within: Within = lambda _owner: ()
    """Which of a tenant's rows may be next."""
    has_more: bool = False
    """It ended before everything that is due was taken: wake the task again."""
    _used: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    _began: float = field(default_factory=lambda: monotonic())
    _owners: deque[int] = field(default_factory=deque)
    _asked_at: float | None = None
    _taken: tuple[int, float] | None = None

    def next(self) -> Lease[Row] | None:
        """Take the row whose turn it is, once the one before is done; None: the end."""
        now = monotonic()
        if self._taken is not None:
            owner, since = self._taken
            self._used[owner] += now - since
            self._taken = None
        if now - self._began >= self.seconds:
            self.has_more = True
            return None
        if self._asked_at is None or now - self._asked_at >= ROUND_SECONDS:
            self._ask(now)
        lease = self._take()
        if lease is None and self._asked_at != now:
            self._ask(now)
            lease = self._take()
        if lease is None:
            self.has_more = any(used >= self.share for used in self._used.values())
            return None
        self._taken = lease.owner, now
        return lease

    def _ask(self, now: float) -> None:
        self._owners = deque(self.rows.waiting())
        self._asked_at = now

    def _take(self) -> Lease[Row] | None:
        """Take a row of the first that has one; who has none leaves the round."""
        while self._owners:
            owner = self._owners.popleft()
            if self._used[owner] >= self.share:
                continue
            lease = self.rows.take_of(owner, *self.within(owner))
            if lease is not None:
                self._owners.append(owner)
                return lease
        return None
