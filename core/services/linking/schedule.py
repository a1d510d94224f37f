"""The dispatcher's own rounds: scheduled runs, the nightly look, housekeeping.

It needs nothing that Redis remembers, so an empty Redis loses no work.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, or_, select, update

from core.domain.events import ScheduleDue
from core.models import (
    Connection,
    ConnectionState,
    InboxEvent,
    InboxState,
    Tenant,
)
from core.plugin.capabilities import DueWork, Shop
from core.plugin.engine.rounds import Part
from core.runtime import jobs
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.leaps import each_once, in_words
from core.services.connections import connections
from core.services.transfer import refund_offers, transfers

RUN_LEASE = timedelta(minutes=10)
AT_ONCE = 250
RECHECK_HOUR = 3
"""Local hour after which waiting orders are looked at again (manual 004: nightly)."""


def run_now(connection: Connection) -> None:
    """*Koppeling uitvoeren*: make the connection due in the caller's transaction.

    Also when a run seems under way: its worker may have died, and two runs at once
    record the same.
    """
    connection.next_run_at = shared_now()
    connection.run_until = None
    connection.not_before = None
    jobs.wake_after_commit("dispatch", queue="clock")


def _heal(_now: datetime) -> None:
    with transaction():
        transfers.heal_refreshing()
        refund_offers.heal()


def _live() -> tuple[ColumnElement[bool], ...]:
    """Return what is connected and on, as the indexes on what is due have it."""
    return (
        Connection.state == in_words(ConnectionState.CONNECTED),
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
                .order_by(Connection.next_run_at)
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


def _to_recheck(now: datetime) -> list[int]:
    """Return the shop connections whose waiting orders are looked at again.

    Once a night for each, by the tenant's own clock.
    """
    found: list[int] = []
    with transaction() as current:
        for timezone in current.scalars(each_once(Tenant.timezone)).all():
            local = now.astimezone(ZoneInfo(timezone))
            if local.hour >= RECHECK_HOUR:
                found += _looked_at(timezone, local.date())
    return found


def _looked_at(timezone: str, today: date) -> Sequence[int]:
    """Note that shops of a time zone are looked at today; return some that were not.

    Two questions, so that each is a range of the index.
    """
    lacking = Connection.rechecked_on.is_(None), Connection.rechecked_on < today
    found: list[int] = []
    for which in lacking:
        query = (
            select(Connection.id)
            .where(
                *_live(),
                Connection.plugin.in_(koppelwerk().registry.brought(Shop)),
                which,
                exists().where(
                    Tenant.id == Connection.tenant_id, Tenant.timezone == timezone
                ),
            )
            .limit(AT_ONCE)
        )
        found += session().scalars(query)
    session().execute(
        update(Connection)
        .where(Connection.id.in_(found))
        .values(rechecked_on=today)
        .execution_options(synchronize_session=False)
    )
    return found


def _with_messages(_now: datetime) -> Sequence[int]:
    """Return the connections that have messages to be read."""
    unread = each_once(
        InboxEvent.connection_id, InboxEvent.state == in_words(InboxState.NEW)
    )
    some = select(Connection.id).where(
        Connection.id.in_(unread),
        Connection.state == ConnectionState.CONNECTED,
        Connection.enabled.is_(True),
    )
    return session().scalars(some).all()


DUE = (
    DueWork("recheck", "bulk", _to_recheck),
    DueWork("inbox", "reading", _with_messages),
)
PARTS = (
    Part("heal refreshing", _heal),
    Part("scheduled runs", _run_scheduled),
)


def hold_run(connection_id: int) -> None:
    """Keep a long run's lease alive; call between pages."""
    session().execute(
        update(Connection)
        .where(Connection.id == connection_id)
        .values(run_until=shared_now() + RUN_LEASE)
        .execution_options(synchronize_session=False)
    )
