"""The engine for due work: each guard against loss and doubles stands here once.

Whatever is to be done stands in a row of the database with a moment; a worker takes
it on a lease, does what has to be done outside, and writes what became of it under
that lease. Uses keep their own tables and words; `docs/work-engine.md` tells the
promises and how to add a kind.

- `lease`: due rows, taken by one worker at a time; only the holder writes
- `remote_write`: one write in an outside system, exactly once
- `decision`: what an error's class decides, and the growing pauses
- `turns`: due rows tenant after tenant, a bounded share of the time for each
- `kinds`: the dispatcher's loop that wakes what is due
"""

from core.plugin.engine.decision import (
    BACKOFF_SECONDS,
    MOST_SENDS,
    UNCLEAR,
    Decision,
    Next,
    decide,
    long_pause,
)
from core.plugin.engine.kinds import LeasedWork, leased, wake_due
from core.plugin.engine.lease import Columns, DueRows, Lease, is_free
from core.plugin.engine.remote_write import RemoteWrite, Unsettled
from core.plugin.engine.turns import Turns

__all__ = [
    "BACKOFF_SECONDS",
    "MOST_SENDS",
    "UNCLEAR",
    "Columns",
    "Decision",
    "DueRows",
    "Lease",
    "LeasedWork",
    "Next",
    "RemoteWrite",
    "Turns",
    "Unsettled",
    "decide",
    "is_free",
    "leased",
    "long_pause",
    "wake_due",
]
