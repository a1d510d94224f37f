"""`flask worker`, `flask clock`, `flask dispatch`: the processes behind the pages."""

import time

import click
from flask import current_app
from flask.cli import with_appcontext

from core.runtime import jobs
from core.runtime.extensions import settings


@click.command()
@click.argument("queue", type=click.Choice(jobs.QUEUES))
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
@with_appcontext
def worker(queue: str, burst: bool) -> None:
    """Serve one QUEUE. Start as many processes as there is work for."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    jobs.work(app, queue, burst=burst)


@click.command()
@with_appcontext
def clock() -> None:
    """Wake the dispatcher again and again; more than one may run.

    RQ's own cron scheduler enqueues with pickle whatever the workers speak (rq 2.12,
    `CronJob.enqueue`), so this loop does it: a wake-up, deduplicated in Redis.
    """
    while True:
        jobs.wake("clock", "dispatch")
        time.sleep(settings().dispatch_seconds)


@click.command()
@with_appcontext
def dispatch() -> None:
    """Run the dispatcher once, now."""
    jobs.run_task("dispatch", 0)
    click.echo("dispatched")
