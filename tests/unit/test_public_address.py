"""Which addresses a user's webhook may go to."""

import socket
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
