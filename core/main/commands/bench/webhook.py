"""`flask bench webhook`: webhooks per second, against a route with one insert."""

import statistics
import threading
import time
from dataclasses import dataclass

import click
import requests
from flask.cli import with_appcontext

from core.main.commands.bench.product import pair, running, show


@click.command("webhook")
@click.option("--count", default=2000, show_default=True, help="Requests to send.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_appcontext
def bench_webhook(count: int, as_json: bool) -> None:
    """Webhooks per second, against a bare route that inserts one row."""
    with running(workers=False) as stack:
        shop, _ = pair(stack)
        make = shop.sandbox.bench.webhook_requests
        if make is None:
            raise click.ClickException("this shop sends no webhooks")
        bare_url = f"{stack.settings.public_url}/bench/bare"
        rounds = [
            (
                hammer([(bare_url, b"{}", {})] * (count // 4)),
                hammer(make(stack.settings.public_url, count // 4)),
            )
            for _ in range(4)
        ]
    bare = statistics.median(pair[0].per_second for pair in rounds)
    ours = statistics.median(pair[1].per_second for pair in rounds)
    show(
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
class Load:
    per_second: float
    p99_ms: float


def hammer(posts: list[tuple[str, bytes, dict[str, str]]], threads: int = 4) -> Load:
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
    return Load(len(posts) / seconds, sorted(times)[int(len(times) * 0.99)] * 1000)
