"""The AutoReport channel against the shape of our own sandbox."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.clock import utcnow
from core.domain.errors import (
    AskUser,
    ClientRefused,
    OutcomeUnknown,
    RetryLater,
    WaitUntil,
)
from core.domain.filings import FilingState
from plugins.accountview.autoreport import AutoReport, AutoReportAccess
from plugins.belastingdienst.sending.delivery import Attempt, advance
from tests.contract.accountview.conftest import World
from tests.contract.belastingdienst.conftest import message


def access(world: World) -> AutoReportAccess:
    return AutoReportAccess(
        url=f"{world.url}/autoreport/v1/",
        token_url=f"{world.url}/visma-connect/connect/token",
        client_id="koppelwerk-sandbox",
        client_secret="sandbox-secret",
        scope="autoreport",
        tenant="demo-tenant",
        company="70001",
    )


@pytest.fixture
def channel(world: World) -> AutoReport:
    made = AutoReport(access(world))
    made.activate_certificate("visma")
    return made


@pytest.mark.parametrize(
    "name",
    ["url", "token_url", "client_id", "client_secret", "scope", "tenant", "company"],
)
def test_it_refuses_to_start_without(world: World, name: str) -> None:
    with pytest.raises(AskUser, match="autoreport_not_configured"):
        AutoReport(replace(access(world), **{name: ""}))


def test_a_declaration_is_delivered_and_accepted(
    world: World, channel: AutoReport
) -> None:
    receipt = channel.deliver(message())
    progress = channel.status(receipt.delivery_reference)
    assert progress.state is FilingState.ACCEPTED
    assert progress.statuses[-1].code == "Acknowledged"
    (entry,) = world.ledger("report")
    assert entry["content"].encode() == message().content
    assert "sandbox-secret" not in repr(access(world))


@pytest.mark.parametrize(
    ("scenario", "state"),
    [
        ("accepted", FilingState.ACCEPTED),
        ("rejected", FilingState.REJECTED),
        ("invalid", FilingState.REJECTED),
        ("sending", FilingState.SENT),
    ],
)
def test_every_end_is_followed(
    world: World, channel: AutoReport, scenario: str, state: FilingState
) -> None:
    world.fault("scenario", path="reports", scenario=scenario, times=1)
    receipt = channel.deliver(message())
    assert channel.status(receipt.delivery_reference).state is state


def test_a_certificate_has_to_be_activated_first(world: World) -> None:
    channel = AutoReport(access(world))
    receipt = channel.deliver(message())
    assert channel.status(receipt.delivery_reference).state is FilingState.REJECTED
    channel.activate_certificate("own", "70001")
    again = channel.deliver(message("R2"))
    assert channel.status(again.delivery_reference).state is FilingState.ACCEPTED
    with pytest.raises(AskUser, match="autoreport_refused"):
        channel.activate_certificate("geleend")


def test_cancelling_is_possible_until_it_is_sent(
    world: World, channel: AutoReport
) -> None:
    world.control("options", {"pace": 1000})
    receipt = channel.deliver(message())
    assert channel.status(receipt.delivery_reference).state is FilingState.WAITING
    channel.cancel(receipt.delivery_reference)
    assert channel.status(receipt.delivery_reference).state is FilingState.CANCELLED
    world.control("options", {"pace": 0})
    late = channel.deliver(message("R2"))
    with pytest.raises(AskUser, match="autoreport_refused"):
        channel.cancel(late.delivery_reference)


def test_a_lost_answer_is_looked_up(world: World, channel: AutoReport) -> None:
    saved: list[Attempt] = []
    for number in range(20):
        world.fault("drop_after", method="POST", path="reports", times=1)
        attempt = Attempt(message(f"R{number}"))
        with pytest.raises(WaitUntil):
            advance(channel, attempt, now=utcnow(), save=saved.append)
        found = advance(channel, saved[-1], now=utcnow(), save=saved.append)
        assert found.receipt is not None
        assert found.receipt.found
    assert len(world.ledger("report")) == 20
    assert channel.look_up(message("R99"), utcnow(), ()) is None


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "html_after"},
        {"kind": "status", "status": 502},
        {"kind": "status", "status": 201, "body": {"id": "1"}},
    ],
)
def test_what_says_nothing_is_an_unknown_outcome(
    world: World, channel: AutoReport, fault: dict[str, Any]
) -> None:
    world.control("faults", {**fault, "path": "reports", "times": 3})
    with pytest.raises(OutcomeUnknown):
        channel.deliver(message())
    with pytest.raises(RetryLater):
        channel.status("x")


def test_a_wrong_login_is_our_mistake(world: World) -> None:
    wrong = AutoReport(replace(access(world), client_secret="fout"))
    with pytest.raises(ClientRefused):
        wrong.deliver(message())
    elsewhere = AutoReport(replace(access(world), tenant="ander"))
    with pytest.raises(ClientRefused):
        elsewhere.deliver(message())
    world.fault("html", status=403, path="token")
    with pytest.raises(ClientRefused):
        AutoReport(access(world)).deliver(message())
    assert world.ledger("report") == []


def test_a_token_that_ends_is_renewed(world: World, channel: AutoReport) -> None:
    channel.deliver(message())
    world.control("clock", {"seconds": 7200})
    try:
        channel.deliver(message("R2"))
    finally:
        world.control("clock", {"seconds": -7200})
    assert len(world.ledger("report")) == 2
