"""A sandbox's clock: the real one plus an offset that tests can set."""

from datetime import datetime, timedelta

from core.domain.clock import utcnow


class SandboxClock:
    """Time as the simulated vendor sees it."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return the vendor's moment, aware UTC."""
        return utcnow() + self.offset

    def move(self, seconds: float) -> None:
        """Move the vendor's clock forward (or back) by so many seconds."""
        self.offset += timedelta(seconds=seconds)
