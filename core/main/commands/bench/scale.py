"""`flask bench scale`: what the dispatcher, a wake-up and the metrics cost as it grows.

Told in steps of the database's machine too: those are the same on any machine, and
what a test holds. Tenants with nothing to do must cost nothing; documents that wait
must not make the first of them dearer.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import event, update

from core.domain.clock import utcnow
from core.main.commands.bench import crowd
from core.main.commands.bench.scratch import scratch
from core.models import Connection, TransferState
from core.runtime import planner
from core.runtime.database import session, shared_now
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.operations import metrics
from core.services.transfer import leases

EVERY = 50
"""Steps between two counts."""
WAITS = (TransferState.QUEUED, TransferState.WAITING)
A_MINUTE = timedelta(seconds=61)


@dataclass
class Cost:
    """What one thing cost."""

    cpu_ms: float = 0.0
    statements: int = 0
    steps: int = 0
    by_part: dict[str, int] = field(default_factory=dict)
    """Steps of each part of the dispatcher, the dearest first."""


@click.command("scale")
@click.option(
    "--tenants", "tenants", multiple=True, type=int, default=(10, 1_000, 10_000),
    show_default=True, help="With nothing to do, beside one that has ten documents.",
)  # fmt: skip
@click.option(
    "--documents", "documents", multiple=True, type=int,
    default=(1_000, 100_000, 1_000_000), show_default=True,
    help="Of the most tenants: half of them due, half waiting.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_scale(
    tenants: Sequence[int], documents: Sequence[int], as_json: bool
) -> None:
    """Cost of a dispatcher's round, a wake-up and the metrics, as each grows."""
    found = {
        "tenants": dict(by_tenants(sorted(tenants))),
        "documents": dict(by_documents(max(tenants), sorted(documents))),
    }
    if as_json:
        click.echo(json.dumps(found, default=asdict))
        return
    for kind, sizes in found.items():
        for size, costs in sizes.items():
            for name, cost in costs.items():
                click.echo(
                    f"{kind:10} {size:9,} {name:14} {cost.cpu_ms:9.1f} ms CPU"
                    f" {cost.statements:5} statements {cost.steps:11,} steps"
                )


def by_tenants(sizes: Sequence[int]) -> Iterator[tuple[int, dict[str, Cost]]]:
    """Yield what it costs beside ever more tenants that have nothing to do."""
    with scratch() as app, app.app_context(), system_scope():
        crowd.add_tenants(1)
        crowd.add_documents(10, 1, TransferState.QUEUED)
        here = 1
        for size in sizes:
            crowd.add_tenants(size - here)
            here = size
            yield size, costs()


def by_documents(
    tenants: int, sizes: Sequence[int], states: Sequence[TransferState] = WAITS
) -> Iterator[tuple[int, dict[str, Cost]]]:
    """Yield what it costs with ever more documents, as many in each of the states."""
    with scratch() as app, app.app_context(), system_scope():
        crowd.add_tenants(tenants)
        here = 0
        for size in sizes:
            for state in states:
                crowd.add_documents((size - here) // len(states), tenants, state)
            here = size
            yield size, costs()


def costs() -> dict[str, Cost]:
    """Measure each of the three, on the database as it stands."""
    session().rollback()
    with db.engine.begin() as connection:
        planner.learn(connection)  # as the clock does each hour
    db.session.remove()
    db.engine.dispose()
    _round(timedelta())  # what is done once a day is done, and each shop made due
    session().execute(update(Connection).values(next_run_at=utcnow() + crowd.LATER))
    session().commit()
    return {
        "round": _round(timedelta()),
        "minute's round": _round(A_MINUTE),
        "wake-up": measured(lambda: _take_and_give_back(urgent_only=False)),
        "urgent wake-up": measured(lambda: _take_and_give_back(urgent_only=True)),
        "metrics": measured(lambda: (metrics.rows(), metrics.backlog())),
    }


def _round(later: timedelta) -> Cost:
    """Run each part of the dispatcher, and ask each kind of work what is due."""
    from core.main.tasks import PARTS, WAKING, kinds  # they import the commands

    now, total = shared_now() + later, Cost()
    works: dict[str, Callable[[datetime], object]] = {
        part.name: part.run for part in PARTS if part is not WAKING
    }
    works |= {f"due {kind.task}": kind.due for kind in kinds()}
    for name, work in works.items():
        one = measured(partial(work, now))
        total.cpu_ms += one.cpu_ms
        total.statements += one.statements
        total.steps += one.steps
        total.by_part[name] = one.steps
    total.by_part = dict(sorted(total.by_part.items(), key=lambda each: -each[1]))
    total.cpu_ms = round(total.cpu_ms, 2)
    return total


def _take_and_give_back(*, urgent_only: bool) -> None:
    batch = leases.take_batch(urgent_only=urgent_only)
    if batch is not None:
        batch.release()


def measured(work: Callable[[], object]) -> Cost:
    """Do it once; return what it cost."""
    session().rollback()
    with _counted() as cost:
        began = time.process_time()
        work()
        session().rollback()
        cost.cpu_ms = round((time.process_time() - began) * 1000, 2)
    return cost


@contextmanager
def _counted() -> Iterator[Cost]:
    """Count the statements, and the steps SQLite takes for them."""
    cost = Cost()

    def step() -> int:
        cost.steps += EVERY
        return 0

    def note(_conn: Any, cursor: Any, *_rest: Any) -> None:
        cost.statements += 1
        cursor.connection.set_progress_handler(step, EVERY)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield cost
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
        raw = db.engine.raw_connection()
        raw.driver_connection.set_progress_handler(None, EVERY)  # type: ignore[union-attr]
        raw.close()
