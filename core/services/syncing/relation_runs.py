"""Runs of a connection's relations as stored: which there are, and how one is made."""

from typing import Any

from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.models import (
    Connection,
    RelationLink,
    RelationRun,
    RelationSync,
    RunKind,
    RunState,
)
from core.rules.sync import limits
from core.runtime import jobs
from core.runtime.database import insert_for, session
from core.services.syncing import relation_lines

TASK, QUEUE = "relation_sync", "bulk"
PREVIEW_NEEDED = "relations_preview_needed"
"""Why relations of a connection wait, as its tile says it."""
SET_ANEW = "relations_set_anew"
PREVIEWS = (RunKind.PREVIEW, RunKind.UNDO_PREVIEW)
UNDOING = (RunKind.UNDO, RunKind.UNDO_PREVIEW)


def current(connection_id: int) -> RelationRun | None:
    """Return the run that is under way, of whichever kind."""
    return session().scalar(
        select(RelationRun)
        .where(
            RelationRun.connection_id == connection_id,
            RelationRun.state == RunState.RUNNING,
        )
        .order_by(RelationRun.id)
        .limit(1)
    )


def recent(connection_id: int, limit: int = 5) -> list[RelationRun]:
    """Return the last runs, newest first."""
    rows = session().scalars(
        select(RelationRun)
        .where(RelationRun.connection_id == connection_id)
        .order_by(RelationRun.id.desc())
        .limit(limit)
    )
    return list(rows)


def sync_of(connection: Connection) -> RelationSync:
    """Return the row of a connection, made when it is not there, and hold it."""
    session().execute(
        insert_for(RelationSync)
        .values(
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            cursor={},
            seen_id=0,
            whole_since=utcnow(),
            needs_preview=True,
        )
        .on_conflict_do_nothing()
    )
    return session().execute(
        select(RelationSync)
        .where(RelationSync.connection_id == connection.id)
        .with_for_update()
    ).scalar_one()  # fmt: skip


def make(connection: Connection, kind: RunKind, **values: Any) -> RelationRun:
    """Make a run and wake its task, in the caller's transaction."""
    run = RelationRun(
        tenant_id=connection.tenant_id,
        connection_id=connection.id,
        state=RunState.RUNNING,
        kind=kind,
        **values,
    )
    session().add(run)
    session().flush()
    if kind in PREVIEWS:
        relation_lines.forget_previews(connection.id, kind, but=run.id)
    if kind is RunKind.PREVIEW:
        run.position = _place_of(sync_of(connection))
    wake(connection.id)
    return run


def wake(connection_id: int) -> None:
    """Let a worker look, once this is committed."""
    jobs.wake_after_commit(TASK, connection_id, queue=QUEUE)


def _place_of(sync: RelationSync) -> dict[str, Any]:
    seen_at = sync.seen_at
    return {
        "cursor": sync.cursor,
        "seen_at": seen_at.isoformat() if seen_at else None,
        "seen_id": sync.seen_id,
    }


def ordinary(connection_id: int) -> dict[str, int]:
    """Return how much a run of a connection may write without another look."""
    linked = session().execute(
        select(func.count()).where(RelationLink.connection_id == connection_id)
    )
    return limits.ordinary(linked.scalar_one())


def is_undone(run_id: int) -> bool:
    """Tell whether a run was put back."""
    found = select(RelationRun.id).where(
        RelationRun.of_run_id == run_id,
        RelationRun.kind == RunKind.UNDO,
        RelationRun.state == RunState.DONE,
    )
    return session().scalar(found.limit(1)) is not None


def end(run: RelationRun, code: str) -> None:
    """End a run that something else came in the way of."""
    run.state, run.finished_at, run.code = RunState.FAILED, utcnow(), code


def compare_all(sync: RelationSync) -> None:
    """Let the next run compare everything."""
    sync.cursor, sync.seen_at, sync.seen_id = {}, None, 0
    sync.whole_since = utcnow()
