"""One declaration, delivered once: look up before anything else.

An attempt is stored before the call (`save` commits) and after it. One whose outcome
is not known is looked up and adopted; when it is not there after two misses, the
second at least two minutes after the send, a person decides. Never sent again by
itself.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.domain.errors import AskUser, KoppelwerkError, OutcomeUnknown, WaitUntil
from core.domain.filings import Message, Receipt
from core.plugin.capabilities import FilingChannel
from core.plugin.engine import RemoteWrite, Unsettled

SECOND_MISS = timedelta(minutes=2)
SEND_SECONDS = 30.0
"""Later than so many seconds after it was stored it is not sent any more."""


@dataclass(frozen=True)
class Attempt:
    """What is remembered of a delivery; stored by the caller."""

    message: Message
    sent_at: datetime | None = None
    """Aware UTC; set before the call. None: certainly not sent."""
    misses: int = 0
    """How often it was looked up in vain."""
    receipt: Receipt | None = None


Save = Callable[[Attempt], None]


@dataclass
class Delivery(RemoteWrite[Receipt]):
    """A delivery by a channel; `save` commits where it stands."""

    channel: FilingChannel
    attempt: Attempt
    moment: datetime
    known: Collection[str]
    save: Save
    restored_since: datetime | None = None
    """Since when it may have been delivered without our knowing: see `find_lost`."""

    def __post_init__(self) -> None:
        self.sent_at = self.attempt.sent_at
        self.has_missed = self.attempt.misses > 0

    def prepare(self, now: datetime) -> None:
        self._keep(sent_at=now)

    def send(self) -> Receipt:
        return self.channel.deliver(self.attempt.message)

    def find(self, sent_at: datetime) -> Receipt | None:
        return self.channel.look_up(self.attempt.message, sent_at, self.known)

    def lost_since(self) -> datetime | None:
        return self.restored_since

    def find_lost(self, since: datetime) -> Receipt | None:
        """Find it, or leave it to a person: one that was prepared anew after the
        backup has another reference, so that its absence proves nothing."""
        del since
        found = self.channel.look_up_surely(self.attempt.message, self.known)
        if found is None:
            reference = self.attempt.message.reference
            raise AskUser("filing_after_restore", reference=reference)
        return found

    def confirm(self, made: Receipt) -> None:
        self._keep(receipt=made)

    def reject(self, error: KoppelwerkError) -> None:
        self._keep(sent_at=None)

    def unknown(self, error: Exception) -> None:
        """It was stored before the call that it may be there."""

    def missed(self, now: datetime) -> None:
        self._keep(misses=self.attempt.misses + 1)

    def absent(self) -> None:
        """Leave it to a person: it is never sent again by itself."""
        self.missed(self.moment)
        raise AskUser("delivery_absent", reference=self.attempt.message.reference)

    def now(self) -> datetime:
        return self.moment

    def recheck(self) -> timedelta:
        return SECOND_MISS

    def deadline(self) -> float:
        return SEND_SECONDS

    def _keep(self, **values: Any) -> None:
        self.attempt = replace(self.attempt, **values)
        self.save(self.attempt)


def advance(
    channel: FilingChannel,
    attempt: Attempt,
    *,
    now: datetime,
    known: Collection[str] = (),
    save: Save,
    restored_since: datetime | None = None,
) -> Attempt:
    """Take a delivery one step on, and return it as it was saved last.

    Raises what the channel raises (nothing was delivered then), WaitUntil
    `delivery_being_looked_up` after a lost answer or a first miss, and AskUser
    `delivery_absent` after the last, or `filing_after_restore`.
    """
    delivery = Delivery(channel, attempt, now, known, save, restored_since)
    if attempt.receipt is None:
        try:
            delivery.once()
        except (OutcomeUnknown, Unsettled) as error:
            seconds = SECOND_MISS.total_seconds()
            raise WaitUntil("delivery_being_looked_up", seconds=seconds) from error
    return delivery.attempt


def adopt(attempt: Attempt, receipt: Receipt, save: Save) -> Attempt:
    """Take a delivery as this attempt's, and return it as it was saved."""
    attempt = replace(attempt, receipt=receipt)
    save(attempt)
    return attempt
