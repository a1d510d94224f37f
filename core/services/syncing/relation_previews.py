"""The gate before a run: a preview that a person confirms, and what may follow it."""

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import Connection, RelationRun, RelationSync, RunKind, RunState
from core.rules.sync import limits
from core.runtime.database import session
from core.services.syncing import relation_lines, relation_runs
from core.services.syncing.relation_runs import PREVIEW_NEEDED, UNDOING


def is_needed(connection_id: int) -> bool:
    """Tell whether nothing is written until a person confirmed what would be."""
    sync = session().get(RelationSync, connection_id)
    return sync is None or sync.needs_preview


def waiting(connection_id: int) -> RelationRun | None:
    """Return the preview that a person may confirm; None: there is none."""
    if not is_needed(connection_id):
        return None
    last = session().scalar(
        select(RelationRun)
        .where(
            RelationRun.connection_id == connection_id,
            RelationRun.kind.not_in(UNDOING),
        )
        .order_by(RelationRun.id.desc())
        .limit(1)
    )
    is_ready = last and last.kind == RunKind.PREVIEW and last.state == RunState.DONE
    return last if is_ready else None


def confirm(connection: Connection, preview_id: int) -> RelationRun:
    """*Uitvoeren*: let happen what a preview says, in the caller's transaction.

    Raises AskUser `relations_preview_outdated` when it is not the one that counts.
    """
    sync = relation_runs.sync_of(connection)
    preview = waiting(connection.id)
    if preview is None or preview.id != preview_id:
        raise AskUser("relations_preview_outdated")
    if relation_runs.current(connection.id) is not None:
        raise AskUser("relations_run_busy")
    return let_go(connection, sync, preview)


def confirm_waiting(connection: Connection) -> RelationRun | None:
    """Confirm whichever preview waits; for the bench, the demo and tests."""
    preview = waiting(connection.id)
    return None if preview is None else confirm(connection, preview.id)


def let_go(
    connection: Connection, sync: RelationSync, preview: RelationRun
) -> RelationRun:
    """Begin the run that a preview was of."""
    preview.confirmed_at = utcnow()
    sync.needs_preview = False
    if sync.whole_since is not None:
        # A preview notes what it saw as seen; its run looks for itself.
        sync.whole_since = utcnow()
    if connection.last_run_error == PREVIEW_NEEDED:
        connection.last_run_error = ""
    return relation_runs.make(
        connection,
        RunKind.SYNC,
        of_run_id=preview.id,
        allowed=limits.confirmed(relation_lines.counts(preview.id)),
        by_user=preview.by_user,
        trust_absent=preview.trust_absent,
    )
