"""A document in the hands of a plugin's sender: each remote write happens once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from core.domain.packages import Credited, Written
from core.models import StepState

URGENT = 10
"""Priority of *Verwerk*."""
SendCall = Callable[[str], Written]
"""Does the write for a reference; raises an error of `core.domain.errors`."""
FindCall = Callable[[str, datetime], Written | None]
"""Looks the write up by its reference and the moment it was sent (UTC)."""
FindLost = Callable[[datetime], Written | None]
"""Looks a document up, among what was made since a moment (UTC), by what it carries
itself: the order's number. Raises AskUser when one is there that does not agree."""


class Step(Protocol):
    """A remote write as far as it came."""

    @property
    def state(self) -> StepState:
        """Where it stands."""

    @property
    def external_id(self) -> str:
        """What it made in the package; empty before it is confirmed."""

    @property
    def result(self) -> dict[str, Any]:
        """What the answer said."""

    @property
    def reference(self) -> str:
        """What the document is found back by."""

    @property
    def sent_at(self) -> datetime:
        """When it was sent last (UTC)."""

    @property
    def is_open(self) -> bool:
        """Whether it may have arrived: its outcome is not known."""


class Job(ABC):
    """A leased document that a sender passes on; the core makes it."""

    transfer_id: int
    tenant_id: int
    coupling_id: int
    connection_id: int
    subject_id: int
    number: str
    document: str
    """What it becomes: the sender sets it, once decided."""
    subject_row: Any
    """The loaded subject: a ShopOrder for orders, an InvoiceBooking for invoices."""
    credited: Credited | None
    """For a credit document: the sale it takes back. None for all others."""
    steps: Mapping[str, Step]
    """The remote writes that were tried, by name."""
    happened_at: datetime | None
    """When it was booked at the latest, of one that was found after a restore: what is
    to be told of it may have been told. None: now."""
    reasoning: Mapping[str, Any]
    """Why its VAT is what it is, as `CouplingSetup.reasoning` gives it: the sender sets
    it before its checks, and it is kept with the document and shown in Meer info."""
    exchange: Callable[[], str]
    """Gives the last redacted request and answer, for Meer info; the sender sets it."""

    def confirmed(self, name: str) -> Written | None:
        """Return what a remote write made, where that is certain; else None."""
        step = self.steps.get(name)
        if step is None or step.state != StepState.CONFIRMED:
            return None
        return Written(step.external_id, step.result)

    @abstractmethod
    def write(
        self,
        name: str,
        *,
        reference: Callable[[], str],
        send: SendCall,
        find: FindCall,
        find_lost: FindLost | None = None,
        last: bool = False,
    ) -> Written:
        """Do one remote write exactly once and return what it made.

        `reference` is asked once, in the transaction that prepares the step; the write
        is found back by it. With `last` the confirmation is committed together with
        the transfer's end. Raises WaitUntil while the outcome of an earlier try is not
        certain.

        After a restore our reference may be lost with the row. `find_lost` is asked
        then before the first send; without it `find` is, by the reference made anew,
        which does only where that is the same each time (no `draw_number`).
        """

    @abstractmethod
    def make_once(self, kind: str, key: str, *, send: SendCall, find: FindCall) -> str:
        """Return the external id of the one record for `key`; make it when absent.

        Two documents of one new customer make one debtor. Raises WaitUntil while
        another transfer is making it.
        """

    @abstractmethod
    def settled(self, kind: str, key: str, external_id: str) -> str:
        """Return the id of a record for `key` that a list of the package shows.

        An own `make_once` of it whose answer was lost is settled by that: nothing looks
        it up any more.
        """

    @abstractmethod
    def is_of_another(self, external_id: str) -> bool:
        """Tell whether a document in the package belongs to another of our transfers.

        Two shops may sell the same order number to the same customer for the same
        total: adopting the one's document for the other would lose one.
        """

    @abstractmethod
    def draw_number(self, name: str, floor: int) -> int:
        """Draw the next number of a series, at least `floor`.

        Call it inside `reference`, so that the number is stored with the step.
        """
