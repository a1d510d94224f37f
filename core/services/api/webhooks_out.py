"""Telling a tenant's own systems what changed (Standard Webhooks).

A message is a row per endpoint, added in the transaction of the change it tells of, so
that it goes out when that was committed and only then. It holds ids, numbers and states
and nobody's name; the receiver asks the API for the rest.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.packages import Booked
from core.models import (
    DeliveryState,
    Relation,
    SalesInvoice,
    WebhookDelivery,
    WebhookEndpoint,
)
from core.models.base import place_of
from core.net.webhook_signature import SECRET_BYTES, shown
from core.runtime import jobs, log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.reporting.overview import Page
from core.services.transfer.journal import Job

EVENTS = (
    "relation.changed",
    "relation.deleted",
    "invoice.sent",
    "invoice.booked",
    "invoice.paid",
    "order.booked",
    "order.failed",
)
TEST = "test"
"""The event of *Stuur een test*; every endpoint gets it."""
ROTATION = timedelta(hours=24)
"""How long the secret before the last one signs as well."""
KEPT = timedelta(days=30)
PAGE = 50
MOST_ENDPOINTS = 10
_LISTENING = select(WebhookEndpoint.id, WebhookEndpoint.events).where(
    WebhookEndpoint.tenant_id == bindparam("of_tenant"), WebhookEndpoint.enabled
)


def tell(
    tenant_id: int,
    event: str,
    data: Mapping[str, Any],
    *,
    happened_at: datetime | None = None,
) -> None:
    """Queue a message for whoever listens, in the caller's transaction.

    One small question for a tenant without endpoints. `data` holds what JSON can.
    `happened_at`: when, where it is not now; after a restore what may have been told
    before is held by it.
    """
    found = session().execute(_LISTENING, {"of_tenant": tenant_id}).all()
    wanted = [row.id for row in found if event in row.events]
    if wanted:
        _queue(tenant_id, wanted, event, data, happened_at)


def _queue(
    tenant_id: int,
    endpoint_ids: Sequence[int],
    event: str,
    data: Mapping[str, Any],
    happened_at: datetime | None = None,
) -> None:
    now = utcnow()
    message_id = f"msg_{token_hex(16)}"
    payload = jsontext.dumps(
        {"type": event, "timestamp": now.isoformat(), "data": dict(data)}
    )
    shared = {
        "tenant_id": tenant_id,
        "message_id": message_id,
        "event": event,
        "payload": payload,
        "state": DeliveryState.QUEUED,
        "failures": 0,
        "last_status": 0,
        "answer": "",
        "due_at": now,
        "created_at": happened_at or now,
    }
    session().execute(
        insert(WebhookDelivery),
        [{**shared, "endpoint_id": endpoint_id} for endpoint_id in endpoint_ids],
    )
    jobs.wake_after_commit("webhooks", queue="bulk")


def relation_changed(row: Relation, fields: frozenset[str], *, deleted: bool) -> None:
    """Tell that a relation was saved or deleted, in the caller's transaction."""
    data: dict[str, Any] = {
        "id": row.id,
        "kind": row.kind,
        "debtor_number": row.debtor_number or "",
        "creditor_number": row.creditor_number or "",
    }
    if not deleted:
        data |= {"version": row.version, "fields": sorted(fields)}
    event = "relation.deleted" if deleted else "relation.changed"
    tell(row.tenant_id, event, data)


def invoice(row: SalesInvoice, event: str) -> None:
    """Tell where a sales invoice stands now, in the caller's transaction."""
    data = {
        "id": row.id,
        "number": row.number or "",
        "state": row.state,
        "relation_id": row.relation_id,
        "amount_incl_vat": f"{row.amount_incl_vat:.2f}",
        "paid_on": row.paid_on.isoformat() if row.paid_on else None,
    }
    tell(row.tenant_id, event, data)


def order_booked(job: Job, booked: Booked) -> None:
    """Tell that an order stands in the package, in the caller's transaction."""
    if job.subject == "order":
        told = {
            "document": job.document,
            "external_id": booked.external_id,
            "external_number": booked.number,
            "warning": booked.warning,
        }
        data = {**_order(job), **told}
        tell(job.tenant_id, "order.booked", data, happened_at=job.happened_at)


def order_failed(job: Job, code: str) -> None:
    """Tell that an order needs somebody's attention, in the caller's transaction."""
    if job.subject == "order":
        tell(job.tenant_id, "order.failed", {**_order(job), "code": code})


def _order(job: Job) -> dict[str, Any]:
    source_id = getattr(job.subject_row, "source_id", "")
    return {"id": job.subject_id, "number": job.number, "source_id": source_id}


def listed() -> list[WebhookEndpoint]:
    """Return the endpoints in scope, oldest first."""
    rows = session().scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id))
    return list(rows)


def add(
    tenant_id: int, url: str, events: Sequence[str], *, user_id: int
) -> tuple[WebhookEndpoint, str]:
    """Add an endpoint in the caller's transaction; return it with its secret."""
    row = WebhookEndpoint(
        tenant_id=tenant_id,
        url=url,
        events=[event for event in EVENTS if event in events],
        secret=b"",
    )
    session().add(row)
    session().flush()
    key = token_bytes(SECRET_BYTES)
    row.secret = _seal(row, key)
    log.write(tenant_id, "webhook_added", user_id=user_id, url=url)
    return row, shown(key)


def rotate(row: WebhookEndpoint) -> str:
    """Replace an endpoint's secret in the caller's transaction and return the new one.

    The old one signs beside it for a day, so that no message is refused meanwhile.
    """
    key = token_bytes(SECRET_BYTES)
    row.previous_secret, row.previous_until = row.secret, utcnow() + ROTATION
    row.secret = _seal(row, key)
    log.write(row.tenant_id, "webhook_secret_renewed", url=row.url)
    return shown(key)


def keys_of(row: WebhookEndpoint, now: datetime) -> list[bytes]:
    """Return the keys that sign at this moment, the newest first."""
    context = _context(row)
    keys = [koppelwerk().vault.open(row.secret, context=context)]
    if row.previous_secret and row.previous_until and row.previous_until > now:
        keys.append(koppelwerk().vault.open(row.previous_secret, context=context))
    return keys


def _seal(row: WebhookEndpoint, key: bytes) -> bytes:
    return koppelwerk().vault.seal(key, context=_context(row))


def _context(row: WebhookEndpoint) -> str:
    return place_of(WebhookEndpoint.secret, tenant_id=row.tenant_id, id=row.id)


def switch(row: WebhookEndpoint, *, enabled: bool) -> None:
    """Switch an endpoint on or off in the caller's transaction; what waits goes on."""
    if row.enabled != enabled:
        code = "webhook_switched_on" if enabled else "webhook_switched_off"
        log.write(row.tenant_id, code, url=row.url)
    row.enabled, row.reason, row.not_before = enabled, "", None
    if enabled:
        jobs.wake_after_commit("webhooks", queue="bulk")


def remove(row: WebhookEndpoint, *, user_id: int) -> None:
    """Delete an endpoint with its messages in the caller's transaction."""
    log.write(row.tenant_id, "webhook_removed", user_id=user_id, url=row.url)
    session().delete(row)
    session().flush()


def send_test(row: WebhookEndpoint) -> None:
    """Queue a message that tells of nothing, in the caller's transaction."""
    _queue(row.tenant_id, [row.id], TEST, {"endpoint_id": row.id})


def resend(row: WebhookDelivery) -> None:
    """Queue a message again under its own id, in the caller's transaction."""
    row.state, row.failures, row.due_at = DeliveryState.QUEUED, 0, utcnow()
    jobs.wake_after_commit("webhooks", queue="bulk")


def deliveries(endpoint_id: int, after: int | None = None) -> Page:
    """Return an endpoint's messages, newest first, behind the one with id `after`."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if after:
        query = query.where(WebhookDelivery.id < after)
    query = query.order_by(WebhookDelivery.id.desc()).limit(PAGE + 1)
    rows = list(session().scalars(query))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def waiting() -> dict[int, int]:
    """Return how many messages wait, by endpoint in scope."""
    rows = session().execute(
        select(WebhookDelivery.endpoint_id, func.count())
        .where(WebhookDelivery.state == DeliveryState.QUEUED)
        .group_by(WebhookDelivery.endpoint_id)
    )
    return dict(rows.all())


def sweep(now: datetime) -> None:
    """Forget old messages, sent or not, in the caller's transaction."""
    session().execute(
        delete(WebhookDelivery)
        .where(WebhookDelivery.created_at < now - KEPT)
        .execution_options(synchronize_session=False)
    )
