"""RQ wiring: wake-ups only. What is to be done stands in the database.

One queue per worker, JSON serialiser, random job ids, no RQ Retry: RQ may lose a
wake-up or run one twice, and neither matters. A wake-up goes out after the commit of
the transaction that asked for it; the dispatcher repeats what got lost.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, get_current_job
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.models import Connection
from core.net.quick_redis import DRIVER, Breaker
from core.net.quick_redis import options as quick_options
from core.runtime import disk, worker_trouble
from core.runtime.counters import counters
from core.runtime.extensions import db, koppelwerk, settings
from core.runtime.tenancy import system_scope
from core.runtime.trouble import Trouble

QUEUES = ("urgent", "reading", "default", "bulk", "clock")
"""What users press; shops are read; documents go; what may wait; the dispatcher.

Reading and booking have a queue each: in a burst every shop waits to be read, and what
is to be booked would wait behind all of them, or, in front, keep them waiting.
"""
DISPATCH = "dispatch"
JOB_TIMEOUT = 120
_QUICK = "koppelwerk_quick_redis"
_WAKES = "koppelwerk_wakes"
_WAITS = "koppelwerk:wake:{}:{}:{}"
"""Names the job that waits in a queue for a task and its argument."""
_WAITS_SECONDS = 3600
STAY_SECONDS = 0.3
"""How long a task that found nothing more stays: work comes in bursts, and a fork with
its connections and statements costs as much as dozens of looks."""
LOOK_SECONDS = 0.1

T = TypeVar("T")
logger = structlog.get_logger(__name__)


def redis_client() -> Redis:
    """Return the workers' Redis client, which waits long; made on first use."""
    client: Redis | None = current_app.extensions.get("koppelwerk_redis")
    if client is None:
        client = Redis.from_url(
            settings().redis,
            socket_timeout=30,
            socket_connect_timeout=2,
            driver_info=DRIVER,
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
    """Send a wake-up unless one of its kind waits in the queue; False without Redis.

    However long it waits: more of them would only make it wait longer.
    """
    key, job_id = _WAITS.format(queue_name, task, argument), uuid4().hex
    try:
        with quick_redis() as client:
            waiting = queue(queue_name, client)
            if not client.set(key, job_id, nx=True, ex=_WAITS_SECONDS):
                if _waits(client, waiting, client.get(key)):
                    return True
                client.set(key, job_id, ex=_WAITS_SECONDS)
            waiting.enqueue(
                run,
                args=(queue_name, task, argument),
                job_id=job_id,
                job_timeout=JOB_TIMEOUT,
                result_ttl=0,
                failure_ttl=3600,
            )
    except RedisError as error:
        # Nothing is lost: the dispatcher finds the work in the database.
        logger.warning("no wake-up without Redis", task=task, error=str(error))
        return False
    return True


def until_quiet(
    look: Callable[[], T | None], queue_name: str, task: str, argument: int = 0
) -> Iterator[T]:
    """Give what a task finds, also what comes while it works or a moment later.

    It leaves at once when anything else waits in its queue. `look` may keep no
    transaction open.
    """
    left_at = time.monotonic() + STAY_SECONDS
    while True:
        if found := look():
            yield found
            left_at = time.monotonic() + STAY_SECONDS
        elif time.monotonic() < left_at and _may_stay(queue_name, task, argument):
            time.sleep(LOOK_SECONDS)
        else:
            return


def _may_stay(queue_name: str, task: str, argument: int) -> bool:
    """Tell whether a worker runs this and nothing else waits behind it."""
    return get_current_job() is not None and not others_wait(queue_name, task, argument)


def others_wait(queue_name: str, task: str, argument: int = 0) -> bool:
    """Tell whether more than the same again waits in a queue; none do without Redis."""
    try:
        with quick_redis() as client:
            own = client.get(_WAITS.format(queue_name, task, argument))
            waiting = client.lrange(queue(queue_name, client).key, 0, 1)
    except RedisError:
        return False
    return any(job_id != own for job_id in waiting)


def _waits(client: Redis, waiting: Queue, job_id: Any) -> bool:
    """Tell whether a job is still in the queue: a worker may have died with it."""
    return job_id is not None and client.lpos(waiting.key, job_id) is not None


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
    key, job = _WAITS.format(queue_name, task, argument), get_current_job()
    if job is not None and redis_client().get(key) == job.id.encode():
        redis_client().delete(key)  # else another waits by now
    with worker_trouble.noticed():
        run_task(task, argument)


def run_task(task: str, argument: int) -> None:
    """Run a core task, or a plugin's: `plugin.task` with a connection id.

    None but the dispatcher while the disk is short; it wakes them again afterwards.
    """
    if task != DISPATCH and disk.is_short():
        counters().add("trouble", Trouble.FULL)
        return
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


def tick(app: Flask) -> None:
    """Wake the dispatcher again and again; more than one may run.

    RQ's own cron scheduler enqueues with pickle whatever the workers speak (rq 2.12,
    `CronJob.enqueue`), so this loop does it: a wake-up, deduplicated in Redis.
    """
    with app.app_context():
        while True:
            wake("clock", DISPATCH)
            time.sleep(settings().dispatch_seconds)
