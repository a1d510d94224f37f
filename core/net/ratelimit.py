"""Keeping below a vendor's call limit, shared by all workers through Redis.

Limits are written as the `limits` library reads them: `600/minute`, `150/5 minutes`, or
several that hold together, `150/5 minutes; 5000/month`. Empty means no limit.

Windows move: in any sixty seconds no more than a minute's budget goes out, wherever the
vendor's own minute begins. A fixed window would let twice the budget through around
its edge. A month is thirty days; a vendor's calendar month, or one that may not be
forgotten with Redis, needs a count of its own behind `CallLimit`.
"""

from decimal import Decimal
from threading import Lock
from typing import Protocol

import structlog
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import StorageTypes, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import TimeoutError as TookTooLong

from core.domain.clock import utcnow
from core.domain.errors import WaitUntil
from core.net.quick_redis import Breaker
from core.net.quick_redis import options as quick_options

logger = structlog.get_logger(__name__)

_LEAST_WAIT = 0.05


class CallLimit(Protocol):
    """Holds calls below a limit; what an HTTP client asks before each one."""

    def acquire(self, endpoint: str) -> None:
        """Count one call that is about to be made; WaitUntil when none is left."""


def calls_per(window: str, calls: int) -> str:
    """Return a limit of so many calls per window; 0 means no limit."""
    return f"{calls}/{window}" if calls else ""


def seconds_a_call(limit: str) -> Decimal:
    """Return the pace that a limit allows for ever; 0 without a limit.

    Raises ValueError when the limit cannot be read.
    """
    paces = (Decimal(item.get_expiry()) / item.amount for item in _items(limit))
    return max(paces, default=Decimal(0))


def _items(limit: str) -> list[RateLimitItem]:
    return parse_many(limit) if limit else []


class Limiter:
    """The budget of one client at one vendor, for each endpoint of its own."""

    def __init__(self, storage_uri: str, limit: str, namespace: str) -> None:
        """Take `redis://`, `unix://` or `memory://`, and the limit's text.

        `namespace` is whose budget it is: a service, as errors name it, or a part of
        it behind a colon (`acme:12`, a connection's). Raises ValueError when the limit
        cannot be read.
        """
        self._uri = storage_uri
        self._namespace = namespace
        self._items = _items(limit)
        self._window: MovingWindowRateLimiter | None = None
        self._lock = Lock()
        self._down = False
        self._breaker = Breaker()

    def acquire(self, endpoint: str) -> None:
        """Count one call to `METHOD path-template`; WaitUntil when none is left.

        Without its storage it lets everything through: the vendor's own refusal
        (429) still guards, and standing still would be worse.
        """
        if not self._items or self._breaker.rests:
            return
        try:
            wait = self._take(endpoint)
        except StorageError as error:
            self._report(error)
            return
        self._down = False
        if wait is not None:
            service = self._namespace.partition(":")[0]
            raise WaitUntil("rate_limited", seconds=wait, service=service)

    def _take(self, endpoint: str) -> float | None:
        """Return None when the call may go, else the seconds until one may."""
        window, key = self._opened(), (self._namespace, endpoint)
        full = []
        if len(self._items) > 1:  # a refused call uses no limit up
            full = [item for item in self._items if not window.test(item, *key)]
        if not full:
            full = [item for item in self._items if not window.hit(item, *key)]
        if not full:
            return None
        reset = max(window.get_window_stats(item, *key).reset_time for item in full)
        return max(_LEAST_WAIT, reset - utcnow().timestamp())

    def _opened(self) -> MovingWindowRateLimiter:
        """Return the window on its storage, which is made at the first call."""
        with self._lock:
            if self._window is None:
                self._window = MovingWindowRateLimiter(_storage(self._uri))
            return self._window

    def _report(self, error: StorageError) -> None:
        """Log an outage once, not per call, and wait for a hanging Redis once."""
        if isinstance(error.storage_error, TookTooLong):
            self._breaker.rest()
        if not self._down:
            logger.warning(
                "rate limit storage is down, calls go out unlimited",
                service=self._namespace,
                cause=type(error.storage_error).__name__,
            )
        self._down = True


def _storage(uri: str) -> StorageTypes:
    if uri.startswith("unix:"):
        uri = f"redis+{uri}"  # the library's name for Redis on a Unix socket
    return storage_from_string(uri, wrap_exceptions=True, **quick_options())
