"""Bringing queued messages to their endpoints (RQ task `webhooks`).

No transaction is open while an endpoint is spoken to. When a worker dies between
the endpoint's yes and our note of it, the message goes out twice with one id, which is
what the receiver tells repeats by.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import ColumnElement, exists, update

from core.domain.clock import utcnow
from core.domain.errors import LeaseLost, RetryLater, Stop
from core.domain.redact import redact_cut
from core.models import DeliveryState, LogLevel, WebhookDelivery, WebhookEndpoint
from core.net.public_address import NotPublic, resolve
from core.net.transport import Fault, Transport
from core.net.webhook_signature import headers
from core.plugin.engine import DueRows, Lease, Next, decide, leased, restored
from core.runtime import log
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


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is due, of an endpoint that is on."""
    return (
        WebhookDelivery.state == DeliveryState.QUEUED,
        WebhookDelivery.due_at <= now,
        restored.may_be_told(WebhookDelivery.created_at, now),
        exists().where(
            WebhookEndpoint.id == WebhookDelivery.endpoint_id, WebhookEndpoint.enabled
        ),
    )


def _pauses(failures: int) -> float | None:
    return PAUSES[failures - 1].total_seconds() if failures <= len(PAUSES) else None


MESSAGES = DueRows(
    WebhookDelivery,
    _due,
    order_by=(WebhookDelivery.due_at, WebhookDelivery.id),
    term=timedelta(minutes=2),
)
DUE = leased("webhooks", "bulk", MESSAGES, each=False)


def deliver() -> None:
    """Send what is due; stops after a minute."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        taken = MESSAGES.take_next()
        if taken is None:
            return
        try:
            _settle(taken, _tried(taken))
        except LeaseLost:
            logger.warning("another worker has this message", message=taken.key)


def _tried(taken: Lease[WebhookDelivery]) -> Outcome:
    with transaction() as current:
        endpoint = current.get_one(
            WebhookEndpoint, taken.row.endpoint_id, populate_existing=True
        )
    taken.make_sure()
    return attempt(endpoint, taken.row)


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
