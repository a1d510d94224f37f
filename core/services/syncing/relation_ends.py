"""How a stretch and a run of relations end: done, later, or stopped with a cause."""

from datetime import timedelta
from typing import Any

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import Connection, LogLevel, RelationRun, RunKind, RunState
from core.plugin.engine import Decision, Next, decide
from core.rules.sync import ImplausibleList, limits
from core.runtime import jobs, log
from core.runtime.database import session, transaction
from core.services.connections import connections
from core.services.syncing import (
    relation_lines,
    relation_previews,
    relation_runs,
    relation_troubles,
)
from core.services.syncing.relation_phases import REVIEWING
from core.services.syncing.relation_runs import QUEUE, TASK
from core.services.syncing.relation_stretch import Stretch

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
    if stretch.kind is not RunKind.SYNC:
        _end(stretch, RunState.DONE)
        return
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


def stopped(stretch: Stretch) -> None:
    """End a run that would write more than a person has seen, and make a preview.

    Where nothing was written yet and the preview shows no more than goes without a
    look, its run follows by itself: only the first guess was too high.
    """
    has_written = any(stretch.counts[kind] for kind in limits.KINDS)
    is_guess = not has_written and not stretch.has_seen_all
    with stretch.work(release=True):
        run = session().get_one(RelationRun, stretch.run_id)
        relation_runs.end(run, MORE_THAN_SEEN)
        stretch.lease.read().needs_preview = True
        session().flush()
        relation_runs.make(
            session().get_one(Connection, stretch.connection_id),
            RunKind.PREVIEW,
            by_user=stretch.by_user,
            trust_absent=stretch.trust_absent,
            allowed=stretch.allowed if is_guess else {},
        )


def _end(stretch: Stretch, state: RunState, cause: Decision | None = None) -> None:
    with stretch.work(release=True):
        run = session().get_one(RelationRun, stretch.run_id)
        stretch.counts.update(_last_counts(stretch))
        run.state, run.finished_at = state, utcnow()
        run.code = cause.code if cause else ""
        run.params = cause.params if cause else {}
        session().flush()
        if cause is None:
            _follow(stretch, run)
        session().flush()
        _note(stretch, cause)


def _last_counts(stretch: Stretch) -> dict[str, int]:
    if stretch.kind is RunKind.SYNC:
        return relation_troubles.counts(stretch.connection_id)
    stretch.counts.clear()
    return relation_lines.totals(stretch.run_id)


def _follow(stretch: Stretch, run: RelationRun) -> None:
    """Do what comes after a run that ended well."""
    sync = stretch.lease.read()
    if stretch.kind is RunKind.SYNC:
        sync.whole_since = None
    elif stretch.kind is RunKind.UNDO:
        # By itself the next run would do all of it again.
        sync.needs_preview = True
        relation_runs.compare_all(sync)
    elif stretch.kind is RunKind.PREVIEW and stretch.allowed:
        found = relation_lines.counts(run.id)
        if not limits.is_exceeded(stretch.allowed, found):
            connection = session().get_one(Connection, stretch.connection_id)
            relation_previews.let_go(connection, sync, run)


def _note(stretch: Stretch, cause: Decision | None) -> None:
    """Note the end on the connection and, when there is news, in the log."""
    connection = session().get_one(Connection, stretch.connection_id)
    code = cause.code if cause else _waits(stretch)
    if cause is not None and cause.next is Next.PAUSE:
        connections.pause(connection.id, code)
    elif stretch.kind is RunKind.UNDO_PREVIEW:
        return  # its own page says what became of it
    elif connection.next_run_at is None or connection.next_run_at <= utcnow():
        connections.run_finished(connection.id, code)
    else:
        connection.last_run_error = code
    _log(stretch, connection, cause)


def _waits(stretch: Stretch) -> str:
    """Return what the connection's tile says after a run that ended well."""
    needed = relation_previews.is_needed(stretch.connection_id)
    return relation_runs.PREVIEW_NEEDED if needed else ""


def _log(stretch: Stretch, connection: Connection, cause: Decision | None) -> None:
    counts = {name: stretch.counts[name] for name in LOGGED[stretch.kind]}
    if cause is None and not any(counts.values()):
        return
    done = "relations_undone" if stretch.kind is RunKind.UNDO else "relations_synced"
    log.write(
        stretch.tenant_id,
        "relations_run_failed" if cause else done,
        level=LogLevel.ERROR if cause else LogLevel.INFO,
        connection_id=connection.id,
        params={**counts, "plugin": connection.plugin},
    )


MORE_THAN_SEEN = "relations_more_than_seen"
LOGGED: dict[RunKind, tuple[str, ...]] = {
    RunKind.SYNC: limits.KINDS,
    RunKind.UNDO: (
        "restored_here", "restored_there", "removed_here", "removed_there", "left_out",
    ),
    RunKind.PREVIEW: (),
    RunKind.UNDO_PREVIEW: (),
}  # fmt: skip
"""What a run does, as the log tells it; troubles are counted as they stand at its
end."""
