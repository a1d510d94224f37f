"""`flask bench orders`: from webhook to booked, against the bare remote writes."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click
import requests
from flask.cli import with_appcontext
from sqlalchemy import func, select

from core.kit.processes import cpu_seconds, tree
from core.main.commands.bench.memory import PeakMemory
from core.main.commands.bench.product import Side, pair, running, show
from core.main.stack import Stack
from core.models import Transfer, TransferState
from core.runtime.database import session

PATIENCE_SECONDS = 600
PROCESSES = ("web", "worker", "clock")


@click.command("orders")
@click.option("--count", default=500, show_default=True, help="Orders to book.")
@click.option("--at-rest", default=20, show_default=True, help="Orders one by one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_orders(count: int, at_rest: int, as_json: bool) -> None:
    """Orders per second from webhook to booked, against the bare remote writes.

    Also what CPU time of ours an order takes, by process, against one exchange of the
    bare writes (both sides together), and how long one takes to be booked when nothing
    else is to be done.
    """
    with running() as stack:
        shop, package = pair(stack)
        _pass(stack, shop, max(count // 5, 30))
        calls_before, used_before = _calls(stack), _used(stack)
        peak = PeakMemory(stack)
        seconds = _pass(stack, shop, count)
        used = {name: each - used_before[name] for name, each in _used(stack).items()}
        calls = _difference(calls_before, _calls(stack))
        bare, exchange = _bare(stack, package, count)
        latencies = [_pass(stack, shop, 1, every=0.01) for _ in range(at_rest)]
    show(
        {
            "orders": count,
            "orders_per_second": round(count / seconds, 1),
            "bare_loop_per_second": round(count / bare, 1),
            "ratio_to_bare_loop": round(bare / seconds, 3),
            **cpu_figures(used, exchange, count),
            **latency_figures(latencies),
            "calls_per_order": round(sum(calls.values()) / count, 3),
            "calls_by_endpoint": calls,
            "worker_peak_mb": peak.stop(),
        },
        as_json,
    )


def _used(stack: Stack) -> dict[str, float]:
    """Return the CPU seconds of the product's processes so far, by what they are."""
    used = dict.fromkeys(PROCESSES, 0.0)
    for part in stack.supervisor.parts:
        kind = process_of(part.name)
        if kind and part.pid is not None:
            used[kind] += cpu_seconds(tree(part.pid))
    return used


def process_of(part: str) -> str:
    """Return what a part of the product is; empty for what is outside of it.

    The dispatcher runs in a worker of its own, which is the clock's.
    """
    if part in ("clock", "worker-clock"):
        return "clock"
    return next((name for name in PROCESSES if part.startswith(name)), "")


@dataclass(frozen=True)
class Exchange:
    """The CPU seconds of the bare writes."""

    client: float
    sandbox: float


def cpu_figures(
    used: Mapping[str, float], exchange: Exchange, count: int
) -> dict[str, float]:
    """Return CPU time per order in ms, and its ratio to that of the bare loop."""
    total, client = sum(used.values()), exchange.client
    both = client + exchange.sandbox
    return {
        **{
            f"cpu_ms_per_order_{name}": round(seconds / count * 1000, 2)
            for name, seconds in used.items()
        },
        "cpu_ms_per_order": round(total / count * 1000, 2),
        "bare_client_cpu_ms": round(client / count * 1000, 2),
        "bare_exchange_cpu_ms": round(both / count * 1000, 2),
        "cpu_ratio_to_bare_client": round(total / client, 2) if client else 0,
        "cpu_ratio_to_bare_exchange": round(total / both, 2) if both else 0,
    }


def latency_figures(latencies: Sequence[float]) -> dict[str, float]:
    """Return the seconds from the shop's webhook to booked, nothing else to be done."""
    if len(latencies) < 2:
        return {}
    parts = statistics.quantiles(latencies, n=20, method="inclusive")
    return {
        "at_rest_p50_seconds": round(parts[9], 3),
        "at_rest_p95_seconds": round(parts[18], 3),
    }


def _pass(stack: Stack, shop: Side, count: int, *, every: float = 0.05) -> float:
    """Let so many orders come in at once; return seconds until all are booked."""
    if (
        shop.sandbox.bench.hold_orders is None
        or shop.sandbox.bench.release_orders is None
    ):
        raise click.ClickException("this shop's sandbox cannot hold orders")
    # A poll may find some before their webhooks go.
    wanted = _booked() + count
    shop.sandbox.bench.hold_orders(shop.address, stack.settings.public_url, count)
    start = time.monotonic()
    shop.sandbox.bench.release_orders(shop.address)
    while _booked() < wanted:
        if time.monotonic() - start > PATIENCE_SECONDS:
            raise click.ClickException(f"only {_booked()} of {wanted} were booked")
        time.sleep(every)
    return time.monotonic() - start


def _booked() -> int:
    count: int = (
        session()
        .execute(select(func.count()).where(Transfer.state == TransferState.DONE))
        .scalar_one()
    )
    session().rollback()
    return count


def _bare(stack: Stack, package: Side, count: int) -> tuple[float, Exchange]:
    """Return the seconds of the bare writes, and the CPU seconds of both sides."""
    if package.sandbox.bench.bare_loop is None:
        raise click.ClickException("this package's sandbox has no bare loop")
    before, outside = time.process_time(), _outside(stack)
    seconds = package.sandbox.bench.bare_loop(package.address, count)
    client = time.process_time() - before
    return seconds, Exchange(client, _outside(stack) - outside)


def _outside(stack: Stack) -> float:
    """Return the CPU seconds of all sandboxes so far; only one is asked."""
    return sum(
        cpu_seconds(tree(part.pid))
        for part in stack.supervisor.parts
        if part.name == "outside" and part.pid is not None
    )


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
