"""The rate limit of the contract: so many calls a minute for each token."""

import threading
from collections import deque

WINDOW_SECONDS = 60
DEFAULT_PER_MINUTE = 600


class RateLimit:
    """A sliding minute per token; in memory, as a limit does not outlive a restart."""

    def __init__(self) -> None:
        self.per_minute = DEFAULT_PER_MINUTE
        """0 switches it off."""
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = {}

    def wait(self, token: str, now: float) -> int:
        """Count a call; return 0 when it may go, else the seconds to wait."""
        if not self.per_minute:
            return 0
        with self._lock:
            calls = self._calls.setdefault(token, deque())
            while calls and calls[0] <= now - WINDOW_SECONDS:
                calls.popleft()
            if len(calls) < self.per_minute:
                calls.append(now)
                return 0
            return int(calls[0] + WINDOW_SECONDS - now) + 1
