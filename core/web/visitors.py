"""Where a visitor comes from, as far as it can be known, and limits by that."""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address

import structlog
from flask import current_app, request

from core.runtime import throttle
from core.runtime.extensions import settings

logger = structlog.get_logger(__name__)
FORWARDED = ("Forwarded", "X-Forwarded-For")
_WARNED = "koppelwerk_proxy_warned"


def address() -> str:
    """Return the visitor's address; of IPv6 the network that one visitor has.

    Empty when nobody can tell: everybody seems to come from a proxy.
    """
    try:
        found = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if behind_unknown_proxy():
        return ""
    if isinstance(found, IPv6Address):
        return found.exploded[:19]
    return str(found)


def behind_unknown_proxy() -> bool:
    """Tell whether a proxy nearby passed this on that TRUSTED_PROXIES does not count.

    Only one nearby: from afar anybody could say so, to be counted nowhere.
    """
    if settings().trusted_proxies or not any(map(request.headers.get, FORWARDED)):
        return False
    try:
        return ip_address(request.remote_addr or "").is_private
    except ValueError:
        return False


def warn_of_unknown_proxy() -> None:
    """Say in the log, once per process, that visitors cannot be told apart."""
    if _WARNED in current_app.extensions or not behind_unknown_proxy():
        return
    current_app.extensions[_WARNED] = True
    logger.warning(
        "a proxy passes requests on, but TRUSTED_PROXIES is 0:"
        " visitors cannot be told apart, and nobody is limited by address"
    )


def allowed_from_here(kind: str, limit: int, window: timedelta) -> bool:
    """Count a try from the visitor's address; see `throttle.allow`."""
    here = address()
    return not here or throttle.allow(f"{kind}:{here}", limit, window)
