"""OAuth 2.0, authorization code grant: addresses, tokens, refreshing, revoking.

Pure protocol (RFC 6749, 7009): requests and answers are oauthlib's, the calls are our
guarded ones; storing tokens and the single flight are the caller's. A refused grant
asks the user to reconnect, any other refusal is our own fault (F18, F19), and a
refresh whose answer got lost may have taken a rotated token with it (F21).
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn
from urllib.parse import quote_plus

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.parameters import prepare_token_revocation_request

from core.domain import jsontext
from core.domain.errors import (
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    RetryLater,
    Stop,
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

DEADLINE_SECONDS = 20.0
"""Of one call to the identity server; well inside the lock around a refresh."""
MAX_BYTES = 100_000
LONGEST_LIFETIME = timedelta(days=3650)
_KNOWN = {"access_token", "refresh_token", "expires_in", "expires_at", "scope"}
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
    address = checked_address(provider.authorize_url)
    scheme, separator, rest = address.partition("://")
    made: str = WebApplicationClient(provider.client_id).prepare_request_uri(
        f"https://{rest}",  # oauthlib refuses http, which we allow on loopback
        redirect_uri=redirect_uri,
        scope=list(provider.scopes) or None,
        state=state,
        **provider.authorize_params,
    )
    return scheme + separator + made.removeprefix("https://")


def exchange_code(
    provider: OAuthProvider, code: str, redirect_uri: str, now: datetime
) -> Tokens:
    """Turn the code of a callback into tokens; `now` is aware UTC.

    Raises AuthenticationLost `grant_refused`, RetryLater (codes as `core.net.http`, and
    `rate_limited`), and Stop `oauth_misconfigured` when the identity server refuses
    us, not the user.
    """
    body = WebApplicationClient(provider.client_id).prepare_request_body(
        code=code, redirect_uri=redirect_uri, include_client_id=False
    )
    try:
        return _tokens(provider, _post(provider, provider.token_url, body), now)
    except Fault as fault:
        _later(provider, fault)


def refresh(provider: OAuthProvider, tokens: Tokens, now: datetime) -> Tokens:
    """Return fresh tokens; the refresh token stays when the answer has no new one.

    Raises as `exchange_code`, and OutcomeUnknown `refresh_unknown` when the answer got
    lost: the identity server may have replaced the refresh token.
    """
    if tokens.refresh_token is None:
        raise AuthenticationLost("grant_refused", service=provider.service)
    body = WebApplicationClient(provider.client_id).prepare_refresh_body(
        refresh_token=tokens.refresh_token
    )
    try:
        reply = _post(provider, provider.token_url, body)
        return _tokens(provider, reply, now, before=tokens)
    except Fault as fault:
        if fault.sent and not fault.answered:
            raise OutcomeUnknown(
                "refresh_unknown", service=provider.service, cause=fault.code
            ) from fault
        _later(provider, fault)


def revoke(provider: OAuthProvider, token: str) -> None:
    """End a token at the identity server, where it offers that; errors as above."""
    if provider.revoke_url is None:
        return
    _, _, body = prepare_token_revocation_request(
        "https://only-the-body-is-used/", token, token_type_hint=None
    )
    try:
        reply = _post(provider, provider.revoke_url, body)
    except Fault as fault:
        _later(provider, fault)
    if reply.status >= 400:
        raise _refusal(provider, reply)


def _post(provider: OAuthProvider, url: str, body: str) -> Reply:
    """Post a form with our identification; Fault also on a 5xx."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    # RFC 6749, 2.3.1: both are form-encoded, in the header as well
    client_id = quote_plus(provider.client_id)
    secret = quote_plus(provider.client_secret)
    if provider.client_auth == "basic":
        pair = b64encode(f"{client_id}:{secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    else:
        body = f"{body}&client_id={client_id}&client_secret={secret}"
    transport = Transport(
        url, deadline=provider.deadline, max_bytes=MAX_BYTES, pool_size=1
    )
    try:
        reply = transport.send("POST", url, body=body, headers=headers)
    finally:
        transport.close()
    if reply.status >= 500:
        raise server_fault(reply.status)
    return reply


def _tokens(
    provider: OAuthProvider, reply: Reply, now: datetime, before: Tokens | None = None
) -> Tokens:
    """Read a token answer (RFC 6749, 5.1); Fault when it is no such thing."""
    if not 200 <= reply.status < 300:
        raise _refusal(provider, reply)
    fields = _fields(reply)
    if fields.get("error"):  # some answer a refusal with 200
        raise _refusal(provider, reply)
    given = _parsed(reply.text)
    refresh_token = _text(given.get("refresh_token"))
    if before is not None:
        refresh_token = refresh_token or before.refresh_token
    return Tokens(
        access_token=_required(given.get("access_token")),
        refresh_token=refresh_token,
        expires_at=_expiry(given.get("expires_in"), now),
        scope=_text(fields.get("scope")) or (before.scope if before else ""),
        extra={
            **(before.extra if before else {}),
            **{name: fields[name] for name in fields if name not in _KNOWN},
        },
    )


def _parsed(text: str) -> Mapping[str, Any]:
    """Let oauthlib check the answer; its errors quote the answer, so none escapes."""
    try:
        parsed: Mapping[str, Any] = WebApplicationClient(
            ""
        ).parse_request_body_response(text)
        return parsed
    except (OAuth2Error, ValueError, OverflowError, TypeError, AttributeError) as error:
        cause = type(error).__name__
    raise nonsense(cause)


def _fields(reply: Reply) -> dict[str, Any]:
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


def _refusal(provider: OAuthProvider, reply: Reply) -> KoppelwerkError:
    """Tell the user's loss of access from our own mistake (RFC 6749, 5.2)."""
    if reply.status == 429:
        return RetryLater("rate_limited", service=provider.service)
    error = str(_fields(reply).get("error")) if reply.content.strip() else "unknown"
    if error == "invalid_grant":
        return AuthenticationLost("grant_refused", service=provider.service)
    if not _ERROR.fullmatch(error):
        error = "unknown"  # free text may hold what we sent
    return Stop(
        "oauth_misconfigured",
        service=provider.service,
        status=reply.status,
        error=error,
    )


def _later(provider: OAuthProvider, fault: Fault) -> NoReturn:
    raise RetryLater(fault.code, service=provider.service, **fault.params) from fault
