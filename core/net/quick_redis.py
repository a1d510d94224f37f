"""Redis for those whom nobody may keep waiting: a short patience, and then a rest.

One that is down refuses at once; one that hangs costs each caller its patience, so
after one who waited in vain the others do not try for a while.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import DriverInfo
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LineBroken
from redis.exceptions import TimeoutError as TookTooLong
from redis.retry import Retry

PATIENCE = 0.5
"""Seconds that Redis may take to answer."""
LONGEST = 1.0
"""Seconds that all it is asked at once may take: it may answer each just in time."""
REST = 5.0
"""Seconds in which nobody tries after it took longer."""

DRIVER = DriverInfo()
"""What our connections call themselves. Without it the library reads its own version
from the disk for each connection, 2 ms of every fork."""


def options() -> dict[str, Any]:
    """Return the options of a client that gives up soon.

    Once more on another connection if the line broke: it may have been an old one.
    The library itself would try again for many seconds, time-outs as well.
    """
    return {
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "driver_info": DRIVER,
        "retry": Retry(NoBackoff(), 1, supported_errors=(LineBroken,)),
    }


class Breaker:
    """Remembers for one process that Redis hangs, or answers slowly."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def rests(self) -> bool:
        """Whether Redis did not answer a moment ago."""
        return time.monotonic() < self._until

    def rest(self) -> None:
        """Note that it did not answer."""
        self._until = time.monotonic() + REST

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Raise redis's TimeoutError at once while it rests; note one that is met, and
        what took long altogether."""
        if self.rests:
            raise TookTooLong("Redis did not answer a moment ago")
        began = time.monotonic()
        try:
            yield
        except TookTooLong:
            self.rest()
            raise
        if time.monotonic() - began > LONGEST:
            self.rest()
