"""Steps: one remote write of a transfer, and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, update

from core.domain.errors import KoppelwerkError
from core.domain.packages import Written
from core.models import Step, StepState
from core.plugin.engine import RemoteWrite, long_pause
from core.plugin.work import FindCall, FindLost, SendCall
from core.runtime.database import transaction
from core.services.transfer.statements import ADD_STEP

OPEN_STEP = (StepState.PREPARED, StepState.UNKNOWN)
"""States of a step that may have arrived."""


def may_be_there() -> ColumnElement[bool]:
    """Return which steps say that a document may be in the package, or is while a step
    behind it (a payment) is still to go. Debtors and articles that were made do not
    count: their steps are `kind:key`."""
    document = (Step.state == StepState.CONFIRMED) & ~Step.name.contains(":")
    return Step.state.in_(OPEN_STEP) | document


FAULTS = ("remote_fault", "remote_nonsense")
"""Causes of an unknown outcome that the package itself answered with."""


@dataclass
class StepRow:
    """A step as this worker knows it."""

    name: str
    reference: str
    state: StepState
    sent_at: datetime
    missed_at: datetime | None = None
    external_id: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    sends: int = 0
    first_sent_at: datetime | None = None
    not_before: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may have arrived."""
        return self.state in OPEN_STEP

    @property
    def is_document(self) -> bool:
        """Whether it stands in the package: debtors and articles (`kind:key`) are
        none."""
        return self.state == StepState.CONFIRMED and ":" not in self.name


def as_row(step: Step) -> StepRow:
    """Return a stored step as a worker knows it."""
    return StepRow(
        name=step.name,
        reference=step.reference,
        state=StepState(step.state),
        sent_at=step.sent_at,
        missed_at=step.missed_at,
        external_id=step.external_id,
        result=step.result,
        sends=step.sends,
        first_sent_at=step.first_sent_at,
        not_before=step.not_before,
    )


class Holder(Protocol):
    """The job that a step is written for."""

    transfer_id: int
    tenant_id: int
    attempt: int
    steps: dict[str, StepRow]
    is_probe: bool
    is_adopted: bool
    lost_since: datetime | None
    confirmed_last: StepRow | None
    withdrawn: KoppelwerkError | None

    @property
    def stands(self) -> bool:
        """Whether the document is in the package."""

    def now(self) -> datetime:
        """Return this moment by the shared clock."""

    def hold(self) -> None:
        """Keep others from the transfer in the caller's transaction; else LeaseLost."""

    def still_ours(self) -> None:
        """Mark the attempt started if nothing changed since the lease; else raise."""

    def store(self, step: StepRow) -> None:
        """Write a step's outcome in the caller's transaction."""

    def let_go(self) -> None:
        """Begin anew with what is open, in the caller's transaction."""

    def reference_again(self, reference: Callable[[], str]) -> str:
        """Return a reference that is the same each time; AskUser for a drawn one."""


@dataclass
class StepWrite(RemoteWrite[Written]):
    """One write of a job, kept as a step."""

    job: Holder
    name: str
    reference: Callable[[], str]
    call: SendCall
    look: FindCall
    last: bool
    look_lost: FindLost | None = None

    def __post_init__(self) -> None:
        known = self.job.steps.get(self.name)
        self._is_new = known is None
        self._step = known or StepRow(self.name, "", StepState.REJECTED, self.now())
        if self._step.is_open:
            self.sent_at = self._step.sent_at
            self.has_missed = self._step.missed_at is not None
            self.sends = self._step.sends
            self.first_sent_at = self._step.first_sent_at
            self.not_before = self._step.not_before

    def now(self) -> datetime:
        return self.job.now()

    def prepare(self, now: datetime) -> None:
        self.job.is_adopted = False
        with transaction() as current:
            self.job.still_ours()
            step = StepRow(
                self.name,
                self._step.reference,
                StepState.PREPARED,
                now,
                sends=self.sends,
                first_sent_at=self.first_sent_at or now,
            )
            values = {
                "state": step.state,
                "attempt": self.job.attempt,
                "sent_at": now,
                "missed_at": None,
                "sends": step.sends,
                "first_sent_at": step.first_sent_at,
                "not_before": None,
            }
            if self._is_new:
                step.reference = self.reference()
                row = {
                    "tenant_id": self.job.tenant_id,
                    "transfer_id": self.job.transfer_id,
                    "name": self.name,
                    "reference": step.reference,
                    "external_id": "",
                    "result": {},
                    "exchange": "",
                }
                current.execute(ADD_STEP, {**row, **values})
            else:
                own = (Step.transfer_id == self.job.transfer_id, Step.name == self.name)
                current.execute(update(Step).where(*own).values(**values))
        self._step = self.job.steps[self.name] = step

    def send(self) -> Written:
        return self.call(self._step.reference)

    def find(self, sent_at: datetime) -> Written | None:
        found = self.look(self._step.reference, sent_at)
        self.job.is_adopted = found is not None and self.job.lost_since is not None
        return found

    def absent(self) -> None:
        withdrawn = None if self.job.stands else self.job.withdrawn
        if withdrawn is not None:
            self.reject(withdrawn)
            raise withdrawn

    def lost_since(self) -> datetime | None:
        return self.job.lost_since

    def find_lost(self, since: datetime) -> Written | None:
        if self.look_lost is not None:
            return self.look_lost(since)
        reference = self._step.reference or self.job.reference_again(self.reference)
        return self.look(reference, since)

    def adopt(self, made: Written) -> None:
        super().adopt(made)
        self.job.is_adopted = True

    def confirm(self, made: Written) -> None:
        self._step.external_id, self._step.result = made.external_id, made.result
        if self.last:
            self._step.state = StepState.CONFIRMED
            self.job.confirmed_last = self._step
        else:
            self._mark(StepState.CONFIRMED)

    def reject(self, error: KoppelwerkError) -> None:
        self._mark(StepState.REJECTED)

    def unknown(self, error: Exception) -> None:
        """It is sent again later when the package itself said that it has a fault."""
        step = self._step
        step.sends += not self.job.is_probe
        if isinstance(error, KoppelwerkError) and error.params.get("cause") in FAULTS:
            step.not_before = self.now() + long_pause()
        self._mark(StepState.UNKNOWN)

    def ended(self) -> None:
        with transaction():
            self.job.hold()
            self.job.let_go()

    def missed(self, now: datetime) -> None:
        self._step.missed_at = now
        self._mark(StepState.UNKNOWN)

    def _mark(self, state: StepState) -> None:
        self._step.state = state
        with transaction():
            self.job.hold()
            self.job.store(self._step)
