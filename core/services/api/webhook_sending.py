"""Bringing queued messages to their endpoints (RQ task `webhooks`).

No transaction is open while an endpoint is spoken to. When a worker dies between
the endpoint's yes and our note of it, the message goes out twice with one id, which is
what the receiver tells repeats by.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

import structlog
from sqlalchemy import ColumnElement, exists, select

from core.domain.clock import utcnow
from core.domain.errors import LeaseLost, RetryLater, Stop
from core.domain.redact import redact_cut
from core.models import DeliveryState, LogLevel, WebhookDelivery, WebhookEndpoint
from core.net.public_address import NotPublic, resolve
from core.net.transport import Fault, Transport
from core.net.webhook_signature import headers
from core.plugin.engine import DueRows, Lease, Next, Turns, decide, is_free, leased
from core.runtime import jobs, log
from core.runtime.database import shared_now, transaction
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
RUN_SECONDS, SHARE_SECONDS = 20, 10
"""How long one wake-up begins new sends, and how long for the same tenant."""
SLOW_SECONDS = 2
"""An endpoint that takes longer is spared: it keeps a worker from the others."""
SPARED = 5
"""So many times as long as a slow endpoint took it gets nothing."""
DOWN_PAUSE = timedelta(minutes=1)
SECONDS = 10
"""Longest that an endpoint may take, all told."""
CONNECT_SECONDS = 5
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
    seconds: float = 0.0
    """How long it took."""

    @property
    def is_down(self) -> bool:
        """Whether the endpoint did not answer at all."""
        return not self.ok and not self.status


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is due, of an endpoint that is on and has no pause."""
    return (
        WebhookDelivery.state == DeliveryState.QUEUED,
        WebhookDelivery.due_at <= now,
        exists().where(
            WebhookEndpoint.id == WebhookDelivery.endpoint_id,
            WebhookEndpoint.enabled,
            is_free(WebhookEndpoint.not_before, now),
        ),
    )


def _pauses(failures: int) -> float | None:
    return PAUSES[failures - 1].total_seconds() if failures <= len(PAUSES) else None


_CALLED_AT = (
    select(WebhookEndpoint.called_at)
    .where(WebhookEndpoint.id == WebhookDelivery.endpoint_id)
    .scalar_subquery()
)
MESSAGES = DueRows(
    WebhookDelivery,
    _due,
    order_by=(
        _CALLED_AT.asc().nulls_first(),
        WebhookDelivery.due_at,
        WebhookDelivery.id,
    ),
    term=timedelta(minutes=2),
    fair=True,
)
"""A tenant's endpoints take turns as the tenants do."""
DUE = leased("webhooks", "bulk", MESSAGES, each=False)


def deliver() -> None:
    """Send what is due for a while; wakes itself up for what is left."""
    turns = Turns(MESSAGES, seconds=RUN_SECONDS, share=SHARE_SECONDS)
    while (taken := turns.next()) is not None:
        try:
            _settle(taken, _tried(taken))
        except LeaseLost:
            logger.warning("another worker has this message", message=taken.key)
    if turns.has_more:
        jobs.wake("bulk", "webhooks")


def _tried(taken: Lease[WebhookDelivery]) -> Outcome:
    with transaction() as current:
        endpoint = current.get_one(
            WebhookEndpoint, taken.row.endpoint_id, populate_existing=True
        )
    taken.make_sure()
    began = monotonic()
    outcome = attempt(endpoint, taken.row)
    return replace(outcome, seconds=monotonic() - began)


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


def _settle(taken: Lease[WebhookDelivery], outcome: Outcome) -> None:
    """Write how a try went; after the last one, or a 410, the endpoint is over."""
    now, message = shared_now(), taken.row
    failures = message.failures + (not outcome.ok)
    state, due_at = DeliveryState.DONE, now
    if not outcome.ok:
        kind = Stop if outcome.status == GONE else RetryLater
        decision = decide(
            kind("webhook_refused"),
            subject=taken.key,
            failures=message.failures,
            pauses=_pauses,
        )
        again = decision.next is Next.RETRY
        state = DeliveryState.QUEUED if again else DeliveryState.FAILED
        due_at = now + timedelta(seconds=decision.seconds)
    with taken.work(release=True) as current:
        taken.write(
            state=state,
            failures=failures,
            due_at=due_at,
            tried_at=now,
            last_status=outcome.status,
            answer=outcome.answer[:KEPT_CHARACTERS],
        )
        row = current.get(WebhookEndpoint, message.endpoint_id, populate_existing=True)
        if row is not None:
            _note(row, message, outcome, state, now)


def _note(
    row: WebhookEndpoint,
    message: WebhookDelivery,
    outcome: Outcome,
    state: DeliveryState,
    now: datetime,
) -> None:
    row.called_at, row.not_before = now, _spared_until(outcome, now)
    if outcome.ok:
        row.succeeded_at = now
    elif outcome.status == GONE:
        _switch_off(row, "webhook_gone")
    elif state == DeliveryState.FAILED and not _took_any_since(row, message.created_at):
        _switch_off(row, "webhook_unreachable")


def _spared_until(outcome: Outcome, now: datetime) -> datetime | None:
    """Return until when it gets nothing: one that is slow or silent holds up all."""
    slow = outcome.seconds * SPARED if outcome.seconds > SLOW_SECONDS else 0.0
    pause = max(timedelta(seconds=slow), DOWN_PAUSE * outcome.is_down)
    return now + pause if pause else None


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
