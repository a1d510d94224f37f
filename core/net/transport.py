"""One guarded exchange over HTTP: whatever the other side does, it ends in time.

A fixed address, TLS verified (https everywhere but on loopback), no redirects, no
proxies or credentials from the environment, no cookies, one deadline over headers and
body together, a cap on the decoded size. It knows nothing of vendors or tokens: what a
fault means is decided by `core.net.http` and `core.net.oauth`, for which it tells
whether the request can have left (reliability: F11, F12, F15, F17).
"""

import io
import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from socket import socket
from ssl import SSLContext
from time import monotonic
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from core.domain import jsontext
from core.net.departures import departed
from core.net.sendable import check_sendable

_CHUNK_BYTES = 65536
_JSON_TYPE = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json\s*(?:;|\Z)", re.I)


def _without_addresses(record: logging.LogRecord) -> bool:
    """Drop the library's debug lines: they hold whole paths, keys and all."""
    return record.levelno > logging.DEBUG


logging.getLogger("urllib3.connectionpool").addFilter(_without_addresses)


class Fault(Exception):
    """An exchange without a usable answer.

    `sent` tells whether the request can have reached the other side, `answered`
    whether a whole answer came back. Carries no address, header or body.
    """

    def __init__(self, code: str, *, sent: bool, answered: bool, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.sent = sent
        self.answered = answered
        self.detail = detail

    @property
    def params(self) -> dict[str, str]:
        """Return the values that an error's text may name."""
        status = {"status": self.detail} if self.code == "remote_fault" else {}
        return {"detail": self.detail, **status}


class _Probe:
    """Called around every wire call and commit; kill tests set its listener."""

    listener: Callable[[str], None] | None = None

    def __call__(self, point: str) -> None:
        if self.listener is not None:
            self.listener(point)


probe = _Probe()


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer as it came: status, headers (names in any case) and text."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text, without a byte order mark."""
        return self.content.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """Return the body, amounts as Decimal; None when empty.

        Raises Fault `remote_nonsense` on HTML, other types and malformed JSON.
        """
        if not self.content.strip():
            return None
        kind = self.headers.get("Content-Type", "")
        if not _JSON_TYPE.match(kind):
            raise nonsense(f"content type {kind[:60]!a}")
        try:
            return jsontext.loads(self.content.decode("utf-8-sig"))
        except ValueError as error:
            cause = type(error).__name__
        raise nonsense(cause)


def nonsense(detail: str) -> Fault:
    """Return the fault of an answer that came whole and makes no sense."""
    return Fault("remote_nonsense", sent=True, answered=True, detail=detail)


def server_fault(status: int) -> Fault:
    """Return the fault of a 5xx, which may follow after the work was done (F14)."""
    return Fault("remote_fault", sent=True, answered=True, detail=str(status))


@dataclass(slots=True)
class _Call:
    """The exchange that this thread is in."""

    until: float
    read_timeout: float
    writes: bool
    pinned: str = ""
    """The address to connect to instead of asking what the name stands for."""
    sent: bool = False

    def leave(self) -> None:
        """Note the moment from which the other side may have got the request."""
        self.sent = True
        if self.writes:
            departed()

    def patience(self) -> float:
        """Return the seconds the next read may take; TimeoutError when time is up."""
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return min(left, self.read_timeout)


_call: ContextVar[_Call] = ContextVar("_call")


class _TimedReader(io.RawIOBase):
    """Reads a socket under the deadline; a timeout per read would let drips through."""

    def __init__(self, sock: socket, call: _Call) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._call = call

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._call.patience())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_TimedReader(sock, _call.get()))


class _HTTPConnection(HTTPConnection):
    """Notes the moment from which the other side may have got the request."""

    response_class = _TimedResponse

    def _new_conn(self) -> socket:
        """Connect to the address that was judged; TLS still checks the name."""
        pinned = _call.get().pinned
        if not pinned:
            return super()._new_conn()
        named, self._dns_host = self._dns_host, pinned
        try:
            return super()._new_conn()
        finally:
            self._dns_host = named

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _call.get().leave()
        super().send(data)


class _HTTPSConnection(_HTTPConnection, HTTPSConnection):
    """The same over TLS; the handshake is done before anything is sent."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    def __init__(self, tls: SSLContext | None, **kwargs: Any) -> None:
        self._tls = tls
        super().__init__(**kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._tls is not None:
            kwargs["ssl_context"] = self._tls
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": _HTTPPool, "https": _HTTPSPool}
        self.poolmanager.pool_classes_by_scheme = pools


@dataclass(frozen=True, slots=True)
class Into:
    """Where a large answer goes instead of into memory, and what it may take."""

    file: IO[bytes]
    max_bytes: int
    """Of the decoded body."""
    deadline: float
    """In seconds, for headers and body together."""


class Transport:
    """Kept-alive connections to one host; safe to share between threads.

    Uses requests' adapter without its Session, which would read the environment, keep
    cookies, and take in the whole body of a redirect without a limit.
    """

    def __init__(
        self,
        address: str,
        *,
        deadline: float = 30,
        connect_timeout: float = 5,
        read_timeout: float = 20,
        max_bytes: int = 20_000_000,
        pool_size: int = 10,
        tls: SSLContext | None = None,
        pinned: str = "",
    ) -> None:
        """Bind to an address (ValueError when not https or loopback); in seconds.

        `tls` adds a client certificate or roots of one's own; what it trusts is
        trusted beside the usual roots. `pinned` is the IP address to connect to,
        where the name was resolved and judged before (`core.net.public_address`).
        """
        self.address = checked_address(address)
        self._deadline = deadline
        self._connect_timeout = min(connect_timeout, deadline)
        self._read_timeout = min(read_timeout, deadline)
        self._max_bytes = max_bytes
        self._pinned = pinned
        self._adapter = _Adapter(tls, pool_connections=1, pool_maxsize=pool_size)

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._adapter.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: str | bytes | Mapping[str, str] | None = None,
        headers: Mapping[str, str],
        writes: bool = True,
        into: Into | None = None,
    ) -> Reply:
        """Do one exchange; Fault when no whole, acceptable answer came in time.

        `into`: the body of a 2xx goes there; the reply's own is empty then.

        `writes`: it changes something there, so that once it left its outcome counts
        (`departures`). Raises AskUser `unsendable_text`, before anything left, when
        a text in it has signs that no outside system holds.
        """
        check_sendable(f"{method} {urlsplit(url).path}", url, params, body)
        data = body.encode() if isinstance(body, str) else body
        request = requests.Request(
            method, url, params=params, data=data, headers=dict(headers)
        ).prepare()
        until = monotonic() + (into.deadline if into else self._deadline)
        call = _Call(until, self._read_timeout, writes, self._pinned)
        token = _call.set(call)
        try:
            return self._exchange(request, into)
        except Fault:
            raise
        except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
            fault = _fault(error, call)
        finally:
            _call.reset(token)
        # raised here so that it does not carry the library's error, which names the
        # whole address
        raise fault

    def _exchange(self, request: requests.PreparedRequest, into: Into | None) -> Reply:
        response = self._adapter.send(
            request,
            stream=True,
            verify=True,
            timeout=(self._connect_timeout, self._read_timeout),
        )
        whole = False
        try:
            is_good = 200 <= response.status_code < 300
            content = self._read(response, into if is_good else None)
            whole = True
        finally:
            if not whole:
                response.close()  # not to be kept alive: it still holds the rest
        if 300 <= response.status_code < 400:
            raise nonsense(f"redirect {response.status_code}")
        return Reply(response.status_code, response.headers, content)

    def _read(self, response: requests.Response, into: Into | None) -> bytes:
        """Return the decoded body, or stop at the cap (endless body, gzip bomb)."""
        most = into.max_bytes if into else self._max_bytes
        parts, size = [], 0
        for part in response.raw.stream(_CHUNK_BYTES, decode_content=True):
            size += len(part)
            if size > most:
                raise Fault(
                    "remote_too_large",
                    sent=True,
                    answered=False,
                    detail=f"over {most} bytes",
                )
            if into:
                into.file.write(part)
            else:
                parts.append(part)
        return b"".join(parts)


def checked_address(address: str) -> str:
    """Return an address we may call; ValueError unless https or on loopback."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not host or not safe or parts.username is not None:
        raise ValueError(f"refused address of host {host!a}: https is required")
    return address


def is_header_safe(value: str) -> bool:
    """Whether a token can stand in a header as it is (RFC 6750 allows fewer signs)."""
    return value.isascii() and value.isprintable() and value != "" and " " not in value


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _fault(error: Exception, call: _Call) -> Fault:
    """Name what went wrong by how far the request came."""
    cause = type(error).__name__
    if not call.sent:
        return Fault("remote_unreachable", sent=False, answered=False, detail=cause)
    if isinstance(error, DecodeError):
        return nonsense(cause)
    timed_out = isinstance(error, (requests.Timeout, ReadTimeoutError, TimeoutError))
    code = "remote_timeout" if timed_out else "remote_dropped"
    return Fault(code, sent=True, answered=False, detail=cause)
