"""Hosts of one machine: network namespaces on one switch, gone with the process.

The run itself goes on in namespaces of its own (processes, network, mounts). However
it ends, the kernel ends what it started with it and takes the network away; neither
the machine's own network nor its list of namespaces is touched.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.kit.runner import Command

_NET = "127.77.0"
"""Goes over the wire here: without TLS the product calls loopback's addresses only."""
_SWITCH = "switch"
_NAMED = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_APART = "CHAOS_APART"
_UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
            "--mount-proc"]  # fmt: skip
_INIT = ["sh", "-c", '"$@"; exit $?', "sh"]
"""The first process of the run, which takes in those that lost their parents."""


def why_not() -> str:
    """Return why this machine gives no hosts; empty: it does."""
    if os.geteuid() != 0:
        return "network namespaces can be made by root only"
    for name in ("ip", "unshare"):
        if shutil.which(name) is None:
            return f"the program {name} is not installed"
    tried = subprocess.run(
        [*_UNSHARE, "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return tried.stderr.strip()


def go_apart(*words: str) -> None:
    """Go on in namespaces of its own: runs `python WORDS` anew there, once."""
    if os.environ.get(_APART) != "yes":
        os.environ[_APART] = "yes"
        command = [*_UNSHARE, *_INIT, sys.executable, *words]
        os.execvp(command[0], command)
    _NAMED.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "none", str(_NAMED))


def _run(*words: str) -> None:
    subprocess.run(words, check=True)


@dataclass
class Network:
    """The hosts; this process reaches all of them over their switch."""

    addresses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _run("ip", "link", "add", _SWITCH, "type", "bridge")
        _plug_in(_SWITCH, f"{_NET}.1")

    def add(self, host: str) -> str:
        """Plug in a new host; return its address."""
        address = f"{_NET}.{len(self.addresses) + 2}"
        self.addresses[host] = address
        _run("ip", "netns", "add", host)
        _run("ip", "link", "add", host, "type", "veth",
             "peer", "name", "eth0", "netns", host)  # fmt: skip
        _run("ip", "link", "set", host, "master", _SWITCH, "up")
        with inside(host):
            _plug_in("eth0", address)
        return address

    def cut(self, host: str) -> None:
        """Pull a host's cable."""
        _run("ip", "link", "set", host, "down")

    def join(self, host: str) -> None:
        """Put it back."""
        _run("ip", "link", "set", host, "up")


def _plug_in(device: str, address: str) -> None:
    """Give this host its address, and of loopback's only the first to itself."""
    Path("/proc/sys/net/ipv4/conf/all/route_localnet").write_text("1")
    _run("ip", "addr", "add", "127.0.0.1/32", "dev", "lo")
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "addr", "del", "127.0.0.1/8", "dev", "lo")
    _run("ip", "addr", "add", f"{address}/24", "dev", device)
    _run("ip", "link", "set", device, "up")


@contextmanager
def inside(host: str) -> Iterator[None]:
    """Be on a host: what this thread connects to, and starts, is there."""
    with open("/proc/thread-self/ns/net") as before, (_NAMED / host).open() as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(before.fileno())


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@dataclass
class OnHost(Command):
    """A program on one of the hosts."""

    host: str = ""

    def _start(self, log: Path) -> None:
        with inside(self.host):
            super()._start(log)
