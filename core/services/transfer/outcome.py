"""What becomes of a transfer after a worker had it: the error's class decides."""

import random
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    Stop,
    WaitUntil,
)
from core.domain.packages import Booked
from core.models import Connection, LogLevel, TransferState
from core.runtime import log
from core.runtime.database import session, transaction
from core.runtime.extensions import settings
from core.services import events
from core.services.connections import connections
from core.services.transfer.journal import Job
from core.services.transfer.statements import settle
from core.services.transfer.subjects import SUBJECTS

logger = structlog.get_logger(__name__)

BACKOFF_SECONDS = (15, 60, 300, 1800, 7200)
OLDEST_UNKNOWN = timedelta(hours=24)
"""After a day without certainty a person has to look (Stripe's window)."""


def done(job: Job, booked: Booked) -> None:
    """End a transfer: the last step, the link to the package and the log at once."""
    now, subject = utcnow(), SUBJECTS[job.subject]
    with transaction():
        if job.confirmed_last is not None:
            job.store(job.confirmed_last)
        _settle_done(
            job,
            state=TransferState.DONE,
            code=booked.warning,
            params={},
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
            params={**said, "number": job.number, "document": job.document},
        )
        events.order_booked.send(job, booked=booked)


def failed(job: Job, error: Exception) -> None:
    """Decide by the error's class what happens to the transfer next."""
    if isinstance(error, OutcomeUnknown):
        _look_up_later(job, error)
    elif isinstance(error, WaitUntil):
        _wait(job, error)
    elif isinstance(error, AuthenticationLost):
        with transaction():
            _settle(job, state=TransferState.QUEUED, code=error.code)
            connections.pause(job.connection_id, error.code)
    elif isinstance(error, AskUser):
        _end(job, TransferState.FAILED, error.code, error.params)
    elif isinstance(error, Stop):
        _end(job, TransferState.SKIPPED, error.code, error.params)
    else:
        _retry(job, error)


def _retry(job: Job, error: Exception) -> None:
    """Try again by itself with growing pauses; after too many the user is asked."""
    if isinstance(error, KoppelwerkError):
        code, params = error.code, error.params
    else:
        logger.error("transfer crashed", transfer=job.transfer_id, exc_info=error)
        code, params = "internal_error", {"transfer": str(job.transfer_id)}
    failures = job.failures + 1
    if failures >= settings().max_failures:
        _end(job, TransferState.FAILED, code, params, failures=failures)
        return
    pause = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]
    due = utcnow() + timedelta(seconds=pause * random.uniform(0.8, 1.2))  # noqa: S311
    with transaction():
        _settle(
            job,
            state=TransferState.QUEUED,
            code=code,
            params=params,
            failures=failures,
            due_at=due,
        )


def _look_up_later(job: Job, error: OutcomeUnknown) -> None:
    """Queue for a look-up by reference, never for a second send."""
    open_since = min((step.sent_at for step in job.steps.values()), default=utcnow())
    if utcnow() - open_since > OLDEST_UNKNOWN:
        _end(job, TransferState.FAILED, "outcome_unclear", error.params)
        return
    with transaction():
        _settle(
            job,
            state=TransferState.QUEUED,
            code=error.code,
            params=error.params,
            due_at=utcnow() + timedelta(seconds=min(settings().recheck_seconds, 15)),
        )


def _wait(job: Job, error: WaitUntil) -> None:
    due = utcnow() + timedelta(seconds=error.seconds)
    with transaction() as current:
        _settle(
            job,
            state=TransferState.QUEUED,
            code=error.code,
            params=error.params,
            due_at=due,
        )
        if error.whole_connection:
            current.execute(
                update(Connection)
                .where(Connection.id == job.connection_id)
                .values(not_before=due)
                .execution_options(synchronize_session=False)
            )


def _end(
    job: Job,
    state: TransferState,
    code: str,
    params: dict[str, str],
    **values: Any,
) -> None:
    with transaction():
        _settle(job, state=state, code=code, params=params, **values)
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
