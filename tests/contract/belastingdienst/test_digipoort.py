"""The Digipoort channel against the sandbox: end states, faults, lost answers."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from core.domain.clock import utcnow
from core.domain.declarations import DeclarationKind
from core.domain.errors import AskUser, OutcomeUnknown, RetryLater, WaitUntil
from core.domain.filings import FilingState, Message
from plugins.belastingdienst.channels.digipoort.certificates import SigningCertificate
from plugins.belastingdienst.channels.digipoort.channel import Digipoort, state_of
from plugins.belastingdienst.channels.digipoort.wssecurity import Algorithm
from plugins.belastingdienst.sandbox.authority import Authority
from plugins.belastingdienst.sending.delivery import Attempt, advance
from plugins.belastingdienst.xbrl import icp
from tests.contract.belastingdienst.conftest import World, message
from tests.unit.belastingdienst.samples import NUMBER, header, icp_2020

DELIVERY, STATUS = "aanleverservice", "statusinformatieservice"
END = {
    "accepted": ("500", FilingState.ACCEPTED),
    "unauthorised": ("210", FilingState.REJECTED),
    "invalid": ("311", FilingState.REJECTED),
    "undeliverable": ("410", FilingState.REJECTED),
    "rejected": ("510", FilingState.REJECTED),
    "technical": ("500", FilingState.ACCEPTED),
}


def test_a_declaration_is_delivered_and_accepted(
    world: World, digipoort: Digipoort
) -> None:
    made = message()
    receipt = digipoort.deliver(made)
    assert b"SignatureValue" in receipt.evidence
    assert abs(receipt.delivered_at - utcnow()) < timedelta(seconds=30)
    progress = digipoort.status(receipt.delivery_reference)
    codes = [status.code for status in progress.statuses]
    assert codes == ["105", "100", "110", "200", "301", "301", "405", "400", "500"]
    assert progress.state is FilingState.ACCEPTED
    assert "Verwerkbaar" in progress.statuses[-1].detail
    (entry,) = world.ledger("delivery")
    assert entry["aanleverkenmerk"] == "R1"
    assert entry["inhoud"].encode() == made.content


@pytest.mark.parametrize(("scenario", "end"), END.items())
def test_every_end_is_followed(
    world: World, digipoort: Digipoort, scenario: str, end: tuple[str, FilingState]
) -> None:
    world.fault("scenario", path=DELIVERY, scenario=scenario, times=1)
    receipt = digipoort.deliver(message())
    progress = digipoort.status(receipt.delivery_reference)
    assert (progress.statuses[-1].code, progress.state) == end
    if end[1] is FilingState.REJECTED:
        assert progress.statuses[-1].error_code
        assert progress.statuses[-1].detail


def test_statuses_come_one_by_one(world: World, digipoort: Digipoort) -> None:
    world.control("options", {"pace": 100})
    receipt = digipoort.deliver(message())
    seen = [len(digipoort.status(receipt.delivery_reference).statuses)]
    for _ in range(3):
        world.control("clock", {"seconds": 100})
        # the clock of the answers' timestamps moves as well: ours has to follow
        late = Digipoort(world.access(), world.certificate, now=world_now(world))
        seen.append(len(late.status(receipt.delivery_reference).statuses))
    world.control("clock", {"seconds": -300})
    assert seen == [1, 2, 3, 4]


def world_now(world: World) -> Any:
    offset = world.app.extensions["sandbox"].clock.offset
    return lambda: utcnow() + offset


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        (b"3240</bd-i:ValueAddedTaxOwed>", b"1</bd-i:ValueAddedTaxOwed>", "510", "5a"),
        (b">Surname<", b"><", "311", "ContactSurname"),
        (b">0612345678<", b">061234567890123<", "311", "Telephone"),
        (b">15000<", b">15000.5<", "311", "15000.5"),
        (b"aangifte-2020", b"aangifte-2021", "311", "entrypoint"),
        (b"iso4217:EUR<", b"iso4217:USD<", "510", "euro"),
        (b">001000044B37<", b">001000056B37<", "510", "omzetbelastingnummer"),
    ],
)
def test_a_wrong_declaration_is_rejected_with_the_reason(
    world: World, digipoort: Digipoort, old: bytes, new: bytes, code: str, text: str
) -> None:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    receipt = digipoort.deliver(message(change=change))
    last = digipoort.status(receipt.delivery_reference).statuses[-1]
    assert last.code == code
    assert text in last.detail


@pytest.mark.parametrize("algorithm", list(Algorithm))
@pytest.mark.parametrize("answers", ["sha1", "sha256"])
def test_both_hashes_are_taken_both_ways(
    world: World, algorithm: Algorithm, answers: str
) -> None:
    world.control("options", {"hash": answers})
    channel = Digipoort(world.access(algorithm=algorithm), world.certificate)
    assert channel.deliver(message()).delivery_reference
    channel.close()


def test_a_sha1_answer_proves_nothing_where_it_is_not_set(world: World) -> None:
    access = world.access(weakest=Algorithm.SHA256)
    channel = Digipoort(access, world.certificate)
    with pytest.raises(OutcomeUnknown):
        channel.deliver(message())
    world.control("options", {"hash": "sha256"})
    assert channel.deliver(message("R2")).delivery_reference
    channel.close()


def test_mutual_tls_lets_in_who_has_a_certificate(world: World) -> None:
    base = world.control("tls")["url"]
    channel = Digipoort(world.access(base), world.certificate)
    receipt = channel.deliver(message())
    assert channel.status(receipt.delivery_reference).state is FilingState.ACCEPTED
    channel.close()


def test_mutual_tls_keeps_out_who_has_none(world: World) -> None:
    base = world.control("tls")["url"]
    channel = Digipoort(world.access(base, roots=""), world.certificate)
    with pytest.raises(RetryLater, match="remote_unreachable"):
        channel.deliver(message())  # its own root is not trusted
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(f"{base}/wus/2.0/{DELIVERY}/1.2", verify=False, timeout=5)
    channel.close()
    assert world.ledger("delivery") == []


def test_a_certificate_of_another_authority_is_refused(world: World) -> None:
    pair = Authority().issue("Vreemd", "87654321")
    made = SigningCertificate(pair.certificate, pair.key)
    stranger = Digipoort(world.access(), made)
    with pytest.raises(AskUser, match="digipoort_refused") as error:
        stranger.deliver(message())
    assert "authority" in error.value.params["message"]
    stranger.close()
    assert world.ledger("delivery") == []


def test_an_ended_certificate_is_not_even_tried(world: World) -> None:
    channel = Digipoort(world.access(), world.issued(days=-1))
    with pytest.raises(AskUser, match="certificate_expired"):
        channel.deliver(message())
    assert not any("wus" in name for name in world.control("calls", verb="GET"))
    channel.close()


def test_nothing_starts_without_addresses_and_pin(world: World) -> None:
    for change in ({"pinned": frozenset()}, {"delivery_url": ""}, {"status_url": ""}):
        with pytest.raises(AskUser, match="digipoort_not_configured"):
            Digipoort(world.access(**change), world.certificate)


def test_another_signer_is_not_believed(world: World) -> None:
    access = world.access(pinned=frozenset(("0" * 64,)))
    channel = Digipoort(access, world.certificate)
    with pytest.raises(OutcomeUnknown) as error:
        channel.deliver(message())
    assert error.value.params["cause"] == "Untrusted"
    with pytest.raises(RetryLater, match="digipoort_answer_untrusted"):
        channel.status(process(world))
    channel.close()


def process(world: World) -> str:
    entries = world.control("objects/process", verb="GET")
    return str(entries[-1]["kenmerk"])


def test_a_tampered_answer_is_not_believed(world: World, digipoort: Digipoort) -> None:
    world.fault("tamper", path=DELIVERY, times=1)
    with pytest.raises(OutcomeUnknown):
        digipoort.deliver(message())
    world.fault("tamper", path=STATUS, times=1)
    with pytest.raises(RetryLater, match="digipoort_answer_untrusted"):
        digipoort.status(process(world))
    assert digipoort.status(process(world)).state is FilingState.ACCEPTED


@pytest.mark.parametrize("code", ["ALS100", "ALS110", "ALS170"])
def test_a_refusal_proves_that_nothing_was_taken(
    world: World, digipoort: Digipoort, code: str
) -> None:
    world.fault("soap_fault", path=DELIVERY, code=code, times=1)
    with pytest.raises(AskUser, match="digipoort_refused") as error:
        digipoort.deliver(message())
    assert error.value.params["fault"] == code
    assert world.ledger("delivery") == []


def test_a_fault_of_digipoort_itself_proves_nothing(
    world: World, digipoort: Digipoort
) -> None:
    world.fault("soap_fault", path=DELIVERY, code="ALS400", times=1)
    with pytest.raises(OutcomeUnknown):
        digipoort.deliver(message())
    world.fault("soap_fault", path=STATUS, code="STS400", times=1)
    with pytest.raises(RetryLater, match="remote_fault"):
        digipoort.status("x")


def test_an_unknown_reference_is_refused(digipoort: Digipoort) -> None:
    with pytest.raises(AskUser, match="digipoort_refused") as error:
        digipoort.status("nooit-gezien")
    assert error.value.params["fault"] == "STS100"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop"},
        {"kind": "drop_after"},
        {"kind": "html"},
        {"kind": "html_after"},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500},
    ],
)
def test_no_answer_is_an_unknown_outcome_and_a_read_waits(
    world: World, digipoort: Digipoort, fault: dict[str, Any]
) -> None:
    world.control("faults", {**fault, "path": "wus", "times": 2})
    with pytest.raises(OutcomeUnknown):
        digipoort.deliver(message())
    with pytest.raises(RetryLater):
        digipoort.look_up(message(), utcnow(), ())


def test_nobody_listening_is_tried_again(world: World) -> None:
    channel = Digipoort(world.access("http://127.0.0.1:9"), world.certificate)
    with pytest.raises(RetryLater, match="remote_unreachable"):
        channel.deliver(message())
    channel.close()


def test_a_slow_answer_is_an_unknown_outcome(world: World) -> None:
    channel = Digipoort(world.access(deadline=0.5), world.certificate)
    world.fault("latency", path=DELIVERY, seconds=1.5, times=1)
    with pytest.raises(OutcomeUnknown) as error:
        channel.deliver(message())
    assert error.value.params["cause"] == "remote_timeout"
    channel.close()
    assert len(arrived(world, 1)) == 1  # it was taken in after all


def arrived(world: World, count: int) -> list[dict[str, Any]]:
    """Wait for what the sandbox is still busy with."""
    for _ in range(100):
        entries = world.ledger("delivery")
        if len(entries) >= count:
            return entries
        time.sleep(0.05)
    return world.ledger("delivery")


def test_an_unsafe_address_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="https is required"):
        Digipoort(world.access("http://example.com"), world.certificate)


def lost(world: World, digipoort: Digipoort, made: Message) -> None:
    world.fault("drop_after", path=DELIVERY, times=1)
    with pytest.raises(OutcomeUnknown):
        digipoort.deliver(made)


def test_a_lost_delivery_is_found(world: World, digipoort: Digipoort) -> None:
    sent = utcnow()
    lost(world, digipoort, message())
    receipt = digipoort.look_up(message(), sent, ())
    assert receipt is not None
    assert receipt.found
    assert receipt.delivery_reference == process(world)
    assert b"SignatureValue" in receipt.evidence


def test_others_deliveries_are_left_alone(world: World, digipoort: Digipoort) -> None:
    other_kind = Message(
        "I1", DeclarationKind.ICP, icp_2020().period, NUMBER,
        icp.write_icp(header(), icp_2020()),
    )  # fmt: skip
    digipoort.deliver(other_kind)
    other_number = replace(message("R0"), tax_number="123456782B01")
    digipoort.deliver(other_number)
    known = digipoort.deliver(message("R2")).delivery_reference
    assert digipoort.look_up(message("R1"), utcnow(), {known}) is None
    long_ago = utcnow() + timedelta(days=2)
    assert digipoort.look_up(message("R3"), long_ago, ()) is None


def test_a_status_that_names_our_message_settles_it(
    world: World, digipoort: Digipoort
) -> None:
    sent = utcnow()
    lost(world, digipoort, message("R1"))
    lost(world, digipoort, message("R2"))
    receipt = digipoort.look_up(message("R2"), sent, ())
    assert receipt is not None
    assert receipt.delivery_reference == process(world)


def test_two_that_cannot_be_told_apart_wait_and_then_ask(
    world: World, digipoort: Digipoort
) -> None:
    world.control("options", {"pace": 1000})  # the naming status comes later
    sent = utcnow()
    lost(world, digipoort, message("R1"))
    lost(world, digipoort, message("R2"))
    with pytest.raises(WaitUntil, match="delivery_ambiguous"):
        digipoort.look_up(message("R2"), sent, ())
    days_later = Digipoort(
        world.access(), world.certificate, now=lambda: utcnow() + timedelta(hours=73)
    )
    world.control("clock", {"seconds": 73 * 3600})
    world.app.extensions["sandbox"].store.put("option", "pace", {"value": 0})
    for one in world.control("objects/process", verb="GET"):
        endless = {**one, "pace": 10**6}
        world.app.extensions["sandbox"].store.put("process", one["kenmerk"], endless)
    try:
        with pytest.raises(AskUser, match="delivery_ambiguous"):
            days_later.look_up(message("R2"), sent, ())
    finally:
        world.control("clock", {"seconds": -73 * 3600})
        days_later.close()


def test_a_late_commit_is_found_in_the_end(world: World, digipoort: Digipoort) -> None:
    sent = utcnow()
    world.fault("late_commit", path=DELIVERY, seconds=0.3, times=1)
    with pytest.raises(OutcomeUnknown):
        digipoort.deliver(message())
    assert digipoort.look_up(message(), sent, ()) is None
    assert len(arrived(world, 1)) == 1
    assert digipoort.look_up(message(), sent, ()) is not None


def filed(
    channel: Digipoort, made: Message, known: set[str], hours: list[float]
) -> Attempt:
    """Drive one declaration to its receipt, as the filing tasks will."""
    store = [Attempt(made)]
    for hour in hours:
        now = utcnow() + timedelta(hours=hour)
        try:
            advance(channel, store[-1], now=now, known=known, save=store.append)
        except WaitUntil:
            continue
        break
    return store[-1]


def test_100_filings_with_the_answer_lost_are_100_deliveries(
    world: World, digipoort: Digipoort
) -> None:
    world.fault("drop_after", path=DELIVERY, probability=1.0)
    known: set[str] = set()
    for number in range(100):
        attempt = filed(digipoort, message(f"R{number}"), known, [0, 0.01, 0.05])
        assert attempt.receipt is not None, number
        assert attempt.receipt.found
        known.add(attempt.receipt.delivery_reference)
    entries = world.ledger("delivery")
    assert len(entries) == len(known) == 100
    assert {entry["aanleverkenmerk"] for entry in entries} == {
        f"R{number}" for number in range(100)
    }


def test_without_looking_up_it_would_be_101(world: World, digipoort: Digipoort) -> None:
    """The guard off: sending again blindly doubles, so the test above can go red."""
    lost(world, digipoort, message("R1"))
    digipoort.deliver(message("R1"))
    assert len(world.ledger("delivery")) == 2


def test_unknown_codes_are_no_end() -> None:
    assert state_of("999") is FilingState.SENT
    assert state_of("710") is FilingState.REJECTED


def test_an_answer_about_another_message_is_not_ours(
    world: World, digipoort: Digipoort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed and about our call, and yet of something else: nothing is adopted."""
    receipt = digipoort.deliver(message("R1"))
    good = digipoort._ask
    other = replace(message("R2"), tax_number="123456782B01")
    monkeypatch.setattr(digipoort, "_delivery_body", lambda _: body)
    body = Digipoort._delivery_body(digipoort, message("R1"))
    with pytest.raises(OutcomeUnknown) as error:
        digipoort.deliver(other)
    assert error.value.params["cause"] == "other_message"
    reference = receipt.delivery_reference

    def swapped(operation: str, body: dict[str, Any]) -> Any:
        return good(operation, {**body, "kenmerk": reference})

    monkeypatch.setattr(digipoort, "_ask", swapped)
    with pytest.raises(RetryLater, match="digipoort_answer_untrusted"):
        digipoort.status("een-ander")
