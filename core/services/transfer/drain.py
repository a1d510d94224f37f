"""Draining: serve connection after connection, until nothing is due or time is up."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from time import monotonic

import structlog
from flask import current_app
from sqlalchemy import select

from core.domain.errors import AuthenticationLost, LeaseLost, WaitUntil
from core.models import Connection
from core.plugin.capabilities import Sender
from core.plugin.engine import LeasedWork
from core.runtime import jobs as wakes
from core.runtime.database import session
from core.runtime.extensions import db, koppelwerk, settings
from core.runtime.tenancy import system_scope
from core.services.transfer import leases, outcome
from core.services.transfer.heartbeat import beating
from core.services.transfer.journal import Job
from core.services.transfer.leases import Batch
from core.services.transfer.subjects import SUBJECTS

logger = structlog.get_logger(__name__)


def drain(*, urgent_only: bool = False, seconds: float | None = None) -> int:
    """Send due transfers until none are left or the time is up; return how many.

    `seconds`: at most so long; None: as the settings say.
    """
    longest = float(settings().drain_seconds)
    until = monotonic() + (longest if seconds is None else min(seconds, longest))
    threads = settings().drain_threads
    if threads <= 1:
        return _work(until, urgent_only)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> int:
        with app.app_context(), system_scope():
            return _work(until, urgent_only)

    with ThreadPoolExecutor(threads) as pool:
        return sum(
            task.result() for task in [pool.submit(work) for _ in range(threads)]
        )


def _due(now: datetime, *, urgent_only: bool = False) -> list[int]:
    """Tell whether a coupling that may go has a document that is due."""
    waiting = leases.has_work(now, urgent_only=urgent_only)
    found = session().execute(select(Connection.id).where(waiting).limit(1))
    return [0] * (found.first() is not None)


DRAIN = LeasedWork("drain", "default", _due, leases.CONNECTIONS)
DRAIN_URGENT = LeasedWork(
    "drain_urgent", "urgent", partial(_due, urgent_only=True), leases.CONNECTIONS
)


def _work(until: float, urgent_only: bool) -> int:
    handled, turns = 0, leases.Round(urgent_only)
    due = DRAIN_URGENT if urgent_only else DRAIN
    try:
        for batch in wakes.until_quiet(
            lambda: turns.take() if monotonic() < until else None, due.queue, due.task
        ):
            handled += _serve(batch, until)
    finally:
        db.session.remove()
    return handled


def _serve(batch: Batch, until: float) -> int:
    """Send one batch of one connection, in order."""
    plugin = koppelwerk().registry.get(batch.plugin)
    handled = 0
    every = batch.lease.rows.length().total_seconds() / 3
    try:
        with beating(batch.renew, every):
            for subject, jobs in _by_subject(batch.jobs).items():
                connection = session().get_one(Connection, batch.lease.key)
                with plugin.sender(subject)(connection) as sender:
                    SUBJECTS[subject].attach(jobs)
                    handled += _send_all(sender, jobs, until)
    except LeaseLost:
        logger.warning("lease lost", connection=batch.lease.key)
    except Exception as error:
        logger.exception("batch failed", connection=batch.lease.key)
        outcome.all_failed(batch.jobs[handled:], error)
    finally:
        batch.release()
    return max(handled, 1)


def _send_all(sender: Sender, jobs: list[Job], until: float) -> int:
    sender.prepare(jobs)
    handled, was_silent = 0, False
    for job in jobs:
        if monotonic() > until and handled:
            break
        handled += 1
        job.is_silent = job.is_silent or was_silent
        if not _send_one(sender, job):
            break
        was_silent = job.is_silent
    return handled


def _send_one(sender: Sender, job: Job) -> bool:
    """Send one document; False when the rest of the batch has to wait as well."""
    try:
        job.refuse()
        booked = sender.send(job)
    except LeaseLost:
        raise
    except Exception as error:
        session().rollback()
        rests = outcome.failed(job, error)
        return not (
            rests
            or isinstance(error, AuthenticationLost)
            or (isinstance(error, WaitUntil) and error.whole_connection)
        )
    outcome.done(job, booked)
    return True


def _by_subject(jobs: Sequence[Job]) -> dict[str, list[Job]]:
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.subject, []).append(job)
    return groups
