"""How a turn and a run of relations end: done, later, or stopped with a cause."""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import update

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    Stop,
    WaitUntil,
)
from core.models import Connection, LogLevel, RelationRun, RelationSync, RunState
from core.rules.sync import ImplausibleList
from core.runtime import jobs, log
from core.runtime.database import session, transaction
from core.runtime.extensions import settings
from core.services.connections import connections
from core.services.syncing import relation_troubles
from core.services.syncing.relation_phases import REVIEWING
from core.services.syncing.relation_turn import Turn
from core.services.transfer.outcome import BACKOFF_SECONDS

logger = structlog.get_logger(__name__)

TASK, QUEUE = "relation_sync", "bulk"
LOOKS = 5
"""So many times a run waits for writes without an answer; then it ends."""


def let_go(connection_id: int, token: str) -> None:
    """Give a lease up at the end of the caller's transaction."""
    session().execute(
        update(RelationSync)
        .where(RelationSync.connection_id == connection_id, RelationSync.token == token)
        .values(busy_until=None)
        .execution_options(synchronize_session=False)
    )


def later(turn: Turn, seconds: float, **values: Any) -> None:
    """Let the run go on later, and let others have the worker."""
    with turn.work() as _tally:
        run = session().get_one(RelationRun, turn.run_id)
        run.due_at = utcnow() + timedelta(seconds=seconds)
        for name, value in {"failures": 0, **values}.items():
            setattr(run, name, value)
        session().flush()
        _release(turn)
    if not seconds:
        jobs.wake(QUEUE, TASK, turn.connection_id)


def _release(turn: Turn) -> None:
    """Give the lease up at the end of the caller's transaction."""
    let_go(turn.connection_id, turn.token)


def finished(turn: Turn) -> None:
    """End the run, unless a write without an answer is still to be looked for."""
    look = relation_troubles.next_look(turn.connection_id)
    run = session().get_one(RelationRun, turn.run_id)
    looks = run.failures
    session().rollback()
    if look is not None and looks < LOOKS:
        seconds = max((look - utcnow()).total_seconds(), 1.0)
        turn.enter(REVIEWING)
        later(turn, seconds, failures=looks + 1)
        return
    _end(turn, RunState.DONE)


def failed(turn: Turn, error: Exception) -> None:
    """Decide by the error's class what happens to the run."""
    if isinstance(error, WaitUntil):
        _wait(turn, error)
    elif isinstance(error, (AuthenticationLost, AskUser, Stop)):
        _end(turn, RunState.FAILED, error)
    elif isinstance(error, ImplausibleList):
        _end(turn, RunState.FAILED, AskUser("relations_list_implausible"))
    else:
        _retry(turn, error)


def _wait(turn: Turn, error: WaitUntil) -> None:
    if error.whole_connection:
        with transaction() as current:
            current.execute(
                update(Connection)
                .where(Connection.id == turn.connection_id)
                .values(not_before=utcnow() + timedelta(seconds=error.seconds))
                .execution_options(synchronize_session=False)
            )
    later(turn, max(error.seconds, 1.0), code=error.code, params=error.params)


def _retry(turn: Turn, error: Exception) -> None:
    """Try again by itself with growing pauses; after too many the run ends."""
    if not isinstance(error, KoppelwerkError):
        logger.error(
            "relation run crashed", connection=turn.connection_id, exc_info=error
        )
        error = AskUser("internal_error", transfer=turn.run_id)
    run = session().get_one(RelationRun, turn.run_id)
    failures = run.failures + 1
    session().rollback()
    if failures >= settings().max_failures:
        _end(turn, RunState.FAILED, error)
        return
    pause = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]
    later(turn, pause, failures=failures, code=error.code, params=error.params)


def _end(turn: Turn, state: RunState, error: KoppelwerkError | None = None) -> None:
    with turn.work():
        run = session().get_one(RelationRun, turn.run_id)
        for name, number in relation_troubles.counts(turn.connection_id).items():
            turn.counts[name] = number
        run.state, run.finished_at = state, utcnow()
        run.code = error.code if error else ""
        run.params = error.params if error else {}
        if error is None:
            turn.set(whole_since=None)
        session().flush()
        _note(turn, error)
        _release(turn)


def _note(turn: Turn, error: KoppelwerkError | None) -> None:
    """Note the end on the connection and, when there is news, in the log."""
    connection = session().get_one(Connection, turn.connection_id)
    if isinstance(error, AuthenticationLost):
        connections.pause(connection.id, error.code)
    elif connection.next_run_at is None or connection.next_run_at <= utcnow():
        connections.run_finished(connection.id, error.code if error else "")
    else:
        connection.last_run_error = error.code if error else ""
    counts = {name: turn.counts[name] for name in COUNTED}
    if error is None and not any(counts.values()):
        return
    log.write(
        turn.tenant_id,
        "relations_run_failed" if error else "relations_synced",
        level=LogLevel.ERROR if error else LogLevel.INFO,
        connection_id=connection.id,
        params={**counts, "plugin": connection.plugin},
    )


COUNTED = (
    "made_here", "changed_here", "made_there", "changed_there", "overwritten",
)  # fmt: skip
"""What a run does, as it is counted; troubles are counted as they stand at its end."""
