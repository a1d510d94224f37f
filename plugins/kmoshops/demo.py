"""How the sandbox shop serves a demo: tokens without pages, orders on their way."""

from typing import Any
from uuid import uuid4

import requests
from flask_babel import lazy_gettext as _l

from core.domain.clock import utcnow
from core.domain.jsontext import dumps
from core.net.oauth import Tokens
from core.plugin.capabilities import Bench, Sandbox, Stop
from plugins.kmoshops.sandbox.cli import load_orders
from plugins.kmoshops.sandbox.webhooks import signature

CLIENT_ID = "koppelwerk-sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105  the sandbox's own, worth nothing
DEMO_STORE_ID = 1003
_TIMEOUT = 120


def _environ(address: str) -> dict[str, str]:
    return {
        "KMOSHOPS_API_URL": f"{address}/api/v3/",
        "KMOSHOPS_OAUTH_URL": f"{address}/api/oauth/",
        "KMOSHOPS_CLIENT_ID": CLIENT_ID,
        "KMOSHOPS_CLIENT_SECRET": CLIENT_SECRET,
    }


def _control(address: str, name: str, body: dict[str, Any]) -> Any:
    answer = requests.post(f"{address}/_control/{name}", json=body, timeout=_TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def _grant(address: str) -> Tokens:
    answer = _control(address, "grant", {})
    return Tokens(
        access_token=answer["access_token"],
        scope=answer["scope"],
        extra={"store_id": str(answer["store_id"])},
    )


def _begin_demo(address: str, product: str) -> None:
    """Send webhooks to the product; give the shop a past, and orders one by one."""
    webhook = {"url": f"{product}/webhooks/kmoshops", "client_secret": CLIENT_SECRET}
    _control(address, "webhook", webhook)
    _control(address, "past-orders", {"days": 14})
    _control(address, "demo-orders", {"count": 60})
    _control(address, "trickle", {"per_minute": 4, "total": 60})


def _unlimited(address: str) -> None:
    _control(address, "ratelimit", {"per_minute": 0})


def _hold_orders(address: str, product: str, count: int) -> None:
    """Make orders that the shop shows already, while their webhooks wait."""
    webhook = {"url": f"{product}/webhooks/kmoshops", "client_secret": CLIENT_SECRET}
    _control(address, "webhook", {**webhook, "hold": True, "couriers": 4})
    _control(address, "test-orders", {"count": count})


def _release_orders(address: str) -> None:
    _control(address, "webhook", {"hold": False})


def _webhook_requests(
    product: str, count: int
) -> list[tuple[str, bytes, dict[str, str]]]:
    """Sign webhooks about orders of the demo shop, each with an id of its own."""
    made = []
    for number in range(count):
        created = int(utcnow().timestamp())
        event = f"bench-{uuid4()}"
        body = {
            "eventId": event,
            "eventCreated": created,
            "storeId": DEMO_STORE_ID,
            "entityId": 900_000 + number,
            "eventType": "order.updated",
            "data": {"orderId": f"BENCH{number}"},
        }
        headers = {
            "Content-Type": "application/json",
            "X-Ecwid-Webhook-Signature": signature(CLIENT_SECRET, created, event),
        }
        url = f"{product}/webhooks/kmoshops"
        made.append((url, dumps(body).encode(), headers))
    return made


SANDBOX = Sandbox(
    port=8101,
    environ=_environ,
    grant=_grant,
    begin_demo=_begin_demo,
    tour=(
        Stop(
            _l("Plaats een bestelling"),
            _l(
                "Op de pagina van de demowinkel. Even later staat zij onder "
                "Rapportage, of onder Fouten als u een bijzondere soort koos. De "
                "tweede winkel kiest u daar bovenaan."
            ),
        ),
    ),
    commands=(load_orders,),
    bench=Bench(
        unlimited=_unlimited,
        hold_orders=_hold_orders,
        release_orders=_release_orders,
        webhook_requests=_webhook_requests,
    ),
)
