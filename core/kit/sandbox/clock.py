"""A sandbox's clock: the real one plus an offset that tests can set."""

from datetime import date, datetime, timedelta

from core.domain.clock import local_date, utcnow


class SandboxClock:
    """Time as the simulated vendor sees it."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return the vendor's moment, aware UTC."""
        return utcnow() + self.offset

    def today(self) -> date:
        """Return the vendor's local date: every one has its books in our time zone."""
        return local_date(self.now(), "Europe/Amsterdam")

    def move(self, seconds: float) -> None:
        """Move the vendor's clock forward (or back) by so many seconds."""
        self.offset += timedelta(seconds=seconds)
