"""What becomes of due work after an error: its class decides, in one table.

Each use applies the decision with its own words and in its own storage.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    NotYet,
    OutcomeUnknown,
    Stop,
    WaitUntil,
)
from core.plugin.engine.terms import terms

logger = structlog.get_logger(__name__)

BACKOFF_SECONDS = (15, 60, 300, 1800, 7200)
OLDEST_UNKNOWN = timedelta(hours=24)
"""After a day without certainty a person has to look (Stripe's window)."""
FIRST_LOOK = 15
"""Seconds after a lost answer that it is first looked up."""
MOST_SENDS = 2
"""So often one write is sent without an answer; then it is looked up once more."""
LATER = 15
"""A write that the package itself answered with a fault, and the last look-up, wait so
many times `recheck_seconds` (half an hour)."""

UNCLEAR = "outcome_unclear"
"""Code of what ended while it may be there."""
Pauses = Callable[[int], float | None]
"""How many seconds to wait after so many failures; None: it has been enough."""


class Next(Enum):
    """What happens next."""

    RETRY = auto()
    """A passing fault: again by itself, one failure more."""
    WAIT = auto()
    """Nothing is wrong; no attempt is used up."""
    LOOK_UP = auto()
    """It may have arrived: look it up, never send it again blindly."""
    ASK = auto()
    """Only the user can solve it."""
    STOP = auto()
    """It must not go at all."""
    HOLD_BACK = auto()
    """Its source says when it may go again."""
    PAUSE = auto()
    """Authentication is lost: the connection pauses, the work waits."""


_TABLE = {
    AuthenticationLost: Next.PAUSE,
    AskUser: Next.ASK,
    Stop: Next.STOP,
    NotYet: Next.HOLD_BACK,
}


@dataclass(frozen=True)
class Decision:
    """What happens next, why, and when."""

    next: Next
    code: str
    params: dict[str, str]
    failures: int
    seconds: float = 0.0
    """From now, for what goes on by itself."""
    whole_connection: bool = False
    """Everything for the same connection waits."""


def growing_pauses(failures: int) -> float | None:
    """Return growing pauses, spread a little; after `max_failures` it is enough."""
    if failures >= terms().max_failures:
        return None
    pause = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]
    return pause * random.uniform(0.8, 1.2)  # noqa: S311


def long_pause() -> timedelta:
    """Return how long to wait where being quick has little chance."""
    return timedelta(seconds=LATER * terms().recheck_seconds)


def first_look(sends: int) -> float:
    """Return the seconds until a write without an answer is looked up."""
    if sends >= MOST_SENDS:
        return long_pause().total_seconds()
    return min(terms().recheck_seconds, FIRST_LOOK)


def decide(
    error: Exception,
    *,
    subject: object,
    failures: int = 0,
    pauses: Pauses = growing_pauses,
    open_since: datetime | None = None,
    sends: int = 1,
) -> Decision:
    """Decide by the error's class what happens next.

    `subject` names the work in the log. With `open_since`, the moment (UTC) of the
    first send, a lost answer is looked up and ends after a day; without, the use has
    stored that already and a lost answer is a fault like any other. `sends`: how often
    it was sent.
    """
    if not isinstance(error, KoppelwerkError):
        logger.error("due work crashed", subject=str(subject), exc_info=error)
        error = KoppelwerkError("internal_error", transfer=subject)

    def to(what: Next, seconds: float = 0.0, failures: int = failures) -> Decision:
        return Decision(what, error.code, error.params, failures, seconds)

    if isinstance(error, OutcomeUnknown) and open_since is not None:
        if utcnow() - open_since > OLDEST_UNKNOWN:
            return Decision(Next.ASK, UNCLEAR, error.params, failures)
        return to(Next.LOOK_UP, first_look(sends))
    if isinstance(error, WaitUntil):
        whole = error.whole_connection
        return Decision(
            Next.WAIT, error.code, error.params, failures, error.seconds, whole
        )
    for kind, what in _TABLE.items():
        if isinstance(error, kind):
            return to(what)
    pause = pauses(failures + 1)
    if pause is None:
        return to(Next.ASK, failures=failures + 1)
    return to(Next.RETRY, pause, failures + 1)
