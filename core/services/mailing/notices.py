"""Telling a webshop owner by mail that something needs attention.

The dispatcher reads the log once a minute from where it had got to, so that booking
knows nothing of mails. One message for each pause of a connection; to us one for each
registration that is refused, and day.

Of documents under Fouten: each group of them (`faults`) is told once a local day. What
goes wrong within `GATHER` is told together, and the next mail follows after `APART` at
the earliest. What was solved meanwhile is not told.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select, update

from core.domain.clock import local_date
from core.models import (
    Connection,
    LogEntry,
    LogLevel,
    Mark,
    Notice,
    Tenant,
    Transfer,
)
from core.plugin.engine import rounds
from core.runtime.database import insert_for, session, transaction
from core.runtime.extensions import settings
from core.runtime.languages import LANGUAGES
from core.runtime.tenancy import tenant_scope
from core.services.connections.registrations import REFUSED
from core.services.mailing import mail
from core.services.reporting import faults
from core.services.reporting.overview import FAULTY, midnight

MARK = "notices"
EVERY = timedelta(minutes=1)
OVERLAP = 1000
"""Entries that are read again: one may be committed after a later one."""
OLDEST = timedelta(days=1)
KEEP = timedelta(days=30)
ATTENTION = (LogLevel.WARNING, LogLevel.ERROR)


GATHER = timedelta(minutes=5)
"""So long the first cause waits for others: what fails, fails together."""
APART = timedelta(hours=1)
"""Between two mails to a tenant about documents under Fouten."""


def tick(now: datetime) -> None:
    """Queue the messages there is reason for."""
    with transaction():
        begin = rounds.begin(MARK, EVERY, now)
        if begin is not None:
            _look(begin - OVERLAP, now)
    if begin is not None:
        mail.forget(now)
        with transaction():
            forget(now)


def _look(begin: int, now: datetime) -> None:
    newest = session().scalar(select(func.max(LogEntry.id))) or 0
    _tell_pauses(begin, newest, now)
    _alarm_operator(begin, newest, now)
    _see(begin, newest, now)
    _tell_causes(now)
    session().execute(
        update(Mark)
        .where(Mark.name == MARK)
        .values(value=newest)
        .execution_options(synchronize_session=False)
    )


def _new(begin: int, newest: int, now: datetime) -> tuple[Any, ...]:
    return (
        LogEntry.id > begin,
        LogEntry.id <= newest,
        LogEntry.at >= now - OLDEST,
        LogEntry.level.in_(ATTENTION),
    )


def _tell_pauses(begin: int, newest: int, now: datetime) -> None:
    rows = session().execute(
        select(LogEntry.id, Connection)
        .join(Connection, Connection.id == LogEntry.connection_id)
        .where(*_new(begin, newest, now), LogEntry.code == "connection_paused")
    )
    for entry_id, connection in rows.all():
        mail.to_tenant(
            connection.tenant_id,
            "connection_paused",
            dedup_key=f"paused:{connection.id}:{entry_id}",
            plugin=connection.plugin,
            name=connection.external_name,
        )


def _alarm_operator(begin: int, newest: int, now: datetime) -> None:
    """Tell us that a registration of ours is refused: once a day for each."""
    rows = session().scalars(
        select(LogEntry)
        .where(*_new(begin, newest, now), LogEntry.code == REFUSED)
        .order_by(LogEntry.id)
    )
    for entry in rows:
        plugin = entry.params["plugin"]
        mail.queue(
            settings().support_email,
            REFUSED,
            language=LANGUAGES[0],
            tenant_id=None,
            dedup_key=f"registration:{plugin}:{entry.at.date()}",
            plugin=plugin,
        )


def _see(begin: int, newest: int, now: datetime) -> None:
    """Note the groups of what failed and still stands under Fouten, once a day each."""
    rows = session().execute(
        select(LogEntry.at, Transfer, Tenant.timezone)
        .join(Transfer, Transfer.id == LogEntry.transfer_id)
        .join(Tenant, Tenant.id == Transfer.tenant_id)
        .where(*_new(begin, newest, now), Transfer.state.in_(FAULTY))
        .order_by(LogEntry.id)
    )
    seen = {
        (transfer.tenant_id, local_date(at, timezone), faults.key_of(transfer))
        for at, transfer, timezone in rows
    }
    for tenant_id, on_day, key in sorted(seen):
        session().execute(
            insert_for(Notice)
            .values(tenant_id=tenant_id, on_day=on_day, cause=_kept(key), seen_at=now)
            .on_conflict_do_nothing()
        )


def _kept(key: str) -> str:
    """Return a group's key as it is kept: it may hold a customer's address."""
    return sha256(key.encode()).hexdigest()


def _tell_causes(now: datetime) -> None:
    """Mail each tenant what it was not told yet, if its time has come."""
    waiting = session().execute(
        select(Notice.tenant_id)
        .where(Notice.told_at.is_(None))
        .group_by(Notice.tenant_id)
        .having(func.min(Notice.seen_at) <= now - GATHER)
        .order_by(Notice.tenant_id)
    )
    for tenant_id in waiting.scalars().all():
        told = Notice.tenant_id == tenant_id, Notice.told_at > now - APART
        if session().scalar(select(Notice.id).where(*told).limit(1)) is None:
            _tell(tenant_id, now)


def _tell(tenant_id: int, now: datetime) -> None:
    pending = session().scalars(
        select(Notice).where(Notice.tenant_id == tenant_id, Notice.told_at.is_(None))
    )
    rows = pending.all()
    timezone = session().get_one(Tenant, tenant_id).timezone
    since = midnight(min(row.on_day for row in rows), timezone)
    wanted = {row.cause for row in rows}
    with tenant_scope(tenant_id):
        causes = [
            _told(cause, since)
            for cause in faults.causes(since)
            if _kept(cause.key) in wanted
        ]
    for row in rows:
        row.told_at = now
    if causes:
        mail.to_tenant(
            tenant_id,
            "errors_today",
            dedup_key=f"errors:{tenant_id}:{now.isoformat()}",
            causes=causes,
            count=sum(cause["count"] for cause in causes),
        )


def _told(cause: faults.Cause, since: datetime) -> dict[str, Any]:
    """Return a group as the mail tells it. A document counts once, however many
    packages it was to go to."""
    found = faults.documents_of(cause.key, since)
    return {
        "key": cause.key,
        "code": cause.code,
        "params": {"number": cause.newest.number, **cause.newest.params},
        "number": cause.newest.number,
        "count": len({(subject, subject_id) for subject, subject_id, _ in found}),
        "are_invoices": {subject for subject, *_ in found} == {"invoice"},
        "packages": sorted({plugin for *_, plugin in found}),
    }


def forget(now: datetime) -> None:
    """Drop what was told long ago, in the caller's transaction."""
    session().execute(
        delete(Notice)
        .where(Notice.seen_at < now - KEEP)
        .execution_options(synchronize_session=False)
    )
