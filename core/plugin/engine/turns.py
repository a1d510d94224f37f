"""Turns: tenant after tenant has its work done, whoever has how much of it.

The tenant that was served longest ago goes first, by kind of work. Within one wake-up a
tenant has no more than its share of the time, and a wake-up ends soon: the next kind
has its turn, and what is left is woken again.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

from core.models import Base
from core.plugin.engine.lease import DueRows, Lease

Row = TypeVar("Row", bound=Base)


@dataclass
class Turns(Generic[Row]):
    """One wake-up's due rows of a kind, in turns of their tenants."""

    rows: DueRows[Row]
    seconds: float
    """How long the wake-up goes on taking rows."""
    share: float
    """Seconds after which a tenant had its share of it."""
    has_more: bool = False
    """It ended before everything that is due was taken: wake the task again."""
    _used: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    _began: float = field(default_factory=lambda: monotonic())
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
        had = [owner for owner, used in self._used.items() if used >= self.share]
        lease = self.rows.take_next(self.rows.owner.not_in(had))
        if lease is None:
            self.has_more = bool(had)
            return None
        self._taken = lease.owner, now
        return lease
