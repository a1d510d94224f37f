"""A package that does not answer: what it costs until the end, by the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import time_machine

from core.runtime.extensions import koppelwerk
from core.services.transfer import drain

POISON_CALLS = 15
"""At most, for one document that never gets an answer, until its end."""
OUTAGE_CALLS = 60
"""At most, for an hour of faults with 26 documents queued."""


def told(what: str, calls: int, most: int) -> None:
    """Hold what was spent against its limit, and print it for docs/measurements.md."""
    print(f"{what}: {calls} calls, at most {most}")  # noqa: T201
    assert calls <= most, what


@dataclass
class Pace:
    """Workers that are woken by the clock, as they are in production."""

    clock: time_machine.Traveller
    calls: Callable[[], int]

    def go_on(self, minutes: int, step: int = 60) -> int:
        """Wake the drain every so many seconds; return how many calls it made."""
        before = self.calls()
        for _ in range(minutes * 60 // step):
            self.clock.shift(step)
            drain.drain()
        return self.calls() - before


@contextmanager
def pace(app: Any, calls: Callable[[], int]) -> Iterator[Pace]:
    """Let time be moved, with the pauses that production has."""
    parts = koppelwerk()
    real = replace(parts.settings, recheck_seconds=120)
    app.extensions["koppelwerk"] = replace(parts, settings=real)
    try:
        with time_machine.travel(datetime.now(UTC), tick=True) as clock:
            yield Pace(clock, calls)
    finally:
        app.extensions["koppelwerk"] = parts
