"""Relations kept in step with a package: when a run begins, goes on and ends.

One run per connection at a time, in turns of about a minute, by one worker at a time;
what a turn does stands in `core.services.relation_phases`. Everything a run needs to
go on is in the database, so that it ends where it would have, whatever breaks.
"""

from collections import Counter
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog
from sqlalchemy import or_, select, update

from core import jobs
from core.clock import utcnow
from core.domain import RelationChanged, ScheduleDue
from core.errors import (
    AskUser,
    AuthenticationLost,
    KoppelwerkError,
    LeaseLost,
    Stop,
    WaitUntil,
)
from core.extensions import koppelwerk, settings
from core.models import (
    Connection,
    ConnectionState,
    LogLevel,
    RelationRun,
    RelationSync,
    RunState,
)
from core.services import connections, log, relation_troubles
from core.services.database import insert_for, session, shared_now, transaction
from core.services.outcome import BACKOFF_SECONDS
from core.services.relation_phases import REVIEWING, go
from core.services.relation_turn import LEASE, Turn, TurnOver
from core.sync import ImplausibleList
from core.sync.settings import manager_of, ways_of
from core.tenancy import tenant_scope

logger = structlog.get_logger(__name__)

SECTION = "relations"
"""Of the plugin's page, and the key of the settings of `RelationTarget.form`."""
TASK, QUEUE = "relation_sync", "bulk"
SOON = timedelta(minutes=2)
"""After a change here a run begins this much later, so that it takes others along."""
LOOKS = 5
"""So many times a run waits for writes without an answer; then it ends."""


# --- begin --------------------------------------------------------------------------


def is_on(connection: Connection) -> bool:
    """Tell whether the user switched anything on in the section of its page."""
    chosen = connection.settings.get(SECTION)
    if chosen is None or not connection.enabled:
        return False
    return any(ways.into_crm or ways.out for ways in ways_of(chosen).values())


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
            token="",
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
    sync.token = ""
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


def wake_due() -> None:
    """Wake runs that lie still, and begin those that are wanted; by the dispatcher."""
    now = shared_now()
    with transaction() as current:
        due = current.scalars(
            select(RelationRun.connection_id)
            .join(RelationSync, RelationSync.connection_id == RelationRun.connection_id)
            .where(
                RelationRun.state == RunState.RUNNING,
                RelationRun.due_at <= now,
                _is_free(now),
            )
        )
        for connection_id in due.all():
            jobs.wake_after_commit(TASK, connection_id, queue=QUEUE)
        wanted = current.scalars(
            select(Connection)
            .join(RelationSync, RelationSync.connection_id == Connection.id)
            .where(RelationSync.wanted_at <= now)
        )
        for connection in wanted.all():
            begin(connection)


def _is_free(now: datetime) -> Any:
    until = RelationSync.busy_until
    return or_(until.is_(None), until < now)


# --- a turn -------------------------------------------------------------------------


def advance(connection_id: int) -> None:
    """Go on with the connection's run for one turn; commits by itself (task body)."""
    turn = _take(connection_id)
    if turn is None:
        return
    with tenant_scope(turn.tenant_id):
        try:
            _turn(turn)
        except LeaseLost:
            session().rollback()  # another worker goes on


def _turn(turn: Turn) -> None:
    try:
        _go(turn)
    except LeaseLost:
        raise
    except TurnOver:
        session().rollback()
        _later(turn, 0)
    except Exception as error:
        session().rollback()
        _failed(turn, error)
    else:
        _finished(turn)


def _take(connection_id: int) -> Turn | None:
    """Lease the connection's relations when a run of it is due."""
    now, token = shared_now(), token_hex(16)
    with transaction() as current:
        taken = current.execute(
            update(RelationSync)
            .where(RelationSync.connection_id == connection_id, _is_free(now))
            .values(busy_until=now + LEASE, token=token)
            .execution_options(synchronize_session=False)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]  # of an update
            return None
        run = current_run(connection_id)
        connection = current.get_one(Connection, connection_id, populate_existing=True)
        waits = connection.not_before is not None and connection.not_before > now
        if run is None or run.due_at > now or waits:
            if run is not None and connection.not_before is not None and waits:
                run.due_at = connection.not_before
            _let_go(connection_id, token)
            return None
        sync = current.get_one(RelationSync, connection_id, populate_existing=True)
        return Turn(
            connection_id=connection_id,
            tenant_id=connection.tenant_id,
            run_id=run.id,
            token=token,
            begun_at=run.started_at,
            by_user=run.by_user,
            trust_absent=run.trust_absent,
            whole_since=sync.whole_since,
            phase=run.phase,
            manager_id=manager_of(connection.settings.get(SECTION, {})),
            counts=Counter(run.counts),
            done=run.done,
            expected=run.expected,
        )


def _let_go(connection_id: int, token: str) -> None:
    session().execute(
        update(RelationSync)
        .where(RelationSync.connection_id == connection_id, RelationSync.token == token)
        .values(busy_until=None)
        .execution_options(synchronize_session=False)
    )


def _go(turn: Turn) -> None:
    connection = session().get_one(Connection, turn.connection_id)
    plugin = koppelwerk().registry.plugins.get(connection.plugin)
    target = plugin.relation_target if plugin else None
    on = connection.plugin in connections.enabled_plugins(turn.tenant_id)
    is_live = connection.state == ConnectionState.CONNECTED
    if target is None or not (on and is_live and is_on(connection)):
        raise AskUser("relations_not_live", plugin=connection.plugin)
    with target.open(connection) as package:
        session().rollback()
        go(turn, package)


# --- how it ends --------------------------------------------------------------------


def _later(turn: Turn, seconds: float, **values: Any) -> None:
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
    _let_go(turn.connection_id, turn.token)


def _finished(turn: Turn) -> None:
    """End the run, unless a write without an answer is still to be looked for."""
    look = relation_troubles.next_look(turn.connection_id)
    run = session().get_one(RelationRun, turn.run_id)
    looks = run.failures
    session().rollback()
    if look is not None and looks < LOOKS:
        seconds = max((look - utcnow()).total_seconds(), 1.0)
        turn.enter(REVIEWING)
        _later(turn, seconds, failures=looks + 1)
        return
    _end(turn, RunState.DONE)


def _failed(turn: Turn, error: Exception) -> None:
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
    _later(turn, max(error.seconds, 1.0), code=error.code, params=error.params)


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
    _later(turn, pause, failures=failures, code=error.code, params=error.params)


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
