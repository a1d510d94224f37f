"""When to ask for statuses again: growing pauses, up to 72 hours. Pure.

Digipoort repeats a technical failure for 72 hours (contract section 4, status 420);
how often one may ask is not published, so the pauses grow with the age.
"""

from datetime import datetime, timedelta

FIRST = timedelta(seconds=20)
LONGEST = timedelta(hours=1)
GIVE_UP = timedelta(hours=72)
_SHARE = 4
"""The pause is a quarter of the age."""


def next_poll(delivered_at: datetime, now: datetime) -> datetime | None:
    """Return when to ask next; None once a question at 72 hours was answered.

    About thirty questions in the first hours, then hourly; the last one at 72 hours.
    """
    end = delivered_at + GIVE_UP
    if now >= end:
        return None
    pause = min(max((now - delivered_at) / _SHARE, FIRST), LONGEST)
    return min(now + pause, end)


def after(now: datetime, seconds: float) -> datetime:
    """Return the moment so many seconds from now."""
    return now + timedelta(seconds=seconds)
