"""Webhooks: a persistent outbox and the courier that empties it.

Contract (Ecwid's webhook pages): one URL per app; JSON body; `eventtype` repeated in
the query; header `X-Ecwid-Webhook-Signature` = base64(HMAC-SHA256(client secret,
"{eventCreated}.{eventId}")); 200, 201, 202, 204 and 209 mean delivered; retries after
15, 30, 45 minutes and 1 hour, then hourly up to 24 hours.
"""

import base64
import hashlib
import hmac
import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import requests

from core.domain import jsontext
from core.kit.sandbox.app import Sandbox

OUTBOX, CONFIG = "outbox", "webhook"
DELIVERED = frozenset((200, 201, 202, 204, 209))
TIMEOUTS = (3, 10)
"""Seconds to connect and to answer."""
RETRY_MINUTES = (15, 30, 45, *range(60, 24 * 60 + 1, 60))
"""When a failed event is tried again, counted from its first try."""

DEFAULTS: dict[str, Any] = {
    "url": "",
    "client_secret": "sandbox-secret",
    "hold": False,
    "shuffle": False,
    "duplicates": 0,
    "drop": 0,
    "seed": 1,
    "couriers": 1,
}
"""What a test can set: `couriers` send at the same time (then nothing is certain about
the order of arrival), `hold` sends nothing until it is false again,
`duplicates` and `drop` are the probabilities that an event comes twice or never,
`shuffle` sends what is due in any order."""


def signature(client_secret: str, created: int, event_id: str) -> str:
    """Return the header's value; the body is not part of it."""
    text = f"{created}.{event_id}".encode()
    digest = hmac.new(client_secret.encode(), text, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Webhooks:
    """The events of one app, queued in the store and sent in the background."""

    def __init__(self, part: Sandbox) -> None:
        self._store = part.store
        self._clock = part.clock
        self._sending = threading.Lock()
        self._random = random.Random(DEFAULTS["seed"])
        self.on_queued: Callable[[], None] = lambda: None
        """Called after an event was queued: wakes the background thread."""

    def config(self) -> dict[str, Any]:
        """Return the settings in force."""
        return {**DEFAULTS, **(self._store.get(CONFIG, "app") or {})}

    def configure(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change settings; a seed restarts the dice."""
        unknown = set(changes) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"no such setting: {sorted(unknown)}")
        config = {**self.config(), **changes}
        self._store.put(CONFIG, "app", config)
        if "seed" in changes:
            self._random = random.Random(int(config["seed"]))
        self.on_queued()
        return config

    def tell_order(
        self, store_id: int, kind: str, order: dict[str, Any], data: dict[str, Any]
    ) -> None:
        """Queue an event about an order."""
        data = {"orderId": order["id"], **data}
        self.tell(store_id, kind, order["internalId"], data)

    def tell(
        self,
        store_id: int,
        kind: str,
        entity_id: int | str,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Queue an event; without a URL nobody is told, and `drop` loses some."""
        config = self.config()
        if not config["url"] or self._strikes(config, "drop"):
            return
        body: dict[str, Any] = {
            "eventId": str(uuid.uuid4()),
            "eventCreated": int(self._clock.now().timestamp()),
            "storeId": store_id,
            "entityId": entity_id,
            "eventType": kind,
        }
        if data is not None:
            body["data"] = data
        due = self._clock.now().timestamp()
        event = {"body": body, "tries": 0, "first": int(due), "due": int(due)}
        self._store.put(OUTBOX, body["eventId"], event)
        self.on_queued()

    def _strikes(self, config: dict[str, Any], chance: str) -> bool:
        return self._random.random() < float(config[chance])

    def pending(self) -> int:
        """Return how many events wait."""
        return len(self._store.list(OUTBOX))

    def deliver(self, *, everything: bool = False) -> dict[str, int]:
        """Send what is due (or `everything` that waits); return counts."""
        counts = {"delivered": 0, "failed": 0}
        with self._sending:
            config = self.config()
            events = [] if config["hold"] else self._due(everything)
            if config["shuffle"]:
                self._random.shuffle(events)
            posts = [
                event
                for event in events
                for _ in range(2 if self._strikes(config, "duplicates") else 1)
            ]
            with ThreadPoolExecutor(int(config["couriers"])) as pool:
                for delivered in pool.map(partial(self._send, config), posts):
                    counts["delivered" if delivered else "failed"] += 1
        return {**counts, "pending": self.pending()}

    def _due(self, everything: bool) -> list[dict[str, Any]]:
        now = self._clock.now().timestamp()
        waiting = self._store.list(OUTBOX)
        return [event for event in waiting if everything or event["due"] <= now]

    def _send(self, config: dict[str, Any], event: dict[str, Any]) -> bool:
        status = _post(config, event["body"])
        key = event["body"]["eventId"]
        self._store.record("webhook", key, {**event["body"], "status": status})
        if status in DELIVERED:
            self._store.delete(OUTBOX, key)
            return True
        if event["tries"] >= len(RETRY_MINUTES):
            self._store.delete(OUTBOX, key)
            return False
        pause = timedelta(minutes=RETRY_MINUTES[event["tries"]]).total_seconds()
        due = event["first"] + int(pause)
        tried = {**event, "tries": event["tries"] + 1, "due": due}
        self._store.put(OUTBOX, key, tried)
        return False


def _post(config: dict[str, Any], body: dict[str, Any]) -> int:
    """Send one event; return the HTTP status, 0 when there was no answer."""
    created, event_id = body["eventCreated"], body["eventId"]
    sign = signature(str(config["client_secret"]), created, event_id)
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "X-Ecwid-Webhook-Signature": sign,
    }
    joint = "&" if "?" in config["url"] else "?"
    url = f"{config['url']}{joint}eventtype={quote(body['eventType'])}"
    try:
        with requests.post(
            url,
            jsontext.dumps(body).encode(),
            headers=headers,
            timeout=TIMEOUTS,
            allow_redirects=False,
        ) as answer:
            return answer.status_code
    except requests.RequestException:
        return 0
