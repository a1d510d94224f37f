"""Delivered once: what is stored when, and that nothing is sent again by itself."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.declarations import DeclarationKind, TaxPeriod
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.domain.filings import FilingState, Message, Progress, Receipt, Status
from core.net.departures import departed
from plugins.belastingdienst.sending.delivery import Attempt, advance

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
MESSAGE = Message(
    "R1", DeclarationKind.ICP, TaxPeriod.quarter(2026, 3), "001000044B37", b"<x/>"
)
RECEIPT = Receipt("K1", NOW, b"")


class Channel:
    """A channel that does as it is told."""

    def __init__(
        self, failure: Exception | None = None, found: Receipt | None = None
    ) -> None:
        self.failure = failure
        self.found = found
        self.delivered = 0
        self.looked_up = 0
        self.saved: list[Attempt] = []
        self.saved_at_delivery: list[Attempt] = []

    def deliver(self, message: Message) -> Receipt:
        self.delivered += 1
        self.saved_at_delivery = list(self.saved)
        departed()  # as the transport does when a write leaves
        if self.failure is not None:
            raise self.failure
        return RECEIPT

    def status(self, delivery_reference: str) -> Progress:
        raise NotImplementedError

    def look_up(
        self, message: Message, sent_at: datetime, known: Collection[str]
    ) -> Receipt | None:
        self.looked_up += 1
        return self.found

    def advance(self, attempt: Attempt, minutes: float = 0) -> Attempt:
        now = NOW + timedelta(minutes=minutes)
        try:
            advance(self, attempt, now=now, save=self.saved.append)
        except KoppelwerkError as error:
            self.last: KoppelwerkError | None = error
        else:
            self.last = None
        return self.saved[-1] if self.saved else attempt


def test_it_is_stored_before_and_after_the_call() -> None:
    channel = Channel()
    done = channel.advance(Attempt(MESSAGE))
    assert [one.sent_at for one in channel.saved_at_delivery] == [NOW]
    assert done == Attempt(MESSAGE, NOW, receipt=RECEIPT)


def test_what_was_delivered_is_left_alone() -> None:
    channel = Channel()
    channel.advance(Attempt(MESSAGE, NOW, receipt=RECEIPT))
    assert (channel.delivered, channel.looked_up, channel.saved) == (0, 0, [])


@pytest.mark.parametrize(
    "failure",
    [
        AskUser("digipoort_refused", fault="ALS100", message="x"),
        RetryLater("remote_unreachable"),
        AuthenticationLost("authentication_lost"),
        WaitUntil("rate_limited", seconds=60),
    ],
)
def test_a_refusal_may_be_tried_again(failure: KoppelwerkError) -> None:
    channel = Channel(failure)
    left = channel.advance(Attempt(MESSAGE))
    assert channel.last is failure
    assert left.sent_at is None
    channel.failure = None
    assert channel.advance(left, 5).receipt == RECEIPT
    assert channel.delivered == 2


@pytest.mark.parametrize("failure", [OutcomeUnknown("outcome_unknown"), MemoryError()])
def test_a_lost_answer_is_looked_up_and_adopted(failure: Exception) -> None:
    channel = Channel(failure, found=RECEIPT)
    try:
        left = channel.advance(Attempt(MESSAGE))
    except MemoryError:
        left = channel.saved[-1]
    assert left.sent_at == NOW
    assert channel.advance(left, 0.1).receipt == RECEIPT
    assert (channel.delivered, channel.looked_up) == (1, 1)


def test_absent_twice_asks_a_person_and_never_sends_again() -> None:
    channel = Channel(OutcomeUnknown("outcome_unknown"))
    left = channel.advance(Attempt(MESSAGE))
    assert isinstance(channel.last, WaitUntil)
    left = channel.advance(left, 0.5)
    assert (left.misses, type(channel.last)) == (1, WaitUntil)
    left = channel.advance(left, 1.5)
    assert (left.misses, type(channel.last)) == (1, WaitUntil), "not late enough"
    left = channel.advance(left, 2.5)
    assert (left.misses, type(channel.last)) == (2, AskUser)
    for minutes in range(3, 300):
        left = channel.advance(left, minutes)
        assert type(channel.last) is AskUser
    assert channel.delivered == 1


def test_a_late_arrival_is_still_adopted() -> None:
    channel = Channel(OutcomeUnknown("outcome_unknown"))
    left = Attempt(MESSAGE, NOW, misses=2)
    channel.found = RECEIPT
    assert channel.advance(left, 60).receipt == RECEIPT
    assert channel.delivered == 0


def test_progress_is_the_end_state_or_the_last() -> None:
    def status(state: FilingState) -> Status:
        return Status("x", NOW, state, "")

    sent, accepted = status(FilingState.SENT), status(FilingState.ACCEPTED)
    assert Progress((), b"").state is FilingState.SENT
    assert Progress((status(FilingState.WAITING),), b"").state is FilingState.WAITING
    assert Progress((sent, accepted, sent), b"").state is FilingState.ACCEPTED


@pytest.mark.parametrize("reference", ["", "x" * 41])
def test_a_reference_fits_every_channel(reference: str) -> None:
    with pytest.raises(ValueError, match="length"):
        replace(MESSAGE, reference=reference)
