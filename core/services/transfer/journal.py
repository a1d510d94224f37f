"""The step journal of a transfer: each remote write happens once.

How a write is done once stands in `core.plugin.engine.remote_write`; here is where a
transfer keeps its writes, and how two documents that need one record make it once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    KoppelwerkError,
    LeaseLost,
    OutcomeUnknown,
    WaitUntil,
)
from core.domain.packages import Credited, Written
from core.models import (
    Link,
    Step,
    StepState,
    Transfer,
    TransferState,
)
from core.plugin import work
from core.plugin.work import FindCall, FindLost, SendCall
from core.runtime.database import insert_for, session, transaction
from core.services.transfer.statements import (
    SET_STEP,
    Guard,
    draw,
    held,
    start,
)
from core.services.transfer.steps import OPEN_STEP, StepRow, StepWrite, as_row

BEHIND = 5.0
"""Seconds that one who waits for another's record comes behind it."""
LONGEST_CHANGE = 300.0
"""Seconds between two looks whether something that changed is settled."""
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
    plugin: str = ""
    """Of the connection, where it is known."""
    document: str = ""
    content_hash: str = ""
    """Hash of the subject as loaded; what is booked is remembered by it."""
    steps: dict[str, StepRow] = field(default_factory=dict)
    guard: Guard = _NO_GUARD
    """What must still hold right before each write (subject unchanged)."""
    subject_row: Any = None
    """The loaded subject (a ShopOrder for orders)."""
    credited: Credited | None = None
    reasoning: Mapping[str, Any] = field(default_factory=dict)
    exchange: Callable[[], str] = str
    confirmed_last: StepRow | None = None
    refusal: AskUser | None = None
    """Why it may not go, seen while it was loaded."""
    withdrawn: KoppelwerkError | None = None
    """Why it may not go any more; what may be there is looked up first."""
    is_probe: bool = False
    """The package did not answer others: whether it does again is seen by this one."""
    is_silent: bool = False
    """The package did not answer the last one: that it does now is to be stored."""
    ahead: timedelta = timedelta()
    """How far the shared clock is ahead of this host's."""
    lost_since: datetime | None = None
    """Since when documents may have been booked that we do not know of any more."""
    is_adopted: bool = False
    """Its document was found after a restore: what it tells may have been told."""
    _is_looking: bool = False

    def now(self) -> datetime:
        """Return this moment by the shared clock: other hosts go by what is stored."""
        return utcnow() + self.ahead

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

        `reference` is asked once, in the transaction that prepares the step. With
        `last` the confirmation is committed together with the transfer's end.
        Raises WaitUntil while the outcome of an earlier try is not certain.
        """
        step = self.steps.get(name)
        if step and step.state == StepState.CONFIRMED:
            return Written(step.external_id, step.result)
        write = StepWrite(self, name, reference, send, find, last, find_lost)
        return write.once()

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
            step = self.steps.get(_step_name(kind, key))
            if step is None or not step.is_open:
                self._unclaim(kind, key)
            raise
        with transaction() as current:
            self.hold()
            if self.confirmed_last is not None:
                self.store(self.confirmed_last)
                self.confirmed_last = None
            current.execute(
                update(Link)
                .where(*self._link(kind, key))
                .values(external_id=written.external_id)
            )
        return written.external_id

    def settled(self, kind: str, key: str, external_id: str) -> str:
        """See the border."""
        step = self.steps.get(_step_name(kind, key))
        if step is None or not step.is_open:
            return external_id
        return self.make_once(
            kind, key, send=_not_again, find=lambda *_: Written(external_id)
        )

    def draw_number(self, name: str, floor: int) -> int:
        """Draw the next number of a series, at least `floor`.

        Call it inside `reference`, so that the number is stored with the step.
        """
        if self._is_looking:
            # By a number that was never sent nothing can be found.
            raise AskUser("unsure_after_restore", number=self.number)
        dialect = session().get_bind().dialect.name
        values = {
            "tenant_id": self.tenant_id,
            "connection_id": self.connection_id,
            "name": name,
            "value": floor,
        }
        drawn: int = session().execute(draw(dialect), values).scalar_one()
        return drawn

    @property
    def happened_at(self) -> datetime | None:  # type: ignore[override]  # read only
        """See the border."""
        return self.lost_since if self.is_adopted else None

    def is_of_another(self, external_id: str) -> bool:
        """See the border."""
        other = select(Transfer.id).where(
            Transfer.target_id == self.connection_id,
            Transfer.administration == "",
            Transfer.external_id == external_id,
            Transfer.id != self.transfer_id,
        )
        found = session().execute(other).first() is not None
        session().rollback()
        return found

    def reference_again(self, reference: Callable[[], str]) -> str:
        """Return a reference that is the same each time; AskUser for a drawn one."""
        self._is_looking = True
        try:
            return reference()
        finally:
            self._is_looking = False
            session().rollback()

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
            "sends": step.sends,
            "first_sent_at": step.first_sent_at,
            "not_before": step.not_before,
            "exchange": self.exchange() if failed else "",
        }
        session().execute(SET_STEP, values)

    def let_go(self) -> None:
        """Begin anew with what is open, in the caller's transaction: a person decides
        when; it begins with a look-up."""
        for step in self.steps.values():
            if step.is_open:
                step.sends, step.first_sent_at, step.not_before = 0, None, None
                self.store(step)

    def still_ours(self) -> None:
        """Mark the attempt started if nothing changed since the lease; else raise.

        Once the document stands, what belongs to it (a payment) goes whatever became of
        its subject: the change is told, or is a document of its own.
        """
        guard = _NO_GUARD if self.stands else self.guard
        statement = start(tuple(guard.conditions))
        values = {
            **self.lease_values(),
            "alive_connection": self.connection_id,
            "alive_version": self.connection_version,
            **guard.params,
        }
        if session().execute(statement, values).rowcount == 1:  # type: ignore[attr-defined]
            return
        self.hold()
        seconds = min(2.0 ** min(self.attempt, 9), LONGEST_CHANGE)
        raise WaitUntil("changed_meanwhile", seconds=seconds)

    def refuse(self) -> None:
        """Raise what keeps it from going, unless it may be there."""
        refusal: KoppelwerkError | None = self.refusal
        if not self.stands and not any(step.is_open for step in self.steps.values()):
            refusal = refusal or self.withdrawn
        if refusal is not None:
            raise refusal

    @property
    def stands(self) -> bool:
        """Whether the document is in the package."""
        return any(step.is_document for step in self.steps.values())

    def hold(self) -> None:
        """Keep others from the transfer in the caller's transaction; else LeaseLost."""
        if session().execute(held(), self.lease_values()).first() is None:
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
        name = _step_name(kind, key)
        step = session().scalar(
            select(Step).where(
                Step.transfer_id == holder,
                Step.name == name,
                Step.state.in_(OPEN_STEP),
            )
        )
        state, due_at = session().execute(
            select(Transfer.state, Transfer.due_at).where(Transfer.id == holder)
        ).first() or (None, self.now())
        if state == TransferState.SENDING or (step and state == TransferState.QUEUED):
            wait = (due_at - self.now()).total_seconds() + BEHIND
            raise WaitUntil("being_made", seconds=max(wait, BEHIND))
        if step is not None:
            self._take_step(step)
        session().execute(
            update(Link)
            .where(*self._link(kind, key), Link.external_id == "")
            .values(transfer_id=self.transfer_id)
        )

    def _take_step(self, step: Step) -> None:
        """Take the write of a holder that gave up over: it is looked up first."""
        session().execute(
            delete(Step).where(
                Step.transfer_id == self.transfer_id, Step.name == step.name
            )
        )
        step.transfer_id = self.transfer_id
        self.steps[step.name] = as_row(step)

    def _unclaim(self, kind: str, key: str) -> None:
        with transaction() as current:
            current.execute(
                delete(Link).where(
                    *self._link(kind, key),
                    Link.external_id == "",
                    Link.transfer_id == self.transfer_id,
                )
            )

    def lease_values(self) -> dict[str, Any]:
        """Return what names the lease in the statements of `statements`."""
        return {
            "lease_transfer": self.transfer_id,
            "lease_of": self.lease_token,
            "lease_attempt": self.attempt,
        }

    def _link(self, kind: str, key: str) -> tuple[ColumnElement[bool], ...]:
        return (
            Link.connection_id == self.connection_id,
            Link.kind == kind,
            Link.key == key,
        )


def _not_again(_reference: str) -> Written:
    raise NotImplementedError("what was found is not sent")


def _step_name(kind: str, key: str) -> str:
    name = f"{kind}:{key}"
    if len(name) <= 100:
        return name
    return f"{kind}:{sha256(key.encode()).hexdigest()}"
