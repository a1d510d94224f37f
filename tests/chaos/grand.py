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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy.exc import DBAPIError

from core.domain.clock import utcnow
from core.kit.processes import pss_mb, tree
from core.kit.runner import Part
from core.main import parts
from core.main.stack import answers
from core.runtime.database import session
from tests import postgres
from tests.chaos import is_good
from tests.chaos.many import PACKAGE, SHOP, Many, many
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
UNHARMED = ("web", "clock")
ASK_SECONDS = 60.0
"""How often each shop is looked at, and what asks a person is pressed."""
AHEAD = 0.2
"""The share of the orders that is under way when a blow comes."""


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
    """Between two blows, at the least: orders come and blows fall evenly."""
    still: float = 15.0
    """After so many seconds without a booking the next blow comes: the last may have
    halted all."""
    patience: float = 600.0
    """How long nothing may be booked before the wait is given up."""


def run(size: Size, folder: Path, database: str, seed: int) -> dict[str, Any]:
    """Run it once; returns what was lost, doubled and left lying, with how long."""
    began = time.monotonic()
    with _database(folder, database) as (address, server), _stack(folder) as stack:
        stack.environ["DATABASE_URL"] = address
        stack.settings = replace(stack.settings, database_url=address)
        with many(stack, address, folder / "v", size.tenants) as made:
            session().rollback()
            stack.start_product()
            before = _memory(made)
            begin(made, size, seed)
            with revived(made):
                done = _break_things(made, size, server, random.Random(seed))
                done |= end_faults(made)
                asked = wait(made, size)
                memory = _memory(made)
            verdict = made.verdict() | done | {"asked": asked}
            verdict["memory_mb"] = [before, memory]
        if not size.faults + size.lost_answers:  # then there is nothing to ask
            verdict["asking"] += asked
        keep(verdict, server, folder)
    verdict["seconds"] = round(time.monotonic() - began, 1)
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


def begin(made: Many, size: Size, seed: int) -> None:
    """Have shop and package misbehave."""
    made.began = utcnow()
    webhook = {
        "url": f"{made.stack.settings.public_url}/webhooks/kmoshops",
        "client_secret": CLIENT_SECRET,
        "shuffle": True,
        "duplicates": 0.1,
        "drop": 0.02,
        "seed": seed,
    }
    made.control(SHOP, "webhook", webhook)
    rules: tuple[dict[str, Any], ...] = (
        {"kind": "drop_after", "probability": size.lost_answers},
        {"kind": "status", "status": 500, "probability": size.faults},
        {"kind": "status", "status": 429, "retry_after": 1, "probability": size.faults},
        {"kind": "html", "probability": size.faults / 2},
    )
    for number, rule in enumerate(rules):
        made.control(PACKAGE, "faults", {**WRITES, "seed": seed + number, **rule})


def end_faults(made: Many) -> dict[str, int]:
    """Have the package behave again; return how often what struck."""
    struck = made.control(PACKAGE, "faults", verb="DELETE")
    return {f"answers_{kind}": times for kind, times in struck.items()}


def keep(verdict: dict[str, Any], server: postgres.Server | None, folder: Path) -> None:
    """Write down what the database held when a run was not good."""
    if server is not None and not is_good(verdict):
        server.dump("chaos", folder / "chaos.sql")


@contextmanager
def revived(made: Many) -> Iterator[None]:
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

    wanted: dict[str, tuple[int, Callable[[], None]]] = {
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
    struck = 0
    for number, name in enumerate(blows, start=1):
        due = size.orders * number / (len(blows) + 1)
        made.place_up_to(min(round(due + size.orders * AHEAD), size.orders))
        time.sleep(dice.uniform(*size.pause))
        _let_work(made, due, size.still)
        struck += bool(made.in_hand())
        wanted[name][1]()
    made.place_up_to(size.orders)
    return {
        **{name: times for name, (times, _) in wanted.items()},
        "blows_at_work": struck,
        "uncut": int(struck < len(blows) / 4),
    }


def _let_work(made: Many, due: float, still: float) -> None:
    """Wait until so many are booked and another is in hand, or it stands still."""
    seen, until = -1, 0.0
    while (booked := made.booked()) < due or not made.in_hand():
        if booked != seen:
            seen, until = booked, time.monotonic() + still
        if time.monotonic() > until:
            return
        time.sleep(0.1)


def _workers(made: Many) -> list[Part]:
    names = {f"worker-{name}" for name in ("reading", "default", "urgent", "clock")}
    return [part for part in made.stack.supervisor.parts if part.name in names]


def _memory(made: Many) -> float:
    """Memory of what is not killed, in MB: web server and clock."""
    parts = [part for part in made.stack.supervisor.parts if part.name in UNHARMED]
    return round(pss_mb(tree(*(part.pid for part in parts if part.pid))), 1)


def _kill_one(made: Many, dice: random.Random) -> None:
    """kill -9 of a worker: half the time its parent only, else with its work horse."""
    kill = dice.choice((os.kill, os.killpg))
    while True:
        part = dice.choice(_workers(made))
        if part.pid is not None and part.exit_code() is None:
            with suppress(ProcessLookupError):  # it ended just now
                return kill(part.pid, signal.SIGKILL)
        time.sleep(0.05)  # until it is started again


def _stop_all(made: Many) -> None:
    """SIGTERM to web server, workers and clock, as deploying does; wait for the next.

    The shop sends again after a quarter of an hour only what was refused meanwhile.
    """
    stopped = [
        (part, part.pid)
        for part in made.stack.supervisor.parts
        if part.name in UNHARMED or part.name.startswith("worker-")
    ]
    for part, _ in stopped:
        part.signal(signal.SIGTERM)
    while any(part.pid == pid for part, pid in stopped):
        time.sleep(0.1)
    while not answers(f"{made.stack.settings.public_url}/health"):
        time.sleep(0.1)


def wait(made: Many, size: Size) -> int:
    """Wait for the last order; the poll finds those whose webhook never came.

    Returns how often a person was asked, and answered.
    """
    until, polled, asked, seen = 0.0, 0.0, 0, -1
    wanted = sum(made.placed.values())
    while (booked := made.booked()) < wanted:
        if booked != seen:
            seen, until = booked, time.monotonic() + size.patience
        if time.monotonic() > until:
            break
        try:
            if time.monotonic() - polled > ASK_SECONDS:
                asked += made.press()
                made.poll()
                polled = time.monotonic()
        except DBAPIError:  # it was restarted under our hands
            session().rollback()
        time.sleep(0.5)
    return asked
