"""`flask serve`, `workers`, `worker`, `clock`, `dispatch`: the product's processes."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from core.kit.runner import Supervisor
from core.main import parts
from core.main.forking import prepare_to_fork
from core.runtime import jobs
from core.runtime.extensions import settings
from core.runtime.worker import work

FINISH_SECONDS = jobs.JOB_TIMEOUT + 10
"""How long a worker may take to finish the job at hand when all are stopped."""


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]


@click.command()
@with_appcontext
def workers() -> None:
    """Serve every queue and the clock; a process that dies is replaced.

    The product is loaded once, and each worker is a fork.
    """
    supervisor = Supervisor(
        [], settings().var / "logs", say=click.echo, stop_seconds=FINISH_SECONDS
    )
    prepare_to_fork(_app())
    try:
        for part in parts.forked_workers(_app()):
            supervisor.start(part)
        supervisor.watch(gives_up=False)
    finally:
        supervisor.stop()


@click.command()
@click.option("--host", default=parts.LOOPBACK, show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Default: the port of PUBLIC_URL, or 8000.",
)
@with_appcontext
def serve(host: str, port: int | None) -> None:
    """Serve the pages, the API and the webhooks; put a proxy that ends TLS before it.

    The product is loaded once, and each of WEB_WORKERS processes is a fork.
    """
    from core.main.web_server import serve as serve_pages  # waitress is for this only

    serve_pages(_app(), settings(), host, port or parts.web_port(settings()))


@click.command()
@click.argument("queue", type=click.Choice(jobs.QUEUES))
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
@with_appcontext
def worker(queue: str, burst: bool) -> None:
    """Serve one QUEUE. Start as many processes as there is work for."""
    work(_app(), queue, burst=burst)


@click.command()
@with_appcontext
def clock() -> None:
    """Wake the dispatcher again and again; more than one may run."""
    jobs.tick(_app())


@click.command()
@with_appcontext
def dispatch() -> None:
    """Run the dispatcher once, now."""
    jobs.run_task("dispatch", 0)
    click.echo("dispatched")
