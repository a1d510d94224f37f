"""The dispatcher: finds in the database what is due and sends wake-ups for it.

It needs nothing that Redis remembers, so an empty Redis loses no work.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, exists, or_, select, update

from core.domain.events import ScheduleDue
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    InboxState,
    Tenant,
    Transfer,
)
from core.plugin.capabilities import DueWork, Shop
from core.plugin.work import URGENT
from core.runtime import jobs
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections
from core.services.licensing import licences
from core.services.mailing import notices
from core.services.transfer import transfers
from core.services.transfer.leases import is_due, may_go

logger = structlog.get_logger(__name__)

RUN_LEASE = timedelta(minutes=10)
RECHECK_HOUR = 3
"""Local hour after which waiting orders are looked at again (manual 004: nightly)."""


def dispatch() -> None:
    """Wake whatever is due; may run in several places at once."""
    now = shared_now()
    with transaction():
        transfers.heal_refreshing()
    _run_scheduled(now)
    _recheck_waiting(now)
    _read_inboxes()
    licences.tick(now)
    _drain_due(now)
    _wake_plugins(now)
    notices.tick(now)
    session().rollback()


def run_now(connection: Connection) -> None:
    """*Koppeling uitvoeren*: make the connection due in the caller's transaction.

    Also when a run seems under way: its worker may have died, and two runs at once
    record the same.
    """
    connection.next_run_at = shared_now()
    connection.run_until = None
    connection.not_before = None
    jobs.wake_after_commit("dispatch", queue="clock")


def _live() -> tuple[ColumnElement[bool], ...]:
    return (
        Connection.state == ConnectionState.CONNECTED,
        Connection.enabled.is_(True),
    )


def _run_scheduled(now: datetime) -> None:
    with transaction() as current:
        due = list(
            current.scalars(
                select(Connection)
                .where(
                    *_live(),
                    Connection.next_run_at <= now,
                    or_(Connection.run_until.is_(None), Connection.run_until < now),
                )
                .limit(200)
                .with_for_update(skip_locked=True)
            )
        )
        for connection in due:
            connection.run_until = now + RUN_LEASE
            enabled = connections.enabled_plugins(connection.tenant_id)
            if connection.plugin not in enabled:
                continue
            event = ScheduleDue(connection.tenant_id, connection.id, connection.plugin)
            koppelwerk().registry.dispatch("on_schedule", [connection.plugin], event)


def _recheck_waiting(now: datetime) -> None:
    """Once a night per shop connection, by the tenant's own clock."""
    sources = list(koppelwerk().registry.brought(Shop))
    with transaction() as current:
        rows = current.execute(
            select(Connection, Tenant.timezone)
            .join(Tenant, Tenant.id == Connection.tenant_id)
            .where(
                *_live(),
                Connection.plugin.in_(sources),
                or_(
                    Connection.rechecked_on.is_(None),
                    Connection.rechecked_on < (now + timedelta(hours=14)).date(),
                ),
            )
            .limit(500)
        )
        for connection, timezone in rows:
            local = now.astimezone(ZoneInfo(timezone))
            today = local.date()
            if local.hour >= RECHECK_HOUR and connection.rechecked_on != today:
                connection.rechecked_on = today
                jobs.wake_after_commit("recheck", connection.id, queue="bulk")


def _read_inboxes() -> None:
    rows = session().scalars(
        select(Connection.id).where(
            *_live(),
            exists().where(
                InboxEvent.connection_id == Connection.id,
                InboxEvent.state == InboxState.NEW,
            ),
        )
    )
    for connection_id in rows.all():
        jobs.wake("default", "inbox", connection_id)


def _drain_due(now: datetime) -> None:
    if _has_work(is_due(now)):
        jobs.wake("default", "drain")
        if _has_work(is_due(now), Transfer.priority >= URGENT):
            jobs.wake("urgent", "drain_urgent")


def _wake_plugins(now: datetime) -> None:
    """Let plugins wake what is due of their own; one that fails stops no other."""
    for name, due_work in koppelwerk().registry.brought(DueWork).items():
        try:
            due_work.wake(now)
        except Exception:
            session().rollback()
            logger.exception("waking failed", plugin=name)


def _has_work(*conditions: ColumnElement[bool]) -> bool:
    """Tell whether any coupling that may go has such a transfer, by the work index."""
    waits = exists().where(
        Transfer.target_id == Coupling.target_id,
        Transfer.coupling_id == Coupling.id,
        *conditions,
    )
    found = session().execute(select(Coupling.id).where(*may_go(), waits).limit(1))
    return found.first() is not None


def hold_run(connection_id: int) -> None:
    """Keep a long run's lease alive; call between pages."""
    session().execute(
        update(Connection)
        .where(Connection.id == connection_id)
        .values(run_until=shared_now() + RUN_LEASE)
        .execution_options(synchronize_session=False)
    )
