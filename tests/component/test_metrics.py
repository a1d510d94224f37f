"""Numbers in the words of Prometheus."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from core.runtime.counters import KEYS
from core.services.operations.exposition import Numbers
from core.services.operations.metrics import Backlog, Rows, Wakes, WorkerFacts, is_alive

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _rows(**values: object) -> Rows:
    given = {
        "now": NOW, "tenants": 3, "licences": {"trial": 2}, "mails": {"failed": 1},
        "refused": {"eaccounting": 2},
        "transfers": {("eaccounting", "done"): 7}, "connections": {},
        "inbox_new": 0, "oldest_due": None, "oldest_message": None,
        "dispatched": None, **values,
    }  # fmt: skip
    return Rows(**given)


def _told(found: Rows, wakes: Wakes) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(
        Numbers(
            found,
            Backlog({}, {}, 0, {"host1": -600}),
            wakes,
            [],
            dict.fromkeys(KEYS, 0.0),
        )
    )
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name.removeprefix("koppelwerk_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_counts_and_ages() -> None:
    told = _told(_rows(oldest_due=12.5, dispatched=4.0), Wakes(reachable=False))
    assert told["tenants",] == 3
    assert told["licences", "trial"] == 2
    assert told["mails", "failed"] == 1
    assert told["registration_refused_connections", "eaccounting"] == 2
    assert told["transfers", "eaccounting", "done"] == 7
    assert told["transfer_oldest_due_seconds",] == 12.5
    assert told["inbox_oldest_new_seconds",] == 0
    assert told["dispatch_age_seconds",] == 4
    assert told["clock_ahead_seconds", "host1"] == -600
    assert told["redis_up",] == 0


def test_a_dispatcher_that_never_ran_has_no_age() -> None:
    assert ("dispatch_age_seconds",) not in _told(_rows(), Wakes(reachable=False))


def test_only_workers_that_were_heard_of_count() -> None:
    workers = tuple(
        WorkerFacts(name, "bulk", "idle", NOW - timedelta(seconds=age))
        for name, age in (("a", 5), ("b", 60), ("dead", 500))
    )
    told = _told(_rows(), Wakes(True, {"bulk": 4}, workers))
    assert told["workers", "bulk"] == 2
    assert told["workers", "urgent"] == 0
    assert told["queue_length", "bulk"] == 4


@pytest.mark.parametrize(
    ("age", "alive"), [(timedelta(0), True), (timedelta(seconds=121), False)]
)
def test_a_silent_worker_is_taken_for_dead(age: timedelta, alive: bool) -> None:
    assert is_alive(WorkerFacts("a", "bulk", "busy", NOW - age), NOW) is alive


def test_a_worker_that_never_spoke_is_dead() -> None:
    assert not is_alive(WorkerFacts("a", "bulk", "?", None), NOW)
