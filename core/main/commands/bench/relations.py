"""`flask bench relations`: what keeping relations in step costs as they grow in number.

Three runs, four hours apart as by the clock: the first of all with the preview before
it, one with nothing changed, one with a hundred relations changed here. Calls are the
sandbox's own count.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import requests
from flask.cli import with_appcontext
from sqlalchemy import insert, select, update

from core.domain.clock import utcnow
from core.domain.relations import PostalAddress, RelationData, relation_hash
from core.main.stack import Stack, free_port
from core.models import (
    AddressRole,
    Base,
    Connection,
    Relation,
    RelationAddress,
    RelationKind,
    RelationRun,
    RelationSync,
    RelationType,
    RunKind,
    RunState,
)
from core.plugin.capabilities import Relations
from core.rules.sync.settings import SECTION
from core.runtime import planner
from core.runtime.database import session, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope, tenant_scope
from core.services.crm import relations
from core.services.syncing import relation_previews, relation_sync

CHANGED = 100
MOST_READS = 12
"""A handful for a hundred changed: lists of what changed, and the records by id."""
CHUNK = 2000
HOURS = timedelta(hours=4)
_TIMEOUT = 30


@dataclass(frozen=True)
class Cost:
    """What one run cost."""

    calls: int
    writes: int
    seconds: float
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_relations(numbers: Sequence[int], plugin: str, as_json: bool) -> None:
    """Calls, seconds and memory of runs that keep relations in step.

    Exits with 1 when a run with nothing changed writes, or one with a hundred changed
    takes more than a hundred writes and a handful of reads.
    """
    name = _package(plugin)
    found = {number: _measured(name, number) for number in numbers}
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


def _unlimited() -> dict[str, Any]:
    """Return our own limits on calls, all off."""
    return {one.name: 0 for one in fields(Settings) if "_calls_per_" in one.name}


def _as_json(runs: dict[str, Cost]) -> dict[str, Any]:
    return {name: asdict(cost) for name, cost in runs.items()}


def _is_wrong(runs: dict[str, Cost]) -> bool:
    few = runs["changed"]
    too_many = few.writes > CHANGED or few.reads > MOST_READS
    return bool(runs["unchanged"].writes) or too_many


def _show(found: dict[int, dict[str, Cost]]) -> None:
    line = "{:>9} {:10} {:>6} {:>7} {:>8} {:>8} {:>6}"
    head = ("relations", "run", "reads", "writes", "seconds", "peak MB", "grown")
    click.echo(line.format(*head))
    for number, runs in found.items():
        for name, c in runs.items():
            cost = (c.reads, c.writes, c.seconds, c.peak_mb, c.grown_mb)
            click.echo(line.format(number, name, *cost))


def _measured(name: str, number: int) -> dict[str, Cost]:
    with _product(name) as (place, connection_id, tenant_id):
        _fill(tenant_id, number)
        with transaction():
            connection = session().get_one(Connection, connection_id)
            connection.settings = {SECTION: {"out": True}}
            relation_sync.saved(connection)
        runs = {"preview": _run(place, connection_id)}
        with transaction():
            connection = session().get_one(Connection, connection_id)
            relation_previews.confirm_waiting(connection)
        runs["first"] = _run(place, connection_id)
        _later(place, connection_id)
        _begin(connection_id)
        runs["unchanged"] = _run(place, connection_id)
        _later(place, connection_id)
        _change(tenant_id)
        _begin(connection_id)
        runs["changed"] = _run(place, connection_id)
    return runs


@contextmanager
def _product(name: str) -> Iterator[tuple[str, int, int]]:
    """Run one package's sandbox and a product on a database of its own.

    Yields the sandbox's address, the connection's id and the tenant's.
    """
    from core.main.app import create_app  # the composition root imports the commands

    with tempfile.TemporaryDirectory(prefix="kwbench-") as folder:
        registry = koppelwerk().registry
        settings = replace(
            Settings(**_unlimited()),
            var_dir=str(Path(folder) / "v"),
            database_url=f"sqlite:///{Path(folder) / 'relations.db'}",
            public_url=f"http://127.0.0.1:{free_port()}",
            log_level="ERROR",
        )
        stack = Stack(
            settings, registry, {one: free_port() for one in registry.plugins}
        )
        stack.sandboxes = {name: stack.sandboxes[name]}
        stack.addresses = {name: stack.addresses[name]}
        try:
            stack.start_outside()
            yield from _connected(create_app(stack.settings), stack, name)
        finally:
            stack.stop()


def _connected(app: Any, stack: Stack, name: str) -> Iterator[tuple[str, int, int]]:
    place = stack.addresses[name]
    unlimited = stack.sandboxes[name][1].bench.unlimited
    if unlimited is not None:
        unlimited(place)
    with app.app_context(), system_scope():
        Base.metadata.create_all(db.engine)
        with db.engine.begin() as connection:
            planner.learn(connection)
        tenant_id = stack.prepare("bench-bench-bench").id
        connection_id = (
            session()
            .scalars(select(Connection.id).where(Connection.plugin == name))
            .one()
        )
        session().rollback()
        yield place, connection_id, tenant_id
        db.session.remove()
        db.engine.dispose()


def _fill(tenant_id: int, number: int) -> None:
    """Make relations in bulk, as if they were there since yesterday."""
    at = utcnow() - timedelta(days=1)
    for start in range(1, number + 1, CHUNK):
        ids = range(start, min(start + CHUNK, number + 1))
        with transaction() as current:
            current.execute(insert(Relation), [_row(i, tenant_id, at) for i in ids])
            current.execute(
                insert(RelationAddress), [_place(i, tenant_id) for i in ids]
            )


def _data(number: int) -> RelationData:
    place = PostalAddress(
        "Stationsstraat", str(number), "", "1000 AA", "Amsterdam", "NL"
    )
    return RelationData(
        False, f"Relatie {number}", "client", debtor_number=str(100_000 + number),
        email=f"r{number}@example.com", postal_address=place,
    )  # fmt: skip


def _row(number: int, tenant_id: int, at: object) -> dict[str, Any]:
    data = _data(number)
    return {
        "id": number,
        "tenant_id": tenant_id,
        "kind": RelationKind.ORGANISATION,
        "relation_type": RelationType.CLIENT,
        "name": data.name,
        "sort_name": data.name.casefold(),
        "debtor_number": data.debtor_number,
        "email": data.email,
        "content_hash": relation_hash(data),
        "version": 1,
        "created_at": at,
        "changed_at": at,
    }


def _place(number: int, tenant_id: int) -> dict[str, Any]:
    address = asdict(_data(number).postal_address)
    owned = {"tenant_id": tenant_id, "relation_id": number}
    return {**owned, "role": AddressRole.POSTAL, **address}


def _change(tenant_id: int) -> None:
    with tenant_scope(tenant_id), transaction():
        for row in session().scalars(select(Relation).limit(CHANGED)):
            relations.save(replace(relations.data_of(row), phone="020"), row)


def _begin(connection_id: int) -> None:
    with transaction():
        relation_sync.begin(session().get_one(Connection, connection_id))


def _later(place: str, connection_id: int) -> None:
    """Let four hours pass, in the package and here."""
    body = {"seconds": HOURS.total_seconds()}
    requests.post(f"{place}/_control/clock", json=body, timeout=_TIMEOUT)
    with transaction() as current:
        sync = current.get_one(RelationSync, connection_id)
        if sync.seen_at is not None:
            sync.seen_at -= HOURS
        ids = current.scalars(
            select(Relation.id).where(Relation.changed_at > utcnow() - HOURS)
        )
        current.execute(
            update(Relation)
            .where(Relation.id.in_(ids.all()))
            .values(changed_at=utcnow() - HOURS)
            .execution_options(synchronize_session=False)
        )


def _run(place: str, connection_id: int) -> Cost:
    """Work until the run ends; return what it cost."""
    before, started = _calls(place), time.monotonic()
    with _peak() as memory:
        while _is_running(connection_id):
            relation_sync.advance(connection_id)
    seconds = round(time.monotonic() - started, 1)
    made = {
        name: number - before.get(name, 0) for name, number in _calls(place).items()
    }
    session().rollback()
    run = relation_sync.recent_runs(connection_id, 1)[0]
    written = () if run.kind == RunKind.PREVIEW else ("made_there", "changed_there")
    writes = sum(int(run.counts.get(name, 0)) for name in written)
    peak, grown = memory
    return Cost(sum(made.values()), writes, seconds, peak, grown)


def _is_running(connection_id: int) -> bool:
    session().rollback()
    run = relation_sync.recent_runs(connection_id, 1)[0]
    if run.state == RunState.FAILED:
        raise click.ClickException(f"the run ended with {run.code}")
    running = run.state == RunState.RUNNING
    with transaction() as current:
        current.execute(update(RelationRun).values(due_at=utcnow()))
    return running


def _calls(place: str) -> dict[str, int]:
    answer = requests.get(f"{place}/_control/calls", timeout=_TIMEOUT)
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
