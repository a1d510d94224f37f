"""`flask bench orders`: from webhook to booked, against the bare remote writes."""

import time

import click
import requests
from flask.cli import with_appcontext
from sqlalchemy import func, select

from core.main.commands.bench.memory import PeakMemory
from core.main.commands.bench.product import Side, pair, running, show
from core.main.stack import Stack
from core.models import Transfer, TransferState
from core.runtime.database import session

PATIENCE_SECONDS = 600


@click.command("orders")
@click.option("--count", default=500, show_default=True, help="Orders to book.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_orders(count: int, as_json: bool) -> None:
    """Orders per second from webhook to booked, against the bare remote writes."""
    with running() as stack:
        shop, package = pair(stack)
        _pass(stack, shop, max(count // 5, 30))
        calls_before = _calls(stack)
        peak = PeakMemory(stack)
        seconds = _pass(stack, shop, count)
        calls = _difference(calls_before, _calls(stack))
        bare = _bare(package, count)
    show(
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


def _pass(stack: Stack, shop: Side, count: int) -> float:
    """Let so many orders come in at once; return seconds until all are booked."""
    if (
        shop.sandbox.bench.hold_orders is None
        or shop.sandbox.bench.release_orders is None
    ):
        raise click.ClickException("this shop's sandbox cannot hold orders")
    shop.sandbox.bench.hold_orders(shop.address, stack.settings.public_url, count)
    wanted = _booked() + count
    start = time.monotonic()
    shop.sandbox.bench.release_orders(shop.address)
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


def _bare(package: Side, count: int) -> float:
    if package.sandbox.bench.bare_loop is None:
        raise click.ClickException("this package's sandbox has no bare loop")
    return package.sandbox.bench.bare_loop(package.address, count)


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
