"""The client against the sandbox: what VIES says, and what it does not say."""

from collections.abc import Iterator
from datetime import UTC

import pytest
import requests

from plugins.vies.public import Outcome, VatNumber, Vies, is_well_formed, normalise
from plugins.vies.sandbox.app import FAULTS

SELLER = VatNumber("NL", "004495445B01")
BUYER = VatNumber("DE", "136695976")


@pytest.fixture
def vies(vies_url: str) -> Iterator[Vies]:
    with requests.Session() as session:
        yield Vies(f"{vies_url}/checkVatService.wsdl", session)


def control(url: str, name: str, body: object) -> None:
    requests.post(f"{url}/_control/{name}", json=body, timeout=5).raise_for_status()


def test_a_registered_number_is_valid_with_name_and_address(vies: Vies) -> None:
    answer = vies.check(BUYER)
    assert (answer.number, answer.outcome) == ("DE136695976", Outcome.VALID)
    assert answer.name == "Onderneming 136695976"
    assert answer.address == "Marktplein 1 DE"
    assert answer.consultation_number == ""
    assert answer.requested_at.tzinfo is UTC


def test_a_known_requester_gets_a_consultation_number(
    vies: Vies, vies_url: str
) -> None:
    answer = vies.check(BUYER, SELLER)
    assert answer.outcome is Outcome.VALID
    assert answer.consultation_number.startswith("WAPI")
    entries = requests.get(f"{vies_url}/_control/ledger", timeout=5).json()
    assert [entry["body"]["requestIdentifier"] for entry in entries] == [
        answer.consultation_number
    ]


def test_an_unregistered_number_is_invalid(vies: Vies, vies_url: str) -> None:
    control(vies_url, "invalid", {"number": str(BUYER)})
    answer = vies.check(BUYER, SELLER)
    assert (answer.outcome, answer.reason) == (Outcome.INVALID, "not_registered")
    assert answer.name == ""


@pytest.mark.parametrize(
    ("number", "outcome"), [("100", Outcome.VALID), ("200", Outcome.INVALID)]
)
def test_the_test_numbers_say_yes_and_no(
    vies: Vies, number: str, outcome: Outcome
) -> None:
    assert vies.check(VatNumber("EL", number)).outcome is outcome


@pytest.mark.parametrize(("number", "code"), sorted(FAULTS.items()))
def test_every_fault_is_unknown(vies: Vies, number: str, code: str) -> None:
    answer = vies.check(VatNumber("NL", number), SELLER)
    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, code)


def test_a_member_state_that_is_down_is_unknown_and_comes_back(
    vies: Vies, vies_url: str
) -> None:
    control(vies_url, "down", {"fault": "MS_UNAVAILABLE", "country": "DE"})
    assert vies.check(BUYER).reason == "MS_UNAVAILABLE"
    assert vies.check(VatNumber("NL", "100")).outcome is Outcome.VALID
    requests.delete(f"{vies_url}/_control/down", timeout=5)
    assert vies.check(BUYER).outcome is Outcome.VALID


def test_a_requester_that_vies_does_not_know_is_unknown(vies: Vies) -> None:
    answer = vies.check(BUYER, VatNumber("NL", "200"))
    assert (answer.outcome, answer.reason) == (
        Outcome.UNKNOWN,
        "INVALID_REQUESTER_INFO",
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html", "path": "services"},
        {"kind": "html", "path": "wsdl"},
        {"kind": "html_after", "path": "services"},
        {"kind": "drop"},
        {"kind": "drop_after", "path": "services"},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500, "path": "services"},
        {"kind": "status", "status": 200, "path": "services"},
        {"kind": "status", "status": 429, "retry_after": 3, "path": "services"},
    ],
)
def test_whatever_is_no_answer_is_unknown(
    vies: Vies, vies_url: str, fault: dict[str, object]
) -> None:
    control(vies_url, "faults", fault)
    answer = vies.check(BUYER)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.reason in ("UNREACHABLE", "UNREADABLE_ANSWER")
    requests.delete(f"{vies_url}/_control/faults", timeout=5)
    assert vies.check(BUYER).outcome is Outcome.VALID


def test_a_slow_service_is_unknown(
    vies: Vies, vies_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.vies.client.TIMEOUT_SECONDS", 0.2)
    control(vies_url, "faults", {"kind": "latency", "seconds": 1, "path": "services"})
    answer = vies.check(BUYER)
    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, "TIMEOUT")


def test_nobody_listening_is_unknown() -> None:
    with requests.Session() as session:
        answer = Vies("http://127.0.0.1:9/x.wsdl", session).check(BUYER)
    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, "UNREACHABLE")


def test_a_wrong_form_is_invalid_without_a_call(vies: Vies, vies_url: str) -> None:
    answer = vies.check_text("NL123456789B01")
    assert (answer.outcome, answer.reason) == (Outcome.INVALID, "format")
    assert requests.get(f"{vies_url}/_control/calls", timeout=5).json() == {}
    assert vies.check_text(" de 136.695.976 ").outcome is Outcome.VALID


def test_numbers_are_brought_into_the_form_of_vies() -> None:
    assert normalise("GR 094259216") == VatNumber("EL", "094259216")
    assert normalise("094259216", "GR") == VatNumber("EL", "094259216")
    assert normalise("be 0403.019.261") == VatNumber("BE", "0403019261")
    assert normalise("BE403019261", "BE") == VatNumber("BE", "0403019261")
    assert not is_well_formed("GB980780684")
    assert not is_well_formed("")
