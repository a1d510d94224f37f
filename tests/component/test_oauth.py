"""OAuth 2.0 against an identity server that refuses, rotates, stalls and lies."""

import logging
import os
import socket
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from core.domain.errors import (
    AuthenticationLost,
    ClientRefused,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.net.oauth import (
    OAuthProvider,
    Tokens,
    authorize_address,
    exchange_code,
    refresh,
    revoke,
)
from tests.component import loopback as lo
from tests.component.loopback import loopback

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BACK = "https://koppelwerk.example/oauth/callback"
HELD = Tokens("geheim-access", "geheim-refresh", NOW, "ea:api", {"store_id": 7})


def provider(server=None, **changes) -> OAuthProvider:
    url = server.url if server else "https://identity.example/connect/"
    return replace(
        OAuthProvider(
            authorize_url=f"{url}authorize",
            token_url=f"{url}token",
            revoke_url=f"{url}revocation",
            client_id="onze client",
            client_secret="geheim+secret",
            scopes=("ea:api", "offline_access"),
            authorize_params={"prompt": "select_account"},
            service="eaccounting",
            deadline=0.3,
        ),
        **changes,
    )


def given(**fields):
    return {"access_token": "new-access", "token_type": "Bearer"} | fields


def chain_of(error: BaseException | None) -> str:
    """All that an error and those it came from could print."""
    found = ""
    while error is not None:
        found += f"{error!r} {error} {vars(error)}\n"
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize(
    "base", ["https://identity.example/", "http://127.0.0.1:5001/", "http://localhost/"]
)
def test_the_address_to_send_the_user_to(base):
    address = authorize_address(
        provider(authorize_url=f"{base}authorize?a=1"), BACK, "random-state"
    )
    assert address.startswith(f"{base}authorize?a=1&")
    assert parse_qs(urlsplit(address).query) == {
        "a": ["1"],
        "response_type": ["code"],
        "client_id": ["onze client"],
        "redirect_uri": [BACK],
        "scope": ["ea:api offline_access"],
        "state": ["random-state"],
        "prompt": ["select_account"],
    }
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ


def test_plain_http_is_for_loopback_only():
    outside = provider(
        authorize_url="http://identity.example/a", token_url="http://identity.example/t"
    )
    with pytest.raises(ValueError, match="https is required"):
        authorize_address(outside, BACK, "s")
    with pytest.raises(ValueError, match="https is required"):
        exchange_code(outside, "code", BACK, NOW)


def test_a_code_becomes_tokens_with_a_basic_header():
    reply = given(refresh_token="r", expires_in=3600, scope="ea:api", store_id=1003)
    with loopback(lo.answer(200, reply)) as server:
        tokens = exchange_code(provider(server), "the/code", BACK, NOW)
    assert tokens == Tokens(
        "new-access",
        "r",
        NOW + timedelta(hours=1),
        "ea:api",
        {"token_type": "Bearer", "store_id": 1003},
    )
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/token")
    assert parse_qs(request.body) == {
        "grant_type": ["authorization_code"],
        "code": ["the/code"],
        "redirect_uri": [BACK],
    }
    pair = b64decode(request.headers["Authorization"].removeprefix("Basic "))
    assert pair == b"onze+client:geheim%2Bsecret"


def test_a_code_becomes_tokens_with_our_secret_in_the_form():
    with loopback(lo.answer(200, given())) as server:
        tokens = exchange_code(
            provider(server, client_auth="body"), "the-code", BACK, NOW
        )
    assert (tokens.refresh_token, tokens.expires_at) == (None, None)
    (request,) = server.received
    assert "Authorization" not in request.headers
    fields = parse_qs(request.body)
    assert fields["client_id"] == ["onze client"]
    assert fields["client_secret"] == ["geheim+secret"]


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        (given(refresh_token="rotated", expires_in="60"), "rotated"),
        (given(expires_in=60), "geheim-refresh"),
        (given(refresh_token=None, expires_in=60.0), "geheim-refresh"),
        (given(refresh_token="", expires_in=60), "geheim-refresh"),
    ],
    ids=["rotating", "reusable", "null", "empty"],
)
def test_refreshing_keeps_the_refresh_token_that_is_good(reply, kept):
    with loopback(lo.answer(200, reply)) as server:
        tokens = refresh(provider(server), HELD, NOW)
    assert tokens.access_token == "new-access"
    assert tokens.refresh_token == kept
    assert tokens.expires_at == NOW + timedelta(seconds=60)
    assert tokens.scope == "ea:api"
    assert tokens.extra["store_id"] == 7
    assert parse_qs(server.received[0].body) == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["geheim-refresh"],
    }


def test_a_narrower_scope_is_told_and_no_failure():
    with loopback(lo.answer(200, given(scope="ea:sales"))) as server:
        assert refresh(provider(server), HELD, NOW).scope == "ea:sales"


def test_nothing_to_refresh_with():
    with pytest.raises(AuthenticationLost):
        refresh(provider(), replace(HELD, refresh_token=None), NOW)


@pytest.mark.parametrize("seconds", [-5, 10**12])
def test_a_lifetime_out_of_reason(seconds):
    with loopback(lo.answer(200, given(expires_in=seconds))) as server:
        tokens = refresh(provider(server), HELD, NOW)
    assert tokens.expires_at is not None
    assert NOW <= tokens.expires_at <= NOW + timedelta(days=3650)


REFUSALS = {
    "grant": (lo.answer(400, {"error": "invalid_grant"}), AuthenticationLost),
    "grant in a 200": (lo.answer(200, {"error": "invalid_grant"}), AuthenticationLost),
    "grant in a 401": (lo.answer(401, {"error": "invalid_grant"}), AuthenticationLost),
    "client": (lo.answer(401, {"error": "invalid_client"}), ClientRefused),
    "old grant": (lo.answer(401, {"error": "unauthorized_client"}), ClientRefused),
    "grant type": (lo.answer(400, {"error": "unsupported_grant_type"}), ClientRefused),
    "scope": (lo.answer(400, {"error": "invalid_scope"}), ClientRefused),
    "no reason": (lo.answer(400, {}), ClientRefused),
    "empty": (lo.text(401, ""), ClientRefused),
    "free text": (lo.answer(400, {"error": "no geheim-refresh here"}), ClientRefused),
    "too often": (lo.html(429), WaitUntil),
    "too busy": (lo.html(503, Retry_After="20"), WaitUntil),
    "just down": (lo.html(503), RetryLater),
    "timed out": (lo.html(408), RetryLater),
    "server fault": (lo.answer(500, {"error": "invalid_grant"}), RetryLater),
    "html": (lo.html(), RetryLater),
    "html refusal": (lo.html(403), ClientRefused),
    "no token": (lo.answer(200, {"token_type": "Bearer"}), RetryLater),
    "a list": (lo.answer(200, ["access_token"]), RetryLater),
    "nothing": (lo.text(200, ""), RetryLater),
    "token with a line break": (lo.answer(200, given(access_token="a\nb")), RetryLater),
    "token of no text": (lo.answer(200, given(access_token=5)), RetryLater),
    "odd lifetime": (lo.answer(200, given(expires_in="soon")), RetryLater),
    "endless lifetime": (lo.text(200, '{"expires_in": 1e999}'), RetryLater),
    "odd scope": (lo.answer(200, given(scope={"a": 1}, expires_in=[])), RetryLater),
    "redirect": (lo.text(307, "", Location="http://127.0.0.1:1/"), RetryLater),
}


@pytest.mark.parametrize(("behaviour", "kind"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(behaviour, kind):
    with loopback(behaviour, behaviour) as server:
        with pytest.raises(kind) as refreshed:
            refresh(provider(server), HELD, NOW)
        with pytest.raises(kind) as exchanged:
            exchange_code(provider(server), "geheim-code", BACK, NOW)
    codes = {AuthenticationLost: "grant_refused", ClientRefused: "oauth_misconfigured"}
    for error in (refreshed.value, exchanged.value):
        assert type(error) is kind
        assert error.code == codes.get(kind, error.code)
        assert error.params["service"] == "eaccounting"
        assert "geheim" not in chain_of(error)
    assert len(server.received) == 2


def test_the_reason_of_our_own_fault_is_told():
    with (
        loopback(lo.answer(401, {"error": "invalid_client"})) as server,
        pytest.raises(ClientRefused) as caught,
    ):
        refresh(provider(server), HELD, NOW)
    assert caught.value.params["error"] == "invalid_client"
    assert caught.value.params["status"] == "401"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("600", 600), ("Sun, 01 Mar 2026 12:01:30 GMT", 90), ("", 60), ("soon", 60),
     ("-5", 60), ("99999", 3600)],
)  # fmt: skip
def test_a_limit_is_waited_for(said, seconds):
    busy = lo.answer(429, {}, Retry_After=said)
    with (
        time_machine.travel(NOW, tick=False),
        loopback(busy) as server,
        pytest.raises(WaitUntil) as caught,
    ):
        refresh(provider(server), HELD, NOW)
    assert caught.value.seconds == seconds
    assert caught.value.whole_connection


LOST = {
    "silent": lo.silent,
    "dropped": lo.dropped,
    "cut off": lo.cut_off,
    "dripping body": lo.dripping_body,
    "dripping headers": lo.dripping_headers,
    "endless": lo.endless,
}


@pytest.mark.parametrize("behaviour", LOST.values(), ids=LOST)
def test_a_lost_answer(behaviour):
    """A refresh may have rotated the token; a code can simply be asked for again."""
    with loopback(behaviour) as server:
        with pytest.raises(OutcomeUnknown) as unknown:
            refresh(provider(server), HELD, NOW)
        with pytest.raises(RetryLater) as later:
            exchange_code(provider(server), "geheim-code", BACK, NOW)
    assert unknown.value.code == "refresh_unknown"
    assert unknown.value.params["cause"] == later.value.code
    assert "geheim" not in chain_of(unknown.value) + chain_of(later.value)


def test_nobody_there_changes_nothing():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/token"
        with pytest.raises(RetryLater) as caught:
            refresh(provider(token_url=url), HELD, NOW)
    assert caught.value.code == "remote_unreachable"


def test_revoking():
    with loopback(lo.text(200, "")) as server:
        revoke(provider(server), "geheim-refresh")
    (request,) = server.received
    assert request.path == "/revocation"
    assert request.body == "token=geheim-refresh"
    assert request.headers["Authorization"].startswith("Basic ")


def test_revoking_where_it_is_not_offered():
    with loopback(lo.text(200, "")) as server:
        revoke(provider(server, revoke_url=None), "geheim-refresh")
    assert server.received == []


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (lo.answer(400, {"error": "unsupported_token_type"}), ClientRefused),
        (lo.answer(503, {}), RetryLater),
        (lo.text(429, ""), WaitUntil),
        (lo.dropped, RetryLater),
    ],
)
def test_revoking_that_fails(behaviour, kind):
    with loopback(behaviour) as server, pytest.raises(kind) as caught:
        revoke(provider(server), "geheim-refresh")
    assert "geheim" not in chain_of(caught.value)


@pytest.mark.parametrize("client_auth", ["basic", "body"])
def test_the_environment_changes_nothing(monkeypatch, tmp_path, client_auth):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login iemand password anders\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    with loopback(lo.answer(200, given())) as server:
        ours = provider(server, client_auth=client_auth)
        exchange_code(ours, "the-code", BACK, NOW)
        refresh(ours, HELD, NOW)
        revoke(ours, "geheim-refresh")
    given_headers = {each.headers.get("Authorization", "") for each in server.received}
    assert len(given_headers) == 1
    assert len(server.received) == 3
    (header,) = given_headers
    assert header.startswith("Basic ") == (client_auth == "basic")
    assert "iemand" not in b64decode(header.removeprefix("Basic ")).decode()


def test_cookies_are_not_taken_along():
    with loopback(lo.answer(200, given(), Set_Cookie="a=b")) as server:
        exchange_code(provider(server), "the-code", BACK, NOW)
        refresh(provider(server), HELD, NOW)
    assert all("Cookie" not in each.headers for each in server.received)


def test_the_log_holds_no_secret(caplog):
    caplog.set_level(logging.DEBUG)
    secret = given(access_token="geheim-new", refresh_token="geheim-next")
    with loopback(lo.answer(200, secret)) as server:
        for client_auth in ("basic", "body"):
            ours = provider(server, client_auth=client_auth)
            exchange_code(ours, "geheim-code", BACK, NOW)
            refresh(ours, HELD, NOW)
            revoke(ours, "geheim-refresh")
    assert "geheim" not in caplog.text


@pytest.mark.parametrize(
    "tokens",
    [
        HELD,
        Tokens("a"),
        Tokens("a", None, None, "", {"amount": Decimal("1.10"), "deep": {"x": [1]}}),
        Tokens("a", expires_at=datetime(2026, 3, 1, 12, 0, 0, 123, tzinfo=UTC)),
    ],
)
def test_stored_and_read_again(tokens):
    assert Tokens.from_json(tokens.to_json()) == tokens


def test_neither_tokens_nor_provider_print_a_secret():
    assert "geheim" not in f"{HELD} {HELD!r} {provider()}"
