"""`flask bench relations`: what keeping relations in step costs as they grow in number.

Three runs, four hours apart as by the clock: the first of all with the preview before
it, one with nothing changed, one with a hundred relations changed here. Calls are the
sandbox's own count.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import requests
from flask.cli import with_appcontext
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.main.commands.bench.relation_place import (
    TIMEOUT,
    Place,
    fill,
    later,
    product,
)
from core.main.commands.bench.relations_in_step import fill_in_step
from core.models import Connection, Relation, RelationRun, RunKind, RunState
from core.plugin.capabilities import Relations
from core.rules.sync.settings import SECTION
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import tenant_scope
from core.services.crm import relations
from core.services.syncing import relation_previews, relation_sync

CHANGED = 100
MOST_READS = 12
"""A handful for a hundred changed: lists of what changed, and the records by id."""


@dataclass(frozen=True)
class Cost:
    """What one run cost."""

    calls: int
    writes: int
    seconds: float
    cpu_seconds: float
    """Of the product, without the sandbox."""
    peak_mb: float
    grown_mb: float
    """How much the process grew while it ran."""

    @property
    def reads(self) -> int:
        return self.calls - self.writes


@click.command("relations")
@click.option(
    "--relations", "numbers", multiple=True, type=int,
    default=(1000, 10_000, 100_000), show_default=True,
    help="How many there are; may be given more than once.",
)  # fmt: skip
@click.option("--plugin", default="", help="The package; else the first there is.")
@click.option(
    "--in-step",
    is_flag=True,
    help="Begin as a first run ends, without preview and first run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_relations(
    numbers: Sequence[int], plugin: str, in_step: bool, as_json: bool
) -> None:
    """Calls, seconds and memory of runs that keep relations in step.

    Exits with 1 when a run with nothing changed writes, or one with a hundred changed
    takes more than a hundred writes and a handful of reads.
    """
    name = _package(plugin)
    found = {number: _measured(name, number, in_step=in_step) for number in numbers}
    if as_json:
        click.echo(json.dumps({n: _as_json(runs) for n, runs in found.items()}))
    else:
        _show(found)
    wrong = [number for number, runs in found.items() if _is_wrong(runs)]
    if wrong:
        click.echo(f"TOO MANY CALLS with {wrong} relations", err=True)
        sys.exit(1)


def _package(wanted: str) -> str:
    """Return the plugin whose runs are measured."""
    offered = [
        plugin.name for plugin in koppelwerk().registry.plugins.values()
        if plugin.find(Relations) and plugin.sandbox and plugin.sandbox.bench.unlimited
    ]  # fmt: skip
    if not offered or (wanted and wanted not in offered):
        raise click.UsageError(f"one of these: {', '.join(offered)}")
    return wanted or offered[0]


def _as_json(runs: dict[str, Cost]) -> dict[str, Any]:
    return {name: asdict(cost) for name, cost in runs.items()}


def _is_wrong(runs: dict[str, Cost]) -> bool:
    few = runs["changed"]
    too_many = few.writes > CHANGED or few.reads > MOST_READS
    return bool(runs["unchanged"].writes) or too_many


def _show(found: dict[int, dict[str, Cost]]) -> None:
    line = "{:>9} {:10} {:>6} {:>7} {:>8} {:>7} {:>8} {:>6}"
    head = ("relations", "run", "reads", "writes", "seconds", "CPU", "peak MB", "grown")
    click.echo(line.format(*head))
    for number, runs in found.items():
        for name, c in runs.items():
            cost = c.reads, c.writes, c.seconds, c.cpu_seconds, c.peak_mb, c.grown_mb
            click.echo(line.format(number, name, *cost))


def _measured(name: str, number: int, *, in_step: bool) -> dict[str, Cost]:
    with product(name) as place:
        runs = {}
        if in_step:
            fill_in_step(place, number, lambda: _from_nothing(place))
        else:
            fill(place.tenant_id, number)
            preview, first = _from_nothing(place)
            runs = {"preview": preview, "first": first}
        later(place)
        _begin(place.connection_id)
        runs["unchanged"] = _run(place)
        later(place)
        _change(place.tenant_id)
        _begin(place.connection_id)
        runs["changed"] = _run(place)
    return runs


def _from_nothing(place: Place) -> tuple[Cost, Cost]:
    """Do the preview and the first run that a person confirms."""
    with transaction():
        connection = session().get_one(Connection, place.connection_id)
        connection.settings = {SECTION: {"out": True}}
        relation_sync.saved(connection)
    preview = _run(place)
    with transaction():
        connection = session().get_one(Connection, place.connection_id)
        relation_previews.confirm_waiting(connection)
    return preview, _run(place)


def _change(tenant_id: int) -> None:
    with tenant_scope(tenant_id), transaction():
        for row in session().scalars(select(Relation).limit(CHANGED)):
            relations.save(replace(relations.data_of(row), phone="020"), row)


def _begin(connection_id: int) -> None:
    with transaction():
        relation_sync.begin(session().get_one(Connection, connection_id))


def _run(place: Place) -> Cost:
    """Work until the run ends; return what it cost."""
    connection_id = place.connection_id
    before, started, used = _calls(place), time.monotonic(), time.process_time()
    with _peak() as memory:
        while _is_running(connection_id):
            relation_sync.advance(connection_id)
    cpu = round(time.process_time() - used, 1)
    seconds = round(time.monotonic() - started, 1)
    made = {
        name: number - before.get(name, 0) for name, number in _calls(place).items()
    }
    session().rollback()
    run = relation_sync.recent_runs(connection_id, 1)[0]
    written = () if run.kind == RunKind.PREVIEW else ("made_there", "changed_there")
    writes = sum(int(run.counts.get(name, 0)) for name in written)
    peak, grown = memory
    return Cost(sum(made.values()), writes, seconds, cpu, peak, grown)


def _is_running(connection_id: int) -> bool:
    session().rollback()
    run = relation_sync.recent_runs(connection_id, 1)[0]
    if run.state == RunState.FAILED:
        raise click.ClickException(f"the run ended with {run.code}")
    running = run.state == RunState.RUNNING
    with transaction() as current:
        current.execute(update(RelationRun).values(due_at=utcnow()))
    return running


def _calls(place: Place) -> dict[str, int]:
    answer = requests.get(f"{place.address}/_control/calls", timeout=TIMEOUT)
    return {
        name: int(number) for name, number in answer.json().items()
        if "_control" not in name and "/connect/" not in name
    }  # fmt: skip


@contextmanager
def _peak() -> Iterator[list[float]]:
    """Watch this process; the list has its largest size and its growth, in MB."""
    first, largest, done = _resident(), 0.0, threading.Event()
    found: list[float] = []

    def watch() -> None:
        nonlocal largest
        while not done.wait(0.05):
            largest = max(largest, _resident())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()
        largest = max(largest, _resident())
        found += [round(largest, 1), round(largest - first, 1)]


def _resident() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return int(sizes[0]) / 1024 if sizes else 0.0
