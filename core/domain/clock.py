"""The one clock: aware UTC moments and the local dates of an administration."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utcnow() -> datetime:
    """Return this moment as an aware UTC datetime."""
    return datetime.now(UTC)


def local_date(moment: datetime, timezone: str) -> date:
    """Return the booking date of a UTC moment in the administration's time zone."""
    return moment.astimezone(ZoneInfo(timezone)).date()
