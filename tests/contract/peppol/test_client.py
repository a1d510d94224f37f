"""The client against the sandbox: the contract, lost answers, and odd ones."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from core.domain.errors import (
    AuthenticationLost,
    OutcomeUnknown,
    Refused,
    RetryLater,
    WaitUntil,
)
from core.domain.structured_invoices import Identifier
from plugins.peppol.channel import (
    DeliveryState,
    DocumentKind,
    Outgoing,
    Reach,
    identifier_of,
    participant,
)
from plugins.peppol.checks import endpoint_of
from plugins.peppol.client import AccessPoint
from plugins.peppol.mapping import kind_of, ubl_of
from plugins.peppol.wire import Malformed, document_types_of, transaction_of
from tests.component.loopback import loopback, text
from tests.contract.peppol.conftest import TOKEN, Point
from tests.unit.peppol.generated import documents

SENDER = identifier_of("0208:0403170701")
RECEIVER = identifier_of("0208:0428759497")


def _outgoing(reference: str = "een") -> Outgoing:
    """Return a sound document between the two Belgians that are always there."""
    for invoice in documents(300):
        ends = endpoint_of(invoice.seller), endpoint_of(invoice.buyer)
        if ends == (SENDER, RECEIVER):
            content = ubl_of(invoice)
            kind = kind_of(invoice)
            return Outgoing(reference, kind, SENDER, RECEIVER, "BE", content)
    raise AssertionError("no such document")


def test_a_document_is_sent_found_and_followed(
    point: Point, client: AccessPoint
) -> None:
    document = _outgoing()
    assert client.find("een") is None
    receipt = client.send(document)
    assert (receipt.delivery_id, receipt.found) == ("een", False)
    found = client.find("een")
    assert found is not None
    assert (found.receiver, found.found) == ("0208:0428759497", True)
    progress = client.status("een")
    assert progress.state is DeliveryState.APPROVED
    (kept,) = point.documents()
    assert unquote(kept["docTypeID"]).endswith("::2.1")


@pytest.mark.parametrize(
    ("status", "mls", "state"),
    [
        ("pending", None, DeliveryState.ACCEPTED),
        ("sending", None, DeliveryState.ACCEPTED),
        ("failed", None, DeliveryState.ACCEPTED),
        ("permanently_failed", None, DeliveryState.REJECTED),
        ("rejected", None, DeliveryState.REJECTED),
        ("sent", None, DeliveryState.DELIVERED),
        ("sent", "pending", DeliveryState.DELIVERED),
        ("sent", "received_ab", DeliveryState.APPROVED),
        ("sent", "not_applicable", DeliveryState.APPROVED),
        ("sent", "received_re", DeliveryState.REJECTED),
    ],
)
def test_each_status_has_a_meaning(
    point: Point,
    client: AccessPoint,
    status: str,
    mls: str | None,
    state: DeliveryState,
) -> None:
    client.send(_outgoing())
    body = {"reference": "een", "status": status, "mlsStatus": mls}
    point.control("status", body)
    assert client.status("een").state is state


def test_the_register_says_what_a_receiver_takes(
    point: Point, client: AccessPoint
) -> None:
    takes = [client.look_up(RECEIVER, kind) for kind in DocumentKind]
    assert takes == [Reach.TAKES, Reach.TAKES]
    point.control("participant", {"id": participant(RECEIVER), "takes": ["Invoice"]})
    assert client.look_up(RECEIVER, DocumentKind.CREDIT_NOTE) is Reach.OTHER
    point.control("participant", {"id": participant(RECEIVER), "takes": None})
    assert client.look_up(RECEIVER, DocumentKind.INVOICE) is Reach.UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [
        text(404, "<html><h1>HTTP Status 404</h1></html>", "text/html"),
        text(200, "<html>Onderhoud</html>", "text/html"),
        text(200, '{"urls": [{"href": "x"}]}', "application/json"),
        text(200, "[]", "application/json"),
        text(400, '"what"', "application/json"),
        text(503, "", "text/plain"),
    ],
)
def test_a_register_that_is_down_never_says_that_nobody_is_registered(
    answer: Any,
) -> None:
    with loopback(answer) as server:
        client = AccessPoint(server.url, TOKEN, server.url, "peppolprod")
        with pytest.raises((RetryLater, WaitUntil)):
            client.look_up(RECEIVER, DocumentKind.INVOICE)
        client.close()


@pytest.mark.parametrize(
    ("kind", "options", "cause", "count"),
    [
        ("drop", {}, "remote_dropped", 0),
        ("drop_after", {}, "remote_dropped", 1),
        ("html", {}, "remote_nonsense", 0),
        ("html_after", {}, "remote_nonsense", 1),
        ("status", {"status": 502}, "remote_fault", 0),
    ],
)
def test_a_send_without_an_answer_is_unknown_and_found_by_our_id(
    point: Point,
    client: AccessPoint,
    kind: str,
    options: dict[str, Any],
    cause: str,
    count: int,
) -> None:
    point.fault(kind, method="POST", **options)
    with pytest.raises(OutcomeUnknown) as caught:
        client.send(_outgoing())
    assert caught.value.params["cause"] == cause
    assert (client.find("een") is not None) is bool(count)
    assert len(point.documents()) == count


def test_the_access_point_does_not_refuse_an_id_twice(
    point: Point, client: AccessPoint
) -> None:
    """The worse case: whoever sends blindly makes a double."""
    client.send(_outgoing())
    client.send(_outgoing())
    assert len(point.documents()) == 2


def test_what_is_refused_and_kept_is_a_receipt(
    point: Point, client: AccessPoint
) -> None:
    point.fault("keep_and_refuse")
    receipt = client.send(_outgoing())
    assert receipt.found
    assert client.status("een").state is DeliveryState.ACCEPTED


def test_refusals_are_told_in_the_access_points_words(client: AccessPoint) -> None:
    sound = _outgoing()
    faults = {
        "check digits": replace(sound, receiver=Identifier("0208", "0428759498")),
        "EndpointID": replace(sound, receiver=Identifier("0208", "0403170701")),
        "participant ID": replace(sound, sender=Identifier("9999", "1")),
        "country": replace(sound, country="Belgie"),
        "Not well-formed": replace(sound, content=b"<Invoice"),
        "CustomizationID": replace(
            sound, content=sound.content.replace(b"billing:3.0", b"billing:2.0")
        ),
    }
    for words, document in faults.items():
        with pytest.raises(Refused, match="peppol_not_taken") as caught:
            client.send(document)
        assert words in caught.value.params["message"]


def test_a_receiver_that_nobody_knows_ends_as_refused(
    point: Point, client: AccessPoint
) -> None:
    point.control("participant", {"id": participant(RECEIVER), "takes": None})
    receipt = client.send(_outgoing())
    assert receipt.found
    progress = client.status("een")
    assert progress.state is DeliveryState.REJECTED
    assert progress.detail == "SMP lookup failed"


def test_a_token_that_is_taken_back_is_told(point: Point, client: AccessPoint) -> None:
    client.check()
    point.control("revoke")
    with pytest.raises(AuthenticationLost):
        client.check()
    with pytest.raises(AuthenticationLost):
        client.send(_outgoing())
    assert point.documents() == []


def test_too_many_calls_and_sending_that_is_off_wait(
    point: Point, client: AccessPoint
) -> None:
    point.fault("status", status=429, retry_after=7)
    with pytest.raises(WaitUntil) as caught:
        client.send(_outgoing())
    assert caught.value.seconds == 7
    point.fault("status", status=404, method="POST")
    with pytest.raises(WaitUntil, match="peppol_closed"):
        client.send(_outgoing())


def test_the_token_is_in_no_exchange(client: AccessPoint) -> None:
    client.send(_outgoing())
    assert TOKEN not in client.http.last_exchange


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, {"sbdhInstanceID": "een"},
        {"sbdhInstanceID": "een", "receiverID": "x", "status": "onbekend"},
        {"sbdhInstanceID": 1, "receiverID": "x", "status": "sent"},
        {"sbdhInstanceID": "een", "receiverID": "x", "status": "sent",
         "mlsStatus": "?"},
        {"sbdhInstanceID": "een", "receiverID": "x", "status": "sent",
         "completedDT": "gisteren"},
    ],
)  # fmt: skip
def test_an_odd_answer_is_no_status(body: Any) -> None:
    with pytest.raises(Malformed):
        transaction_of(body)


def test_an_odd_list_is_no_answer_of_the_register() -> None:
    for body in (None, {"urls": None}, {"urls": ["x"]}, {"urls": [{}]}):
        with pytest.raises(Malformed):
            document_types_of(body)
