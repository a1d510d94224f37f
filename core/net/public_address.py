"""Which addresses a user may let us call: public ones, so that nobody reaches inside.

A name is resolved once, every address it has is judged, and the call goes to the one
that was judged (OWASP: Server-Side Request Forgery Prevention). Addresses that carry
another one inside (mapped, 6to4, Teredo, NAT64) are judged by that one as well.
"""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAT64 = ip_network("64:ff9b::/96")
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
    return all(_is_open(each) for each in (address, *_inside(address)))


def is_address(text: str) -> bool:
    """Tell whether a host is written as an address instead of a name."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _is_open(address: Address) -> bool:
    closed = (
        address.is_private,
        address.is_loopback,
        address.is_link_local,
        address.is_multicast,
        address.is_reserved and address not in _NAT64,
        address.is_unspecified,
    )
    return address.is_global and not any(closed)


def _inside(address: Address) -> Iterator[Address]:
    if isinstance(address, IPv4Address):
        return
    carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    yield from (each for each in carried if each is not None)
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
