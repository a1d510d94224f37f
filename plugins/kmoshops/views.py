"""The address webhooks come in at: `POST /webhooks/kmoshops`, one for all shops.

A webhook is a hint. Its signature covers id and time only, so nothing in its body is
believed: the order is read again through the API with the shop's own token. 2xx is
answered only after the commit, because what was answered never comes again. Anything
else makes the shop try again: after 15, 30, 45 minutes and an hour, then hourly up to
24 hours (Ecwid: webhooks). A retry keeps its `eventCreated`, so most retries fall
outside the window and are refused. One that is refused for its age alone says that we
missed something, so the shop is polled at once; else polling is hourly at least.
"""

from contextlib import suppress
from typing import Any

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import load_only

from core.domain import jsontext
from core.domain.clock import utcnow
from core.plugin import connections, orders, wakeups
from core.plugin.database import session, transaction
from core.plugin.pages import access, webhook_limits
from core.plugin.tables import Connection, ConnectionState
from core.plugin.tenancy import system_scope
from plugins.kmoshops.checks import UNINSTALLED, is_fresh, is_signed
from plugins.kmoshops.settings import settings

logger = structlog.get_logger(__name__)
SIGNATURE = "X-Ecwid-Webhook-Signature"
_MOST = {"eventId": 100, "eventType": 50, "storeId": 100, "source": 64}
"""How much of each our tables hold; a real message is far below it."""


class _BadMessage(Exception):
    """A message that is answered with this status and not kept."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class _Late(_BadMessage):
    """It is ours but too old: a retry of one that we missed."""

    def __init__(self, event: dict[str, Any]) -> None:
        super().__init__(401, "too old or from the future")
        self.event = event


def blueprint() -> Blueprint:
    """Return the plugin's pages."""
    pages = Blueprint("kmoshops", __name__)
    pages.add_url_rule("/webhooks/kmoshops", view_func=webhook, methods=["POST"])
    return pages


@access("webhook")
def webhook() -> Response:
    """Keep an authenticated message and answer; the work is done in the queue."""
    try:
        event = _authenticated()
        with system_scope():
            _keep(event)
    except _Late as late:
        logger.warning("webhook refused", reason=str(late))
        _ask_soon(late.event)
        return Response(status=late.status)
    except _BadMessage as refusal:
        logger.warning("webhook refused", reason=str(refusal))
        return Response(status=refusal.status)
    return Response(status=200)


def _authenticated() -> dict[str, Any]:
    """Return the message; raise _BadMessage unless well-formed, signed and new."""
    if (request.content_length or 0) > webhook_limits().max_bytes:
        raise _BadMessage(413, "too large")
    text = request.stream.read(webhook_limits().max_bytes + 1)
    if len(text) > webhook_limits().max_bytes:
        raise _BadMessage(413, "too large")
    try:
        event = jsontext.loads(text)
        created, event_id = _identified(event)
    except ValueError as error:
        raise _BadMessage(400, "malformed") from error
    secrets = settings().kmoshops_client_secret.split(",")
    if not is_signed(request.headers.get(SIGNATURE, ""), secrets, created, event_id):
        raise _BadMessage(401, "not signed by us")
    window = webhook_limits().window_seconds
    if not is_fresh(created, utcnow().timestamp(), window):
        raise _Late(event)
    return dict(event)


def _identified(event: Any) -> tuple[int, str]:
    """Return what is signed; ValueError when the message cannot be one of the shop's.

    What no database can hold (NUL, half a surrogate pair) is not printable.
    """
    if not isinstance(event, dict):
        raise ValueError("no object")
    created, event_id = event.get("eventCreated"), event.get("eventId")
    if not isinstance(created, int) or not isinstance(event_id, str):
        raise ValueError("eventCreated or eventId")
    texts = {
        "eventId": event_id,
        "eventType": str(event.get("eventType", "")),
        "storeId": str(event.get("storeId")),
        "source": _source_id(event),
    }
    for name, value in texts.items():
        if not value.isprintable() or len(value) > _MOST[name]:
            raise ValueError(name)
    if not event_id:
        raise ValueError("eventId")
    return created, event_id


def _ask_soon(event: dict[str, Any]) -> None:
    """Let the shop be polled: it tells again what we did not take in time."""
    with suppress(SQLAlchemyError), system_scope(), transaction():
        connection = _connection_of(event)
        if connection is not None:
            connections.ask_soon(connection)


_OF_SHOP = (
    select(Connection)
    .where(
        Connection.plugin == "kmoshops",
        Connection.external_id == bindparam("of_shop"),
    )
    .options(load_only(Connection.tenant_id, Connection.state))
)
"""Built once, and no more is read than each message needs."""


def _connection_of(event: dict[str, Any]) -> Connection | None:
    found: Connection | None = session().scalar(
        _OF_SHOP, {"of_shop": str(event.get("storeId"))}
    )
    return found


def _keep(event: dict[str, Any]) -> None:
    """Store the message for its shop; an unknown shop gets the same answer."""
    kind = str(event.get("eventType", ""))
    if not kind.startswith("order.") and kind != UNINSTALLED:
        return
    with transaction():
        connection = _connection_of(event)
        if connection is None or connection.state == ConnectionState.ENDED:
            return
        if orders.accept(
            connection,
            event_id=event["eventId"],
            kind=kind,
            source_id="" if kind == UNINSTALLED else _source_id(event),
        ):
            wakeups.wake_after_commit("inbox", connection.id, queue="reading")


def _source_id(event: dict[str, Any]) -> str:
    """Return `data.orderId` where given, else `entityId` (contract 3.2)."""
    data = event.get("data")
    number = data.get("orderId") if isinstance(data, dict) else None
    return str(number or event.get("entityId", ""))
