"""Guarded HTTP against a server that misbehaves (faults F11 to F17)."""

import gzip
import socket
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from core.domain.clock import utcnow
from core.domain.errors import AskUser, OutcomeUnknown, RetryLater, WaitUntil
from core.net.departures import departures
from core.net.http import HttpClient
from tests.component import loopback as lo
from tests.component.loopback import loopback

BOMB = gzip.compress(b" " * 50_000_000)


HURRIED = {"deadline": 0.4, "read_timeout": 0.2}
"""For who waits in vain; a busy machine may take as long for an answer."""


def client(server, **options) -> HttpClient:
    options = {
        "service": "proef",
        "deadline": 20,
        "read_timeout": 10,
        "max_bytes": 300_000,
    } | options
    return HttpClient(server.url, **options)


def test_amounts_go_out_and_come_in_to_the_digit():
    with (
        loopback(lo.text(201, '{"Total": 121.10, "Id": "a"}')) as server,
        client(server) as http_client,
    ):
        got = http_client.request(
            "POST",
            "vouchers",
            params={"$page": 1},
            json_body={"Amount": Decimal("100.10"), "Text": "één"},
            writes=True,
        )
    assert got.ok
    assert got.status == 201
    assert got.body == {"Total": Decimal("121.10"), "Id": "a"}
    assert isinstance(got.body["Total"], Decimal)
    (received,) = server.received
    assert received.body == '{"Amount":100.10,"Text":"één"}'
    assert received.path == "/vouchers?%24page=1"
    assert received.headers["Content-Type"] == "application/json"
    assert "Cookie" not in received.headers


EMPTY = lo.text(204, "")


@pytest.mark.parametrize(
    "behaviour",
    [lo.answer(200, {}, Set_Cookie="a=b"), EMPTY, lo.answer(400, {}), lo.html(200)],
    ids=["json", "empty", "refusal", "html"],
)
def test_kept_alive_and_without_cookies(behaviour):
    with loopback(behaviour) as server, client(server) as http_client:
        for _ in range(3):
            with suppress(RetryLater):
                http_client.request("GET", "x")
    assert len(server.received) == 3
    assert len(server.connections) == 1
    assert all("Cookie" not in request.headers for request in server.received)


def test_form_and_empty_answer():
    with loopback(lo.text(204, "")) as server, client(server) as http_client:
        got = http_client.request("POST", "revoke", data={"a": "1 2"}, writes=True)
    assert got.body is None
    assert server.received[0].body == "a=1+2"


def test_a_4xx_is_the_clients_business():
    body = {"ErrorCode": 2000, "DeveloperErrorMessage": "No"}
    with loopback(lo.answer(400, body)) as server, client(server) as http_client:
        got = http_client.request("POST", "orders", json_body={}, writes=True)
    assert not got.ok
    assert got.body == body


FAULTS = {
    "silent": (lo.silent, "remote_timeout"),
    "dropped": (lo.dropped, "remote_dropped"),
    "cut off": (lo.cut_off, "remote_dropped"),
    "dripping body": (lo.dripping_body, "remote_timeout"),
    "dripping headers": (lo.dripping_headers, "remote_timeout"),
    "endless": (lo.endless, "remote_too_large"),
    "gzip bomb": (
        lo.text(200, BOMB, Content_Encoding="gzip"),
        "remote_too_large",
    ),
    "not gzip": (lo.text(200, "{}", Content_Encoding="gzip"), "remote_nonsense"),
    "html": (lo.html(), "remote_nonsense"),
    "html with 404": (lo.html(404), "remote_nonsense"),
    "malformed": (lo.text(200, '{"Id": '), "remote_nonsense"),
    "not a number": (lo.text(200, '{"Total": NaN}'), "remote_nonsense"),
    "doubled key": (lo.text(200, '{"Id": 1, "Id": 2}'), "remote_nonsense"),
    "deep": (lo.text(200, "[" * 100_000), "remote_nonsense"),
    "not utf-8": (lo.text(200, b'{"a": "\xff"}'), "remote_nonsense"),
    "redirect": (
        lo.text(302, "", Location="http://127.0.0.1:1/"),
        "remote_nonsense",
    ),
    "server fault": (lo.answer(503, {}), "remote_fault"),
    "html server fault": (lo.html(502), "remote_fault"),
}


@pytest.mark.parametrize(("behaviour", "code"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("writes", [False, True], ids=["read", "write"])
def test_a_fault_after_sending(behaviour, code, writes):
    patience = HURRIED if code == "remote_timeout" else {}
    with (
        loopback(behaviour) as server,
        client(server, **patience) as http_client,
        pytest.raises(OutcomeUnknown if writes else RetryLater) as caught,
    ):
        http_client.request("POST", "orders", json_body={}, writes=writes)
    error = caught.value
    if writes:
        assert (error.code, error.params["cause"]) == ("outcome_unknown", code)
    else:
        assert error.code == code
    assert error.params["service"] == "proef"
    assert len(server.received) == 1


def test_the_status_of_a_server_fault_is_told():
    with (
        loopback(lo.answer(503, {"m": "stuk"})) as server,
        client(server) as http_client,
        pytest.raises(RetryLater) as caught,
    ):
        http_client.request("GET", "x")
    assert caught.value.params["status"] == "503"
    assert "→ 503" in http_client.last_exchange
    assert "stuk" in http_client.last_exchange


def test_the_client_works_again_after_a_fault():
    with (
        loopback(lo.dripping_body, lo.endless, lo.answer(200, [1])) as server,
        client(server, deadline=2) as http_client,
    ):
        for _ in range(2):
            with pytest.raises(RetryLater):
                http_client.request("GET", "x")
        assert http_client.request("GET", "x").body == [1]


def test_nobody_there_is_certainly_not_sent():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with (
            HttpClient(url, service="proef") as http_client,
            pytest.raises(RetryLater) as caught,
        ):
            http_client.request("POST", "orders", json_body={}, writes=True)
    assert caught.value.code == "remote_unreachable"


def test_no_tls_on_the_other_side_is_certainly_not_sent():
    with loopback(lo.answer(200, {})) as server:
        url = server.url.replace("http:", "https:")
        with (
            HttpClient(url, service="proef", read_timeout=0.3) as http_client,
            pytest.raises(RetryLater) as caught,
        ):
            http_client.request("POST", "orders", json_body={}, writes=True)
    assert caught.value.code == "remote_unreachable"
    assert server.received == []


def test_a_name_that_does_not_exist():
    with (
        HttpClient("https://nergens.invalid/", service="proef") as http_client,
        pytest.raises(RetryLater) as caught,
    ):
        http_client.request("POST", "orders", json_body={}, writes=True)
    assert caught.value.code == "remote_unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "ftp://127.0.0.1/",
        "https://",
        "https://user:pass@example.com/",
        "",
    ],
)
def test_refused_addresses(url):
    with pytest.raises(ValueError, match="refused address"):
        HttpClient(url, service="proef")


@pytest.mark.parametrize(
    "path", ["../admin", "a/../../b", "a/%2e%2E/b", "a\\..\\b", "./a"]
)
def test_a_path_stays_below_the_address(path):
    with (
        HttpClient("http://127.0.0.1:1/v2", service="proef") as http_client,
        pytest.raises(ValueError, match="climb"),
    ):
        http_client.request("GET", path)


def test_an_absolute_path_stays_on_the_host():
    with loopback(lo.answer(200, {})) as server, client(server) as http_client:
        http_client.request("GET", "//example.com/x")
    assert server.received[0].path == "/example.com/x"


def wait_after(*behaviours) -> WaitUntil:
    with (
        loopback(*behaviours) as server,
        client(server) as http_client,
        pytest.raises(WaitUntil) as caught,
    ):
        http_client.request("POST", "orders", json_body={}, writes=True)
    return caught.value


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "0"}, 1),
        ({"Retry_After": "99999999999"}, 3600),
        ({"Retry_After": "-5"}, 60),
        ({"Retry_After": "soon"}, 60),
        ({"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 1),
    ],
)
def test_too_many_requests(headers, seconds):
    error = wait_after(lo.answer(429, {}, **headers))
    assert (error.code, error.seconds) == ("rate_limited", seconds)
    assert error.whole_connection


def test_too_many_requests_until_a_moment():
    moment = format_datetime(utcnow() + timedelta(seconds=90), usegmt=True)
    error = wait_after(lo.answer(429, {}, Retry_After=moment))
    assert 85 < error.seconds <= 90


def test_too_many_requests_said_by_a_page():
    assert wait_after(lo.html(429)).seconds == 60


def test_a_vendors_own_way_to_say_how_long():
    class Vendor(HttpClient):
        def wait_seconds(self, answer):
            return float(answer.body["wait"])

    with (
        loopback(lo.answer(429, {"wait": 12})) as server,
        Vendor(server.url, service="proef") as vendor,
        pytest.raises(WaitUntil) as caught,
    ):
        vendor.request("GET", "x")
    assert caught.value.seconds == 12


# --- our own faults: nothing leaves ---------------------------------------------------


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"json_body": {"Rows": [{"Text": "a\x08"}]}}, "Rows.1.Text"),
        ({"data": {"xml": "<a><naam>Jan\uffff</naam></a>"}}, "naam"),
        ({"data": {"naam": "Jan\uffff"}}, "naam"),
        ({"data": '<s:a><s:Naam x="1">Jan\x00</s:Naam></s:a>'}, "Naam"),
        ({"params": {"$filter": "a\ud800"}}, "$filter"),
    ],
)
def test_what_no_system_holds_leaves_never_and_names_the_field(message, field):
    with loopback(lo.answer(200, {})) as server, client(server) as http_client:
        with departures() as left, pytest.raises(AskUser) as caught:
            http_client.request("POST", "vouchers", writes=True, **message)
        assert not server.received
    assert (caught.value.code, left.any) == ("unsendable_text", False)
    assert caught.value.params["field"] == field
    assert "POST" in caught.value.params["request"]
    assert "vouchers" in caught.value.params["request"]


@pytest.mark.parametrize("writes", [True, False])
def test_a_departure_is_a_write_that_may_have_left(writes):
    with loopback(lo.answer(200, {})) as server, client(server) as http_client:
        with departures() as left:
            http_client.request("POST", "vouchers", json_body={}, writes=writes)
        with departures() as later:
            pass
    assert (left.any, later.any) == (writes, False)


def test_a_write_that_was_not_connected_did_not_leave():
    with (
        HttpClient("http://127.0.0.1:1", service="proef") as http_client,
        departures() as left,
        pytest.raises(RetryLater),
    ):
        http_client.request("POST", "vouchers", json_body={}, writes=True)
    assert not left.any
