"""The sandbox's own thread: sends webhooks and lets the backlog trickle in.

It starts when there is work and ends when there is none, so that an idle sandbox does
nothing.
"""

import threading
import time

from plugins.kmoshops.sandbox.shop import Shop
from plugins.kmoshops.sandbox.webhooks import Webhooks

BEAT_SECONDS = 0.2


class Background:
    """One thread at most, woken by `wake`."""

    def __init__(self, shop: Shop, webhooks: Webhooks) -> None:
        self._shop = shop
        self._webhooks = webhooks
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._left = 0
        self._pace = 0.0
        self._owed = 0.0
        webhooks.on_queued = self.wake

    def trickle(self, per_minute: float, count: int) -> None:
        """Release `count` orders of the backlog, so many a minute; 0 stops it."""
        with self._lock:
            self._pace, self._left, self._owed = per_minute / 60, count, 1.0
        self.wake()

    def wake(self) -> None:
        """Start the thread unless it runs."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._release()
            if self._webhooks.pending():
                self._webhooks.deliver()
            with self._lock:
                if not self._left and not self._webhooks.pending():
                    self._thread = None
                    return
            time.sleep(BEAT_SECONDS)

    def _release(self) -> None:
        with self._lock:
            self._owed += self._pace * BEAT_SECONDS
            due = min(int(self._owed), self._left)
            self._owed -= due
        if not due:
            return
        released = self._shop.release(due)
        with self._lock:
            # an empty backlog ends it
            self._left = self._left - due if released == due else 0
