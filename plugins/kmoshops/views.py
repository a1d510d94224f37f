"""The address webhooks come in at: `POST /webhooks/kmoshops`, one for all shops.

A webhook is a hint. Its signature covers id and time only, so nothing in its body is
believed: the order is read again through the API with the shop's own token. 2xx is
answered only after the commit; the shop tries again for 24 hours (Ecwid: webhooks).
"""

from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from core import jobs, jsontext
from core.clock import utcnow
from core.extensions import csrf, settings
from core.models import Connection, ConnectionState
from core.policy import access
from core.services import connections, inbox
from core.services.database import session, transaction
from core.tenancy import system_scope
from plugins.kmoshops.checks import is_fresh, is_signed

logger = structlog.get_logger(__name__)
SIGNATURE = "X-Ecwid-Webhook-Signature"
UNINSTALLED = "application.uninstalled"


class _Refused(Exception):
    """The webhook is refused with this status; nothing changed."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def blueprint() -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint("kmoshops", __name__)
    pages.add_url_rule("/webhooks/kmoshops", view_func=webhook, methods=["POST"])
    return pages


@csrf.exempt  # type: ignore[untyped-decorator]  # the library is untyped
@access("webhook")
def webhook() -> Response:
    """Keep an authenticated message and answer; the work is done in the queue."""
    try:
        event = _authenticated()
        with system_scope():
            _keep(event)
    except _Refused as refusal:
        logger.warning("webhook refused", reason=str(refusal))
        return Response(status=refusal.status)
    except OperationalError:
        session().rollback()
        logger.exception("webhook not kept")
        return Response(status=503)
    return Response(status=200)


def _authenticated() -> dict[str, Any]:
    """Return the message; raise _Refused unless it is well-formed, signed and new."""
    if (request.content_length or 0) > settings().webhook_max_bytes:
        raise _Refused(413, "too large")
    text = request.stream.read(settings().webhook_max_bytes + 1)
    if len(text) > settings().webhook_max_bytes:
        raise _Refused(413, "too large")
    try:
        event = jsontext.loads(text)
        created, event_id = event["eventCreated"], event["eventId"]
        if not (isinstance(created, int) and isinstance(event_id, str)):
            raise ValueError("eventCreated or eventId")
        if not 0 < len(event_id) <= 100:
            raise ValueError("eventId")
    except (ValueError, KeyError, TypeError) as error:
        raise _Refused(400, "malformed") from error
    secrets = settings().kmoshops_client_secret.split(",")
    if not is_signed(request.headers.get(SIGNATURE, ""), secrets, created, event_id):
        raise _Refused(401, "not signed by us")
    window = settings().webhook_window_seconds
    if not is_fresh(created, utcnow().timestamp(), window):
        raise _Refused(401, "too old or from the future")
    return dict(event)


def _keep(event: dict[str, Any]) -> None:
    """Store the message for its shop; an unknown shop gets the same answer."""
    kind = str(event.get("eventType", ""))
    is_order = kind.startswith("order.")
    if not is_order and kind != UNINSTALLED:
        return
    with transaction() as current:
        connection = current.scalar(
            select(Connection).where(
                Connection.plugin == "kmoshops",
                Connection.external_id == str(event.get("storeId")),
            )
        )
        if connection is None or connection.state == ConnectionState.ENDED:
            return
        new = inbox.accept(
            connection,
            event_id=event["eventId"],
            kind=kind[:50],
            source_id=_source_id(event),
        )
        if new and is_order:
            jobs.wake_after_commit("inbox", connection.id, queue="default")
        elif new:
            connections.end(connection, "app_uninstalled")


def _source_id(event: dict[str, Any]) -> str:
    """Return `data.orderId` where given, else `entityId` (contract 3.2)."""
    data = event.get("data")
    number = data.get("orderId") if isinstance(data, dict) else None
    return str(number or event.get("entityId"))[:64]
