"""How long an outside system asks to wait: a 429, or a 503 that says so."""

from collections.abc import Mapping

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from core.domain.errors import WaitUntil
from core.net.transport import Reply

DEFAULT_WAIT_SECONDS = 60.0
"""After a 429 that does not say how long (most count per minute)."""
LONGEST_WAIT_SECONDS = 3600.0


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds Retry-After asks to wait (RFC 9110, 10.2.3: a number or
    a date); None when it does not say."""
    try:
        return Retry().parse_retry_after(headers.get("Retry-After", ""))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def wait_until(service: str, seconds: float | None) -> WaitUntil:
    """Return the wait of a whole connection, of a length in reason."""
    asked = DEFAULT_WAIT_SECONDS if seconds is None else seconds
    return WaitUntil(
        "rate_limited",
        seconds=min(max(asked, 1.0), LONGEST_WAIT_SECONDS),
        whole_connection=True,
        service=service,
    )


def rate_limited(reply: Reply, service: str) -> WaitUntil | None:
    """Return the wait that a 429, or a 503 that says how long, asks for."""
    seconds = retry_after(reply.headers)
    if reply.status == 429 or (reply.status == 503 and seconds is not None):
        return wait_until(service, seconds)
    return None
