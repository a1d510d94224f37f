"""What the clock and the workers cost as the product grows, in steps of the database.

Steps are the same on any machine. Each bound is far under what a step or more per
tenant or document would take, and goes over it without its index.
"""

from collections.abc import Callable, Sequence
from itertools import cycle, islice

import pytest
from flask import Flask
from sqlalchemy import text, update

from core.main.commands.bench import crowd, scale
from core.main.commands.bench.scale import Cost
from core.models import Connection, TransferState
from core.runtime.database import session
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.transfer import leases

FEW, MANY = 5, 205
FLAT = 800
"""Steps that may be more; one a tenant would be 200 tenants' times several."""

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def on_sqlite(request: pytest.FixtureRequest, app: Flask) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("SQLite counts its steps")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have measuring go on a database that lacks indexes."""
    made = crowd.add_tenants

    def lacks(*names: str) -> None:
        def add(count: int) -> None:
            for name in names:
                session().execute(text(f"DROP INDEX IF EXISTS {name}"))
            session().commit()
            made(count)

        monkeypatch.setattr(crowd, "add_tenants", add)

    return lacks


def grown(few: dict[str, Cost], many: dict[str, Cost]) -> dict[str, int]:
    """How many steps each takes more."""
    return {name: many[name].steps - cost.steps for name, cost in few.items()}


def test_tenants_without_work_cost_the_clock_and_the_workers_nothing() -> None:
    (_, few), (_, many) = scale.by_tenants((FEW, MANY))
    more = grown(few, many)
    assert more.pop("metrics") < 100 * (MANY - FEW)  # it counts them
    assert max(more.values()) < FLAT, (more, many["round"].by_part)
    assert many["round"].statements == few["round"].statements
    assert many["wake-up"].statements == few["wake-up"].statements


def served(rounds: Sequence[leases.Round], most: int) -> list[int]:
    """Take batch after batch, each worker in turn; return their tenants."""
    found = []
    for turns in islice(cycle(rounds), most):
        batch = turns.take()
        if batch is None:
            break
        found.append(batch.lease.owner)
        batch.release()
    return found


def test_whose_turn_it_is_is_found_for_some_at_once() -> None:
    with system_scope():
        crowd.add_tenants(MANY)
        crowd.add_documents(MANY, MANY, TransferState.QUEUED)
        served([leases.Round()], 1)
        one = scale.measured(lambda: served([leases.Round()], 1))
        many = scale.measured(lambda: served([leases.Round()], 20))
    assert many.steps < 10 * one.steps


def test_a_tenant_of_several_packages_has_one_turn_and_no_worker_repeats_it() -> None:
    with system_scope():
        crowd.add_tenants(5)
        crowd.add_documents(15, 5, TransferState.QUEUED)
        of_one = update(Connection).where(Connection.id <= 6).values(tenant_id=1)
        session().execute(of_one)
        session().commit()
        found = served([leases.Round(), leases.Round()], 6)
    assert sorted(found[:3]) == sorted(found[3:]) == [1, 4, 5]


@pytest.mark.parametrize("state", [TransferState.QUEUED, TransferState.WAITING])
def test_documents_that_wait_make_none_dearer(state: TransferState) -> None:
    (_, few), (_, many) = scale.by_documents(FEW, (500, 5_000), (state,))
    more = grown(few, many)
    assert more.pop("metrics") < 30 * 4_500  # it counts them
    assert max(more.values()) < FLAT, (more, many["round"].by_part)


def test_without_their_indexes_parts_grow_with_the_tenants(
    without: Callable[..., None],
) -> None:
    lacking = {
        "scheduled runs": "ix_connection_run",
        "due recheck": "ix_connection_recheck",
        "due registration": "ix_connection_paused",
        "due tally": "ix_tally_due_at",
    }
    without(*lacking.values())
    (_, few), (_, many) = scale.by_tenants((FEW, MANY))
    for part in lacking:
        more = many["round"].by_part[part] - few["round"].by_part[part]
        assert more > FLAT, part


def test_without_their_indexes_parts_grow_with_the_documents(
    without: Callable[..., None],
) -> None:
    without("ix_transfer_moving", "ix_transfer_refreshing")
    (_, few), (_, many) = scale.by_documents(
        FEW, (500, 5_000), (TransferState.WAITING,)
    )
    for part in ("due drain", "heal refreshing"):
        more = many["round"].by_part[part] - few["round"].by_part[part]
        assert more > FLAT, part


def test_the_count_of_very_many_documents_is_kept_for_a_minute(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.services.operations import metrics

    with system_scope():
        crowd.add_tenants(1)
        crowd.add_documents(20, 1, TransferState.WAITING)
        assert sum(metrics.rows().transfers.values()) == 20
        monkeypatch.setattr(metrics, "MANY", 20)
        assert sum(metrics.rows().transfers.values()) == 20
        crowd.add_documents(5, 1, TransferState.WAITING)
        assert sum(metrics.rows().transfers.values()) == 20
        monkeypatch.setattr(metrics, "KEPT", 0.0)
        assert sum(metrics.rows().transfers.values()) == 25
        db.session.remove()
