"""Relations kept in step with a package: when a run begins, goes on and ends.

One run per connection at a time, in stretches of about a minute, by one worker at a
time; what a stretch does stands in `relation_phases`. Everything a run needs to go on
is in the database, so that it ends where it would have, whatever breaks.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser, LeaseLost
from core.domain.events import RelationChanged, ScheduleDue
from core.models import (
    Connection,
    ConnectionState,
    RelationRun,
    RelationSync,
    RunKind,
    RunState,
)
from core.plugin.capabilities import Relations
from core.plugin.engine import DueRows, Lease, LeasedWork, is_free
from core.rules.sync import settings
from core.rules.sync.settings import SECTION, manager_of, ways_of
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.syncing import relation_runs, relation_undo
from core.services.syncing.relation_administration import keep_to
from core.services.syncing.relation_ends import failed, finished, later, stopped
from core.services.syncing.relation_phases import go
from core.services.syncing.relation_runs import PREVIEW_NEEDED, QUEUE, TASK, UNDOING
from core.services.syncing.relation_runs import current as current_run
from core.services.syncing.relation_runs import recent as recent_runs
from core.services.syncing.relation_stretch import PreviewNeeded, Stretch, TimeUp

__all__ = [
    "DUE",
    "SOON",
    "SYNCS",
    "advance",
    "begin",
    "changed",
    "current_run",
    "is_on",
    "recent_runs",
    "saved",
    "scheduled",
    "take_turn",
]
SOON = timedelta(minutes=2)
"""After a change here a run begins this much later, so that it takes others along."""


# --- begin --------------------------------------------------------------------------


def is_on(connection: Connection) -> bool:
    """Tell whether the user switched anything on in the section of its page."""
    return connection.enabled and settings.is_on(connection.settings.get(SECTION))


def begin(
    connection: Connection, *, by_user: bool = False, trust_absent: bool = False
) -> RelationRun | None:
    """Make or continue the connection's run and wake its task, in the caller's
    transaction; None: the section was never saved, nothing is switched on, or a person
    has to confirm a preview first.

    For `on_schedule` hooks and the button, which makes a preview where one is needed.
    `by_user`: what was refused is tried again.
    `trust_absent`: the user confirmed that most records are gone from the package.
    """
    if not is_on(connection):
        return None
    sync = relation_runs.sync_of(connection)
    sync.wanted_at = None
    run = current_run(connection.id)
    if run is None:
        if sync.needs_preview and not (by_user or trust_absent):
            return None  # a person's word comes first
        run = _made(connection, sync)
    if run.kind in UNDOING:
        return run
    run.by_user = run.by_user or by_user
    run.trust_absent = run.trust_absent or trust_absent
    run.due_at = utcnow()
    session().flush()
    relation_runs.wake(connection.id)
    return run


def _made(connection: Connection, sync: RelationSync) -> RelationRun:
    if sync.needs_preview:
        return relation_runs.make(connection, RunKind.PREVIEW)
    allowed = relation_runs.ordinary(connection.id)
    return relation_runs.make(connection, RunKind.SYNC, allowed=allowed)


def scheduled(event: ScheduleDue) -> None:
    """Begin the connection's run, for `on_schedule` hooks; else say why not."""
    connection = session().get_one(Connection, event.connection_id)
    if begin(connection) is None and is_on(connection):
        connections.run_finished(connection.id, PREVIEW_NEEDED)


def saved(connection: Connection) -> None:
    """Begin a preview that compares everything, after the section's form was stored.

    A worker that is at it by the old settings writes nothing more; the next one waits
    until what that one sent has surely arrived.
    """
    if not is_on(connection):
        return
    sync = relation_runs.sync_of(connection)
    relation_runs.compare_all(sync)
    sync.needs_preview = True
    sync.lease_token = ""
    run = current_run(connection.id)
    if run is not None and run.kind != RunKind.UNDO:
        relation_runs.end(run, relation_runs.SET_ANEW)
        session().flush()
    begin(connection, by_user=True)


def changed(event: RelationChanged, plugin: str, *, delay: timedelta = SOON) -> None:
    """Note that a relation changed, for `on_relation_changed` hooks: a run begins
    after `delay`. Cheap; in the caller's transaction. A package that counts calls
    leaves it out, or gives a longer delay."""
    if event.deleted or event.fields <= {"relation_type", "manager_id"}:
        return
    found = session().scalars(
        select(Connection).where(
            Connection.tenant_id == event.tenant_id,
            Connection.plugin == plugin,
            Connection.id != (event.origin_connection_id or 0),
        )
    )
    for connection in found:
        goes_out = any(
            ways.out for ways in ways_of(connection.settings.get(SECTION, {})).values()
        )
        if is_on(connection) and goes_out:
            session().execute(
                update(RelationSync)
                .where(
                    RelationSync.connection_id == connection.id,
                    RelationSync.wanted_at.is_(None),
                )
                .values(wanted_at=utcnow() + delay)
                .execution_options(synchronize_session=False)
            )


# --- when a run is due --------------------------------------------------------------


def _goes_on(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a connection's relations somebody's to go on with."""
    of = RelationSync.connection_id
    return (
        exists().where(
            RelationRun.connection_id == of,
            RelationRun.state == RunState.RUNNING,
            RelationRun.due_at <= now,
        ),
        exists().where(Connection.id == of, is_free(Connection.not_before, now)),
    )


_DUE_AT = (
    select(func.min(RelationRun.due_at))
    .where(
        RelationRun.connection_id == RelationSync.connection_id,
        RelationRun.state == RunState.RUNNING,
    )
    .scalar_subquery()
)
SYNCS = DueRows(
    RelationSync,
    _goes_on,
    order_by=(_DUE_AT, RelationSync.connection_id),
    term=timedelta(seconds=150),
    fair=True,
)
"""Held longer than a write of a dead worker can stay unseen in a package."""


def _due(now: datetime) -> Sequence[int]:
    """Begin the runs that are wanted; return those that lie still."""
    with transaction() as current:
        wanted = current.scalars(
            select(Connection).where(
                Connection.id.in_(
                    select(RelationSync.connection_id).where(
                        RelationSync.wanted_at <= now
                    )
                )
            )
        )
        for connection in wanted.all():
            begin(connection)
    return SYNCS.due_keys(now)


DUE = LeasedWork(TASK, QUEUE, _due, SYNCS)


# --- a stretch ----------------------------------------------------------------------


def advance(connection_id: int) -> None:
    """Go on with the connection's run for one stretch; commits by itself."""
    _take_on(SYNCS.take(connection_id))


def take_turn(_connection_id: int) -> None:
    """Go on with the run whose tenant's turn it is, whichever was woken (task)."""
    _take_on(SYNCS.take_next())


def _take_on(lease: Lease[RelationSync] | None) -> None:
    if lease is None:
        return
    with tenant_scope(lease.row.tenant_id):
        try:
            _serve(_stretch(lease))
        except LeaseLost:
            session().rollback()  # another worker goes on


def _serve(stretch: Stretch) -> None:
    try:
        _go(stretch)
    except LeaseLost:
        raise
    except TimeUp:
        session().rollback()
        later(stretch, 0)
    except PreviewNeeded:
        session().rollback()
        stopped(stretch)
    except Exception as error:
        session().rollback()
        failed(stretch, error)
    else:
        finished(stretch)


def _stretch(lease: Lease[RelationSync]) -> Stretch:
    run = current_run(lease.key)
    if run is None:
        raise LeaseLost
    connection = session().get_one(Connection, lease.key, populate_existing=True)
    stretch = Stretch(
        lease,
        tenant_id=connection.tenant_id,
        connection_version=connection.version,
        run_id=run.id,
        begun_at=run.started_at,
        by_user=run.by_user,
        trust_absent=run.trust_absent,
        whole_since=lease.row.whole_since,
        phase=run.phase,
        kind=RunKind(run.kind),
        of_run_id=run.of_run_id,
        allowed=dict(run.allowed),
        position=dict(run.position),
        manager_id=manager_of(connection.settings.get(SECTION, {})),
        counts=Counter(run.counts),
        done=run.done,
        expected=run.expected,
    )
    session().rollback()
    return stretch


def _go(stretch: Stretch) -> None:
    connection = session().get_one(Connection, stretch.connection_id)
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    target = plugin.find(Relations) if plugin else None
    on = connection.plugin in connections.enabled_plugins(stretch.tenant_id)
    is_live = connection.state == ConnectionState.CONNECTED
    is_wanted = is_on(connection) or stretch.kind in UNDOING
    if target is None or not (on and is_live and is_wanted):
        raise AskUser("relations_not_live", plugin=connection.plugin)
    keep_to(stretch)
    with target.open(connection) as package:
        session().rollback()
        if stretch.kind in UNDOING:
            relation_undo.go(stretch, package)
        else:
            go(stretch, package)
