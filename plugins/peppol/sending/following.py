"""When to ask again, and when it takes too long. Pure.

The Belgian FPS Finance promises no delivery at once and says to look into it after
more than one working day. Weekends are no working days; holidays are not known here.
"""

from datetime import datetime, timedelta

FIRST = timedelta(seconds=20)
LONGEST = timedelta(hours=1)
GIVE_UP = timedelta(days=10)
CONFIRMED = timedelta(days=3)
"""So long after a delivery a refusal by the receiver's access point is waited for."""
PATIENCE = timedelta(days=5)
"""So long is tried to look a receiver up, before a person is asked."""
_SHARE = 4
"""The pause is a quarter of the age."""
_SATURDAY = 5
_DAY = timedelta(days=1)


def next_poll(since: datetime, now: datetime) -> datetime | None:
    """Return when to ask how it goes; None: it has been long enough."""
    if now >= since + GIVE_UP:
        return None
    return now + pause(since, now)


def next_confirmation(since: datetime, now: datetime) -> datetime | None:
    """Return when to ask after a delivery; None: no more."""
    return now + LONGEST if now < since + CONFIRMED else None


def pause(since: datetime, now: datetime) -> timedelta:
    """Return a pause that grows with the age."""
    return min(max((now - since) / _SHARE, FIRST), LONGEST)


def late_at(since: datetime) -> datetime:
    """Return the moment after which it is late: one working day later."""
    return _on_working_day(_on_working_day(since) + _DAY)


def _on_working_day(moment: datetime) -> datetime:
    while moment.weekday() >= _SATURDAY:
        moment += _DAY
    return moment
