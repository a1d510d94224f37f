"""How the product is doing, in numbers: for the desk and for /metrics.

Read from the database and Redis at the moment of asking, with a fixed number of
statements; every web process gives the same answer, so nothing is added up between
them. The functions that read the database need `system_scope`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from flask import current_app
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

from core.domain.errors import ClientRefused
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    InboxState,
    Licence,
    Mail,
    Mark,
    RelationImport,
    RelationRun,
    RunState,
    Tenant,
    Transfer,
    TransferState,
    WaitingInvoice,
    WebhookDelivery,
)
from core.runtime import disk, worker_trouble
from core.runtime.database import session, shared_now
from core.runtime.extensions import settings
from core.runtime.jobs import QUEUES, queue, quick_redis
from core.runtime.leaps import each_once
from core.services.api import webhook_sending
from core.services.crm import relation_import
from core.services.invoicing import waiting_sends
from core.services.mailing import smtp
from core.services.mailing.notices import MARK
from core.services.operations import clocks
from core.services.transfer.leases import may_go, moves

_SIZE = "database_bytes"
_KEPT_AS = "koppelwerk_transfer_counts"
MANY = 100_000
"""Documents from which counting them takes longer than all other numbers together."""
KEPT = 60.0
"""Seconds for which a process gives the same count of so many."""
HEALTHY_SECONDS = 120
"""A worker or dispatcher that was not heard of for longer is taken for dead."""


@dataclass(frozen=True)
class Rows:
    """What the database says; ages in seconds, None: nothing waits."""

    now: datetime
    tenants: int
    licences: Mapping[str, int]
    transfers: Mapping[tuple[str, str], int]
    """By plugin of the package and state."""
    connections: Mapping[tuple[str, str], int]
    """By plugin and state."""
    refused: Mapping[str, int]
    """Connections that wait until our registration is good again, by plugin."""
    mails: Mapping[str, int]
    inbox_new: int
    oldest_due: float | None
    """Of what could go: connected, licensed, not blocked."""
    oldest_message: float | None
    dispatched: float | None
    """How long ago the dispatcher last looked for errors (once a minute)."""


@dataclass(frozen=True)
class Backlog:
    """What the database says besides, for graphs and alarms; the desk shows none of it.

    Ages in seconds, None: nothing waits.
    """

    failed: Mapping[str, int]
    """Documents that ask their user, by code."""
    bulk: Mapping[str, float | None]
    """How long the oldest due mail, message or run of each kind waits."""
    database_bytes: int
    clocks: Mapping[str, int] = field(default_factory=dict)
    """Seconds that each host's clock is ahead of the database's, by host."""


@dataclass(frozen=True)
class WorkerFacts:
    """One RQ worker as Redis knows it."""

    name: str
    queues: str
    state: str
    heartbeat: datetime | None


@dataclass(frozen=True)
class Wakes:
    """What Redis says."""

    reachable: bool
    lengths: Mapping[str, int] = field(default_factory=dict)
    workers: tuple[WorkerFacts, ...] = ()
    failed: Mapping[str, int] = field(default_factory=dict)
    """Wake-ups that ended in an error within the last hour, by queue."""
    trouble: Mapping[str, int] = field(default_factory=dict)
    """How often workers could not store something, since Redis began."""


def rows() -> Rows:
    """Read the database."""
    now = shared_now()
    inbox_new, oldest_message = _inbox()
    dispatched = session().scalar(select(Mark.read_at).where(Mark.name == MARK))
    return Rows(
        now=now,
        tenants=session().scalar(select(func.count()).select_from(Tenant)) or 0,
        licences=_counted(select(Licence.state, func.count()).group_by(Licence.state)),
        transfers=_counted_transfers(),
        connections=_pairs(
            select(Connection.plugin, Connection.state, func.count()).group_by(
                Connection.plugin, Connection.state
            )
        ),
        refused=_counted(
            select(Connection.plugin, func.count())
            .where(
                Connection.state == ConnectionState.PAUSED,
                Connection.reason == ClientRefused.CODE,
            )
            .group_by(Connection.plugin)
        ),
        mails=_counted(select(Mail.state, func.count()).group_by(Mail.state)),
        inbox_new=inbox_new,
        oldest_due=_age(now, session().scalar(_oldest_due(now))),
        oldest_message=_age(now, oldest_message),
        dispatched=_age(now, dispatched),
    )


def backlog() -> Backlog:
    """Read the rest of the database's numbers."""
    now = shared_now()
    ahead = clocks.seconds_ahead(now)
    return Backlog(_counted(_failed()), **_bulk_and_size(now), clocks=ahead)


def _failed() -> Any:
    """Ask by connection, so that the index on target and state answers."""
    return (
        select(Transfer.code, func.count())
        .where(
            Transfer.target_id.in_(select(Connection.id)),
            Transfer.state == TransferState.FAILED,
            Transfer.set_aside_at.is_(None),
        )
        .group_by(Transfer.code)
    )


def _bulk_and_size(now: datetime) -> dict[str, Any]:
    """Read what waits in the bulk queue, and the database's size, in one statement."""
    columns = [
        select(func.min(since)).where(*which).scalar_subquery().label(name)
        for name, (since, which) in _bulk(now).items()
    ]
    is_server = session().get_bind().dialect.name == "postgresql"
    if is_server:
        size = func.pg_database_size(func.current_database())
        columns.append(size.label(_SIZE))
    found = dict(session().execute(select(*columns)).one()._mapping)
    size_now = found.pop(_SIZE) if is_server else _file_bytes()
    ages = {name: _age(now, moment) for name, moment in found.items()}
    return {"bulk": ages, "database_bytes": size_now}


def _bulk(now: datetime) -> Mapping[str, tuple[Any, Sequence[Any]]]:
    running = (RelationRun.state == RunState.RUNNING, RelationRun.due_at <= now)
    return {
        "mail": (Mail.due_at, smtp.MAILS.due(now)),
        "webhooks": (WebhookDelivery.due_at, webhook_sending.MESSAGES.due(now)),
        "imports": (RelationImport.created_at, relation_import.IMPORTS.due(now)),
        "invoices": (WaitingInvoice.due_at, waiting_sends.WAITING.due(now)),
        "relations": (RelationRun.due_at, running),
    }


def _file_bytes() -> int:
    """Return the size of SQLite's file with the log beside it."""
    file = disk.database_file(settings())
    if file is None:
        return 0
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def _counted(statement: Any) -> dict[str, int]:
    return {str(name): count for name, count in session().execute(statement)}


def _pairs(statement: Any) -> dict[tuple[str, str], int]:
    found = session().execute(statement)
    return {(str(one), str(other)): int(count) for one, other, count in found}


def _age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else max((now - moment).total_seconds(), 0.0)


def _counted_transfers() -> Mapping[tuple[str, str], int]:
    """Count all there ever were; where they are `MANY`, at most once in `KEPT`."""
    extensions = current_app.extensions
    found: Mapping[tuple[str, str], int]
    made_at, found = extensions.get(_KEPT_AS, (0.0, {}))
    if not found or monotonic() - made_at > KEPT:
        found = _pairs(_transfers())
        is_dear = sum(found.values()) >= MANY
        extensions[_KEPT_AS] = monotonic(), found if is_dear else {}
    return found


def _transfers() -> Any:
    """Count within the index on target and state, then per plugin."""
    counts = (
        select(Transfer.target_id, Transfer.state, func.count().label("number"))
        .group_by(Transfer.target_id, Transfer.state)
        .subquery()
    )
    return (
        select(Connection.plugin, counts.c.state, func.sum(counts.c.number))
        .join(counts, counts.c.target_id == Connection.id)
        .group_by(Connection.plugin, counts.c.state)
    )


def _oldest_due(now: datetime) -> Any:
    """Ask each coupling that has documents for its oldest, by a seek in the index."""
    oldest = (
        select(func.min(Transfer.due_at))
        .where(
            Transfer.target_id == Coupling.target_id,
            Transfer.coupling_id == Coupling.id,
            moves(),
            Transfer.state == TransferState.QUEUED,
            Transfer.due_at <= now,
        )
        .correlate(Coupling)
        .scalar_subquery()
    )
    live = (
        select(oldest.label("oldest"))
        .select_from(Coupling)
        .join(Connection, Connection.id == Coupling.target_id)
        .join(Tenant, Tenant.id == Connection.tenant_id)
        .where(
            Coupling.target_id.in_(each_once(Transfer.target_id, moves())),
            *may_go(),
            Connection.state == ConnectionState.CONNECTED,
            Connection.enabled.is_(True),
            Tenant.active.is_(True),
        )
        .subquery()
    )
    return select(func.min(live.c.oldest))


def _inbox() -> tuple[int, datetime | None]:
    """Return how many messages were not read yet, and since when the oldest waits."""
    unread = (
        InboxEvent.connection_id == Connection.id,
        InboxEvent.state == InboxState.NEW,
    )
    count = select(func.count(InboxEvent.id)).where(*unread)
    oldest = select(func.min(InboxEvent.received_at)).where(*unread)
    each = select(
        count.correlate(Connection).scalar_subquery().label("number"),
        oldest.correlate(Connection).scalar_subquery().label("oldest"),
    ).subquery()
    found = session().execute(
        select(func.coalesce(func.sum(each.c.number), 0), func.min(each.c.oldest))
    )
    number, moment = found.one()
    return int(number), moment


def wakes() -> Wakes:
    """Read Redis; unreachable is an answer too."""
    try:
        with quick_redis() as client:
            queues = {name: queue(name, client) for name in QUEUES}
            lengths = {name: each.count for name, each in queues.items()}
            failed = {
                name: each.failed_job_registry.get_job_count(cleanup=False)
                for name, each in queues.items()
            }
            workers = tuple(
                WorkerFacts(
                    worker.name,
                    ", ".join(worker.queue_names()),
                    str(worker.get_state()),
                    worker.last_heartbeat,
                )
                for worker in Worker.all(connection=client, serializer=JSONSerializer)
            )
            trouble = worker_trouble.told(client)
    except (RedisError, OSError):
        return Wakes(reachable=False)
    return Wakes(True, lengths, workers, failed, trouble)


def is_alive(worker: WorkerFacts, now: datetime) -> bool:
    """Tell whether a worker was heard of lately."""
    age = _age(now, worker.heartbeat)
    return age is not None and age < HEALTHY_SECONDS
