"""Several hosts: orders of many tenants while hosts lose their network and each other.

Four worker hosts, as `flask workers` runs them, one with web server and clock, one each
for PostgreSQL and Redis, and the sandboxes on one more. PostgreSQL crashes again and
again, Redis comes back empty, and one worker host is cut off with all that it holds.
"""

import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from core.main import parts
from core.main.app import ROOT
from core.main.stack import Stack, answers
from core.plugin.registry import Registry, discover
from core.runtime.database import session
from core.runtime.settings import Settings
from core.runtime.vault import new_key
from tests import postgres
from tests.chaos import grand
from tests.chaos.many import PACKAGE, SHOP, Many, many
from tests.chaos.network import Network, OnHost, inside

WEB, DATABASE, REDIS, OUTSIDE = "web", "database", "redis", "outside"
WEB_PORT, REDIS_PORT, SANDBOX_PORT = 8000, 6379, 9000
SLOWEST = 2.0
"""How many times the median of the tenants the last one may take."""
JUDGED_FROM = 10
"""Tenants from which on that is judged: of three, one document that waits for its
look-up makes its tenant the slowest."""


@dataclass(frozen=True)
class Size:
    """How much happens, and how soon after one another."""

    orders: int = 5000
    tenants: int = 50
    workers: int = 4
    redis_losses: int = 5
    restarts: int = 10_000
    """Of PostgreSQL at most: else as long as there is work."""
    restart_every: tuple[float, float] = (5.0, 40.0)
    cut_seconds: float = 60.0
    spread_seconds: float = 300.0
    """How long orders keep coming; all but the restarts begins within it."""
    terms: dict[str, int] = field(default_factory=lambda: {"recheck_seconds": 8})
    """Settings other than the product's own: leases last as they do, but what the
    package answered with a fault of its own is sent again after minutes, not half an
    hour."""
    patience: float = 1800.0


SHORT = Size(
    workers=2, redis_losses=1, restarts=1, restart_every=(2.0, 6.0), cut_seconds=8.0,
    spread_seconds=12.0, terms=grand.SHORT, patience=120.0,
)  # fmt: skip


def run(size: Size, folder: Path, seed: int) -> dict[str, Any]:
    """Run it once; returns what was lost, doubled and left lying, with how long."""
    began, network = time.monotonic(), Network()
    workers = [f"workers{number}" for number in range(1, size.workers + 1)]
    for host in (WEB, DATABASE, REDIS, OUTSIDE, *workers):
        network.add(host)
    with ExitStack() as stack:
        with inside(DATABASE):
            listen = network.addresses[DATABASE]
            server = stack.enter_context(postgres.own_server(listen=listen))
        postgres.create_database(server.address.format(name="postgres"), "chaos")
        address = server.address.format(name="chaos")
        plan = _Plan(size, network, folder, address)
        running = stack.enter_context(plan.outside())
        made = stack.enter_context(
            many(running, address, folder / "driver", size.tenants)
        )
        session().rollback()
        plan.start_product(running, workers)
        errors = grand.Size(patience=size.patience)
        grand.begin(made, errors, seed)
        day = _Day(made, size, network, server, random.Random(seed))
        with grand.revived(made):
            day.pass_by(workers)
            done = grand.end_faults(made)
            asked = grand.wait(made, errors)
        verdict = made.verdict() | day.done | done | {"asked": day.asked + asked}
        verdict |= {"unfair": _unfair(verdict, size),
                    "uncut": int(not all(day.done.values()))}  # fmt: skip
        grand.keep(verdict, server, folder)
    verdict["seconds"] = round(time.monotonic() - began, 1)
    return verdict


def _unfair(verdict: dict[str, Any], size: Size) -> int:
    slowest, usual = (verdict[f"tenant_{k}_seconds"] for k in ("slowest", "median"))
    return int(size.tenants >= JUDGED_FROM and slowest > SLOWEST * usual)


@dataclass
class _Plan:
    """What runs on which host."""

    size: Size
    network: Network
    folder: Path
    database: str

    @contextmanager
    def outside(self) -> Iterator[Stack]:
        """Run Redis and the sandboxes, each on its host."""
        stack = self._stack()
        try:
            stack.supervisor.start(OnHost("redis", self._redis(), host=REDIS))
            for name, (_, port) in self._sandboxes(stack).items():
                command = [sys.executable, "-m", "tests.chaos.sandbox",
                           f"plugins.{name}.sandbox", self.network.addresses[OUTSIDE],
                           str(port), str(self.folder)]  # fmt: skip
                part = OnHost(f"sandbox-{name}", command, host=OUTSIDE)
                page = f"{stack.addresses[name]}/_control/health"
                _wait_for(stack, part, page)
            parts.wait_for_redis(stack.settings.redis, 30)
            yield stack
        finally:
            stack.stop()

    def _stack(self) -> Stack:
        registry = Registry()
        registry.load(discover(ROOT / "plugins"))
        at = self.network.addresses
        settings = Settings(
            database_url=self.database,
            redis_url=f"redis://{at[REDIS]}:{REDIS_PORT}",
            public_url=f"http://{at[WEB]}:{WEB_PORT}",
            smtp_url=f"smtp://{at[OUTSIDE]}:25",  # nobody answers: no mail is needed
            secret_keys=new_key(),
            var_dir=str(self.folder / "driver"),
            log_level="ERROR",
            environ={"EACCOUNTING_CALLS_PER_MINUTE": "0"},
            **self.size.terms,  # type: ignore[arg-type]
        )
        stack = Stack(settings, registry)
        for name in set(stack.sandboxes) - {SHOP, PACKAGE, "vies"}:
            del stack.sandboxes[name], stack.addresses[name]
        for name, (address, _) in self._sandboxes(stack).items():
            stack.addresses[name] = address
            stack.environ.update(stack.sandboxes[name][1].environ(address))
        stack.settings = Settings.from_environ(stack.environ)
        return stack

    def _sandboxes(self, stack: Stack) -> dict[str, tuple[str, int]]:
        host = self.network.addresses[OUTSIDE]
        ports = enumerate(sorted(stack.sandboxes), start=SANDBOX_PORT)
        return {name: (f"http://{host}:{port}", port) for port, name in ports}

    def _redis(self) -> list[str]:
        """Return a server that comes back empty."""
        return [
            shutil.which("redis-server") or "redis-server",
            "--bind", self.network.addresses[REDIS], "--port", str(REDIS_PORT),
            "--protected-mode", "no", "--save", "", "--appendonly", "no",
            "--dir", str(self.folder),
        ]  # fmt: skip

    def start_product(self, stack: Stack, workers: list[str]) -> None:
        """Run the product's own commands, each host with a disk of its own."""
        for host in workers:
            stack.supervisor.start(self._product(stack, host, host, "workers"))
        stack.supervisor.start(self._product(stack, "clock", WEB, "clock"))
        address = self.network.addresses[WEB]
        web = self._product(stack, WEB, WEB, "serve", "--host", address)
        _wait_for(stack, web, f"{stack.settings.public_url}/health")

    def _product(self, stack: Stack, name: str, host: str, *words: str) -> OnHost:
        environ = {**stack.environ, "VAR_DIR": str(self.folder / name)}
        return OnHost(name, parts.flask_command(*words), environ, host=host)


def _wait_for(stack: Stack, part: OnHost, page: str) -> None:
    stack.supervisor.start(part)
    stack.supervisor.wait_until(lambda: answers(page), part)


@dataclass
class _Day:
    """A bad one: orders keep coming in, and hosts go."""

    made: Many
    size: Size
    network: Network
    server: postgres.Server
    dice: random.Random
    asked: int = 0
    """How often a person was asked, and answered."""
    done: dict[str, Any] = field(default_factory=lambda: {
        "database_restarts": 0, "redis_losses": 0, "cut_seconds": 0.0,
    })  # fmt: skip

    def pass_by(self, workers: list[str]) -> None:
        """Return when all orders were placed, all befell, and all is booked."""
        began, polled = time.monotonic(), 0.0
        coming, restart_at = self._coming(workers), self._pause()
        while (now := time.monotonic() - began) < self.size.patience:
            self._place(now)
            while coming and coming[0][0] <= now:
                coming.pop(0)[1]()
            if now > restart_at and self.done["database_restarts"] < self.size.restarts:
                self._restart_database()
                restart_at = time.monotonic() - began + self._pause()
            with suppress(DBAPIError):
                if now - polled > grand.ASK_SECONDS:
                    self.asked += self.made.press()
                    self.made.poll()
                    polled = now
                if now > self.size.spread_seconds and not coming and self._is_booked():
                    return
            session().rollback()
            time.sleep(0.2)

    def _coming(self, workers: list[str]) -> list[tuple[float, Callable[[], None]]]:
        """Return what will befall, each with its moment in seconds."""
        spread, host = self.size.spread_seconds, self.dice.choice(workers)
        cut = self.dice.uniform(0.1, 0.3) * spread
        losses = [self.dice.uniform(0.05, 0.95) * spread
                  for _ in range(self.size.redis_losses)]  # fmt: skip
        coming: list[tuple[float, Callable[[], None]]] = [
            (cut, lambda: self.network.cut(host)),
            (cut + self.size.cut_seconds, lambda: self._join(host)),
            *((moment, self._lose_redis) for moment in losses),
        ]
        return sorted(coming, key=lambda each: each[0])

    def _pause(self) -> float:
        return self.dice.uniform(*self.size.restart_every)

    def _place(self, now: float) -> None:
        """Place what is due by now, evenly over the time."""
        share = min(now / self.size.spread_seconds, 1.0)
        self.made.place_up_to(round(self.size.orders * share))

    def _is_booked(self) -> bool:
        return self.made.booked() >= self.size.orders

    def _join(self, host: str) -> None:
        self.network.join(host)
        self.done["cut_seconds"] += self.size.cut_seconds

    def _lose_redis(self) -> None:
        """kill -9; it is started again, empty."""
        redis = next(p for p in self.made.stack.supervisor.parts if p.name == "redis")
        redis.signal(signal.SIGKILL)
        self.done["redis_losses"] += 1

    def _restart_database(self) -> None:
        with inside(DATABASE):
            self.server.restart()
        self.done["database_restarts"] += 1
