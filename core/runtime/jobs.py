"""RQ wiring: wake-ups only. What is to be done stands in the database.

One queue per worker, JSON serialiser, random job ids, no RQ Retry: RQ may lose a
wake-up or run one twice, and neither matters. A wake-up goes out after the commit of
the transaction that asked for it; the dispatcher repeats what got lost.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.kit.processes import die_with
from core.models import Connection
from core.net.quick_redis import Breaker
from core.net.quick_redis import options as quick_options
from core.runtime.extensions import db, koppelwerk, promise_commits, settings
from core.runtime.tenancy import system_scope

QUEUES = ("urgent", "default", "bulk", "clock")
JOB_TIMEOUT = 120
_QUICK = "koppelwerk_quick_redis"
_WAKES = "koppelwerk_wakes"
_PENDING_SECONDS = 15
"""How long an undelivered wake-up keeps others of its kind away."""

logger = structlog.get_logger(__name__)


def redis_client() -> Redis:
    """Return the workers' Redis client, which waits long; made on first use."""
    client: Redis | None = current_app.extensions.get("koppelwerk_redis")
    if client is None:
        client = Redis.from_url(
            settings().redis, socket_timeout=30, socket_connect_timeout=2
        )
        current_app.extensions["koppelwerk_redis"] = client
    return client


@contextmanager
def quick_redis() -> Iterator[Redis]:
    """Give the client of everybody else; raises RedisError within a second.

    At once when Redis did not answer a moment ago (`core.net.quick_redis`).
    """
    found: tuple[Redis, Breaker] | None = current_app.extensions.get(_QUICK)
    if found is None:
        client = Redis.from_url(settings().redis, **quick_options())
        found = current_app.extensions.setdefault(_QUICK, (client, Breaker()))
    client, breaker = found
    with breaker.watching():
        yield client


def forget_client(app: Flask) -> None:
    """Close the application's Redis clients; the next use makes others."""
    client: Redis | None = app.extensions.pop("koppelwerk_redis", None)
    quick, _breaker = app.extensions.pop(_QUICK, (None, None))
    for each in (client, quick):
        if each is not None:
            each.close()


def queue(name: str, client: Redis) -> Queue:
    """Return one of our queues."""
    return Queue(name, connection=client, serializer=JSONSerializer)


def wake_after_commit(task: str, argument: int = 0, *, queue: str) -> None:
    """Ask for a wake-up once the current transaction is committed."""
    db.session().info.setdefault(_WAKES, set()).add((queue, task, argument))


def wake(queue_name: str, task: str, argument: int = 0) -> bool:
    """Send a wake-up unless one of its kind is under way; False without Redis."""
    key = f"koppelwerk:wake:{queue_name}:{task}:{argument}"
    try:
        with quick_redis() as client:
            if not client.set(key, 1, nx=True, ex=_PENDING_SECONDS):
                return True
            queue(queue_name, client).enqueue(
                run,
                args=(queue_name, task, argument),
                job_timeout=JOB_TIMEOUT,
                result_ttl=0,
                failure_ttl=3600,
            )
    except RedisError as error:
        # Nothing is lost: the dispatcher finds the work in the database.
        logger.warning("no wake-up without Redis", task=task, error=str(error))
        return False
    return True


@event.listens_for(Session, "after_commit")
def _send_wakes(session: Session) -> None:
    if session.in_nested_transaction():
        return  # the end of a savepoint, not yet of the transaction
    for queue_name, task, argument in sorted(session.info.pop(_WAKES, ())):
        wake(queue_name, task, argument)


@event.listens_for(Session, "after_rollback")
def _forget_wakes(session: Session) -> None:
    if session.in_nested_transaction():
        return  # what the rest of the transaction asked for still goes
    session.info.pop(_WAKES, None)


def run(queue_name: str, task: str, argument: int) -> None:
    """Run a task by name: the function that every RQ job calls."""
    redis_client().delete(f"koppelwerk:wake:{queue_name}:{task}:{argument}")
    run_task(task, argument)


def run_task(task: str, argument: int) -> None:
    """Run a core task, or a plugin's: `plugin.task` with a connection id."""
    with system_scope():
        own = koppelwerk().tasks.get(task)
        if own is not None:
            own(argument)
        elif "." in task:
            plugin, _, name = task.partition(".")
            koppelwerk().registry.get(plugin).all_tasks[name](argument)
        else:
            run_plugin_task(task, argument)


def run_plugin_task(task: str, connection_id: int) -> None:
    """Run the task of that name of the plugin a connection belongs to."""
    connection = db.session().get_one(Connection, connection_id)
    plugin = koppelwerk().registry.get(connection.plugin)
    db.session().rollback()
    plugin.all_tasks[task](connection_id)


class PreloadedWorker(Worker):
    """A worker whose forks already hold the application; one queue each."""

    def __init__(self, app: Flask, *args: Any, **kwargs: Any) -> None:
        self.app = app
        super().__init__(*args, **kwargs)

    def main_work_horse(self, job: RqJob, queue: Queue) -> None:
        """Run in the fork: own database connections, the application's context."""
        die_with(self.pid or 0)  # a work horse without its worker must not send on
        with self.app.app_context():
            db.engine.dispose(close=False)
            super().main_work_horse(job, queue)


def work(app: Flask, queue_name: str, *, burst: bool = False) -> None:
    """Serve one queue until stopped (or empty, with `burst`)."""
    if queue_name not in QUEUES:
        raise ValueError(f"there is no queue {queue_name}")
    promise_commits()
    with app.app_context():
        worker = PreloadedWorker(
            app,
            [queue(queue_name, redis_client())],
            connection=redis_client(),
            serializer=JSONSerializer,
            worker_ttl=60,
            maintenance_interval=30,
        )
        worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)


def tick(app: Flask) -> None:
    """Wake the dispatcher again and again; more than one may run.

    RQ's own cron scheduler enqueues with pickle whatever the workers speak (rq 2.12,
    `CronJob.enqueue`), so this loop does it: a wake-up, deduplicated in Redis.
    """
    with app.app_context():
        while True:
            wake("clock", "dispatch")
            time.sleep(settings().dispatch_seconds)
