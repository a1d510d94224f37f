"""Telling a webshop owner by mail that something needs attention.

The dispatcher reads the log once a minute from where it had got to, so that booking
knows nothing of mails. One message for each pause of a connection, and one for each
cause of failed documents and local day; to us one for each registration that is
refused, and day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from core.domain.clock import local_date
from core.models import (
    Connection,
    LogEntry,
    LogLevel,
    Mark,
    Tenant,
    Transfer,
    TransferState,
)
from core.plugin.engine import rounds
from core.runtime.database import session, transaction
from core.runtime.extensions import settings
from core.runtime.languages import LANGUAGES
from core.services.connections.registrations import REFUSED
from core.services.mailing import mail
from core.services.reporting.overview import FAULTY

MARK = "notices"
EVERY = timedelta(minutes=1)
OVERLAP = 1000
"""Entries that are read again: one may be committed after a later one."""
OLDEST = timedelta(days=1)
ATTENTION = (LogLevel.WARNING, LogLevel.ERROR)


@dataclass
class Cause:
    """The documents of a tenant that failed for one reason on one local day."""

    tenant_id: int
    code: str
    on: date
    number: str
    params: dict[str, Any]
    count: int = 1
    is_invoice: bool = False
    """They are invoices of the CRM; else orders of a shop, and credits of them."""
    plugins: list[str] = field(default_factory=list)
    """Of the packages that they were to go to."""
    is_held: bool = False
    """They were booked, and something happened afterwards."""


def tick(now: datetime) -> None:
    """Queue the messages there is reason for."""
    with transaction():
        begin = rounds.begin(MARK, EVERY, now)
        if begin is not None:
            _look(begin - OVERLAP, now)
    if begin is not None:
        mail.forget(now)


def _look(begin: int, now: datetime) -> None:
    newest = session().scalar(select(func.max(LogEntry.id))) or 0
    _tell_pauses(begin, newest, now)
    _alarm_operator(begin, newest, now)
    for cause in _causes(begin, newest, now):
        mail.to_tenant(
            cause.tenant_id,
            "errors_today",
            dedup_key=f"errors:{cause.tenant_id}:{cause.code}:{cause.on}",
            code=cause.code,
            params=cause.params,
            number=cause.number,
            count=cause.count,
            is_held=cause.is_held,
            is_invoice=cause.is_invoice,
            packages=[*cause.plugins],
        )
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


def _causes(begin: int, newest: int, now: datetime) -> Iterator[Cause]:
    """Return the reasons of what failed and still stands under Fouten."""
    rows = session().execute(
        select(LogEntry.at, Transfer, Tenant.timezone, Connection.plugin)
        .join(Transfer, Transfer.id == LogEntry.transfer_id)
        .join(Connection, Connection.id == Transfer.target_id)
        .join(Tenant, Tenant.id == Transfer.tenant_id)
        .where(*_new(begin, newest, now), Transfer.state.in_(FAULTY))
        .order_by(LogEntry.id)
    )
    found: dict[tuple[int, str, date], Cause] = {}
    seen: set[int] = set()
    documents: set[tuple[str, str, int]] = set()
    for at, transfer, timezone, plugin in rows:
        if transfer.id in seen:
            continue
        seen.add(transfer.id)
        on = local_date(at, timezone)
        document = (transfer.code, transfer.subject, transfer.subject_id)
        known = found.get((transfer.tenant_id, transfer.code, on))
        if known is not None:
            known.count += document not in documents
            documents.add(document)
            if plugin not in known.plugins:
                known.plugins.append(plugin)
            continue
        documents.add(document)
        params = {"number": transfer.number, **transfer.params}
        found[transfer.tenant_id, transfer.code, on] = Cause(
            transfer.tenant_id,
            transfer.code,
            on,
            transfer.number,
            params,
            is_invoice=transfer.subject == "invoice",
            plugins=[plugin],
            is_held=transfer.state == TransferState.HELD,
        )
    yield from found.values()
