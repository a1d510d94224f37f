"""Leases: which worker serves which connection and holds which transfers.

One drain per connection at a time; the tenant served longest ago goes first, and
*Verwerk* before everything else. A lease runs out by the shared clock, and the
attempt number is the fence against the worker that lost it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    or_,
    select,
    union_all,
)

from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Step,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.engine import Columns, DueRows, Lease, is_free, restored
from core.plugin.work import URGENT
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import koppelwerk, settings
from core.runtime.leaps import each_once, in_words
from core.services.connections.connections import rests
from core.services.transfer.journal import Job
from core.services.transfer.statements import not_aside
from core.services.transfer.steps import OPEN_STEP, as_row

NEVER = datetime.min.replace(tzinfo=UTC)
AT_ONCE = 20
"""Connections whose turn is found at once."""
KNOWN_SECONDS = 1.0
"""How long it is known whose turn is next before it is asked anew."""


@dataclass(frozen=True)
class Batch:
    """Some documents of one connection under its lease."""

    lease: Lease[Connection]
    plugin: str
    jobs: Sequence[Job]

    def renew(self) -> None:
        """Hold the connection and the unfinished documents for longer; LeaseLost."""
        with self.lease.work():
            self._change(lease_until=self.lease.until)

    def release(self) -> None:
        """End the lease: what was not reached is queued as it was, no attempt used."""
        with transaction():
            self._change(state=TransferState.QUEUED, lease_until=None)
            self.lease.release()

    def _change(self, **values: Any) -> None:
        TRANSFERS.change(
            self.lease.token,
            Transfer.target_id == self.lease.key,
            Transfer.state == TransferState.SENDING,
            **values,
        )


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return what makes a transfer due; the states by themselves serve the index.

    What the user set aside never is, whatever state a fault would give it.
    """
    return and_(
        Transfer.state.in_((TransferState.QUEUED, TransferState.SENDING)),
        not_aside(),
        or_(
            and_(Transfer.state == TransferState.QUEUED, Transfer.due_at <= now),
            and_(Transfer.state == TransferState.SENDING, Transfer.lease_until < now),
        ),
    )


def moves() -> ColumnElement[bool]:
    """Return what goes or is going, in the words of the index `ix_transfer_moving`."""
    return Transfer.state.in_(
        (in_words(TransferState.QUEUED), in_words(TransferState.SENDING))
    )


def may_go() -> tuple[ColumnElement[bool], ...]:
    """Return what a coupling must be for its documents to go; others wait."""
    return Coupling.enabled.is_(True), Coupling.licensed.is_(True)


def _serves(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a connection one that takes documents now.

    One whose plugin did not load waits, and keeps nobody else waiting.
    """
    return (
        Connection.state == ConnectionState.CONNECTED,
        Connection.enabled.is_(True),
        Connection.plugin.in_(koppelwerk().registry.plugins),
        exists().where(Tenant.id == Connection.tenant_id, Tenant.active),
        is_free(Connection.not_before, now),
    )


CONNECTIONS = DueRows(
    Connection,
    _serves,
    order_by=(Connection.drained_at,),
    beats=True,
    fair=True,
    columns=Columns("drain_until", "drain_token", attempt="", taken_at="drained_at"),
)
TRANSFERS = DueRows(Transfer, lambda now: (is_due(now),))


def has_work(now: datetime, *, urgent_only: bool = False) -> ColumnElement[bool]:
    """Return: a coupling that may go has a document that is due."""
    moving = each_once(Transfer.target_id, moves())
    return and_(Connection.id.in_(moving), _has_due(now, urgent_only=urgent_only))


def _has_due(now: datetime, *, urgent_only: bool) -> ColumnElement[bool]:
    is_of = Transfer.target_id == Connection.id, Coupling.id == Transfer.coupling_id
    queued, sending = TransferState.QUEUED, TransferState.SENDING
    is_queued = Transfer.state == queued, Transfer.due_at <= now
    is_left = Transfer.state == sending, Transfer.lease_until < now
    # The urgent by the index on priority, which has no coupling in it.
    own = (*is_of, Transfer.priority >= URGENT if urgent_only else moves())
    return exists().where(
        Coupling.target_id == Connection.id,
        *may_go(),
        or_(
            *(
                exists().where(*own, not_aside(), *which).correlate_except(Transfer)
                for which in (is_queued, is_left)
            )
        ),
    )


@dataclass
class Round:
    """Takes batch after batch, each of the connection whose turn it is.

    Finding whose turn it is looks at every connection with work, so the next few are
    found at once; who was served since has lost its turn.
    """

    urgent_only: bool = False
    _next: deque[int] = field(default_factory=deque)
    _asked_at: float = float("-inf")
    _asked: datetime = NEVER

    def take(self) -> Batch | None:
        """Lease the next connection, and its next batch; None: no work, or others had
        all that was found, or nothing may be taken now."""
        is_known = self._next and monotonic() - self._asked_at < KNOWN_SECONDS
        for is_asked in (not is_known, True):
            if is_asked:
                self._ask()
                if not self._next:
                    break
            while self._next:
                found = self._take(self._next.popleft())
                if found is not None:
                    return found
        return None

    def _ask(self) -> None:
        self._asked_at = monotonic()
        with transaction():
            self._asked = now = shared_now()
            work = has_work(now, urgent_only=self.urgent_only)
            self._next = deque(CONNECTIONS.next_keys(AT_ONCE, work))

    def _take(self, connection_id: int) -> Batch | None:
        now = shared_now()
        return _batch(
            now,
            Connection.id == connection_id,
            ~CONNECTIONS.served_since(self._asked),
            _has_due(now, urgent_only=self.urgent_only),
        )


def take_batch(*, urgent_only: bool = False) -> Batch | None:
    """Lease the connection whose turn it is, and its next batch; None: no work."""
    return Round(urgent_only).take()


def _batch(now: datetime, *which: ColumnElement[bool]) -> Batch | None:
    with transaction():
        lease = CONNECTIONS.taken(*which, in_turn=False)
        if lease is None:
            return None
        ids = _next_transfers(lease.row, now)
        _lease(ids, lease)
    return Batch(lease, lease.row.plugin, _jobs(ids, lease))


def _next_transfers(connection: Connection, now: datetime) -> list[int]:
    """Pick the next batch; one that a crash left behind is taken by itself.

    Where the package did not answer: what is to be looked up, together, and one more.
    """
    crashed = _some(connection, (Transfer.lease_until < now,), TransferState.SENDING, 1)
    due = (Transfer.due_at <= now,)
    batch = _some(connection, due, TransferState.QUEUED, settings().drain_batch)
    found = session().execute(union_all(crashed, batch)).all()
    rows = [row for row in found if row.state == TransferState.QUEUED]
    if len(rows) < len(found):
        return [row.id for row in found if row.state == TransferState.SENDING]
    if not rests(connection):
        return [row.id for row in rows]
    fresh = [row.id for row in rows if not row.is_open]
    return [row.id for row in rows if row.is_open] + fresh[:1]


def _some(
    connection: Connection,
    due: tuple[ColumnElement[bool], ...],
    state: TransferState,
    most: int,
) -> Select[Any]:
    """Return the first documents in a state, in the order of the index."""
    may_be_there = exists().where(
        Step.transfer_id == Transfer.id, Step.state.in_(OPEN_STEP)
    )
    query = (
        select(Transfer.id, Transfer.state, may_be_there.label("is_open"))
        .join(Coupling, Coupling.id == Transfer.coupling_id)
        .where(Transfer.target_id == connection.id, Transfer.state == state)
        .where(not_aside(), *due, *may_go())
        .order_by(Transfer.priority.desc(), Transfer.due_at, Transfer.id)
    )
    return select(query.limit(most).subquery())


def _lease(ids: list[int], lease: Lease[Connection]) -> None:
    """Mark the batch as ours.

    A lease that ran out counts as a failure only when it is surely this document's:
    it had reached a remote write, or it was leased by itself.
    """
    guilty = and_(
        Transfer.state == TransferState.SENDING, or_(Transfer.started, Transfer.alone)
    )
    TRANSFERS.take_all(
        ids,
        lease.token,
        lease.until,
        state=TransferState.SENDING,
        failures=Transfer.failures + case((guilty, 1), else_=0),
        alone=len(ids) == 1,
        started=False,
        changed_at=lease.row.drained_at,
    )


def _jobs(ids: list[int], lease: Lease[Connection]) -> list[Job]:
    connection_id, version = lease.key, lease.row.version
    lost_since = restored.lost_since()
    rows = session().execute(
        select(
            Transfer.id,
            Transfer.tenant_id,
            Transfer.coupling_id,
            Transfer.subject,
            Transfer.subject_id,
            Transfer.number,
            Transfer.attempt,
            Transfer.failures,
            Transfer.document,
        )
        .where(Transfer.id.in_(ids))
        .order_by(Transfer.priority.desc(), Transfer.due_at, Transfer.id)
    )
    jobs = {
        row.id: Job(
            transfer_id=row.id,
            tenant_id=row.tenant_id,
            coupling_id=row.coupling_id,
            connection_id=connection_id,
            connection_version=version,
            subject=row.subject,
            subject_id=row.subject_id,
            number=row.number,
            attempt=row.attempt,
            failures=row.failures,
            lease_token=lease.token,
            plugin=lease.row.plugin,
            document=row.document,
            ahead=lease.ahead,
            lost_since=lost_since,
            is_probe=rests(lease.row),
            is_silent=lease.row.unanswered > 0,
        )
        for row in rows
    }
    steps = session().scalars(select(Step).where(Step.transfer_id.in_(ids)))
    for step in steps:
        jobs[step.transfer_id].steps[step.name] = as_row(step)
    session().rollback()
    return list(jobs.values())
