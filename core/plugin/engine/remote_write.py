"""One write in an outside system, done exactly once, whatever breaks in between.

`prepare` is committed before the call, the outcome after it. What a dead worker left
prepared, or whose answer was lost, is looked up; what is found is adopted. It counts
as absent after two misses, the second one `recheck_seconds` after the send. Design,
section 4, points 6 and 7.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic, TypeVar

from core.domain.clock import utcnow
from core.domain.errors import KoppelwerkError, LeaseLost, OutcomeUnknown, WaitUntil
from core.plugin.engine.terms import terms

Made = TypeVar("Made")


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

        Raises Unsettled while the outcome of an earlier try is not certain.
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
        """Return when a miss means that it is absent; else note it and wait."""
        now, certain_at = self.now(), sent_at + self.recheck()
        if self.has_missed and now >= certain_at:
            return
        if not self.has_missed:
            self.missed(now)
            self.has_missed = True
        seconds = max((certain_at - now).total_seconds(), 0.1)
        raise Unsettled("outcome_being_checked", seconds=seconds)

    def _sent(self) -> Made:
        began = monotonic()
        self.prepare(self.now())
        if monotonic() - began > self.deadline():
            # The process slept after it prepared; another may look it up by now.
            raise LeaseLost
        try:
            made = self.send()
        except OutcomeUnknown as error:
            self.unknown(error)
            raise
        except KoppelwerkError as error:
            # Every other class of error means that nothing was written.
            self.reject(error)
            raise
        except Exception as error:
            self.unknown(error)
            raise
        self.confirm(made)
        return made
