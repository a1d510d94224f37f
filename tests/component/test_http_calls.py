"""Guarded HTTP: renewed tokens, the exchange that users see, limiter and probe."""

from decimal import Decimal

import pytest

from core.domain.errors import AuthenticationLost, OutcomeUnknown, RetryLater, WaitUntil
from core.net import http
from core.net.http import HttpClient
from core.net.ratelimit import Limiter
from tests.component import loopback as lo
from tests.component.loopback import loopback


class Tokens:
    """A token source that counts its renewals."""

    def __init__(self, *renewals: str, first: str = "first-token") -> None:
        self.current = first
        self.renewals = list(renewals)
        self.rejected: list[str] = []

    def access_token(self) -> str:
        return self.current

    def renew(self, rejected: str) -> str:
        self.rejected.append(rejected)
        if not self.renewals:
            raise AuthenticationLost("grant_refused")
        self.current = self.renewals.pop(0)
        return self.current


def client(server, **options) -> HttpClient:
    options = {
        "service": "proef",
        "deadline": 0.4,
        "read_timeout": 0.2,
        "max_bytes": 300_000,
    } | options
    return HttpClient(server.url, **options)


def chain_of(error: BaseException | None) -> str:
    """All that an error and those it came from could print."""
    found = ""
    while error is not None:
        found += f"{error!r} {error} {vars(error)}\n"
        error = error.__cause__ or error.__context__
    return found


def test_a_refused_token_is_renewed_once_and_the_write_repeated():
    tokens = Tokens("second-token")
    with (
        loopback(lo.text(401, ""), lo.answer(201, {"Id": 1})) as server,
        client(server, tokens=tokens) as http_client,
    ):
        got = http_client.request("POST", "x", json_body={"a": 1}, writes=True)
    assert got.body == {"Id": 1}
    assert tokens.rejected == ["first-token"]
    sent = [(item.headers["Authorization"], item.body) for item in server.received]
    assert sent == [
        ("Bearer first-token", '{"a":1}'),
        ("Bearer second-token", '{"a":1}'),
    ]


def test_a_renewed_token_that_is_refused_too():
    tokens = Tokens("second-token", "third-token")
    with (
        loopback(lo.html(401)) as server,
        client(server, tokens=tokens) as http_client,
        pytest.raises(AuthenticationLost) as caught,
    ):
        http_client.request("GET", "x")
    assert caught.value.code == "authentication_lost"
    assert len(server.received) == 2


def test_a_401_without_tokens_or_renewal():
    with loopback(lo.answer(401, {})) as server:
        with client(server) as bare, pytest.raises(AuthenticationLost) as caught:
            bare.request("GET", "x")
        assert caught.value.code == "authentication_lost"
        with (
            client(server, tokens=Tokens()) as http_client,
            pytest.raises(AuthenticationLost) as caught,
        ):
            http_client.request("GET", "x")
        assert caught.value.code == "grant_refused"


def test_a_lost_answer_after_a_renewal_is_unknown():
    with (
        loopback(lo.text(401, ""), lo.dropped) as server,
        client(server, tokens=Tokens("second-token")) as http_client,
        pytest.raises(OutcomeUnknown),
    ):
        http_client.request("POST", "x", json_body={}, writes=True)
    assert len(server.received) == 2


def test_a_token_that_would_break_the_header_is_not_printed():
    tokens = Tokens(first="geheim\r\nX: 1")
    with (
        HttpClient("http://127.0.0.1:1/", service="proef", tokens=tokens) as bad,
        pytest.raises(AuthenticationLost) as caught,
    ):
        bad.request("GET", "x")
    assert "geheim" not in chain_of(caught.value)


def test_no_secret_in_errors():
    """The libraries' errors name the whole address; ours carry none of them."""
    tokens = Tokens(first="geheim-token-1")
    params = {"token": "geheim-in-adres"}
    with (
        loopback(lo.dropped) as server,
        client(server, tokens=tokens) as http_client,
        pytest.raises(RetryLater) as caught,
    ):
        http_client.request("GET", "x", params=params)
    assert "remote_dropped" in chain_of(caught.value)
    assert "geheim" not in chain_of(caught.value)


def test_the_last_exchange_for_the_user():
    answer = {"ErrorCode": 4000, "access_token": "geheim-3", "Email": "jan@example.nl"}
    with (
        loopback(lo.answer(400, answer)) as server,
        client(server, tokens=Tokens(first="geheim-1")) as http_client,
    ):
        assert http_client.last_exchange == ""
        http_client.request(
            "POST",
            "orders",
            params={"$filter": "a eq 'b'", "token": "geheim-2"},
            json_body={"Total": Decimal("1.10"), "CountryCode": "NL", "code": "21"},
        )
    shown = http_client.last_exchange
    assert shown.startswith("POST http://127.0.0.1:")
    assert '"Total":1.10' in shown
    assert '"code":"21"' in shown
    assert "→ 400" in shown
    assert "4000" in shown
    assert "geheim" not in shown
    assert "j***@example.nl" in shown


def test_a_large_exchange_is_cut():
    rows = [{"Id": number} for number in range(20_000)]
    with loopback(lo.answer(200, rows)) as server, client(server) as http_client:
        http_client.request("POST", "x", json_body=rows)
    assert 4000 < len(http_client.last_exchange) <= 8000
    assert '"Id":0' in http_client.last_exchange


def test_a_fault_is_part_of_the_exchange():
    with (
        loopback(lo.dropped) as server,
        client(server) as http_client,
        pytest.raises(RetryLater),
    ):
        http_client.request("GET", "x")
    assert "→ remote_dropped" in http_client.last_exchange


def test_the_limiter_stops_a_call_before_it_leaves():
    with loopback(lo.answer(200, {})) as server:
        limiter = Limiter("memory://", "1/minute", "test")
        with client(server, limiter=limiter) as http_client:
            http_client.request("GET", "orders/1", endpoint="GET /orders/{id}")
            with pytest.raises(WaitUntil):
                http_client.request("GET", "orders/2", endpoint="GET /orders/{id}")
            http_client.request("GET", "articles")
    assert [item.path for item in server.received] == ["/orders/1", "/articles"]


def test_the_probe_sees_both_sides_of_a_call(monkeypatch):
    points: list[tuple[str, int]] = []
    with loopback(lo.answer(200, {}), lo.dropped) as server:

        def listen(point: str) -> None:
            points.append((point, len(server.received)))

        monkeypatch.setattr(http.probe, "listener", listen)
        with client(server) as http_client:
            http_client.request("POST", "orders", json_body={})
            with pytest.raises(RetryLater):
                http_client.request("GET", "x")
    assert points == [
        ("before POST orders", 0),
        ("after POST orders", 1),
        ("before GET x", 1),
    ]
