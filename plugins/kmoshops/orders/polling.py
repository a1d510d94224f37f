"""Where a poll stands, so that it can stop after any page and go on. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Place:
    """How far the orders changed in a period (UTC) have been read."""

    since: datetime
    until: datetime
    """Fixed when the poll starts: what changes later is the next poll's."""
    offset: int = 0
    count: int | None = None
    """How many orders matched when the last page was read."""

    @property
    def is_end(self) -> bool:
        """Tell whether all pages are read."""
        return self.count is not None and self.offset >= self.count

    def after(self, read: int, count: int) -> "Place":
        """Return the place after a page of `read` orders, when `count` matched.

        An order that changes while we page leaves the period, and those behind it
        move up past our offset. So when the count fell by some, that many places
        before the page are read once more; it falls only so often, so this ends.
        """
        fell = max((self.count or 0) - count, 0)
        offset = max(self.offset - fell, 0) if fell else self.offset + read
        return replace(self, offset=offset, count=count)

    def to_dict(self) -> dict[str, Any]:
        """Return the place as plain data for the connection's cursor."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "offset": self.offset,
            "count": self.count,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Place":
        """Return the place that `to_dict` wrote."""
        since, until = (datetime.fromisoformat(data[k]) for k in ("since", "until"))
        return cls(since, until, data["offset"], data["count"])
