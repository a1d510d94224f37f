"""Guarded calls to an outside system's interface, and what their faults mean.

JSON unless a client overrides `read_body`.

Before the request can have left, a fault is RetryLater. After that a write's outcome
is unknown (F11 to F17): it is looked up by reference, never sent again. 401 and 429
prove that nothing was done. Every other 4xx is the client's business.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, Self
from urllib.parse import unquote, urlencode

from core.domain import jsontext
from core.domain.errors import (
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.domain.redact import redact_cut, redact_url
from core.net.ratelimit import CallLimit
from core.net.sendable import check_sendable
from core.net.transport import (
    Fault,
    Into,
    Reply,
    Transport,
    is_header_safe,
    probe,
    server_fault,
)
from core.net.waits import retry_after, wait_until

__all__ = ["Answer", "HttpClient", "Into", "TokenSource", "probe"]

EXCHANGE_CHARACTERS = 8000
"""How much of an exchange is kept for the user's Meer info."""
_LINE_CHARACTERS = 800
_BODY_CHARACTERS = (EXCHANGE_CHARACTERS - _LINE_CHARACTERS - 200) // 2
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "Koppelwerk",
}


class TokenSource(Protocol):
    """Where a client gets its bearer token from; storing it is not its business."""

    def access_token(self) -> str:
        """Return a token that should be good."""

    def renew(self, rejected: str) -> str:
        """Return another token than the rejected one, or raise AuthenticationLost."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's answer: `body` is what `HttpClient.read_body` made of it.

    JSON has Decimals, and is None when empty.
    """

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str

    @property
    def ok(self) -> bool:
        """Whether the vendor did what was asked (2xx)."""
        return 200 <= self.status < 300


class _Request:
    """What is sent, made once and used again after a renewed token."""

    __slots__ = (
        "body", "headers", "into", "label", "method", "params", "url", "writes",
    )  # fmt: skip

    def __init__(
        self,
        address: str,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        json_body: Any,
        data: Mapping[str, str] | str | bytes | None,
        headers: Mapping[str, str] | None,
        into: Into | None,
        *,
        writes: bool,
    ) -> None:
        self.into = into
        self.method = method
        self.writes = writes
        self.label = f"{method} {path}"
        self.url = address + _checked_path(path)
        self.params = params
        self.body = data
        self.headers = {**_HEADERS, **(headers or {})}
        if json_body is not None:
            check_sendable(self.label, json_body)
            self.body = jsontext.dumps(json_body)
            self.headers["Content-Type"] = "application/json"


@dataclass(slots=True)
class _Exchange:
    """The last call, kept as it was; made readable only when somebody asks."""

    request: _Request
    secrets: Collection[str] = ()
    reply: Reply | None = None
    fault: Fault | None = None

    def __str__(self) -> str:
        """Render the request's line and body, then the answer's."""
        request, reply = self.request, self.reply
        url = request.url
        if request.params:
            url += "?" + urlencode(request.params, doseq=True)
        outcome = str(reply.status if reply else self.fault or "(no answer)")
        line = f"{request.method} {redact_url(url, secrets=self.secrets)}"
        return "\n".join(
            (
                line[:_LINE_CHARACTERS],
                self._clean(_shown(request.body)),
                f"→ {outcome}",
                self._clean(reply.text if reply else ""),
            )
        )

    def _clean(self, text: str) -> str:
        return redact_cut(text, _BODY_CHARACTERS, secrets=self.secrets)


class HttpClient:
    """Calls one outside system at a fixed address over kept-alive connections."""

    auth_scheme = "Bearer"
    """The word before the token; empty where a system takes the bare token."""

    def __init__(
        self,
        base_url: str,
        *,
        service: str,
        tokens: TokenSource | None = None,
        limiter: CallLimit | None = None,
        deadline: float = 30,
        connect_timeout: float = 5,
        read_timeout: float = 20,
        max_bytes: int = 20_000_000,
        secrets: Collection[str] = (),
    ) -> None:
        """Bind to a base address; `service` names the system in the user's texts.

        Times in seconds; `deadline` covers one call's headers and body together.
        `secrets` are segments of the address that act as a key; no exchange shows
        them, nor an answer that repeats them.
        ValueError when the address is neither https nor on loopback.
        """
        self.service = service
        self._transport = Transport(
            base_url.rstrip("/") + "/",
            deadline=deadline,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_bytes=max_bytes,
        )
        self._tokens = tokens
        self._limiter = limiter
        self._secrets = tuple(secrets)
        self._last: _Exchange | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._transport.close()

    @property
    def last_exchange(self) -> str:
        """The last request and answer, redacted and cut to 8 kB; empty before any."""
        return str(self._last) if self._last is not None else ""

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json_body: Any = None,
        data: Mapping[str, str] | str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        writes: bool = False,
        endpoint: str | None = None,
        into: Into | None = None,
    ) -> Answer:
        """Call the system and return its answer, 2xx or a 4xx that it explains.

        `writes`: the call changes something there, so an outcome that is not known
        must be looked up. `endpoint` is what the vendor's limit counts
        (`GET /orders/{id}`; the method and path when not given). `into`: where the
        body of a 2xx goes that is too large for memory; `Answer.body` is of an empty
        one then.

        Raises RetryLater (`remote_unreachable`; for reads also `remote_timeout`,
        `remote_dropped`, `remote_fault`, `remote_nonsense`, `remote_too_large`),
        OutcomeUnknown `outcome_unknown` with `cause` (writes), WaitUntil
        `rate_limited`, AuthenticationLost `authentication_lost`, and AskUser
        `unsendable_text` before anything left.
        """
        address = self._transport.address
        request = _Request(
            address, method, path, params, json_body, data, headers, into, writes=writes
        )
        endpoint = endpoint or f"{method} {path}"
        try:
            return self._answer(self._authorised(request, endpoint), writes=writes)
        except Fault as fault:
            self._refuse(fault, writes)

    def read_body(self, reply: Reply) -> Any:
        """Return the body of an answer; clients of an XML interface override it.

        Raises Fault `remote_nonsense` when it is not what the system should send.
        """
        return reply.json()

    def wait_seconds(self, answer: Answer) -> float | None:
        """Return how long a 429 asks to wait; clients override it for a vendor's way.

        None when it does not say.
        """
        return retry_after(answer.headers)

    def _authorised(self, request: _Request, endpoint: str) -> Reply:
        """Send with a token; after a 401, which did nothing, once with a new one."""
        if self._tokens is None:
            reply = self._send(request, endpoint, None)
        else:
            token = self._tokens.access_token()
            reply = self._send(request, endpoint, token)
            if reply.status == 401:
                renewed = self._tokens.renew(token)
                reply = self._send(request, endpoint, renewed)
        if reply.status == 401:
            raise AuthenticationLost("authentication_lost", service=self.service)
        return reply

    def _send(self, request: _Request, endpoint: str, token: str | None) -> Reply:
        if self._limiter is not None:
            self._limiter.acquire(endpoint)
        headers = request.headers
        if token is not None:
            headers = {**headers, "Authorization": self._bearer(token)}
        exchange = self._last = _Exchange(request, self._secrets)
        probe(f"before {request.label}")
        try:
            reply = self._transport.send(
                request.method,
                request.url,
                params=request.params,
                body=request.body,
                headers=headers,
                writes=request.writes,
                into=request.into,
            )
        except Fault as fault:
            exchange.fault = fault
            raise
        exchange.reply = reply
        probe(f"after {request.label}")
        return reply

    def _bearer(self, token: str) -> str:
        """Refuse a token that cannot stand in a header: the error would print it."""
        if not is_header_safe(token):
            raise AuthenticationLost("authentication_lost", service=self.service)
        return f"{self.auth_scheme} {token}".strip()

    def _answer(self, reply: Reply, *, writes: bool) -> Answer:
        is_pause = reply.status == 503 and retry_after(reply.headers) is not None
        # What became of a write that a 503 answers is not known: it is looked up.
        if reply.status == 429 or (is_pause and not writes):
            raise self._wait(reply)
        if reply.status >= 500:
            raise server_fault(reply.status)
        return Answer(reply.status, self.read_body(reply), reply.headers, reply.text)

    def _wait(self, reply: Reply) -> WaitUntil:
        try:
            body = self.read_body(reply)
        except Fault:
            body = None  # a gateway's page: the status says enough
        answer = Answer(reply.status, body, reply.headers, reply.text)
        return wait_until(self.service, self.wait_seconds(answer))

    def _refuse(self, fault: Fault, writes: bool) -> NoReturn:
        """Say what a fault means for the document."""
        kind: type[KoppelwerkError] = RetryLater
        code, params = fault.code, {"service": self.service, **fault.params}
        if writes and fault.sent:
            kind, code = OutcomeUnknown, "outcome_unknown"
            params["cause"] = fault.code
        raise kind(code, **params) from fault


def _checked_path(path: str) -> str:
    """Refuse what would leave the base address; an id from outside may try."""
    path = path.lstrip("/")
    plain = unquote(path.partition("?")[0]).replace("\\", "/")
    if any(segment in (".", "..") for segment in plain.split("/")):
        raise ValueError("a path may not climb")
    return path


def _shown(body: Mapping[str, str] | str | bytes | None) -> str:
    if isinstance(body, bytes):
        return f"({len(body)} bytes)"
    if isinstance(body, Mapping):
        return "&".join(f"{name}={value}" for name, value in body.items())
    return body or ""
