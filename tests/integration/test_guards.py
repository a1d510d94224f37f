"""Each guard against doubles switched off: the same day then ends with doubles."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.domain.orders import Order
from core.plugin.engine import RemoteWrite
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.transfer import drain, orders
from core.services.transfer.journal import Job
from tests.integration.world import FakeSender, World, after

LATER = timedelta(minutes=5)
UNIQUE = {
    "shop_order": "uq_shop_order_connection_id_source_id",
    "transfer": "uq_transfer_target_id_subject_subject_id",
}


def record_at_once(world: World, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two tasks record an order, neither of which has seen it before."""
    app = current_app._get_current_object()
    both_looked, store = threading.Barrier(2), orders._store
    waited = threading.local()

    def store_together(*values: Any) -> Any:
        if not hasattr(waited, "once"):
            waited.once = True
            both_looked.wait(timeout=10)
        return store(*values)

    def task() -> None:
        with app.app_context(), system_scope():
            try:
                world.read(order)
            except IntegrityError:  # as the shop's task does: the other was first
                session().rollback()
                world.read(order)

    monkeypatch.setattr(orders, "_store", store_together)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(task) for _ in range(2)]:
            done.result(timeout=30)


@pytest.mark.parametrize("guarded", [True, False])
def test_the_journal_keeps_a_lost_answer_from_being_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    world.package.faults = [None, after]
    world.read(world.order(1))
    drain.drain()
    if not guarded:
        monkeypatch.setattr(FakeSender, "_found", lambda *_: None)
        monkeypatch.setattr(RemoteWrite, "note_miss", lambda *_: None)
    with time_machine.travel(datetime.now(UTC) + LATER, tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")] * (1 if guarded else 2)


@pytest.mark.parametrize("guarded", [True, False])
def test_the_claim_keeps_a_second_order_from_making_its_customer_again(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(Job, "_claim", lambda *_: "")
    world.package.faults = [after]
    world.read(world.order(1, email="a@b.nl"), world.order(2, email="a@b.nl"))
    drain.drain()
    for turn in (1, 2):  # the second order waits until the first one is certain
        with time_machine.travel(datetime.now(UTC) + turn * LATER, tick=True):
            drain.drain()
    assert world.package.debtors == ["a@b.nl"] * (1 if guarded else 2)
    assert len(world.package.documents) == 2


@pytest.mark.parametrize("guarded", [True, False])
def test_unique_rows_keep_two_tasks_from_recording_one_order_twice(
    race: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        for table, name in UNIQUE.items():
            session().execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        session().commit()
    record_at_once(race, race.order(1), monkeypatch)
    drain.drain()
    assert len(race.package.documents) == (1 if guarded else 2)
