"""`python -m tests.chaos T1 --orders 10000 --tenants 20 --kills 200 --folder F --json`.

A run goes in waves, each on a product of its own. What a wave found is written into the
folder at once; the same command goes on where it ended. Exits with 1 when anything was
lost, doubled or left lying.
"""

import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from tests.chaos import is_good


@dataclass(frozen=True)
class Wanted:
    """What one wave is to do."""

    count: int
    tenants: int
    kills: int
    database: str
    seed: int
    short: bool = False


@dataclass(frozen=True)
class Scenario:
    """A run by name: at its full size, so many units a wave."""

    what: str
    full: int
    wave: int
    run: Callable[[Wanted, Path], Mapping[str, Any]]
    tenants: int = 20
    on_hosts: bool = False
    """It needs a network of its own, and PostgreSQL."""


def _grand(wanted: Wanted, folder: Path, **more: Any) -> Mapping[str, Any]:
    from tests.chaos import grand

    often = max(1, wanted.count // 1000)
    size = grand.Size(wanted.count, wanted.tenants, wanted.kills, often, often)
    return grand.run(replace(size, **more), folder, wanted.database, wanted.seed)


def _soak(wanted: Wanted, folder: Path) -> Mapping[str, Any]:
    """A fault each second or so, half of them kills, for about 1,000 orders."""
    more = {"pause": (0.5, 1.5), "kills": wanted.count // 8,
            "flushes": wanted.count // 40, "restarts": wanted.count // 40}  # fmt: skip
    return _grand(wanted, folder, **more)


def _drained(wanted: Wanted, folder: Path) -> Mapping[str, Any]:
    """The units are restarts, with ten orders each."""
    wide = replace(wanted, count=wanted.count * 10, kills=wanted.count)
    calm = {"flushes": 0, "restarts": 0, "lost_answers": 0.0, "faults": 0.0}
    return _grand(wide, folder, drains=True, pause=(1.0, 3.0), **calm)


def _hosts(wanted: Wanted, folder: Path) -> Mapping[str, Any]:
    from tests.chaos import hosts

    size = hosts.SHORT if wanted.short else hosts.Size()
    size = replace(size, orders=wanted.count, tenants=wanted.tenants)
    return hosts.run(size, folder, wanted.seed)


def _rounds(name: str) -> Callable[[Wanted, Path], Mapping[str, Any]]:
    def run(wanted: Wanted, folder: Path) -> Mapping[str, Any]:
        from tests.chaos import rounds
        from tests.product import outside, product

        work = getattr(rounds, name)
        dice = random.Random(wanted.seed)
        with ExitStack() as stack:
            address = stack.enter_context(_address(wanted.database, folder))
            sides = ("kmoshops", "eaccounting", "vies")
            outer = stack.enter_context(outside(folder / "v", only=sides))
            made = stack.enter_context(product(outer, address, folder / "p"))
            return dict(work(made, wanted.count, dice))

    return run


def _refresh_races(wanted: Wanted, folder: Path) -> Mapping[str, Any]:
    from tests.chaos import rounds
    from tests.product import outside, product

    with ExitStack() as stack:
        address = stack.enter_context(_address(wanted.database, folder))
        sides = ("kmoshops", "eaccounting", "vies")
        outer = stack.enter_context(outside(folder / "v", only=sides))
        made = stack.enter_context(product(outer, address, folder / "p"))
        return dict(rounds.refresh_races(made.app, made.package_id, wanted.count, 50))


def _address(database: str, folder: Path) -> Any:
    from contextlib import contextmanager

    from tests import postgres

    @contextmanager
    def given() -> Any:
        if database == "sqlite":
            yield f"sqlite:///{folder / 'chaos.db'}"
            return
        with postgres.own_server() as server:
            postgres.create_database(server.address.format(name="postgres"), "chaos")
            yield server.address.format(name="chaos")

    return given()


SCENARIOS: Mapping[str, Scenario] = {
    "T1": Scenario("orders of many tenants on a bad day", 10_000, 2_500, _grand),
    "T3": Scenario("pairs of kills", 500, 50, _rounds("pairs_of_kills")),
    "T8": Scenario("50 workers refresh at once", 300, 50, _refresh_races),
    "T9": Scenario("killed with new tokens unsaved", 100, 25, _rounds("refreshes_cut")),
    "T22": Scenario("orders of a soak, a fault a second", 8_000, 1_000, _soak),
    "T24": Scenario("restarts under load", 100, 10, _drained),
    "hosts": Scenario(
        "orders on several hosts", 5_000, 5_000, _hosts, tenants=50, on_hosts=True
    ),
}


@click.command()
@click.argument("name", type=click.Choice(list(SCENARIOS)))
@click.option("--count", "--orders", "count", type=int, help="Default: the full size.")
@click.option("--wave", type=int, help="Units in one wave.")
@click.option("--tenants", type=int, help="Default: 20; hosts: 50.")
@click.option("--kills", default=200, show_default=True, help="Over all waves; T1.")
@click.option(
    "--database", type=click.Choice(("sqlite", "postgresql")), default="sqlite"
)
@click.option("--short", is_flag=True, help="In seconds what takes minutes; hosts.")
@click.option("--seed", default=20261121, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), help="Keeps what was found.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(
    name: str,
    count: int | None,
    wave: int | None,
    tenants: int | None,
    kills: int,
    database: str,
    short: bool,
    seed: int,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Run a scenario by its number in docs/faults.md."""
    scenario = SCENARIOS[name]
    if scenario.on_hosts:
        database = "postgresql"
        _go_on_hosts()
    total, each = count or scenario.full, wave or scenario.wave
    state = _state(folder, name, database)
    done = [json.loads(line) for line in _lines(state)]
    while (here := sum(one["units"] for one in done)) < total:
        units = min(each, total - here)
        share = max(1, round(kills * units / total))
        several = tenants or scenario.tenants
        wanted = Wanted(units, several, share, database, seed + len(done), short)
        with tempfile.TemporaryDirectory(prefix="kwchaos-") as scratch:
            os.chmod(scratch, 0o711)  # the database server runs as another user
            found = {"units": units, **scenario.run(wanted, Path(scratch))}
            found["good"] = is_good(found)
            if folder is not None and not found["good"]:
                kept_in = folder / f"wave-{len(done) + 1}"
                shutil.copytree(scratch, kept_in, ignore=_no_files)
        done.append(found)
        if state is not None:
            with state.open("a") as kept:
                kept.write(json.dumps(found) + "\n")
        click.echo(json.dumps(found), err=True)
    summary = _summary(scenario, name, database, seed, done)
    text = json.dumps(summary) if as_json else json.dumps(summary, indent=1)
    click.echo(text)
    sys.exit(0 if summary["good"] else 1)


def _go_on_hosts() -> None:
    from tests.chaos import network

    if why := network.why_not():
        raise click.ClickException(f"no hosts can be made here: {why}")
    network.go_apart("-m", "tests.chaos", *sys.argv[1:])


def _state(folder: Path | None, name: str, database: str) -> Path | None:
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{database}.jsonl"


def _no_files(folder: str, names: list[str]) -> list[str]:
    """Return the sockets and pipes among them: they cannot be copied."""
    here = Path(folder)
    return [n for n in names if not ((here / n).is_file() or (here / n).is_dir())]


def _lines(state: Path | None) -> list[str]:
    return [] if state is None or not state.exists() else state.read_text().splitlines()


def _summary(
    scenario: Scenario, name: str, database: str, seed: int, done: list[dict[str, Any]]
) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    slowest: dict[str, float] = {}
    for one in done:
        for key, n in one.items():
            if key.startswith("tenant_"):
                slowest[key] = max(slowest.get(key, 0), n)
            elif type(n) in (int, float):
                sums[key] = round(sums[key] + n, 1)
    return {
        "scenario": name,
        "what": scenario.what,
        "database": database,
        "seed": seed,
        "cores": os.cpu_count(),
        "waves": len(done),
        **sums,
        **slowest,
        "good": is_good(sums),
    }


if __name__ == "__main__":
    main()
