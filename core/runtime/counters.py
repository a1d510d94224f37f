"""What a web server's processes count together, for /metrics.

The counts stand in memory that the forks of one server share. Each process adds to a
row of its own, so none waits for another, and a killed one holds nothing up; the one
that replaces it goes on with its row. A server that is started anew begins at nought,
as Prometheus expects of counters.
"""

import mmap
import threading
from collections.abc import Mapping

from flask import Flask, current_app

KINDS = ("page", "api", "webhook")
CLASSES = ("2xx", "3xx", "4xx", "5xx")
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: the upper ends of what an answer's duration is counted in."""
TROUBLES = ("full", "away", "locked")
_EXTENSION = "koppelwerk_counters"

Key = tuple[str, ...]
KEYS: tuple[Key, ...] = (
    *(("answers", kind, status) for kind in KINDS for status in CLASSES),
    *(("within", kind, str(end)) for kind in KINDS for end in BUCKETS),
    *(("count", kind) for kind in KINDS),
    *(("seconds", kind) for kind in KINDS),
    *(("trouble", trouble) for trouble in TROUBLES),
    ("logins_failed",),
)
_PLACES = {key: place for place, key in enumerate(KEYS)}


class Counters:
    """One row of numbers for each process, in shared memory."""

    def __init__(self, processes: int) -> None:
        """Make it before the processes are forked."""
        self._numbers = memoryview(mmap.mmap(-1, processes * len(KEYS) * 8)).cast("d")
        self._first = 0
        self._one_at_a_time = threading.Lock()

    def use_row(self, number: int) -> None:
        """Let this process count in a row of its own."""
        self._first = number * len(KEYS)

    def add(self, *key: str, amount: float = 1) -> None:
        """Count."""
        place = self._first + _PLACES[key]
        with self._one_at_a_time:
            self._numbers[place] += amount

    def totals(self) -> Mapping[Key, float]:
        """Return what all processes counted."""
        return {
            key: sum(self._numbers[place :: len(KEYS)])
            for key, place in _PLACES.items()
        }


def init(app: Flask, processes: int) -> None:
    """Give an application its counters, for so many forks and whoever is none."""
    app.extensions[_EXTENSION] = Counters(processes + 1)


def counters() -> Counters:
    """Return the running application's counters."""
    found: Counters = current_app.extensions[_EXTENSION]
    return found


def observe(kind: str, status: int, seconds: float) -> None:
    """Count an answer: how it ended, and how long it took."""
    found = counters()
    found.add("answers", kind, f"{status // 100}xx")
    found.add("count", kind)
    found.add("seconds", kind, amount=seconds)
    for end in BUCKETS:
        if seconds <= end:
            found.add("within", kind, str(end))
