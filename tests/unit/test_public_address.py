"""Which addresses a user's webhook may go to."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import pytest

from core.net import public_address
from core.net.public_address import NotPublic, is_public, resolve

INSIDE = (
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "0.0.0.0", "224.0.0.1", "192.0.2.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "[::1]", "localhost", "2130706433", "0x7f.1", "",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]
)
def test_the_open_internet_is_not(address: str) -> None:
    assert is_public(address)


CLOSED = """
0.0.0.0/8          1981-09  RFC 791    this network
10.0.0.0/8         1996-02  RFC 1918   private use
100.64.0.0/10      2012-04  RFC 6598   shared address space
127.0.0.0/8        1981-09  RFC 1122   loopback
169.254.0.0/16     2005-05  RFC 3927   link local
172.16.0.0/12      1996-02  RFC 1918   private use
192.0.0.0/24       2010-01  RFC 6890   protocol assignments
192.0.0.8/32       2015-03  RFC 7600   dummy address
192.0.0.170/31     2013-02  RFC 7050   NAT64 discovery
192.0.2.0/24       2010-01  RFC 5737   documentation
192.88.99.0/24     2001-06  RFC 7526   6to4 relays, given up
192.168.0.0/16     1996-02  RFC 1918   private use
198.18.0.0/15      1999-03  RFC 2544   benchmarking
198.51.100.0/24    2010-01  RFC 5737   documentation
203.0.113.0/24     2010-01  RFC 5737   documentation
224.0.0.0/4        1989-08  RFC 5771   multicast
240.0.0.0/4        1989-08  RFC 1112   reserved
255.255.255.255/32 1984-10  RFC 8190   limited broadcast
::1/128            2006-02  RFC 4291   loopback
::/128             2006-02  RFC 4291   unspecified
::/96              2006-02  RFC 4291   IPv4-compatible, given up
::ffff:0:0/96      2006-02  RFC 4291   IPv4-mapped
64:ff9b:1::/48     2017-06  RFC 8215   translation within a network
100::/64           2012-06  RFC 6666   discard only
100:0:0:1::/64     2025-04  RFC 9780   dummy prefix
2001::/32          2006-01  RFC 4380   Teredo
2001:2::/48        2008-04  RFC 5180   benchmarking
2001:10::/28       2007-03  RFC 4843   ORCHID, given up
2001:db8::/32      2004-07  RFC 3849   documentation
2002::/16          2001-02  RFC 3056   6to4
3ffe::/16          1998-12  RFC 3701   6bone, given up
3fff::/20          2024-07  RFC 9637   documentation
5f00::/16          2024-04  RFC 9602   segment routing
fc00::/7           2005-10  RFC 4193   unique local
fe80::/10          2006-02  RFC 4291   link local
fec0::/10          2004-09  RFC 3879   site local, given up
ff00::/8           2006-02  RFC 4291   multicast
4000::/3           2006-02  RFC 4291   not given out
"""
"""IANA's IPv4 and IPv6 special-purpose address registries as of 2026-11, with the month
of each entry's allocation, and what RFCs closed beside them."""
OPEN = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255
172.32.0.0 192.0.1.0 192.31.196.1 192.175.48.1 198.17.255.255 198.20.0.0 223.255.255.255
2001:200::1 2600:: 2606:4700:4700::1111 2a00:1450::1 2620:4f:8000::1 64:ff9b::808:808
"""


@pytest.mark.parametrize("line", CLOSED.strip().splitlines())
def test_what_the_registries_close_is_closed(line: str) -> None:
    network = ip_network(line.split()[0])
    middle = network[network.num_addresses // 2]
    for address in (network[0], middle, network[-1]):
        assert not is_public(str(address))
        if isinstance(address, IPv4Address):
            for form in ("::ffff:{}", "::{}", "64:ff9b::{}"):
                assert not is_public(form.format(address))
            assert not is_public(str(IPv6Address(0x2002 << 112 | int(address) << 80)))


@pytest.mark.parametrize("address", OPEN.split())
def test_what_they_leave_open_is_open(address: str) -> None:
    assert is_public(address)


def _names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def answer(*_args: Any, **_options: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_name_with_one_address_inside_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(NotPublic):
        resolve("both.example", 443)


def test_the_judged_address_is_the_one_to_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _names(monkeypatch, "8.8.8.8", "8.8.4.4")
    assert public_address.resolve("open.example", 443) == "8.8.8.8"


def test_a_name_without_addresses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch)
    with pytest.raises(NotPublic):
        resolve("none.example", 443)
