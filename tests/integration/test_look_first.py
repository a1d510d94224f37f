"""After a restore the engine looks before it sends for the first time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.packages import Booked
from core.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from core.plugin.engine import restored
from core.runtime.database import session, transaction
from core.services.api import webhook_sending
from core.services.operations import restores
from core.services.transfer import drain
from core.services.transfer.journal import Job, StepWrite
from tests.integration.world import FakeSender, World


@pytest.fixture
def lost(world: World) -> World:
    """A world restored to before its package had the document and debtor of W1."""
    with transaction() as current:
        tenant_id = world.coupling.tenant_id
        current.add(
            WebhookEndpoint(
                tenant_id=tenant_id, url="https://x", secret=b"x",
                events=["order.booked"],
            )
        )  # fmt: skip
    with transaction():
        restores.begin(utcnow())
    world.package.documents.append(("R-W1", "121.00"))
    world.package.debtors.append("klant1@example.com")
    world.read(world.order(1), world.order(2))
    return world


@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_there_is_adopted(
    lost: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(StepWrite, "lost_since", lambda _: None)
    drain.drain()
    numbers = sorted(reference for reference, _ in lost.package.documents)
    assert (numbers == ["R-W1", "R-W2"]) is guarded
    assert (lost.package.debtors.count("klant1@example.com") == 1) is guarded
    assert lost.state(1) == lost.state(2) == ("done", "")


def test_what_is_told_of_an_adopted_one_is_held(lost: World) -> None:
    drain.drain()
    due = webhook_sending.MESSAGES.due_keys(utcnow() + timedelta(seconds=1))
    rows = session().scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()
    held = [row.payload for row in rows if row.id not in due]
    assert [row.state for row in rows] == [DeliveryState.QUEUED] * 2
    assert ["W1" in payload for payload in held] == [True]


def test_a_number_that_is_drawn_finds_nothing_so_a_person_decides(
    lost: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that cannot look otherwise never sends blindly."""

    def send(self: FakeSender, job: Job) -> Booked:
        written = job.write(
            "document",
            reference=lambda: str(job.draw_number("invoice", 1)),
            send=lambda ref: self._made(self.package.documents, (ref, "x"), ref),
            find=lambda ref, _: None,
            last=True,
        )
        return Booked(written.external_id)

    monkeypatch.setattr(FakeSender, "send", send)
    before = list(lost.package.documents)
    drain.drain()
    assert lost.package.documents == before
    assert lost.state(1) == lost.state(2) == ("failed", "unsure_after_restore")


def test_a_find_of_its_own_is_asked_instead_of_the_reference(
    lost: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def send(self: FakeSender, job: Job) -> Booked:
        written = job.write(
            "document",
            reference=lambda: str(job.draw_number("invoice", 1)),
            send=lambda ref: self._made(self.package.documents, (ref, "x"), ref),
            find=lambda ref, _: None,
            find_lost=asked.append,
            last=True,
        )
        return Booked(written.external_id)

    monkeypatch.setattr(FakeSender, "send", send)
    drain.drain()
    assert len(asked) == 2
    taken_at = restores.current()
    assert taken_at is not None
    assert asked == [taken_at.taken_at - restored.OVERLAP] * 2
    assert lost.state(1) == ("done", "")


def test_when_it_is_ended_nothing_is_looked_for(lost: World) -> None:
    with transaction():
        restores.end("x")
    drain.drain()
    assert lost.package.debtors.count("klant1@example.com") == 2
