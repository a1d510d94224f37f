"""OAuth 2.0, authorization code grant: addresses, tokens, refreshing, revoking.

The protocol (RFC 6749, 7009) is requests-oauthlib's, on our guarded transport; storing
tokens and the single flight are the caller's. A refused grant asks the user to
reconnect, any other refusal is of our own registration (F18, F19), whatever its page
looks like, and a refresh whose answer got lost may have taken a rotated token with it
(F21). A limit is waited for (RFC 6585, 4; RFC 9110, 15.6.4).
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any, Literal, NoReturn
from urllib.parse import quote_plus

from oauthlib.oauth2 import OAuth2Error
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict
from requests_oauthlib import OAuth2Session

from core.domain import jsontext
from core.domain.errors import (
    AuthenticationLost,
    ClientRefused,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
)
from core.net.transport import (
    Fault,
    Reply,
    Transport,
    checked_address,
    is_header_safe,
    nonsense,
    server_fault,
)
from core.net.waits import rate_limited

# Its debug lines hold codes, tokens and our secret.
logging.getLogger("requests_oauthlib.oauth2_session").addFilter(lambda _record: False)

DEADLINE_SECONDS = 20.0
"""Of one call to the identity server; well inside the lock around a refresh."""
MAX_BYTES = 100_000
LONGEST_LIFETIME = timedelta(days=3650)
_KNOWN = {"access_token", "refresh_token", "expires_in", "expires_at", "scope"}
_TIMED_OUT = 408
_ERROR = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class OAuthProvider:
    """An identity server and our registration there."""

    authorize_url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    """The vendor's own, such as `prompt`."""
    revoke_url: str | None = None
    client_auth: Literal["basic", "body"] = "basic"
    """Where our id and secret go: a Basic header, or the form."""
    service: str = "oauth"
    """The system's name in the user's texts."""
    deadline: float = DEADLINE_SECONDS


@dataclass(frozen=True)
class Tokens:
    """What a grant gave us; never printed."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    """Aware UTC; None for a token that does not expire."""
    scope: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)
    """What else the answer held, such as the shop's id."""

    def to_json(self) -> str:
        """Return the tokens as text, to be encrypted."""
        expires_at = self.expires_at.isoformat() if self.expires_at else None
        return jsontext.dumps({**vars(self), "expires_at": expires_at})

    @classmethod
    def from_json(cls, text: str) -> "Tokens":
        """Read what `to_json` wrote."""
        values = jsontext.loads(text)
        if values["expires_at"]:
            values["expires_at"] = datetime.fromisoformat(values["expires_at"])
        return cls(**values)


def authorize_address(provider: OAuthProvider, redirect_uri: str, state: str) -> str:
    """Return where to send the user's browser to give us access."""
    scheme = checked_address(provider.authorize_url).partition("://")[0]
    scope = list(provider.scopes) or None
    address, _ = OAuth2Session(
        provider.client_id, scope=scope, redirect_uri=redirect_uri
    ).authorization_url(
        _as_https(provider.authorize_url), state, **provider.authorize_params
    )
    return scheme + address.removeprefix("https")


def exchange_code(
    provider: OAuthProvider, code: str, redirect_uri: str, now: datetime
) -> Tokens:
    """Turn the code of a callback into tokens; `now` is aware UTC.

    Raises AuthenticationLost `grant_refused`, ClientRefused when the identity server
    refuses us, not the user, WaitUntil `rate_limited`, and RetryLater (codes as
    `core.net.http`).
    """
    with _session(provider, provider.token_url) as session:
        session.redirect_uri = redirect_uri
        try:
            given = _granted(provider, session.fetch_token, code=code)
            return _tokens(given, now)
        except Fault as fault:
            _later(provider, fault)


def refresh(provider: OAuthProvider, tokens: Tokens, now: datetime) -> Tokens:
    """Return fresh tokens; the refresh token stays when the answer has no new one.

    Raises as `exchange_code`, and OutcomeUnknown `refresh_unknown` when the answer got
    lost: the identity server may have replaced the refresh token.
    """
    held = tokens.refresh_token
    if held is None:
        raise AuthenticationLost("grant_refused", service=provider.service)
    with _session(provider, provider.token_url) as session:
        try:
            given = _granted(provider, session.refresh_token, refresh_token=held)
            return _tokens(given, now, before=tokens)
        except Fault as fault:
            if fault.sent and not fault.answered:
                raise OutcomeUnknown(
                    "refresh_unknown", service=provider.service, cause=fault.code
                ) from fault
            _later(provider, fault)


def own_tokens(provider: OAuthProvider, now: datetime, **form: str) -> Tokens:
    """Return tokens of our own, not of a user (RFC 6749, 4.4).

    `form` holds what the vendor asks beside the protocol. Raises as `exchange_code`,
    but for AuthenticationLost: there is no grant to lose.
    """
    address, auth = _as_https(provider.token_url), partial(_identified, provider)
    data = {"grant_type": "client_credentials", **form}
    with _session(provider, provider.token_url) as session:
        try:
            answer = session.post(address, data=data, auth=auth)
            given = _fields(_accepted(provider, answer))
            return _tokens({**given, "scope": ()}, now)
        except AuthenticationLost as error:
            raise ClientRefused(**{"error": "invalid_grant", **error.params}) from error
        except TypeError:  # a lifetime that is no number
            _later(provider, nonsense("expires_in"))
        except Fault as fault:
            _later(provider, fault)


def revoke(provider: OAuthProvider, token: str) -> None:
    """End a token at the identity server, where it offers that; errors as above."""
    if provider.revoke_url is None:
        return
    address, auth = _as_https(provider.revoke_url), partial(_identified, provider)
    with _session(provider, provider.revoke_url) as session:
        try:
            answer = session.post(address, data={"token": token}, auth=auth)
            if not answer.ok:
                raise _refusal(provider, answer)
        except Fault as fault:
            _later(provider, fault)


class _GuardedAdapter(BaseAdapter):
    """Carries a session's requests over our transport, all to one checked address.

    The libraries refuse plain http, which we allow on loopback: they are given https,
    and the address is put right here. A 5xx and a 408, like a redirect, are Faults.
    """

    def __init__(self, address: str, deadline: float, service: str) -> None:
        super().__init__()
        self._service = service
        self._transport = Transport(
            address, deadline=deadline, max_bytes=MAX_BYTES, pool_size=1
        )

    def send(self, request: PreparedRequest, *_: Any, **_options: Any) -> Response:
        reply = self._transport.send(
            str(request.method),
            self._transport.address,
            body=request.body,
            headers=request.headers,
            writes=False,  # what it changes is no document
        )
        wait = rate_limited(reply, self._service)
        if wait is not None:
            raise wait
        if reply.status >= 500 or reply.status == _TIMED_OUT:
            raise server_fault(reply.status)
        response = Response()
        response.request = request
        response.status_code = reply.status
        response.headers = CaseInsensitiveDict(reply.headers)
        response.raw = BytesIO(reply.content)
        response.encoding = "utf-8-sig"
        return response

    def close(self) -> None:
        self._transport.close()


def _session(provider: OAuthProvider, address: str) -> OAuth2Session:
    """Open a session that reaches one address and reads nothing of the environment."""
    session = OAuth2Session(provider.client_id)
    session.trust_env = False
    session.mount(
        "https://", _GuardedAdapter(address, provider.deadline, provider.service)
    )
    accepted = partial(_accepted, provider)
    session.register_compliance_hook("access_token_response", accepted)
    session.register_compliance_hook("refresh_token_response", accepted)
    return session


def _as_https(address: str) -> str:
    return "https://" + address.partition("://")[2]


def _identified(provider: OAuthProvider, request: PreparedRequest) -> PreparedRequest:
    """Add our identification, form-encoded, in a header as well (RFC 6749, 2.3.1)."""
    client_id = quote_plus(provider.client_id)
    secret = quote_plus(provider.client_secret)
    if provider.client_auth == "basic":
        HTTPBasicAuth(client_id, secret)(request)
    else:
        request.body = f"{request.body!s}&client_id={client_id}&client_secret={secret}"
    return request


def _granted(
    provider: OAuthProvider, ask: Callable[..., dict[str, Any]], **grant: str
) -> dict[str, Any]:
    """Return a token answer as the library reads it; Fault when it cannot.

    Its errors quote the answer, so none escapes.
    """
    auth = partial(_identified, provider)
    try:
        return ask(_as_https(provider.token_url), auth=auth, **grant)
    except (OAuth2Error, ValueError, OverflowError, TypeError, AttributeError) as error:
        cause = type(error).__name__
    raise nonsense(cause)


def _accepted(provider: OAuthProvider, response: Response) -> Response:
    """Let a token answer through to the library; raise when it is a refusal."""
    if not response.ok or _fields(response).get("error"):  # some refuse with 200
        raise _refusal(provider, response)
    return response


def _tokens(
    given: Mapping[str, Any], now: datetime, before: Tokens | None = None
) -> Tokens:
    """Return the tokens of an answer (RFC 6749, 5.1); Fault when there is no token."""
    known = before or Tokens("")
    fresh = {name: given[name] for name in given if name not in _KNOWN}
    return Tokens(
        access_token=_required(given.get("access_token")),
        refresh_token=_text(given.get("refresh_token")) or known.refresh_token,
        expires_at=_expiry(given.get("expires_in"), now),
        scope=" ".join(given.get("scope") or ()) or known.scope,
        extra={**known.extra, **fresh},
    )


def _fields(response: Response) -> dict[str, Any]:
    reply = Reply(response.status_code, response.headers, response.content)
    body = reply.json()
    if not isinstance(body, dict):
        raise nonsense("not an object")
    return body


def _required(token: Any) -> str:
    if not isinstance(token, str) or not is_header_safe(token):
        raise nonsense("access token")
    return token


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _expiry(seconds: int | None, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    longest = int(LONGEST_LIFETIME.total_seconds())
    return now + timedelta(seconds=min(max(seconds, 0), longest))


def _refusal(provider: OAuthProvider, answer: Response) -> KoppelwerkError:
    """Tell the user's loss of access from that of our registration (RFC 6749, 5.2).

    A page, or no body at all, is a refusal as well: who has no grant any more is told
    so in the protocol's words.
    """
    error = _told(answer)
    if error == "invalid_grant":
        return AuthenticationLost("grant_refused", service=provider.service)
    return ClientRefused(
        service=provider.service, status=answer.status_code, error=error
    )


def _told(answer: Response) -> str:
    """Return the protocol's word for what is wrong; free text may hold what we sent."""
    try:
        error = str(_fields(answer).get("error"))
    except Fault:
        error = ""
    return error if _ERROR.fullmatch(error) else "unknown"


def _later(provider: OAuthProvider, fault: Fault) -> NoReturn:
    raise RetryLater(fault.code, service=provider.service, **fault.params) from fault
