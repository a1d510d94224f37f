"""Both clients against the sandbox: sessions, limits, faults, hostile answers."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask

from core.domain.errors import (
    AuthenticationLost,
    KoppelwerkError,
    OutcomeUnknown,
    Refused,
    RetryLater,
    WaitUntil,
)
from core.net.http import HttpClient
from plugins.eboekhouden.client import (
    Credentials,
    EBoekhouden,
    EntryQuery,
    Uncounted,
    descriptions,
)
from plugins.eboekhouden.client.soap import SoapEBoekhouden
from plugins.eboekhouden.connector import client_of
from plugins.eboekhouden.refusals import CodeTaken, Duplicate
from plugins.eboekhouden.relations import mapping as relation_mapping
from tests.contract.eboekhouden.conftest import _PLAIN, Package
from tests.unit.eboekhouden.test_relations import organisation

RELATION = {"Code": "10000", "Bedrijf": "Fischer Optiek", "BP": "B",
            "Email": "info@fischer.example"}  # fmt: skip


def entry(number: str = "F1", excl: str = "100.00", **changes: Any) -> dict[str, Any]:
    """A sales entry at 21 %."""
    amount = Decimal(excl)
    vat = (amount * 21 / 100).quantize(Decimal("0.01"))
    line = {
        "BedragInvoer": amount, "BedragExclBTW": amount, "BedragBTW": vat,
        "BedragInclBTW": amount + vat, "BTWCode": "HOOG_VERK_21",
        "BTWPercentage": Decimal(21), "TegenrekeningCode": "8000", "KostenplaatsID": 0,
    }  # fmt: skip
    return {
        "MutatieNr": 0, "Soort": "FactuurVerstuurd", "Datum": date(2026, 3, 1),
        "Rekening": "1300", "RelatieCode": "10000", "Factuurnummer": number,
        "Boekstuk": "B1", "Omschrijving": "Bestelling 1", "Betalingstermijn": "30",
        "Betalingskenmerk": "B1", "InExBTW": "EX", "MutatieRegels": [line], **changes,
    }  # fmt: skip


# --- what both do --------------------------------------------------------------------


def test_a_relation_and_its_entry_read_back_the_same(api: EBoekhouden) -> None:
    made = api.add_relation(RELATION)
    [found] = api.relations(email="INFO@fischer.example")
    assert (str(found["ID"]), found["Code"]) == (made, "10000")
    assert api.relations(code="10") == []
    number = api.add_entry(entry())
    [booked] = api.entries(EntryQuery(invoice_number="F1"))
    assert str(booked["MutatieNr"]) == number
    assert (booked["RelatieCode"], booked["Datum"]) == ("10000", date(2026, 3, 1))
    [line] = booked["MutatieRegels"]
    assert (line["BedragInclBTW"], line["TegenrekeningCode"]) == (121, "8000")
    assert isinstance(line["BedragInclBTW"], Decimal)


def test_open_items_are_exact_amounts(api: EBoekhouden, package: Package) -> None:
    api.add_relation(RELATION)
    api.add_entry(entry("F1", "0.07"))
    api.add_entry(entry("F2", "100.00"))
    package.control("pay", {"invoice": "F2", "amount": "20.90"})
    first, second = api.open_items()
    assert first["Openstaand"] == Decimal("0.08")
    assert second["Openstaand"] == Decimal("100.10")
    assert isinstance(second["Openstaand"], Decimal)
    package.control("pay", {"invoice": "F2"})
    assert [row["MutFactuur"] for row in api.open_items()] == ["F1"]


def test_credit_entries_are_negative(api: EBoekhouden) -> None:
    api.add_relation(RELATION)
    api.add_entry(entry("C1", "-100.00"))
    assert [row["Openstaand"] for row in api.open_items()] == [Decimal(-121)]


def test_an_update_after_reading_wipes_nothing(
    api: EBoekhouden, interface: str
) -> None:
    kept = {"Notitie": "Let op", "Def1": "vrij", "KvkNummer": "12345678"}
    api.add_relation({**RELATION, "Contactpersoon": "Jan", **kept})
    [current] = api.relations(code="10000")
    wanted = relation_mapping.relation_body(organisation(debtor_number="10000"))
    api.update_relation(relation_mapping.merged(current, wanted))
    [after] = api.relations(code="10000")
    assert {name: after[name] for name in kept} == kept
    assert after["Contactpersoon"] == "Jan"
    assert after["Adres"] == "Stationstraat 12 bis"
    assert after["ID"] == current["ID"]


def test_without_the_merge_soap_wipes_the_rest(
    package: Package, product: Flask
) -> None:
    api = client_of(package.values(), Uncounted())
    made = api.add_relation({**RELATION, "Notitie": "Let op"})
    api.update_relation({**RELATION, "ID": made})
    [after] = api.relations(code="10000")
    assert not after["Notitie"]
    api.close()


def test_duplicates_and_taken_codes_have_their_own_errors(api: EBoekhouden) -> None:
    api.add_relation(RELATION)
    with pytest.raises(CodeTaken):
        api.add_relation({**RELATION, "Bedrijf": "Ander"})
    api.add_entry(entry())
    with pytest.raises(Duplicate):
        api.add_entry(entry())
    api.add_relation({**RELATION, "Code": "10001"})
    with pytest.raises(Duplicate):
        api.add_entry(entry(RelatieCode="10001"))


def test_an_unknown_relation_or_account_is_refused(api: EBoekhouden) -> None:
    with pytest.raises(Refused) as caught:
        api.add_entry(entry())
    assert caught.value.code == "eboekhouden_relation_unknown"
    api.add_relation(RELATION)
    with pytest.raises(Refused) as caught:
        api.add_entry(entry(Rekening="1010"))
    assert caught.value.code == "eboekhouden_account_refused"


def test_accounts_and_the_administration_are_read(api: EBoekhouden) -> None:
    codes = {row["Code"]: row["Categorie"] for row in api.ledger_accounts()}
    assert (codes["1300"], codes["8000"]) == ("DEB", "VW")
    [own] = api.administrations()
    assert own["Bedrijf"] == "Demo Webwinkel B.V. sandbox"


def test_an_expired_session_is_opened_again_once(
    api: EBoekhouden, package: Package
) -> None:
    api.add_relation(RELATION)
    package.control("expire")
    api.add_entry(entry())
    assert len(package.ledger("entry")) == 1


def test_sessions_are_closed_at_the_end(
    package: Package, product: Flask, interface: str
) -> None:
    client = client_of(package.values(interface), Uncounted())
    client.ledger_accounts()
    client.close()
    client.close()
    [session] = package.control("objects/session", verb="GET")
    assert session["closed"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"username": "ander"},
        {"security_code_1": "ander"},
        {"security_code_2": "ander"},
        {"access_token": "ander"},
    ],
)
def test_wrong_codes_are_a_lost_login(
    package: Package, product: Flask, change: dict[str, str]
) -> None:
    interface = "rest" if "access_token" in change else "soap"
    client = client_of({**package.values(interface), **change}, Uncounted())
    with pytest.raises(AuthenticationLost) as caught:
        client.login()
    assert caught.value.code == "eboekhouden_login_refused"
    client.close()


WRITES: list[Callable[[EBoekhouden], Any]] = [
    lambda api: api.add_relation({**RELATION, "Code": "10001"}),
    lambda api: api.add_entry(entry()),
]
LOST = [
    {"kind": "drop"},
    {"kind": "drop_after"},
    {"kind": "html_after"},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 500},
]


@pytest.mark.parametrize("fault", LOST, ids=str)
@pytest.mark.parametrize("write", [0, 1])
def test_a_lost_write_is_unknown_and_a_lost_read_is_tried_later(
    api: EBoekhouden,
    package: Package,
    interface: str,
    write: int,
    fault: dict[str, Any],
) -> None:
    api.add_relation(RELATION)
    api.ledger_accounts()
    api.relations(code="10000")
    path = "Add" if interface == "soap" else "(relation|mutation)$"
    package.fault(**fault, method="POST", path=path, times=1)
    with pytest.raises(OutcomeUnknown):
        WRITES[write](api)
    package.control("faults", verb="DELETE")
    path = "GetRelaties" if interface == "soap" else "relation"
    package.fault(**fault, path=path, times=1)
    with pytest.raises(RetryLater):
        api.relations(code="10000")


def test_a_busy_answer_waits(api: EBoekhouden, package: Package) -> None:
    api.login()
    package.fault(kind="status", status=429, retry_after=7, times=1)
    with pytest.raises(WaitUntil) as caught:
        api.ledger_accounts()
    assert caught.value.seconds == 7


def test_no_code_stands_in_what_is_kept_of_an_exchange(
    api: EBoekhouden, package: Package, interface: str
) -> None:
    api.ledger_accounts()
    values = package.values(interface)
    for name in ("security_code_1", "security_code_2", "access_token"):
        assert values[name] not in api.last_exchange
        assert values[name] not in repr(Credentials(code2=values[name]))
    assert "1300" in api.last_exchange


# --- SOAP alone ----------------------------------------------------------------------


@pytest.fixture
def over_soap(package: Package, product: Flask) -> Iterator[EBoekhouden]:
    client = client_of(package.values(), Uncounted())
    yield client
    client.close()


def test_one_session_serves_all_calls(
    over_soap: EBoekhouden, judged: list[str]
) -> None:
    over_soap.login()
    judged.clear()
    over_soap.ledger_accounts()
    over_soap.relations()
    assert ["OpenSession", *judged] == [
        "OpenSession",
        "GetGrootboekrekeningen",
        "GetRelaties",
    ]


def test_a_session_that_never_holds_is_tried_later(
    over_soap: EBoekhouden, package: Package
) -> None:
    package.control("settings", {"session_seconds": 0})
    with pytest.raises(RetryLater) as caught:
        over_soap.add_relation(RELATION)
    assert caught.value.code == "eboekhouden_session_lost"
    assert package.calls()["POST /soap.asmx/<operation>"] == 4


def test_the_months_limit_is_the_counters_error(
    over_soap: EBoekhouden, package: Package
) -> None:
    package.control("settings", {"calls_per_month": 2})
    over_soap.ledger_accounts()
    with pytest.raises(WaitUntil) as caught:
        over_soap.ledger_accounts()
    assert caught.value.code == "eboekhouden_month_limit"


def test_entries_come_five_hundred_at_most(
    over_soap: EBoekhouden, package: Package
) -> None:
    package.control("fill", {"count": 510})
    rows = over_soap.entries(EntryQuery())
    assert [row["MutatieNr"] for row in (rows[0], rows[-1])] == [11, 510]
    assert len(over_soap.entries(EntryQuery(last=10))) == 10
    assert len(over_soap.entries(EntryQuery(first=505))) == 6
    assert len(over_soap.entries(EntryQuery(number=7))) == 1


ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{}</s:Envelope>'
)
FAULT = (
    "<s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring>"
    "</s:Fault></s:Body>"
)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + ENVELOPE.format("<s:Body>&a;</s:Body>")
OUTSIDE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + ENVELOPE.format("")
EMPTY = ENVELOPE.format(
    '<s:Body><AddRelatieResponse xmlns="http://www.e-boekhouden.nl/soap"/></s:Body>'
)
NO_NUMBER = ENVELOPE.format(
    '<s:Body><AddRelatieResponse xmlns="http://www.e-boekhouden.nl/soap">'
    "<AddRelatieResult><Rel_ID>0</Rel_ID></AddRelatieResult>"
    "</AddRelatieResponse></s:Body>"
)


@pytest.fixture
def answering() -> Iterator[Callable[[str, str], str]]:
    """A server that answers every call with one text; returns its address."""
    servers: list[HTTPServer] = []

    def start(text: str, kind: str = "text/xml; charset=utf-8") -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/soap.asmx"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "text", [BOMB, OUTSIDE, ENVELOPE.format(FAULT), EMPTY, NO_NUMBER, "<x>", "<x/>", ""]
)
def test_hostile_and_unreadable_answers_are_no_answers(
    package: Package,
    monkeypatch: pytest.MonkeyPatch,
    answering: Callable[..., str],
    text: str,
) -> None:
    monkeypatch.setattr(HttpClient, "request", _PLAIN)
    wsdl = f"{package.url}/soap.asmx?WSDL"
    client = SoapEBoekhouden(
        Credentials("u", "1", "2"), Uncounted(), wsdl_url=wsdl, soap_url=answering(text)
    )
    client._session = "{open}"
    with pytest.raises(OutcomeUnknown):
        client.add_relation(RELATION)
    with pytest.raises(RetryLater):
        client.relations()
    client.close()


def test_the_address_of_the_wsdl_is_not_used(
    package: Package, monkeypatch: pytest.MonkeyPatch, product: Flask
) -> None:
    """The WSDL names the sandbox; the calls go to the SOAP address of the settings."""
    monkeypatch.setattr(HttpClient, "request", _PLAIN)
    client = SoapEBoekhouden(
        Credentials("u", "1", "2"),
        Uncounted(),
        wsdl_url=f"{package.url}/soap.asmx?WSDL",
        soap_url="http://127.0.0.1:9/soap.asmx",
    )
    with pytest.raises(RetryLater) as caught:
        client.login()
    assert caught.value.code == "remote_unreachable"
    assert package.calls() == {"GET /soap.asmx": 1}
    client.close()


def test_plain_http_is_never_used_outside_this_machine() -> None:
    client = SoapEBoekhouden(
        Credentials(),
        Uncounted(),
        wsdl_url="http://soap.e-boekhouden.nl/soap.asmx?WSDL",
        soap_url="http://soap.e-boekhouden.nl/soap.asmx",
    )
    assert client.http._transport.address == "https://soap.e-boekhouden.nl/"


def test_a_wsdl_that_cannot_be_had_is_tried_later(
    package: Package, product: Flask
) -> None:
    descriptions.forget()
    package.fault(kind="html", method="GET", times=1)
    client = client_of(package.values(), Uncounted())
    with pytest.raises(RetryLater):
        client.login()
    client.login()
    client.close()


def test_every_error_is_one_the_engine_knows(api: EBoekhouden) -> None:
    with pytest.raises(KoppelwerkError):
        api.add_relation({**RELATION, "Bedrijf": ""})


@pytest.mark.parametrize("interface", ["rest"])
@pytest.mark.parametrize(
    ("status", "wanted", "code"),
    [
        (403, AuthenticationLost, "eboekhouden_login_refused"),
        (404, RetryLater, "remote_fault"),
        (503, WaitUntil, "rate_limited"),
    ],
)
def test_a_session_that_is_not_opened_is_no_documents_fault(
    api: EBoekhouden,
    package: Package,
    status: int,
    wanted: type[KoppelwerkError],
    code: str,
) -> None:
    body = {"title": "nee"}
    package.fault(kind="status", path="v1/session", status=status, body=body,
                  retry_after=17)  # fmt: skip
    with pytest.raises(wanted) as caught:
        api.add_relation(RELATION)
    assert caught.value.code == code
    if isinstance(caught.value, WaitUntil):
        assert caught.value.seconds == 17
