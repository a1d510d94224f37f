"""One declaration, delivered once: look up before anything else.

An attempt is stored before the call (`save` commits) and after it. One whose outcome
is not known is looked up and adopted; when it is not there after two misses, the
second at least two minutes after the send, a person decides. Never sent again by
itself.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    Stop,
    WaitUntil,
)
from plugins.accountview.channels import FilingChannel, Message, Receipt

SECOND_MISS = timedelta(minutes=2)
MISSES = 2


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


def advance(
    channel: FilingChannel,
    attempt: Attempt,
    *,
    now: datetime,
    known: Collection[str] = (),
    save: Save,
) -> Attempt:
    """Take a delivery one step on, and return it as it was saved last.

    Raises what the channel raises (nothing was delivered then), WaitUntil
    `delivery_being_looked_up` after a lost answer or a first miss, and AskUser
    `delivery_absent` after the last.
    """
    if attempt.receipt is not None:
        return attempt
    if attempt.sent_at is not None:
        return _look_up(channel, attempt, attempt.sent_at, now, known, save)
    attempt = replace(attempt, sent_at=now)
    save(attempt)
    try:
        receipt = channel.deliver(attempt.message)
    except OutcomeUnknown as error:
        raise _wait(SECOND_MISS) from error
    except (AskUser, AuthenticationLost, RetryLater, Stop, WaitUntil):
        save(replace(attempt, sent_at=None))  # it proves that nothing arrived
        raise
    return adopt(attempt, receipt, save)


def adopt(attempt: Attempt, receipt: Receipt, save: Save) -> Attempt:
    """Take a delivery as this attempt's, and return it as it was saved."""
    attempt = replace(attempt, receipt=receipt)
    save(attempt)
    return attempt


def _look_up(
    channel: FilingChannel,
    attempt: Attempt,
    sent_at: datetime,
    now: datetime,
    known: Collection[str],
    save: Save,
) -> Attempt:
    receipt = channel.look_up(attempt.message, sent_at, known)
    if receipt is not None:
        return adopt(attempt, receipt, save)
    early = now - sent_at < SECOND_MISS
    if not (early and attempt.misses):  # only the last miss has to be late
        attempt = replace(attempt, misses=attempt.misses + 1)
        save(attempt)
    if attempt.misses < MISSES:
        raise _wait(SECOND_MISS)
    raise AskUser("delivery_absent", reference=attempt.message.reference)


def _wait(pause: timedelta) -> KoppelwerkError:
    seconds = pause.total_seconds()
    return WaitUntil("delivery_being_looked_up", seconds=seconds)
