"""Addresses and XML over the guarded transport; zeep sees nothing else of the network.

The vendor's own WSDL names a plain http address, over which the codes would travel
readable (contract 2): whatever a WSDL or setting says, https is used, except on
loopback.
"""

from typing import Any
from urllib.parse import urlsplit

from core.net.http import HttpClient
from core.net.transport import Reply, checked_address, nonsense

_XML = ("text/xml", "application/xml", "application/soap+xml", "application/wsdl+xml")


def secured(address: str) -> str:
    """Return the address with https; a loopback one stays as it is."""
    try:
        return checked_address(address)
    except ValueError:
        rest = address.partition("://")[2]
        return checked_address(f"https://{rest}")


def split(address: str) -> tuple[str, str]:
    """Return the address's base and the path (with its query) below it."""
    parts = urlsplit(secured(address))
    path = parts.path.lstrip("/")
    return f"{parts.scheme}://{parts.netloc}/", (
        f"{path}?{parts.query}" if parts.query else path
    )


class XmlHttp(HttpClient):
    """An HTTP client whose answers are XML; anything else is nonsense."""

    def read_body(self, reply: Reply) -> Any:
        """Return the XML's bytes; parsing is up to the caller."""
        kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in _XML:
            raise nonsense(f"content type {kind[:60]!a}")
        return reply.content
