"""Leases: which worker serves which connection and holds which transfers.

One drain per connection at a time; the tenant served longest ago goes first, and
*Verwerk* before everything else. A lease runs out by the shared clock, and the
attempt number is the fence against the worker that lost it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Step,
    StepState,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.work import URGENT
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import settings
from core.services.transfer.journal import Job, StepRow

NOT_CONFIGURED = "coupling_not_configured"
"""Code of what waits for the first complete configuration of its coupling."""


@dataclass(frozen=True)
class Turn:
    """One turn of a connection: its lease and the jobs in it."""

    connection_id: int
    plugin: str
    token: str
    jobs: Sequence[Job]


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return what makes a transfer due; the states by themselves serve the index."""
    return and_(
        Transfer.state.in_((TransferState.QUEUED, TransferState.SENDING)),
        or_(
            and_(Transfer.state == TransferState.QUEUED, Transfer.due_at <= now),
            and_(Transfer.state == TransferState.SENDING, Transfer.lease_until < now),
        ),
    )


def may_go() -> tuple[ColumnElement[bool], ...]:
    """Return what a coupling must be for its documents to go; others wait."""
    return Coupling.enabled.is_(True), Coupling.licensed.is_(True)


def _passed(
    moment: InstrumentedAttribute[datetime | None], now: datetime
) -> ColumnElement[bool]:
    return or_(moment.is_(None), moment < now)


def take_turn(*, urgent_only: bool = False) -> Turn | None:
    """Lease the connection whose turn it is, and its next batch; None: no work."""
    now = shared_now()
    token = token_hex(16)
    with transaction() as current:
        connection = current.execute(
            _next_connection(now, urgent_only).with_for_update(
                skip_locked=True, of=Connection
            )
        ).scalar_one_or_none()
        if connection is None:
            return None
        until = now + timedelta(seconds=settings().lease_seconds)
        connection.drain_until = until
        connection.drain_token = token
        connection.drained_at = now
        current.execute(
            update(Tenant)
            .where(Tenant.id == connection.tenant_id)
            .values(served_at=now)
        )
        ids = _next_transfers(connection.id, now)
        _lease(ids, token, now, until)
    return Turn(connection.id, connection.plugin, token, _jobs(ids, token, connection))


def _next_connection(now: datetime, urgent_only: bool) -> Select[Connection]:
    work = [
        Transfer.target_id == Connection.id,
        is_due(now),
        Coupling.id == Transfer.coupling_id,
        *may_go(),
    ]
    if urgent_only:
        work.append(Transfer.priority >= URGENT)
    return (
        select(Connection)
        .join(Tenant, Tenant.id == Connection.tenant_id)
        .where(
            Connection.state == ConnectionState.CONNECTED,
            Connection.enabled,
            Tenant.active,
            _passed(Connection.drain_until, now),
            _passed(Connection.not_before, now),
            exists().where(*work),
        )
        .order_by(Tenant.served_at.asc().nulls_first(), Connection.drained_at)
        .limit(1)
    )


def _next_transfers(connection_id: int, now: datetime) -> list[int]:
    """Pick the next batch; one that a crash left behind is taken by itself."""
    rows = (
        session()
        .execute(
            select(Transfer.id, Transfer.state)
            .join(Coupling, Coupling.id == Transfer.coupling_id)
            .where(
                Transfer.target_id == connection_id,
                is_due(now),
                *may_go(),
            )
            .order_by(Transfer.priority.desc(), Transfer.due_at, Transfer.id)
            .limit(settings().drain_batch)
        )
        .all()
    )
    crashed = [row.id for row in rows if row.state == TransferState.SENDING]
    return crashed[:1] or [row.id for row in rows]


def _lease(ids: list[int], token: str, now: datetime, until: datetime) -> None:
    """Mark the batch as ours.

    A lease that ran out counts as a failure only when it is surely this document's:
    it had reached a remote write, or it was leased by itself.
    """
    guilty = and_(
        Transfer.state == TransferState.SENDING, or_(Transfer.started, Transfer.alone)
    )
    session().execute(
        update(Transfer)
        .where(Transfer.id.in_(ids))
        .values(
            state=TransferState.SENDING,
            attempt=Transfer.attempt + 1,
            failures=Transfer.failures + case((guilty, 1), else_=0),
            lease_token=token,
            lease_until=until,
            alone=len(ids) == 1,
            started=False,
            changed_at=now,
        )
        .execution_options(synchronize_session=False)
    )


def _jobs(ids: list[int], token: str, connection: Connection) -> list[Job]:
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
            connection_id=connection.id,
            connection_version=connection.version,
            subject=row.subject,
            subject_id=row.subject_id,
            number=row.number,
            attempt=row.attempt,
            failures=row.failures,
            lease_token=token,
            document=row.document,
        )
        for row in rows
    }
    steps = session().scalars(select(Step).where(Step.transfer_id.in_(ids)))
    for step in steps:
        jobs[step.transfer_id].steps[step.name] = StepRow(
            name=step.name,
            reference=step.reference,
            state=StepState(step.state),
            sent_at=step.sent_at,
            missed_at=step.missed_at,
            external_id=step.external_id,
            result=step.result,
        )
    session().rollback()
    return list(jobs.values())


def renew(turn: Turn) -> None:
    """Hold the turn's connection and unfinished transfers for longer."""
    until = shared_now() + timedelta(seconds=settings().lease_seconds)
    with transaction() as current:
        current.execute(
            update(Connection)
            .where(
                Connection.id == turn.connection_id,
                Connection.drain_token == turn.token,
            )
            .values(drain_until=until)
            .execution_options(synchronize_session=False)
        )
        current.execute(
            update(Transfer)
            .where(
                Transfer.target_id == turn.connection_id,
                Transfer.lease_token == turn.token,
                Transfer.state == TransferState.SENDING,
            )
            .values(lease_until=until)
            .execution_options(synchronize_session=False)
        )


def release(turn: Turn) -> None:
    """End the turn: what was not reached is queued as it was, no attempt used."""
    with transaction() as current:
        current.execute(
            update(Transfer)
            .where(
                Transfer.target_id == turn.connection_id,
                Transfer.lease_token == turn.token,
                Transfer.state == TransferState.SENDING,
            )
            .values(state=TransferState.QUEUED, lease_until=None)
            .execution_options(synchronize_session=False)
        )
        current.execute(
            update(Connection)
            .where(
                Connection.id == turn.connection_id,
                Connection.drain_token == turn.token,
            )
            .values(drain_until=None)
            .execution_options(synchronize_session=False)
        )
