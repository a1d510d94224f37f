"""Moments that others tell, held against our clock. Pure."""

from datetime import datetime, timedelta

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far another's clock may be ahead of ours."""


def is_future(moment: datetime, now: datetime) -> bool:
    """Tell whether a moment lies beyond what clocks differ (both aware)."""
    return moment > now + CLOCK_TOLERANCE


def no_later(moment: datetime, now: datetime) -> datetime:
    """Return the moment at which something was seen to have changed.

    What was read now changed no later than now. A moment beyond it would make every
    later reading the older one, so that no change and no cancellation got through.
    """
    return min(moment, now)
