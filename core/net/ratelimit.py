"""Keeping below a vendor's call limit, shared by all workers through Redis.

A moving window: in any sixty seconds no more than the budget goes out, wherever the
vendor's own minute begins. A fixed window would let twice the budget through around
its edge.
"""

from threading import Lock

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import StorageTypes, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from core.domain.clock import utcnow
from core.domain.errors import WaitUntil

logger = structlog.get_logger(__name__)

STORAGE_SECONDS = 0.5
"""How long Redis may take to answer before the call goes out unlimited."""
_LEAST_WAIT = 0.05


class Limiter:
    """The budget of one client at one vendor: so many calls a minute per endpoint."""

    def __init__(self, storage_uri: str, per_minute: int, namespace: str) -> None:
        """Take `redis://`, `unix://` or `memory://`; 0 per minute means no limit."""
        self._uri = storage_uri
        self._namespace = namespace
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._window: MovingWindowRateLimiter | None = None
        self._lock = Lock()
        self._down = False

    def acquire(self, endpoint: str) -> None:
        """Count one call to `METHOD path-template`; WaitUntil when none is left.

        Without its storage it lets everything through: the vendor's own refusal
        (429) still guards, and standing still would be worse.
        """
        if self._item is None:
            return
        try:
            wait = self._take(self._item, endpoint)
        except StorageError as error:
            self._report(error)
            return
        self._down = False
        if wait is not None:
            raise WaitUntil("rate_limited", seconds=wait, service=self._namespace)

    def _take(self, item: RateLimitItemPerMinute, endpoint: str) -> float | None:
        """Return None when the call may go, else the seconds until one may."""
        window = self._opened()
        if window.hit(item, self._namespace, endpoint):
            return None
        reset = window.get_window_stats(item, self._namespace, endpoint).reset_time
        return max(_LEAST_WAIT, reset - utcnow().timestamp())

    def _opened(self) -> MovingWindowRateLimiter:
        """Return the window on its storage, which is made at the first call."""
        with self._lock:
            if self._window is None:
                self._window = MovingWindowRateLimiter(_storage(self._uri))
            return self._window

    def _report(self, error: StorageError) -> None:
        """Log an outage once, not per call."""
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
    return storage_from_string(
        uri,
        wrap_exceptions=True,
        socket_timeout=STORAGE_SECONDS,
        socket_connect_timeout=STORAGE_SECONDS,
    )
