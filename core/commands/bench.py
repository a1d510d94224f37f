"""`flask bench`: speed, always against a baseline measured in the same run.

Figures of a shared machine vary by a third; the ratios are what to compare.
"""

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import requests
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select

from core import runner
from core.extensions import koppelwerk
from core.models import Transfer, TransferState
from core.plugin import Sandbox
from core.services.database import session
from core.settings import Settings
from core.stack import Stack, free_port
from core.tenancy import system_scope

PATIENCE_SECONDS = 600
bench = AppGroup("bench", help="Measure speed, as ratios to a baseline.")


@bench.command("orders")
@click.option("--count", default=500, show_default=True, help="Orders to book.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_orders(count: int, as_json: bool) -> None:
    """Orders per second from webhook to booked, against the bare remote writes."""
    with _running() as stack:
        shop, package = _pair(stack)
        _pass(stack, shop, max(count // 5, 30))
        calls_before = _calls(stack)
        peak = _PeakMemory(stack)
        seconds = _pass(stack, shop, count)
        calls = _difference(calls_before, _calls(stack))
        bare = _bare(package, count)
    _print(
        {
            "orders": count,
            "orders_per_second": round(count / seconds, 1),
            "bare_loop_per_second": round(count / bare, 1),
            "ratio_to_bare_loop": round(bare / seconds, 3),
            "calls_per_order": round(sum(calls.values()) / count, 3),
            "calls_by_endpoint": calls,
            "worker_peak_mb": peak.stop(),
        },
        as_json,
    )


@bench.command("webhook")
@click.option("--count", default=2000, show_default=True, help="Requests to send.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_webhook(count: int, as_json: bool) -> None:
    """Webhooks per second, against a bare route that inserts one row."""
    with _running(workers=False) as stack:
        shop, _ = _pair(stack)
        make = shop.sandbox.webhook_requests
        if make is None:
            raise click.ClickException("this shop sends no webhooks")
        bare_url = f"{stack.settings.public_url}/bench/bare"
        rounds = [
            (
                _hammer([(bare_url, b"{}", {})] * (count // 4)),
                _hammer(make(stack.settings, count // 4)),
            )
            for _ in range(4)
        ]
    bare = statistics.median(pair[0].per_second for pair in rounds)
    ours = statistics.median(pair[1].per_second for pair in rounds)
    _print(
        {
            "requests": count,
            "requests_per_second": round(ours, 1),
            "bare_per_second": round(bare, 1),
            "ratio_to_bare": round(ours / bare, 3),
            "p99_ms": round(max(pair[1].p99_ms for pair in rounds), 1),
            "bare_p99_ms": round(max(pair[0].p99_ms for pair in rounds), 1),
        },
        as_json,
    )


@dataclass(frozen=True)
class _Side:
    address: str
    sandbox: Sandbox


@contextmanager
def _running(*, workers: bool = True) -> Iterator[Stack]:
    """Run a product of its own in a temporary folder."""
    from core.app import create_app  # the composition root imports the commands

    with tempfile.TemporaryDirectory(prefix="kwbench-") as folder:
        settings = replace(
            Settings(),
            var_dir=str(Path(folder) / "v"),
            public_url=f"http://127.0.0.1:{free_port()}",
            log_level="ERROR",
            eaccounting_calls_per_minute=0,
            bench_route=True,
        )
        registry = koppelwerk().registry
        names = [name for name, part in registry.plugins.items() if part.sandbox]
        stack = Stack(settings, registry, {name: free_port() for name in names})
        try:
            stack.start_outside()
            for name, (_, sandbox) in stack.sandboxes.items():
                if sandbox.unlimited is not None:
                    sandbox.unlimited(stack.addresses[name])
            app = create_app(stack.settings)
            with app.app_context(), system_scope():
                upgrade(revision="heads")
                stack.prepare("bench-bench-bench")
                _start(stack, workers)
                yield stack
        finally:
            stack.stop()


def _start(stack: Stack, workers: bool) -> None:
    if workers:
        stack.start_product()
        return
    stack.start(runner.web_part(stack.settings, stack.environ))
    from core.stack import wait_for

    wait_for(f"{stack.settings.public_url}/health")


def _pair(stack: Stack) -> tuple[_Side, _Side]:
    """Return the first shop that can hold its orders, and the first package."""
    sides = [
        (plugin, _Side(stack.addresses[name], sandbox))
        for name, (plugin, sandbox) in stack.sandboxes.items()
    ]
    shop = next(side for plugin, side in sides if plugin.is_order_source)
    package = next(side for plugin, side in sides if plugin.order_target)
    return shop, package


def _pass(stack: Stack, shop: _Side, count: int) -> float:
    """Let so many orders come in at once; return seconds until all are booked."""
    if shop.sandbox.hold_orders is None or shop.sandbox.release_orders is None:
        raise click.ClickException("this shop's sandbox cannot hold orders")
    shop.sandbox.hold_orders(shop.address, stack.settings.public_url, count)
    wanted = _booked() + count
    start = time.monotonic()
    shop.sandbox.release_orders(shop.address)
    while _booked() < wanted:
        if time.monotonic() - start > PATIENCE_SECONDS:
            raise click.ClickException(f"only {_booked()} of {wanted} were booked")
        time.sleep(0.05)
    return time.monotonic() - start


def _booked() -> int:
    count: int = (
        session()
        .execute(select(func.count()).where(Transfer.state == TransferState.DONE))
        .scalar_one()
    )
    session().rollback()
    return count


def _bare(package: _Side, count: int) -> float:
    if package.sandbox.bare_loop is None:
        raise click.ClickException("this package's sandbox has no bare loop")
    return package.sandbox.bare_loop(package.address, count)


def _calls(stack: Stack) -> dict[str, int]:
    """Return how often each endpoint of the sandboxes was called."""
    calls: dict[str, int] = {}
    for name, address in stack.addresses.items():
        answer = requests.get(f"{address}/_control/calls", timeout=10).json()
        calls.update({f"{name} {key}": value for key, value in answer.items()})
    return calls


def _difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    grown = {key: value - before.get(key, 0) for key, value in after.items()}
    return {key: value for key, value in sorted(grown.items()) if value}


class _PeakMemory:
    """The largest resident size of the worker processes and their children, in MB."""

    def __init__(self, stack: Stack) -> None:
        self._groups = {
            part.process.pid
            for part in stack.supervisor.parts
            if part.name.startswith("worker-") and part.process is not None
        }
        self._peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Stop watching and return the peak."""
        self._done.set()
        self._thread.join()
        return round(self._peak, 1)

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            for path in Path("/proc").glob("[0-9]*"):
                self._peak = max(self._peak, self._resident(path))

    def _resident(self, path: Path) -> float:
        try:
            fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) not in self._groups:
                return 0.0
            lines = (path / "status").read_text().splitlines()
        except (OSError, IndexError, ValueError):
            return 0.0
        sizes = [line.split()[1] for line in lines if line.startswith("VmRSS")]
        return int(sizes[0]) / 1024 if sizes else 0.0


@dataclass(frozen=True)
class _Load:
    per_second: float
    p99_ms: float


def _hammer(posts: list[tuple[str, bytes, dict[str, str]]], threads: int = 4) -> _Load:
    """Post from a few threads over kept-alive connections."""
    times: list[float] = []
    refused: list[int] = []

    def work(mine: list[tuple[str, bytes, dict[str, str]]]) -> None:
        with requests.Session() as http:
            for url, body, headers in mine:
                start = time.monotonic()
                answer = http.post(url, data=body, headers=headers, timeout=30)
                times.append(time.monotonic() - start)
                if not answer.ok:
                    refused.append(answer.status_code)

    pool = [
        threading.Thread(target=work, args=(posts[index::threads],))
        for index in range(threads)
    ]
    start = time.monotonic()
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    seconds = time.monotonic() - start
    if refused:
        raise click.ClickException(f"{len(refused)} posts refused: {refused[0]}")
    return _Load(len(posts) / seconds, sorted(times)[int(len(times) * 0.99)] * 1000)


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        click.echo(f"{name:24} {value}")
