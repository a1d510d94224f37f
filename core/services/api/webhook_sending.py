"""Bringing queued messages to their endpoints (RQ task `webhooks`).

A message is taken by moving its moment ahead, so that two workers never take the same
one; no transaction is open while an endpoint is spoken to. When a worker dies between
the endpoint's yes and our note of it, the message goes out twice with one id, which is
what the receiver tells repeats by.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Select, select, update

from core.domain.clock import utcnow
from core.domain.redact import redact_cut
from core.models import DeliveryState, LogLevel, WebhookDelivery, WebhookEndpoint
from core.net.public_address import NotPublic, resolve
from core.net.transport import Fault, Transport
from core.net.webhook_signature import headers
from core.runtime import jobs, log
from core.runtime.database import session, shared_now, transaction
from core.runtime.extensions import settings
from core.runtime.vault import VaultError
from core.services.api.webhooks_out import keys_of
from core.services.mailing import mail

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failure, in all a little over three days (Standard Webhooks' table)."""
RUN_SECONDS = 60
SECONDS = 10
"""Longest that an endpoint may take, all told."""
CONNECT_SECONDS = 5
TAKEN = timedelta(minutes=2)
"""How long a worker holds a message; longer than one try takes."""
MOST_BYTES = 100_000
KEPT_CHARACTERS = 500
GONE = 410
LOOPBACK = ("127.0.0.1", "localhost", "::1")
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How one try went."""

    ok: bool
    status: int = 0
    answer: str = ""
    """What the endpoint said, cut; the code of why it said nothing."""

    @property
    def is_down(self) -> bool:
        """Whether the endpoint did not answer at all."""
        return not self.ok and not self.status


def deliver() -> None:
    """Send what is due; stops after a minute."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        taken = _take()
        if taken is None:
            return
        _settle(*taken, attempt(*taken))


def wake_due(now: datetime) -> None:
    """Wake the sender when messages are due (dispatcher)."""
    if session().scalar(_due(WebhookDelivery.id, now)) is not None:
        jobs.wake("bulk", "webhooks")


def _due(wanted: Any, now: datetime) -> Select[Any]:
    """Ask for the message that is due longest, of an endpoint that is on."""
    return (
        select(wanted)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(
            WebhookDelivery.state == DeliveryState.QUEUED,
            WebhookDelivery.due_at <= now,
            WebhookEndpoint.enabled,
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(1)
    )


def _take() -> tuple[WebhookEndpoint, WebhookDelivery] | None:
    """Take the message that is due longest, in a transaction of its own."""
    while True:
        now = shared_now()
        with transaction() as current:
            query = _due(WebhookDelivery, now)
            message = current.scalar(query.execution_options(populate_existing=True))
            if message is None:
                return None
            endpoint = current.get_one(
                WebhookEndpoint, message.endpoint_id, populate_existing=True
            )
            taken = current.scalar(
                update(WebhookDelivery)
                .where(
                    WebhookDelivery.id == message.id,
                    WebhookDelivery.state == DeliveryState.QUEUED,
                    WebhookDelivery.due_at == message.due_at,
                )
                .values(due_at=now + TAKEN)
                .returning(WebhookDelivery.id)
                .execution_options(synchronize_session=False)
            )
        if taken is not None:
            return endpoint, message


def attempt(endpoint: WebhookEndpoint, message: WebhookDelivery) -> Outcome:
    """Send one message once. Only 2xx counts as taken; redirects are not followed."""
    try:
        line = _transport(endpoint.url)
    except NotPublic:
        return Outcome(False, answer="webhook_address_refused")
    except (OSError, ValueError):
        return Outcome(False, answer="webhook_name_unknown")
    try:
        return _post(line, endpoint, message)
    except VaultError as error:
        logger.error("a webhook's secret does not open", endpoint=endpoint.id)
        return Outcome(False, answer=error.code)
    finally:
        line.close()


def _transport(url: str) -> Transport:
    """Return a line to an endpoint's judged address.

    Raises NotPublic, OSError when its name is unknown, ValueError when it is no https.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    pinned = ""
    if not (settings().webhooks_to_loopback and host in LOOPBACK):
        if parts.scheme != "https":
            raise NotPublic(host)
        pinned = resolve(host, parts.port or 443)
    return Transport(
        url,
        deadline=SECONDS,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=SECONDS,
        max_bytes=MOST_BYTES,
        pool_size=1,
        pinned=pinned,
    )


def _post(
    line: Transport, endpoint: WebhookEndpoint, message: WebhookDelivery
) -> Outcome:
    now = utcnow()
    keys = keys_of(endpoint, now)
    stamp = int(now.timestamp())
    signed = headers(keys, message.message_id, stamp, message.payload)
    try:
        reply = line.send(
            "POST",
            endpoint.url,
            body=message.payload,
            headers={
                **signed,
                "Content-Type": "application/json",
                "User-Agent": "Koppelwerk-Webhooks",
            },
        )
    except Fault as fault:
        return Outcome(False, answer=fault.code)
    text = redact_cut(reply.text, KEPT_CHARACTERS)
    return Outcome(200 <= reply.status < 300, reply.status, text)


def _settle(
    endpoint: WebhookEndpoint, message: WebhookDelivery, outcome: Outcome
) -> None:
    """Write how a try went; after the last one, or a 410, the endpoint is over."""
    now = shared_now()
    failures = message.failures + (not outcome.ok)
    state, due_at = DeliveryState.DONE, now
    if not outcome.ok:
        is_over = outcome.status == GONE or failures > len(PAUSES)
        state = DeliveryState.FAILED if is_over else DeliveryState.QUEUED
        due_at = now if is_over else now + PAUSES[failures - 1]
    with transaction() as current:
        current.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.id == message.id)
            .values(
                state=state,
                failures=failures,
                due_at=due_at,
                tried_at=now,
                last_status=outcome.status,
                answer=outcome.answer[:KEPT_CHARACTERS],
            )
            .execution_options(synchronize_session=False)
        )
        row = current.get(WebhookEndpoint, endpoint.id, populate_existing=True)
        if row is not None:
            _note(row, message, outcome, state, now)


def _note(
    row: WebhookEndpoint,
    message: WebhookDelivery,
    outcome: Outcome,
    state: DeliveryState,
    now: datetime,
) -> None:
    if outcome.ok:
        row.succeeded_at = now
    elif outcome.status == GONE:
        _switch_off(row, "webhook_gone")
    elif state == DeliveryState.FAILED and not _took_any_since(row, message.created_at):
        _switch_off(row, "webhook_unreachable")
    if outcome.is_down:
        _postpone_others(row, now)


def _took_any_since(row: WebhookEndpoint, moment: datetime) -> bool:
    """Tell whether it took another message meanwhile: then it is not out of reach."""
    return row.succeeded_at is not None and row.succeeded_at >= moment


def _switch_off(row: WebhookEndpoint, code: str) -> None:
    """Stop calling an endpoint and tell the owners, in the caller's transaction."""
    if not row.enabled:
        return
    row.enabled, row.reason = False, code
    log.write(row.tenant_id, code, level=LogLevel.WARNING, url=row.url)
    mail.to_tenant(row.tenant_id, "webhook_disabled", code=code, url=row.url)


def _postpone_others(row: WebhookEndpoint, now: datetime) -> None:
    """Let the rest wait a little, so that one silent endpoint does not hold up all."""
    session().execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint_id == row.id,
            WebhookDelivery.state == DeliveryState.QUEUED,
            WebhookDelivery.due_at <= now,
        )
        .values(due_at=now + timedelta(minutes=1))
        .execution_options(synchronize_session=False)
    )
