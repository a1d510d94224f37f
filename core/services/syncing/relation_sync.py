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
    RunState,
)
from core.plugin.capabilities import Relations
from core.plugin.engine import DueRows, Lease, LeasedWork, is_free
from core.rules.sync import settings
from core.rules.sync.settings import SECTION, manager_of, ways_of
from core.runtime import jobs
from core.runtime.database import insert_for, session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.syncing.relation_administration import keep_to
from core.services.syncing.relation_ends import (
    QUEUE,
    TASK,
    failed,
    finished,
    later,
)
from core.services.syncing.relation_phases import go
from core.services.syncing.relation_stretch import Stretch, TimeUp

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
    transaction; None: the section was never saved, or nothing is switched on.

    For `on_schedule` hooks and the button. `by_user`: what was refused is tried again.
    `trust_absent`: the user confirmed that most records are gone from the package.
    """
    if not is_on(connection):
        return None
    sync = _sync_of(connection)
    sync.wanted_at = None
    run = current_run(connection.id)
    if run is None:
        run = RelationRun(
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            state=RunState.RUNNING,
        )
        session().add(run)
    run.by_user = run.by_user or by_user
    run.trust_absent = run.trust_absent or trust_absent
    run.due_at = utcnow()
    session().flush()
    jobs.wake_after_commit(TASK, connection.id, queue=QUEUE)
    return run


def scheduled(event: ScheduleDue) -> None:
    """Begin the connection's run, for `on_schedule` hooks."""
    begin(session().get_one(Connection, event.connection_id))


def current_run(connection_id: int) -> RelationRun | None:
    """Return the run that is under way."""
    return session().scalar(
        select(RelationRun)
        .where(
            RelationRun.connection_id == connection_id,
            RelationRun.state == RunState.RUNNING,
        )
        .order_by(RelationRun.id)
        .limit(1)
    )


def recent_runs(connection_id: int, limit: int = 5) -> list[RelationRun]:
    """Return the last runs, newest first."""
    rows = session().scalars(
        select(RelationRun)
        .where(RelationRun.connection_id == connection_id)
        .order_by(RelationRun.id.desc())
        .limit(limit)
    )
    return list(rows)


def _sync_of(connection: Connection) -> RelationSync:
    """Return the row of a connection, made when it is not there, and hold it."""
    session().execute(
        insert_for(RelationSync)
        .values(
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            cursor={},
            seen_id=0,
            whole_since=utcnow(),
        )
        .on_conflict_do_nothing()
    )
    return session().execute(
        select(RelationSync)
        .where(RelationSync.connection_id == connection.id)
        .with_for_update()
    ).scalar_one()  # fmt: skip


def saved(connection: Connection) -> None:
    """Begin a run that compares everything, after the section's form was stored.

    A worker that is at it by the old settings writes nothing more; the next one waits
    until what that one sent has surely arrived.
    """
    if not is_on(connection):
        return
    sync = _sync_of(connection)
    sync.cursor, sync.seen_at, sync.seen_id = {}, None, 0
    sync.whole_since = utcnow()
    sync.lease_token = ""
    run = current_run(connection.id)
    if run is not None:
        run.phase, run.done, run.expected = "", 0, 0
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
            select(Connection)
            .join(RelationSync, RelationSync.connection_id == Connection.id)
            .where(RelationSync.wanted_at <= now)
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
    if target is None or not (on and is_live and is_on(connection)):
        raise AskUser("relations_not_live", plugin=connection.plugin)
    keep_to(stretch)
    with target.open(connection) as package:
        session().rollback()
        go(stretch, package)
