"""Which addresses a user may let us call: public ones, so that nobody reaches inside.

A name is resolved once, every address it has is judged, and the call goes to the one
that was judged (OWASP: Server-Side Request Forgery Prevention). Addresses that carry
another one inside (mapped, IPv4-compatible, 6to4, Teredo) are refused, but for NAT64's,
over which some networks reach all of IPv4: those are judged by the one inside.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAT64 = ip_network("64:ff9b::/96")
_ALLOCATED = ip_network("2000::/3")
"""All of IPv6 that IANA gives out as global unicast (RFC 4291, 2.4)."""
_CLOSED = tuple(
    map(
        ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3ffe::/16", "3fff::/20"),
    )
)
"""Closed, given up or for relays, and open to `is_global` in some versions of Python:
protocol assignments (RFC 6890), 6to4 (RFC 7526), the 6bone (RFC 3701), documentation
(RFC 9637)."""
Address = IPv4Address | IPv6Address


class NotPublic(ValueError):
    """A name has an address on this machine, in a private network, or none at all."""


def resolve(host: str, port: int) -> str:
    """Return a host's address after judging all of them; NotPublic if one is not.

    OSError when the name cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise NotPublic(host)
    return addresses[0]


def is_public(text: str) -> bool:
    """Tell whether an address is one of the open internet; False when it is none."""
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return False
    return _is_open(address)


def is_address(text: str) -> bool:
    """Tell whether a host is written as an address instead of a name."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _is_open(address: Address) -> bool:
    """Tell whether IANA's registries leave an address to the open internet.

    `is_global` follows them, but for multicast and for what is newer than this Python.
    """
    if address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    if address.version == 6 and address not in _ALLOCATED:
        return False
    closed = address.is_multicast or any(address in net for net in _CLOSED)
    return address.is_global and not closed
