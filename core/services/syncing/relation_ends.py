"""How a stretch and a run of relations end: done, later, or stopped with a cause."""

from datetime import timedelta
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import Connection, LogLevel, RelationRun, RunState
from core.plugin.engine import Decision, Next, decide
from core.rules.sync import ImplausibleList
from core.runtime import jobs, log
from core.runtime.database import session, transaction
from core.services.connections import connections
from core.services.syncing import relation_troubles
from core.services.syncing.relation_phases import REVIEWING
from core.services.syncing.relation_stretch import Stretch

TASK, QUEUE = "relation_sync", "bulk"
LOOKS = 5
"""So many times a run waits for writes without an answer; then it ends."""


def later(stretch: Stretch, seconds: float, **values: Any) -> None:
    """Let the run go on later, and let others have the worker."""
    with stretch.work(release=True):
        run = session().get_one(RelationRun, stretch.run_id)
        run.due_at = utcnow() + timedelta(seconds=seconds)
        for name, value in {"failures": 0, **values}.items():
            setattr(run, name, value)
    if not seconds:
        jobs.wake(QUEUE, TASK, stretch.connection_id)


def finished(stretch: Stretch) -> None:
    """End the run, unless a write without an answer is still to be looked for."""
    look = relation_troubles.next_look(stretch.connection_id)
    run = session().get_one(RelationRun, stretch.run_id)
    looks = run.failures
    session().rollback()
    if look is not None and looks < LOOKS:
        seconds = max((look - utcnow()).total_seconds(), 1.0)
        stretch.enter(REVIEWING)
        later(stretch, seconds, failures=looks + 1)
        return
    _end(stretch, RunState.DONE)


def failed(stretch: Stretch, error: Exception) -> None:
    """Apply to the run what the error's class decides."""
    if isinstance(error, ImplausibleList):
        error = AskUser("relations_list_implausible")
    failures = session().get_one(RelationRun, stretch.run_id).failures
    session().rollback()
    decision = decide(error, subject=stretch.run_id, failures=failures)
    told = {"code": decision.code, "params": decision.params}
    if decision.next is Next.WAIT:
        if decision.whole_connection:
            _spare(stretch.connection_id, decision.seconds)
        later(stretch, max(decision.seconds, 1.0), **told)
    elif decision.next is Next.RETRY:
        later(stretch, decision.seconds, failures=decision.failures, **told)
    else:
        _end(stretch, RunState.FAILED, decision)


def _spare(connection_id: int, seconds: float) -> None:
    with transaction():
        connections.spare(connection_id, utcnow() + timedelta(seconds=seconds))


def _end(stretch: Stretch, state: RunState, cause: Decision | None = None) -> None:
    with stretch.work(release=True):
        run = session().get_one(RelationRun, stretch.run_id)
        for name, number in relation_troubles.counts(stretch.connection_id).items():
            stretch.counts[name] = number
        run.state, run.finished_at = state, utcnow()
        run.code = cause.code if cause else ""
        run.params = cause.params if cause else {}
        if cause is None:
            stretch.set(whole_since=None)
        session().flush()
        _note(stretch, cause)


def _note(stretch: Stretch, cause: Decision | None) -> None:
    """Note the end on the connection and, when there is news, in the log."""
    code = cause.code if cause else ""
    connection = session().get_one(Connection, stretch.connection_id)
    if cause is not None and cause.next is Next.PAUSE:
        connections.pause(connection.id, code)
    elif connection.next_run_at is None or connection.next_run_at <= utcnow():
        connections.run_finished(connection.id, code)
    else:
        connection.last_run_error = code
    counts = {name: stretch.counts[name] for name in COUNTED}
    if cause is None and not any(counts.values()):
        return
    log.write(
        stretch.tenant_id,
        "relations_run_failed" if cause else "relations_synced",
        level=LogLevel.ERROR if cause else LogLevel.INFO,
        connection_id=connection.id,
        params={**counts, "plugin": connection.plugin},
    )


COUNTED = (
    "made_here", "changed_here", "made_there", "changed_there", "overwritten",
)  # fmt: skip
"""What a run does, as it is counted; troubles are counted as they stand at its end."""
