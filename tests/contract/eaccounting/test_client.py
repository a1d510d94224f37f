"""The client alone, against the sandbox: lists, refusals and lost answers."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from core.domain.errors import (
    AskUser,
    AuthenticationLost,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.net.http import Answer
from plugins.eaccounting import wire
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.refusals import refusal
from tests.contract.eaccounting.conftest import Granted, Package

TERMS = "termsofpayments"


def customer(api: EAccounting, number: int = 1, **fields: Any) -> wire.Body:
    """A valid new debtor."""
    return {
        "Name": f"Klant {number}",
        "EmailAddress": f"klant{number}@example.com",
        "InvoiceCity": "Delft",
        "InvoicePostalCode": "2611 AB",
        "TermsOfPaymentId": next(api.all(TERMS))["Id"],
        "IsPrivatePerson": True,
        "IsActive": True,
        **fields,
    }


def test_a_list_is_read_to_its_last_page(
    api: EAccounting, monkeypatch: pytest.MonkeyPatch, judged: list[str]
) -> None:
    monkeypatch.setattr("plugins.eaccounting.client.PAGE", 2)
    body = customer(api)
    for number in range(5):
        api.create_customer({**body, "EmailAddress": f"{number}@example.com"})
    judged.clear()
    found = [item["EmailAddress"] for item in api.all("customers")]
    assert found == [f"{number}@example.com" for number in range(5)]
    assert judged == ["GET /customers"] * 3


def test_an_empty_list_is_one_call(api: EAccounting, judged: list[str]) -> None:
    assert list(api.all("orders")) == []
    assert judged == ["GET /orders"]


def test_a_filter_on_a_change_date(api: EAccounting) -> None:
    for number in (1, 2):
        api.create_customer(customer(api, number))
    first, second = (wire.moment(item["ChangedUtc"]) for item in api.all("customers"))
    for moment, names in (
        (first - timedelta(seconds=2), ["Klant 1", "Klant 2"]),
        (second + timedelta(seconds=2), []),
    ):
        query = f"ChangedUtc ge {wire.utc_literal(moment)}"
        assert [item["Name"] for item in api.all("customers", query)] == names


def test_amounts_arrive_exactly(api: EAccounting) -> None:
    rates = {item["Code"]: item["VatRate"] for item in api.all("vatcodes")}
    assert (rates["VH"], rates["VL"]) == (21, 9)
    assert all(not isinstance(rate, float) for rate in rates.values())


def test_a_refusal_carries_the_vendor_s_words(api: EAccounting) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(AskUser) as caught:
        api.create_customer(customer(api, TermsOfPaymentId=nobody))
    assert caught.value.code == "visma_not_found"
    assert nobody in caught.value.params["message"]
    assert len(caught.value.params["error_id"]) == 36


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (2000, "visma_validation"),
        (3000, "visma_not_found"),
        (3001, "fiscal_year_missing"),
        (3002, "account_missing"),
        (4000, "visma_conflict"),
        (4001, "visma_in_use"),
        (4002, "visma_module_missing"),
        (4003, "visma_startup_guide"),
        (4004, "visma_company_inactive"),
        (4026, "period_locked"),
        (4034, "visma_sandbox_client"),
        (9999, "visma_refused"),
        ("2000", "visma_refused"),
        (None, "visma_refused"),
    ],
)
def test_error_codes_become_ours(number: Any, code: str) -> None:
    body = {"ErrorCode": number, "DeveloperErrorMessage": "No", "ErrorId": "e-1"}
    error = refusal(Answer(400, body, {}, ""))
    assert isinstance(error, AskUser)
    assert error.code == code
    assert (error.params["message"], error.params["error_id"]) == ("No", "e-1")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Errors": [{"Field": "City", "Message": "is required"}]},
         "City: is required"),
        ({"Errors": "odd"}, "HTTP 400"),
        (["odd"], "HTTP 400"),
        (None, "HTTP 400"),
    ],
)  # fmt: skip
def test_a_refusal_in_another_shape_is_read_leniently(body: Any, message: str) -> None:
    error = refusal(Answer(400, body, {}, ""))
    assert error.params["message"] == message


def test_a_missing_scope_ends_the_login(package: Package) -> None:
    token = package.grant(scope="ea:api ea:accounting_readonly").access_token
    client = EAccounting(package.api, Granted(token))
    with client.http, pytest.raises(AuthenticationLost) as caught:
        list(client.all("customers"))
    assert caught.value.code == "visma_scope_missing"


def test_a_revoked_token_ends_the_login(api: EAccounting, package: Package) -> None:
    package.control("revoke")
    with pytest.raises(AuthenticationLost):
        api.company_settings()


def test_a_quota_says_how_long_to_wait_in_its_message(
    api: EAccounting, package: Package
) -> None:
    package.control("settings", {"calls_per_minute": 1})
    api.company_settings()
    with pytest.raises(WaitUntil) as caught:
        api.company_settings()
    assert caught.value.code == "rate_limited"
    assert caught.value.whole_connection
    assert 50 < caught.value.seconds <= 61


@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        ({"kind": "drop_after"}, True),
        ({"kind": "html_after"}, True),
        ({"kind": "drop"}, False),
        ({"kind": "html"}, False),
        ({"kind": "status", "status": 500}, False),
        ({"kind": "status", "status": 502}, False),
    ],
)
def test_a_write_without_a_clear_answer_is_unknown(
    api: EAccounting, package: Package, fault: dict[str, Any], happened: bool
) -> None:
    body = customer(api)
    package.fault(method="POST", path="customers", times=1, **fault)
    with pytest.raises(OutcomeUnknown) as caught:
        api.create_customer(body)
    assert caught.value.code == "outcome_unknown"
    assert len(package.ledger("customer")) == happened


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop"}, {"kind": "html"}, {"kind": "status", "status": 503}],
)
def test_a_read_without_an_answer_is_tried_later(
    api: EAccounting, package: Package, fault: dict[str, Any]
) -> None:
    package.fault(method="GET", path="units", times=1, **fault)
    with pytest.raises(RetryLater):
        list(api.all("units"))


@pytest.fixture
def odd() -> Any:
    """A server that answers every call with what the test puts into it."""
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answers["body"])))
            self.end_headers()
            self.wfile.write(answers["body"])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v2/", answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"Id": ""}'])
def test_a_done_that_does_not_say_what_is_unknown(
    odd: Any, body: bytes, unjudged: None
) -> None:
    address, answers = odd
    answers["body"] = body
    client = EAccounting(address, Granted("t"))
    with client.http, pytest.raises(OutcomeUnknown):
        client.create_article({"Number": "1"})


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"Data": []}', b'{"Data": [], "Meta": {}}',
             b'{"Data": {}, "Meta": {"TotalNumberOfPages": 1}}'],
)  # fmt: skip
def test_a_list_of_another_shape_is_not_believed(
    odd: Any, body: bytes, unjudged: None
) -> None:
    address, answers = odd
    answers["body"] = body
    client = EAccounting(address, Granted("t"))
    with client.http, pytest.raises(RetryLater) as caught:
        list(client.all("units"))
    assert caught.value.code == "remote_nonsense"
