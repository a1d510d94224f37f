"""A month of relations, invoices and open items, by the clock, within 5,000 calls."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from core.domain.events import ScheduleDue
from core.models import (
    Connection,
    Relation,
    RelationRun,
    Transfer,
)
from core.rules.standing import side_status
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.connections import connections
from core.services.crm import relations
from core.services.reporting.status import facts_of
from core.services.syncing import relation_sync
from plugins.eboekhouden.budget import RUNS_OUT, budget_of
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.models import EBoekhoudenCalls
from plugins.eboekhouden.views import calls as panel
from plugins.eboekhouden.views import run_cost
from tests.contract.eboekhouden.conftest import PART, Coupled
from tests.contract.eboekhouden.invoices import Books, switched_on
from tests.contract.previews import confirm_preview

START = datetime(2031, 4, 1, tzinfo=UTC) - timedelta(hours=2)
"""Midnight in Amsterdam."""
RUNS, INVOICES, EVERY = 180 // PART, 300 // PART, timedelta(hours=4)


@pytest.fixture(autouse=True)
def judged() -> list[str]:
    """The other tests hold every message against the vendor's schema."""
    return []


def step(books: Books) -> None:
    """What the dispatcher does when the connection is due: everything it woke."""
    connection = session().get_one(Connection, books.coupled.package_id)
    event = ScheduleDue(books.tenant_id, connection.id, "eboekhouden")
    with transaction():
        koppelwerk().registry.dispatch("on_schedule", ["eboekhouden"], event)
    jobs.run_task("load_reference", books.coupled.package_id)
    jobs.run_task("relation_sync", books.coupled.package_id)
    jobs.run_task("open_items", books.coupled.package_id)


def in_step(books: Books, **settings: Any) -> None:
    """Switch the synchronisation of relations on."""
    with transaction():
        connection = session().get_one(Connection, books.coupled.package_id)
        connections.save_section(
            connection, "relations", {"out": True, "debtors_in": True, **settings}
        )
        relation_sync.saved(connection)
    confirm_preview(books.coupled.package_id)
    jobs.run_task("relation_sync", books.coupled.package_id)


def change(books: Books, run: int) -> None:
    """A new relation, and a change of an older one."""
    number = 20_000 + run
    key = books.relation(debtor_number=str(number), email=f"r{run}@example.com")
    with transaction(), tenant_scope(books.tenant_id):
        row = session().get_one(Relation, max(key - 3, 1))
        phone = f"010-{100_000 + run}"
        relations.save(replace(relations.data_of(row), phone=phone), row)


def counted(coupled: Coupled) -> int:
    return budget_of(coupled.connection).calls()


def outside(coupled: Coupled) -> int:
    """How many calls the package says were made."""
    found = coupled.package.calls()
    return sum(number for name, number in found.items() if "<operation>" in name)


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute of work, of which a busy machine gives little
def test_a_month_stays_within_the_limit_and_is_foretold(by_soap: Coupled) -> None:
    """180 runs, 300 invoices booked as they come, open items daily, changes between."""
    books, sent, shown = switched_on(by_soap), 0, {}
    in_step(books)
    buyer = books.relation()
    made_before = outside(by_soap)
    with time_machine.travel(START, tick=False) as clock:
        for run in range(RUNS):
            if run % 3 == 0:
                change(books, run)
            step(books)
            while sent < (run + 1) * INVOICES // RUNS:
                sent += 1
                today = (START + run * EVERY).date()
                books.send(relation_id=buyer, issued_on=today, document=None)
            books.coupled.drain()
            if run == RUNS // 2:
                shown = panel(by_soap.connection)
            clock.shift(EVERY)
        clock.shift(-EVERY)
        calls = counted(by_soap)
        found = side_status(facts_of(by_soap.connection), datetime.now(UTC))
    states = Counter(str(row) for row in session().scalars(select(Transfer.state)))
    assert states == {"done": INVOICES}
    started = select(RelationRun.state).where(RelationRun.started_at >= START)
    runs = Counter(str(row) for row in session().scalars(started))
    assert runs == {"done": RUNS}
    assert calls * PART < 5000
    assert calls == outside(by_soap) - made_before
    assert abs(shown["forecast"].expected - calls * PART) < calls * PART / 10
    assert found.cause == ""
    assert len(by_soap.package.ledger("entry")) == INVOICES


def test_a_month_that_would_run_out_is_said_by_the_dot(by_soap: Coupled) -> None:
    books = switched_on(by_soap)
    with time_machine.travel(START + timedelta(days=10), tick=False):
        step(books)
        assert side_status(facts_of(by_soap.connection), datetime.now(UTC)).cause == ""
        with transaction() as current:
            current.execute(update(EBoekhoudenCalls).values(calls=1700))
        jobs.run_task("load_reference", by_soap.package_id)
        found = side_status(facts_of(by_soap.connection), datetime.now(UTC))
        assert (found.code, found.cause) == ("status_warning", RUNS_OUT)
    with time_machine.travel(START + timedelta(days=40), tick=False):
        jobs.run_task("load_reference", by_soap.package_id)
        assert side_status(facts_of(by_soap.connection), datetime.now(UTC)).cause == ""


@pytest.mark.parametrize(
    ("minutes", "cost"), [(15, "9.114"), (240, "744"), (1440, "279")]
)
def test_every_interval_says_what_it_costs(
    by_soap: Coupled, minutes: int, cost: str
) -> None:
    said = run_cost(by_soap.connection, minutes)
    assert f" {cost} " in said
    assert ("meer dan de 5.000" in said) == (minutes == 15)


def test_the_interval_that_is_foretold_is_what_it_costs(by_soap: Coupled) -> None:
    """A day of runs without changes takes what `run_cost` says of it."""
    books = switched_on(by_soap)
    in_step(books)
    with time_machine.travel(START, tick=False) as clock:
        before = counted(by_soap)
        for _ in range(6):
            step(books)
            clock.shift(EVERY)
        day = counted(by_soap) - before
    month = int(run_cost(by_soap.connection, 240).split(" ")[1].replace(".", ""))
    assert abs(day * 31 - month) <= 31 * 3


def test_runs_of_the_core_keep_the_package_in_step(coupled: Coupled) -> None:
    """Over each interface, with the core's own runner."""
    books = switched_on(coupled)
    in_step(books)
    key = books.relation()
    with open_client(coupled.connection, for_booking=True) as client:
        client.add_relation({"Code": "777", "Bedrijf": "Van daar", "BP": "B"})
    step(books)
    step(books)
    codes = {row["Code"] for row in coupled.package.ledger("relation")}
    assert codes == {"777", "10001"}
    names = set(session().scalars(select(Relation.name)))
    assert names == {"Van daar", "Scheepswerf De Hoop"}
    with transaction(), tenant_scope(books.tenant_id):
        row = session().get_one(Relation, key)
        relations.save(replace(relations.data_of(row), phone="010-7654321"), row)
    step(books)
    with open_client(coupled.connection, for_booking=True) as client:
        [found] = client.relations(code="10001")
    assert found["Telefoon"] == "010-7654321"
    runs = set(session().scalars(select(RelationRun.state)))
    assert {str(state) for state in runs} == {"done"}
