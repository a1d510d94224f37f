"""One write in an outside system, done exactly once, whatever breaks in between.

`prepare` is committed before the call, the outcome after it. What a dead worker left
prepared, or whose answer was lost, is looked up; what is found is adopted. It counts
as absent after two misses, the second one `recheck_seconds` after the send. Design,
section 4, points 6 and 7.

It has an end too: after `MOST_SENDS` sends without an answer it is looked up once
more, and then a person decides. What fails before anything left this process is a
fault of our own: it is certainly not there, and fails at once.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    LeaseLost,
    OutcomeUnknown,
    WaitUntil,
)
from core.net.departures import departures
from core.plugin.engine.decision import MOST_SENDS, OLDEST_UNKNOWN, UNCLEAR
from core.plugin.engine.terms import terms

logger = structlog.get_logger(__name__)

Made = TypeVar("Made")
PASSING = (DBAPIError, OSError)
"""Faults around us rather than in what was to be sent: it may go later."""


class Unsettled(WaitUntil):
    """It was looked for and not found, which is not certain yet: look again later."""


class RemoteWrite(ABC, Generic[Made]):
    """One write, and how its use stores how far it is.

    `prepare`, `confirm`, `reject`, `unknown` and `missed` each commit under the lease
    and raise LeaseLost when another worker has the row.
    """

    sent_at: datetime | None = None
    """When it was sent, or was about to be (UTC); None: it is certainly not there."""
    has_missed: bool = False
    """Whether it was looked for since and not found."""
    sends: int = 0
    """How often it was sent since it began, or since a person let it go again."""
    first_sent_at: datetime | None = None
    """When it was first sent since then (UTC)."""
    not_before: datetime | None = None
    """Not sent again before (UTC), though it is absent; None: once that is sure."""

    @abstractmethod
    def prepare(self, now: datetime) -> None:
        """Store that it is about to be sent: the last guard before it."""

    @abstractmethod
    def send(self) -> Made:
        """Send it; raises an error of `core.domain.errors`."""

    @abstractmethod
    def find(self, sent_at: datetime) -> Made | None:
        """Look it up."""

    @abstractmethod
    def confirm(self, made: Made) -> None:
        """Store what it made."""

    @abstractmethod
    def reject(self, error: KoppelwerkError) -> None:
        """Store that it surely is not there."""

    @abstractmethod
    def unknown(self, error: Exception) -> None:
        """Store that it may be there."""

    @abstractmethod
    def missed(self, now: datetime) -> None:
        """Store that a look-up did not find it."""

    def ended(self) -> None:
        """Store that a person decides: what comes after begins anew, with a look-up."""

    def absent(self) -> None:
        """Decide what happens when it is surely absent: it is sent again, unless this
        raises (AskUser: a person decides)."""

    def lost_since(self) -> datetime | None:
        """Return since when it may have been sent without our knowing any more: a
        backup was restored. None: what we know is all there is."""
        return None

    def find_lost(self, since: datetime) -> Made | None:
        """Look it up by what it carries itself: our reference may be lost as well.

        Raises AskUser when what is found does not agree, or nothing can be said.
        """
        raise NotImplementedError

    def adopt(self, made: Made) -> None:
        """Store what was found of a write that we had lost."""
        self.prepare(self.now())
        self.confirm(made)

    def now(self) -> datetime:
        """Return the moment by the clock that `sent_at` is told by."""
        return utcnow()

    def recheck(self) -> timedelta:
        """Return how long after the send a miss may still be too early."""
        return timedelta(seconds=terms().recheck_seconds)

    def deadline(self) -> float:
        """Return how many seconds after `prepare` it is no longer sent."""
        return terms().send_seconds

    def once(self) -> Made:
        """Do it exactly once and return what it made.

        Raises Unsettled while the outcome of an earlier try is not certain, AskUser
        `outcome_unclear` or `outcome_absent` when it was tried often or long enough,
        and `message_not_built` when nothing could be sent.
        """
        if self.sent_at is not None:
            found = self.find(self.sent_at)
            if found is not None:
                self.confirm(found)
                return found
            self.note_miss(self.sent_at)
            self.absent()
        since = self.lost_since()
        if since is not None:
            found = self.find_lost(since)
            if found is not None:
                self.adopt(found)
                return found
        return self._sent()

    def note_miss(self, sent_at: datetime) -> None:
        """Return when a miss means that it is absent; else note it and wait, or end."""
        now, certain_at = self.now(), sent_at + self.recheck()
        if self.not_before is not None:
            certain_at = max(certain_at, self.not_before)
        is_absent = self.has_missed and now >= certain_at
        if not self.has_missed:
            self.missed(now)
            self.has_missed = True
        if self._is_spent(now):
            self.ended()
            raise AskUser("outcome_absent" if is_absent else UNCLEAR)
        if not is_absent:
            seconds = max((certain_at - now).total_seconds(), 0.1)
            raise Unsettled("outcome_being_checked", seconds=seconds)

    def _is_spent(self, now: datetime) -> bool:
        """Tell whether it was tried often or long enough."""
        since = self.first_sent_at
        is_old = since is not None and now - since > OLDEST_UNKNOWN
        return is_old or self.sends >= MOST_SENDS

    def _sent(self) -> Made:
        began = monotonic()
        self.prepare(self.now())
        if monotonic() - began > self.deadline():
            # The process slept after it prepared; another may look it up by now.
            raise LeaseLost
        with departures() as left:
            try:
                made = self.send()
            except OutcomeUnknown as error:
                self.unknown(error)
                if left.any:
                    raise
                # Its client took a fault of its own for a lost answer; told at once,
                # and still looked up before anything is sent.
                self.ended()
                raise _told(error.__cause__ or error) from error
            except KoppelwerkError as error:
                # Every other class of error means that nothing was written.
                self.reject(error)
                raise
            except LeaseLost:
                raise
            except Exception as error:
                if left.any:
                    self.unknown(error)
                    raise
                self._not_built(error)
                raise
        self.confirm(made)
        return made

    def _not_built(self, error: Exception) -> None:
        """Store that nothing left; AskUser, unless it may pass by itself."""
        told = _told(error)
        self.reject(told)
        if not isinstance(error, PASSING):
            raise told from error


def _told(error: BaseException) -> AskUser:
    """Log a fault of our own and return what the user is told."""
    logger.error("a message could not be built", exc_info=error)
    return AskUser("message_not_built", cause=type(error).__name__)
