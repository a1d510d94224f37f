"""Lost answers, 5xx, pages and dropped lines: what a read and a write make of them."""

import time
from typing import Any

import pytest

from core.domain.errors import OutcomeUnknown, RetryLater, WaitUntil
from plugins.digitalefactuur import wire
from plugins.digitalefactuur.client import Credentials, DigitaleFactuur
from tests.component.loopback import loopback, text
from tests.contract.digitalefactuur.conftest import Vendor

CUSTOMER = wire.Customer(number="1001", name="Bakkerij Jansen")
FAULTS: list[tuple[str, dict[str, Any], str, bool]] = [
    ("drop", {}, "remote_dropped", False),
    ("drop_after", {}, "remote_dropped", True),
    ("html", {}, "remote_nonsense", False),
    ("html_after", {}, "remote_nonsense", True),
    ("status", {"status": 502}, "remote_fault", False),
    ("code_after", {"code": "500"}, "remote_fault", True),
]
"""Kind, options, cause, and whether the work was done."""


@pytest.mark.parametrize(("kind", "options", "cause", "done"), FAULTS)
def test_a_write_without_an_answer_is_unknown_and_found_by_its_number(
    vendor: Vendor,
    package: DigitaleFactuur,
    kind: str,
    options: dict[str, Any],
    cause: str,
    done: bool,
) -> None:
    vendor.fault(kind, **options)
    with pytest.raises(OutcomeUnknown) as caught:
        package.create_customer(CUSTOMER)
    assert caught.value.params["cause"] == cause
    numbers = [one.number for one in package.customers()]
    assert numbers == (["1001"] if done else [])


@pytest.mark.parametrize(("kind", "options", "cause", "done"), FAULTS)
def test_a_read_without_an_answer_is_for_later(
    vendor: Vendor,
    package: DigitaleFactuur,
    kind: str,
    options: dict[str, Any],
    cause: str,
    done: bool,
) -> None:
    vendor.fault(kind, **options)
    with pytest.raises(RetryLater, match=cause):
        package.customers()


def test_a_late_write_is_there_at_the_second_look(
    vendor: Vendor, package: DigitaleFactuur
) -> None:
    vendor.fault("late_commit", seconds=0.3)
    with pytest.raises(OutcomeUnknown):
        package.create_customer(CUSTOMER)
    assert package.customers() == []
    time.sleep(0.6)
    assert len(package.customers()) == 1


def test_too_many_requests_waits(vendor: Vendor, package: DigitaleFactuur) -> None:
    vendor.fault("status", status=429, retry_after=7)
    with pytest.raises(WaitUntil) as caught:
        package.customers()
    assert caught.value.seconds == 7


def test_nobody_home_is_for_later_and_nothing_was_sent() -> None:
    client = DigitaleFactuur("http://127.0.0.1:9/api/", Credentials("4711", "geheim"))
    with client.http, pytest.raises(RetryLater, match="remote_unreachable"):
        client.create_customer(CUSTOMER)


@pytest.mark.parametrize(
    "body",
    [
        "<klanten><klant><naam>x</naam></klant></klanten>",
        "<iets><anders/></iets>",
        "<!DOCTYPE x [<!ENTITY y 'z'>]><klanten>&y;</klanten>",
        "<klanten><klant>",
        "Onderhoud",
    ],
)
def test_a_list_that_is_none_is_not_an_empty_one(body: str) -> None:
    with loopback(text(200, body, "text/xml")) as server:
        client = DigitaleFactuur(server.url, Credentials("4711", "geheim"))
        with client.http, pytest.raises(RetryLater, match="remote_nonsense"):
            client.customers()


def test_a_page_that_repeats_ends_the_reading() -> None:
    page = "<r><facturen><id>1</id></facturen></r>"
    with loopback(text(200, page, "text/xml")) as server:
        client = DigitaleFactuur(server.url, Credentials("4711", "geheim"))
        with client.http:
            assert [one.id for one in client.invoices()] == ["1"]
    assert len(server.received) == 2


def test_a_4xx_without_words_is_read_by_its_status() -> None:
    with loopback(text(404, "<html>Not Found</html>", "text/html")) as server:
        client = DigitaleFactuur(server.url, Credentials("4711", "geheim"))
        with client.http, pytest.raises(Exception, match="df_missing"):
            client.customers()
