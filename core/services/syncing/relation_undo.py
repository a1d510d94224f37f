"""What one run wrote, put back on both sides, last write first.

A value goes back only where it is still what the run wrote: what somebody changed since
is left and listed, and so is what a package cannot take back. Each record is read right
before it is judged, so that a write whose answer was lost is found done, or is done
again; the same code lists it first without writing (`RunKind.UNDO_PREVIEW`).
"""

from collections.abc import Iterable, Mapping, Sequence

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import Connection, RelationRun, RunKind, RunState
from core.plugin.capabilities import AT_ONCE, RelationPackage
from core.rules.sync import Remote
from core.runtime.database import session
from core.services.syncing import (
    relation_administration,
    relation_lines,
    relation_runs,
)
from core.services.syncing.relation_lines import Kept
from core.services.syncing.relation_putback import Here
from core.services.syncing.relation_putback_there import There
from core.services.syncing.relation_stretch import Stretch

PHASE = "undoing"


# --- begin --------------------------------------------------------------------------


def may_undo(run: RelationRun) -> bool:
    """Tell whether a run has ended, wrote something that is still known, and was not
    put back yet."""
    return (
        run.kind == RunKind.SYNC
        and run.state != RunState.RUNNING
        and relation_lines.kept_until(run) > utcnow()
        and bool(relation_lines.backwards(run.id, 0, 1))
        and not relation_runs.is_undone(run.id)
    )


def begin(connection: Connection, run: RelationRun) -> RelationRun:
    """List what putting a run back would do, in the caller's transaction.

    Raises AskUser `relations_run_busy`, `relations_undo_elsewhere` after another
    administration was coupled, and `relations_undo_too_late` when it can no longer be
    put back, or was.
    """
    relation_runs.sync_of(connection)
    _refuse_busy(connection)
    _refuse_elsewhere(connection)
    if not may_undo(run):
        raise AskUser("relations_undo_too_late")
    return relation_runs.make(connection, RunKind.UNDO_PREVIEW, of_run_id=run.id)


def confirm(connection: Connection, preview: RelationRun) -> RelationRun:
    """*Ongedaan maken*: do what was listed, in the caller's transaction.

    No other run begins before a person confirmed a new preview: it would do all of it
    again. Raises AskUser as `begin` does, and `relations_preview_outdated`.
    """
    sync = relation_runs.sync_of(connection)
    _refuse_busy(connection)
    _refuse_elsewhere(connection)
    run = session().get(RelationRun, preview.of_run_id) if preview.of_run_id else None
    is_listed = preview.kind == RunKind.UNDO_PREVIEW and preview.state == RunState.DONE
    if run is None or not is_listed:
        raise AskUser("relations_preview_outdated")
    if not may_undo(run):
        raise AskUser("relations_undo_too_late")
    preview.confirmed_at = utcnow()
    sync.needs_preview = True
    return relation_runs.make(connection, RunKind.UNDO, of_run_id=run.id)


def _refuse_elsewhere(connection: Connection) -> None:
    if relation_administration.is_elsewhere(connection):
        raise AskUser("relations_undo_elsewhere")


def _refuse_busy(connection: Connection) -> None:
    if relation_runs.current(connection.id) is not None:
        raise AskUser("relations_run_busy")


# --- a stretch ----------------------------------------------------------------------


def go(stretch: Stretch, package: RelationPackage) -> None:
    """Go on with putting a run back, or listing it, until all is dealt with.

    Raises TimeUp when the time is up, and the errors that end a stretch.
    """
    of_run_id = stretch.of_run_id
    if of_run_id is None:
        raise AskUser("relations_undo_too_late")
    if not stretch.phase:
        counts = relation_lines.totals(of_run_id)
        stretch.enter(PHASE, sum(counts.get(kind, 0) for kind in relation_lines.WRITES))
    known = _everything(stretch, package) if package.whole else None
    while lines := _next(stretch, of_run_id):
        records = _records(stretch, package, lines) if known is None else known
        for line in lines:
            _put_back(stretch, package, line, records)
            stretch.check()


def _next(stretch: Stretch, of_run_id: int) -> list[Kept]:
    before = stretch.position.get("line", 0)
    found = relation_lines.backwards(of_run_id, before, AT_ONCE)
    session().rollback()
    return found


def _everything(stretch: Stretch, package: RelationPackage) -> dict[str, Remote]:
    stretch.counts["calls"] += 1
    return {one.key: one for page in package.read({}) for one in page.remotes}


def _records(
    stretch: Stretch, package: RelationPackage, lines: Sequence[Kept]
) -> dict[str, Remote]:
    """Read the records that some lines are about, as they are now."""
    found: dict[str, Remote] = {}
    there = [line for line in lines if line.kind in relation_lines.THERE]
    for role in sorted({line.role for line in there}):
        keys = sorted({line.external_id for line in there if line.role == role})
        stretch.before_call()
        stretch.counts["calls"] += 1
        found |= _by_key(package.records(role, keys))
    return found


def _by_key(remotes: Iterable[Remote]) -> Mapping[str, Remote]:
    return {one.key: one for one in remotes}


def _put_back(
    stretch: Stretch,
    package: RelationPackage,
    line: Kept,
    records: dict[str, Remote],
) -> None:
    if line.kind in relation_lines.THERE:
        There(stretch, package, line, records).put_back()
    else:
        Here(stretch, line).put_back()
    session().rollback()
