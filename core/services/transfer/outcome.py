"""What becomes of a transfer after a worker had it: the error's class decides."""

from datetime import timedelta
from typing import Any

from core.domain.clock import utcnow
from core.domain.packages import Booked
from core.models import LogLevel, TransferState
from core.plugin.engine import Decision, Next, decide
from core.runtime import log
from core.runtime.database import session, transaction
from core.services import events
from core.services.connections import connections
from core.services.transfer.journal import Job
from core.services.transfer.statements import settle
from core.services.transfer.subjects import SUBJECTS

_ENDS = {Next.ASK: TransferState.FAILED, Next.STOP: TransferState.SKIPPED}


def done(job: Job, booked: Booked) -> None:
    """End a transfer: the last step, the link to the package and the log at once.

    Raises LeaseLost, before anything is written, when another worker has it.
    """
    now, subject = utcnow(), SUBJECTS[job.subject]
    with transaction():
        job.hold()
        if job.confirmed_last is not None:
            job.store(job.confirmed_last)
        _settle_done(
            job,
            state=TransferState.HELD if booked.is_held else TransferState.DONE,
            code=booked.warning,
            params=booked.details,
            document=job.document,
            external_id=booked.external_id,
            external_number=booked.number,
            external_url=booked.url,
            booked_hash=job.content_hash,
            booked_at=now,
        )
        said = subject.done(job, booked)
        log.write(
            job.tenant_id,
            booked.warning or subject.logged_as,
            level=LogLevel.WARNING if booked.warning else LogLevel.INFO,
            connection_id=job.connection_id,
            transfer_id=job.transfer_id,
            params={
                **booked.details,
                **said,
                "number": job.number,
                "document": job.document,
            },
        )
        events.order_booked.send(job, booked=booked)


def failed(job: Job, error: Exception) -> None:
    """Apply to the transfer what the error's class decides.

    Raises LeaseLost, before anything is written, when another worker has it.
    """
    sent = (step.sent_at for step in job.steps.values())
    decision = decide(
        error,
        subject=job.transfer_id,
        failures=job.failures,
        open_since=min(sent, default=utcnow()),
    )
    if decision.next is Next.PAUSE:
        with transaction():
            job.hold()
            _settle(job, state=TransferState.QUEUED, code=decision.code)
            connections.pause(job.connection_id, decision.code)
    elif decision.next in _ENDS:
        _end(job, _ENDS[decision.next], decision)
    else:
        _again(job, decision)


def _again(job: Job, decision: Decision) -> None:
    """Queue it for later; a lost answer for a look-up, never for a second send."""
    due = utcnow() + timedelta(seconds=decision.seconds)
    with transaction():
        job.hold()
        _settle(
            job,
            state=TransferState.QUEUED,
            code=decision.code,
            params=decision.params,
            failures=decision.failures,
            due_at=due,
        )
        if decision.whole_connection:
            connections.spare(job.connection_id, due)


def _end(job: Job, state: TransferState, decision: Decision) -> None:
    code, params = decision.code, decision.params
    with transaction():
        job.hold()
        _settle(job, state=state, code=code, params=params, failures=decision.failures)
        log.write(
            job.tenant_id,
            code,
            level=LogLevel.ERROR,
            connection_id=job.connection_id,
            transfer_id=job.transfer_id,
            params={**params, "number": job.number},
        )
        if state == TransferState.FAILED:
            events.order_failed.send(job, code=code)


def _settle(job: Job, **values: Any) -> None:
    """Write the end of an attempt, if the lease is still ours."""
    values = {**values, "lease_until": None, "changed_at": utcnow()}
    statement = settle(tuple(values), None)
    session().execute(statement, {**values, **job.lease_values()})


def _settle_done(job: Job, **values: Any) -> None:
    """End it as done, or held if the subject changed while it was booked."""
    values = {**values, "lease_until": None, "changed_at": utcnow()}
    statement = settle(tuple(values), job.guard.outdated)
    given = {**values, **job.lease_values()}
    if job.guard.outdated is not None:
        given["outdated_state"] = TransferState.HELD
        given["outdated_code"] = "changed_while_booking"
        given.update(job.guard.params)
    session().execute(statement, given)
