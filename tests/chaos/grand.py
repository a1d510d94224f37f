"""T1, T22 and T24: many tenants' orders while everything around them breaks.

Webhooks come twice, in any order, or never; workers are killed with -9 or stopped, the
database and Redis crash, Redis forgets; the package loses answers after it did the
write, and answers 500, 429 and HTML.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy.exc import DBAPIError

from core.kit.processes import pss_mb, tree
from core.kit.runner import Part
from core.main import parts
from core.runtime.database import session
from tests import postgres
from tests.chaos.many import PACKAGE, SHOP, Many, good, many
from tests.product import outside

SHORT = {
    "lease_seconds": 6,
    "recheck_seconds": 4,
    "dispatch_seconds": 1,
    "drain_batch": 20,
    "max_failures": 12,
}
"""Times that let a run of minutes hold what else takes an hour."""
CLIENT_SECRET = "sandbox-secret"
WRITES = {"method": "POST", "path": "^/v2/"}


@dataclass(frozen=True)
class Size:
    """How much happens in one run."""

    orders: int = 100
    tenants: int = 2
    kills: int = 8
    flushes: int = 1
    restarts: int = 1
    """Of the database (where it is a server) and of Redis, each."""
    lost_answers: float = 0.05
    faults: float = 0.02
    """Of 500, and of 429; half as many pages of HTML."""
    drains: bool = False
    """SIGTERM to all that works instead of kill -9."""
    pause: tuple[float, float] = (0.2, 0.9)
    patience: float = 600.0


def run(size: Size, folder: Path, database: str, seed: int) -> dict[str, Any]:
    """Run it once; returns what was lost, doubled and left lying, with how long."""
    began = time.monotonic()
    with _database(folder, database) as (address, server), _stack(folder) as stack:
        stack.environ["DATABASE_URL"] = address
        stack.settings = replace(stack.settings, database_url=address)
        with many(stack, address, folder / "v", size.tenants) as made:
            session().rollback()
            stack.start_product()
            _begin(made, size, seed)
            with _revived(made):
                done = _break_things(made, size, server, random.Random(seed))
                made.control(PACKAGE, "faults", verb="DELETE")
                _wait(made, size)
            verdict = made.verdict()
    verdict |= done
    verdict["seconds"] = round(time.monotonic() - began, 1)
    verdict["good"] = good(verdict) and not verdict["asking"]
    return verdict


@contextmanager
def _database(folder: Path, kind: str) -> Iterator[tuple[str, postgres.Server | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'chaos.db'}", None
        return
    with postgres.own_server() as server:
        postgres.create_database(server.address.format(name="postgres"), "chaos")
        yield server.address.format(name="chaos"), server


@contextmanager
def _stack(folder: Path) -> Iterator[Any]:
    with outside(folder / "v", only=(SHOP, PACKAGE, "vies"), **SHORT) as stack:
        yield stack


def _begin(made: Many, size: Size, seed: int) -> None:
    webhook = {
        "url": f"{made.stack.settings.public_url}/webhooks/kmoshops",
        "client_secret": CLIENT_SECRET,
        "hold": True,
        "shuffle": True,
        "duplicates": 0.1,
        "drop": 0.02,
        "seed": seed,
    }
    made.control(SHOP, "webhook", webhook)
    for rule in (
        {"kind": "drop_after", "probability": size.lost_answers},
        {"kind": "status", "status": 500, "probability": size.faults},
        {"kind": "status", "status": 429, "retry_after": 1, "probability": size.faults},
        {"kind": "html", "probability": size.faults / 2},
    ):
        made.control(PACKAGE, "faults", {**WRITES, "seed": seed, **rule})
    made.place(size.orders)
    made.control(SHOP, "webhook", {"hold": False})


@contextmanager
def _revived(made: Many) -> Iterator[None]:
    """Restart whatever ended, as the supervisor does."""
    ended = threading.Event()
    supervisor = made.stack.supervisor

    def watch() -> None:
        while not ended.wait(0.2):
            for part in supervisor.parts:
                if part.exit_code() is not None:
                    part.start(supervisor.logs)

    # What it starts ends with the thread that forked it, so it outlives the run.
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _break_things(
    made: Many, size: Size, server: postgres.Server | None, dice: random.Random
) -> dict[str, Any]:
    """Do each so often, in any order; return how often what was done."""
    redis = next(p for p in made.stack.supervisor.parts if p.name == "redis")
    address = made.stack.settings.redis

    def flush() -> None:
        with Redis.from_url(address) as client:
            client.flushall()

    def restart_redis() -> None:
        redis.signal(signal.SIGKILL)
        time.sleep(0.5)
        parts.wait_for_redis(address, 30)

    wanted: dict[str, tuple[int, Callable[[], object]]] = {
        "stops" if size.drains else "kills": (
            size.kills,
            lambda: _stop_all(made) if size.drains else _kill_one(made, dice),
        ),
        "flushes": (size.flushes, flush),
        "redis_restarts": (size.restarts, restart_redis),
    }
    if server is not None:
        wanted["database_restarts"] = (size.restarts, server.restart)
    blows = [name for name, (times, _) in wanted.items() for _ in range(times)]
    dice.shuffle(blows)
    before = _memory(made)
    for name in blows:
        time.sleep(dice.uniform(*size.pause))
        wanted[name][1]()
    counts = {name: times for name, (times, _) in wanted.items()}
    return {**counts, "memory_mb": [before, _memory(made)]}


def _workers(made: Many) -> list[Part]:
    names = ("worker-default", "worker-urgent", "worker-clock")
    return [part for part in made.stack.supervisor.parts if part.name in names]


def _memory(made: Many) -> float:
    """Memory of all workers, in MB."""
    pids = [
        part.pid for part in _workers(made) if part.pid and part.exit_code() is None
    ]
    return round(pss_mb(tree(*pids)), 1)


def _kill_one(made: Many, dice: random.Random) -> None:
    """kill -9 of a worker: half the time its parent only, else with its work horse."""
    part = dice.choice(_workers(made))
    if part.pid is None or part.exit_code() is not None:
        return
    kill = dice.choice((os.kill, os.killpg))
    try:
        kill(part.pid, signal.SIGKILL)
    except ProcessLookupError:  # it ended just now
        return


def _stop_all(made: Many) -> None:
    """SIGTERM to web server, workers and clock, as deploying does."""
    names = ("web", "clock")
    for part in made.stack.supervisor.parts:
        if part.name in names or part.name.startswith("worker-"):
            part.signal(signal.SIGTERM)


def _wait(made: Many, size: Size) -> None:
    """Wait for the last order; the poll finds those whose webhook never came."""
    until, polled = time.monotonic() + size.patience, 0.0
    wanted = sum(made.placed.values())
    while time.monotonic() < until:
        try:
            if made.booked() >= wanted:
                return
            if time.monotonic() - polled > 20:
                made.poll()
                polled = time.monotonic()
        except DBAPIError:  # it was restarted under our hands
            session().rollback()
        time.sleep(0.5)
