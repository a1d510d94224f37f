"""What becomes of a transfer after a worker had it: the error's class decides."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import LeaseLost, OutcomeUnknown, Refused, RetryLater
from core.domain.packages import Booked
from core.models import LogLevel, TransferState
from core.plugin.engine import BACKOFF_SECONDS, UNCLEAR, Decision, Next, decide
from core.runtime import log
from core.runtime.database import session, transaction
from core.services import events
from core.services.connections import connections
from core.services.transfer.journal import Job
from core.services.transfer.statements import settle
from core.services.transfer.subjects import SUBJECTS

SILENCE = (
    "remote_unreachable", "remote_timeout", "remote_dropped", "remote_fault",
    "remote_nonsense",
)  # fmt: skip
"""Codes of RetryLater that say that the package gives no usable answer."""
_GRIDS = ((600, 300), (60, 60))
"""Pauses of so many seconds end together at each so many seconds."""
_ENDS = {
    Next.ASK: TransferState.FAILED,
    Next.STOP: TransferState.SKIPPED,
    Next.HOLD_BACK: TransferState.WAITING,
}


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
            reasoning=dict(job.reasoning),
            external_id=booked.external_id,
            external_number=booked.number,
            external_url=booked.url,
            debtor_id=booked.debtor_id,
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
            of_plugin=job.plugin,
            params={
                **_named(job, {**booked.details, **said}),
                "document": job.document,
            },
        )
        if job.is_silent:
            job.is_silent = False
            connections.answered(job.connection_id)
        events.order_booked.send(job, booked=booked)


def failed(job: Job, error: Exception) -> bool:
    """Apply to the transfer what the error's class decides; tell whether the package
    rests from now on.

    Raises LeaseLost, before anything is written, when another worker has it.
    """
    rests = _count(job, error, job.transfer_id)
    _apply(job, _decided(job, error, rests=rests))
    return rests


def all_failed(jobs: Sequence[Job], error: Exception) -> None:
    """Apply one error to all that are left of a batch: the package could not be used.

    Writes nothing of those that another worker has.
    """
    rests = False
    for place, job in enumerate(jobs):
        with suppress(LeaseLost):
            if not place:
                rests = _count(job, error, None)
            _apply(job, _decided(job, error, rests=rests))


def _count(job: Job, error: Exception, transfer_id: int | None) -> bool:
    """Count what the package did not answer, or that it does; tell whether it rests."""
    if _is_silence(error):
        job.is_silent = True
        with transaction():
            job.hold()
            return connections.unanswered(job.connection_id, transfer_id)
    if job.is_silent and isinstance(error, Refused):
        job.is_silent = False
        with transaction():
            job.hold()
            connections.answered(job.connection_id)
    return False


def _is_silence(error: Exception) -> bool:
    is_lost = isinstance(error, OutcomeUnknown)
    return is_lost or (isinstance(error, RetryLater) and error.code in SILENCE)


def _decided(job: Job, error: Exception, *, rests: bool) -> Decision:
    """Decide; while the package rests nothing that it does not answer is a failure."""
    open_steps = [step for step in job.steps.values() if step.is_open]
    decision = decide(
        error,
        subject=job.transfer_id,
        failures=job.failures,
        open_since=min(
            (step.first_sent_at or step.sent_at for step in open_steps),
            default=utcnow(),
        ),
        sends=max((step.sends for step in open_steps), default=0),
    )
    if rests and isinstance(error, RetryLater):
        waits = replace(decision, next=Next.WAIT, failures=job.failures)
        return replace(waits, seconds=decision.seconds or BACKOFF_SECONDS[-1])
    return decision


def _apply(job: Job, decision: Decision) -> None:
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
    due = _together(job.now(), decision.seconds)
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


def _together(now: datetime, seconds: float) -> datetime:
    """Return the moment after so many seconds, so that what is looked up later falls
    together: one look-up may serve all."""
    due = now + timedelta(seconds=seconds)
    for least, grid in _GRIDS:
        if seconds >= least:
            over = timedelta(seconds=due.timestamp() % grid)
            return due if not over else due - over + timedelta(seconds=grid)
    return due


def _end(job: Job, state: TransferState, decision: Decision) -> None:
    code, params = decision.code, decision.params
    with transaction():
        job.hold()
        if code == UNCLEAR:
            job.let_go()
        _settle(
            job,
            state=state,
            code=code,
            params=params,
            failures=decision.failures,
            reasoning=dict(job.reasoning),
        )
        log.write(
            job.tenant_id,
            code,
            level=LogLevel.ERROR if state == TransferState.FAILED else LogLevel.INFO,
            connection_id=job.connection_id,
            transfer_id=job.transfer_id,
            of_plugin=job.plugin,
            params=_named(job, params),
        )
        if state == TransferState.FAILED:
            events.order_failed.send(job, code=code)


def _named(job: Job, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a log line's values with the document's number.

    A cause's own number (of a VAT number, a debtor) stays what its words mean by it;
    `order` says besides which document it is.
    """
    is_own = params.get("number", job.number) != job.number
    return {"number": job.number, **params, **({"order": job.number} if is_own else {})}


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
