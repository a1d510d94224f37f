"""The step journal: each remote write happens once, whatever breaks in between.

`prepared` (with its reference) is committed before the call, the outcome after it. A
step that a dead worker left `prepared`, or whose answer was lost, is looked up by its
reference; it is sent again only after two misses, the second one `recheck_seconds`
after the send. Design, section 4, points 6 and 7.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from core.domain.clock import utcnow
from core.domain.errors import KoppelwerkError, LeaseLost, OutcomeUnknown, WaitUntil
from core.domain.packages import Written
from core.models import (
    Link,
    Step,
    StepState,
    Transfer,
    TransferState,
)
from core.plugin import work
from core.plugin.work import FindCall, SendCall
from core.runtime.database import insert_for, session, transaction
from core.runtime.extensions import settings
from core.services.transfer.statements import ADD_STEP, SET_STEP, Guard, draw, start


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
    prepared: float = 0.0
    """When this process prepared it, by the monotonic clock."""


_NO_GUARD = Guard()


@dataclass
class Job(work.Job):
    """A leased transfer in the hands of one worker."""

    transfer_id: int
    tenant_id: int
    coupling_id: int
    connection_id: int
    connection_version: int
    subject: str
    subject_id: int
    number: str
    attempt: int
    failures: int
    lease_token: str
    document: str = ""
    content_hash: str = ""
    """Hash of the subject as loaded; what is booked is remembered by it."""
    steps: dict[str, StepRow] = field(default_factory=dict)
    guard: Guard = _NO_GUARD
    """What must still hold right before each write (subject unchanged)."""
    subject_row: Any = None
    """The loaded subject (a ShopOrder for orders)."""
    exchange: Callable[[], str] = str
    confirmed_last: StepRow | None = None

    def write(
        self,
        name: str,
        *,
        reference: Callable[[], str],
        send: SendCall,
        find: FindCall,
        last: bool = False,
    ) -> Written:
        """Do one remote write exactly once and return what it made.

        `reference` is asked once, in the transaction that prepares the step. With
        `last` the confirmation is committed together with the transfer's end.
        Raises WaitUntil while the outcome of an earlier try is not certain.
        """
        step = self.steps.get(name)
        if step and step.state == StepState.CONFIRMED:
            return Written(step.external_id, step.result)
        if step and step.state in (StepState.PREPARED, StepState.UNKNOWN):
            found = find(step.reference, step.sent_at)
            if found:
                return self._confirm(step, found, last=last)
            self._note_miss(step)
        step = self._prepare(name, reference)
        return self._confirm(step, self._send(step, send), last=last)

    def make_once(self, kind: str, key: str, *, send: SendCall, find: FindCall) -> str:
        """Return the external id of the one record for `key`; make it when absent.

        A unique row claims the key before anything is sent, so that two documents
        of one new customer make one debtor. Raises WaitUntil while another transfer
        is making it.
        """
        known = self._claim(kind, key)
        if known:
            return known
        try:
            written = self.write(
                _step_name(kind, key),
                reference=lambda: key,
                send=send,
                find=find,
                last=True,
            )
        except (OutcomeUnknown, WaitUntil, LeaseLost):
            raise
        except KoppelwerkError:
            self._unclaim(kind, key)
            raise
        with transaction() as current:
            if self.confirmed_last is not None:
                self.store(self.confirmed_last)
                self.confirmed_last = None
            current.execute(
                update(Link)
                .where(*self._link(kind, key))
                .values(external_id=written.external_id)
            )
        return written.external_id

    def draw_number(self, name: str, floor: int) -> int:
        """Draw the next number of a series, at least `floor`.

        Call it inside `reference`, so that the number is stored with the step.
        """
        dialect = session().get_bind().dialect.name
        values = {
            "tenant_id": self.tenant_id,
            "connection_id": self.connection_id,
            "name": name,
            "value": floor,
        }
        drawn: int = session().execute(draw(dialect), values).scalar_one()
        return drawn

    def _prepare(self, name: str, reference: Callable[[], str]) -> StepRow:
        """Commit that a write is about to happen; the last guard before it."""
        with transaction() as current:
            self._still_ours()
            known = self.steps.get(name)
            now = utcnow()
            step = StepRow(
                name=name,
                reference=known.reference if known else reference(),
                state=StepState.PREPARED,
                sent_at=now,
                prepared=monotonic(),
            )
            values = {
                "state": StepState.PREPARED,
                "attempt": self.attempt,
                "sent_at": now,
                "missed_at": None,
            }
            if known:
                current.execute(update(Step).where(*self._step(name)).values(**values))
            else:
                row = {
                    "tenant_id": self.tenant_id,
                    "transfer_id": self.transfer_id,
                    "name": name,
                    "reference": step.reference,
                    "external_id": "",
                    "result": {},
                    "exchange": "",
                }
                current.execute(ADD_STEP, {**row, **values})
        self.steps[name] = step
        return step

    def _send(self, step: StepRow, send: SendCall) -> Written:
        if monotonic() - step.prepared > settings().send_seconds:
            # The process slept after it prepared; another may look it up by now.
            raise LeaseLost
        try:
            return send(step.reference)
        except OutcomeUnknown:
            self._mark(step, StepState.UNKNOWN)
            raise
        except KoppelwerkError:
            # Every other class of error means that nothing was written.
            self._mark(step, StepState.REJECTED)
            raise
        except Exception:
            self._mark(step, StepState.UNKNOWN)
            raise

    def _confirm(self, step: StepRow, written: Written, *, last: bool) -> Written:
        step.state = StepState.CONFIRMED
        step.external_id = written.external_id
        step.result = written.result
        if last:
            self.confirmed_last = step
        else:
            self._mark(step, StepState.CONFIRMED)
        return written

    def _mark(self, step: StepRow, state: StepState) -> None:
        step.state = state
        with transaction():
            self.store(step)

    def store(self, step: StepRow) -> None:
        """Write a step's outcome in the caller's transaction."""
        failed = step.state != StepState.CONFIRMED
        values = {
            "of_transfer": self.transfer_id,
            "of_name": step.name,
            "state": step.state,
            "external_id": step.external_id,
            "result": step.result,
            "missed_at": step.missed_at,
            "exchange": self.exchange() if failed else "",
        }
        session().execute(SET_STEP, values)

    def _note_miss(self, step: StepRow) -> None:
        """Remember that a look-up found nothing; return when it is surely absent."""
        now = utcnow()
        certain_at = step.sent_at + timedelta(seconds=settings().recheck_seconds)
        if step.missed_at is not None and now >= certain_at:
            return
        step.missed_at = step.missed_at or now
        self._mark(step, StepState.UNKNOWN)
        seconds = max((certain_at - now).total_seconds(), 0.1)
        raise WaitUntil("outcome_being_checked", seconds=seconds)

    def _still_ours(self) -> None:
        """Mark the attempt started if nothing changed since the lease; else raise."""
        statement = start(tuple(self.guard.conditions))
        values = {
            **self.lease_values(),
            "alive_connection": self.connection_id,
            "alive_version": self.connection_version,
            **self.guard.params,
        }
        if session().execute(statement, values).rowcount == 1:  # type: ignore[attr-defined]
            return
        if session().execute(select(Transfer.id).where(*self._lease())).first():
            raise WaitUntil("changed_meanwhile", seconds=2)
        raise LeaseLost

    def _claim(self, kind: str, key: str) -> str:
        """Claim a key; return its external id when it is already made."""
        with transaction() as current:
            link = current.execute(
                select(Link.external_id, Link.transfer_id).where(*self._link(kind, key))
            ).first()
            if link is None:
                current.execute(
                    insert_for(Link)
                    .values(
                        tenant_id=self.tenant_id,
                        connection_id=self.connection_id,
                        kind=kind,
                        key=key,
                        external_id="",
                        transfer_id=self.transfer_id,
                        created_at=utcnow(),
                    )
                    .on_conflict_do_nothing()
                )
                link = current.execute(
                    select(Link.external_id, Link.transfer_id).where(
                        *self._link(kind, key)
                    )
                ).one()
            if link.external_id or link.transfer_id == self.transfer_id:
                return str(link.external_id)
            self._take_over(kind, key, link.transfer_id)
        return ""

    def _take_over(self, kind: str, key: str, holder: int | None) -> None:
        """Take a claim whose holder gave up; wait while it may still be writing."""
        busy = select(Step.id).where(
            Step.transfer_id == holder,
            Step.name == _step_name(kind, key),
            Step.state.in_((StepState.PREPARED, StepState.UNKNOWN)),
        )
        sending = select(Transfer.id).where(
            Transfer.id == holder, Transfer.state == TransferState.SENDING
        )
        if session().execute(busy).first() or session().execute(sending).first():
            raise WaitUntil("being_made", seconds=5)
        session().execute(
            update(Link)
            .where(*self._link(kind, key), Link.external_id == "")
            .values(transfer_id=self.transfer_id)
        )

    def _unclaim(self, kind: str, key: str) -> None:
        with transaction() as current:
            current.execute(
                delete(Link).where(
                    *self._link(kind, key),
                    Link.external_id == "",
                    Link.transfer_id == self.transfer_id,
                )
            )

    def _lease(self) -> tuple[ColumnElement[bool], ...]:
        return (
            Transfer.id == self.transfer_id,
            Transfer.lease_token == self.lease_token,
            Transfer.attempt == self.attempt,
            Transfer.state == TransferState.SENDING,
        )

    def lease_values(self) -> dict[str, Any]:
        """Return what names the lease in the statements of `statements`."""
        return {
            "lease_transfer": self.transfer_id,
            "lease_of": self.lease_token,
            "lease_attempt": self.attempt,
        }

    def _step(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return (Step.transfer_id == self.transfer_id, Step.name == name)

    def _link(self, kind: str, key: str) -> tuple[ColumnElement[bool], ...]:
        return (
            Link.connection_id == self.connection_id,
            Link.kind == kind,
            Link.key == key,
        )


def _step_name(kind: str, key: str) -> str:
    name = f"{kind}:{key}"
    if len(name) <= 100:
        return name
    return f"{kind}:{sha256(key.encode()).hexdigest()}"
