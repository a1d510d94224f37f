"""Whether a write can have left this process: its outcome counts from then on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Departures:
    """Whether a write can have left this process while it was watched."""

    any: bool = False


_watched: ContextVar[Departures | None] = ContextVar("_watched", default=None)


@contextmanager
def departures() -> Iterator[Departures]:
    """Watch whether a write leaves, in this thread, while the block runs.

    Everything that goes out goes through here: what fails while nothing left is a
    fault of our own, and certainly not there.
    """
    seen = Departures()
    token = _watched.set(seen)
    try:
        yield seen
    finally:
        _watched.reset(token)


def departed() -> None:
    """Note that from now on the other side may have got the write."""
    seen = _watched.get()
    if seen is not None:
        seen.any = True
