"""RQ's worker as we run it: one queue each, forks that hold the application already."""

import os
from typing import Any

from flask import Flask
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from core.kit.processes import die_with
from core.runtime.extensions import db, promise_commits
from core.runtime.jobs import QUEUES, queue, redis_client
from core.runtime.worker_trouble import Telling


class PreloadedWorker(Worker):
    """A worker whose forks already hold the application; one queue each."""

    def __init__(self, app: Flask, *args: Any, **kwargs: Any) -> None:
        self.app = app
        self.telling = Telling(app)
        super().__init__(*args, **kwargs)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Give a sign of life, and tell what went wrong, its horses' too."""
        super().heartbeat(*args, **kwargs)
        if self.pid == os.getpid():
            self.telling.tell(self.connection)

    def handle_job_failure(
        self, job: Job, queue: Queue, *args: Any, **_words: Any
    ) -> None:
        """Note that it failed: not why, which may name a customer; the log tells it."""
        super().handle_job_failure(job, queue, exc_string="")

    def main_work_horse(self, job: Job, queue: Queue) -> None:
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
