"""The numbers in the words of Prometheus, for /metrics.

What the database and Redis say is the same at every web server. What a web server
counts (`core.runtime.counters`) and its disks are its own: ask each.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Metric,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from core.runtime import disk
from core.runtime.counters import BUCKETS, KINDS, Key, counters
from core.runtime.disk import Room
from core.runtime.extensions import settings
from core.runtime.jobs import QUEUES
from core.services.operations.metrics import (
    Backlog,
    Rows,
    Wakes,
    backlog,
    is_alive,
    rows,
    wakes,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST


def text() -> bytes:
    """Return everything as Prometheus text; needs `system_scope`."""
    registry = CollectorRegistry()
    found = Numbers(
        rows(), backlog(), wakes(), disk.rooms(settings()), counters().totals()
    )
    registry.register(found)
    return generate_latest(registry)


class Numbers(Collector):
    """Puts what was read into Prometheus's words."""

    def __init__(
        self,
        found: Rows,
        backlog: Backlog,
        redis: Wakes,
        rooms: Sequence[Room],
        counts: Mapping[Key, float],
    ) -> None:
        self.found = found
        self.backlog = backlog
        self.redis = redis
        self.rooms = rooms
        self.counts = counts

    def collect(self) -> Iterator[Metric]:
        """Return every metric."""
        found = self.found
        yield _gauge("tenants", "Tenants.", {(): found.tenants})
        yield _gauge("licences", "Licences by state.", _one(found.licences), "state")
        by_plugin = ("plugin", "state")
        yield _gauge(
            "transfers", "Documents by package and state.", found.transfers, *by_plugin
        )
        yield _gauge(
            "connections", "Connections by plugin.", found.connections, *by_plugin
        )
        yield _gauge(
            "registration_refused_connections",
            "Connections that wait since our registration is refused.",
            _one(found.refused),
            "plugin",
        )
        yield _gauge("mails", "Mails by state.", _one(found.mails), "state")
        yield _gauge("inbox_new", "Messages not read yet.", {(): found.inbox_new})
        yield _gauge(
            "transfer_oldest_due_seconds",
            "How long the oldest document that could go is due.",
            {(): found.oldest_due or 0},
        )
        yield _gauge(
            "inbox_oldest_new_seconds",
            "How long the oldest message waits to be read.",
            {(): found.oldest_message or 0},
        )
        if found.dispatched is not None:
            yield _gauge(
                "dispatch_age_seconds",
                "How long ago the dispatcher last looked for errors.",
                {(): found.dispatched},
            )
        yield _gauge(
            "failed", "Documents under Fouten.", _one(self.backlog.failed), "code"
        )
        yield _gauge(
            "bulk_oldest_due_seconds",
            "How long the oldest work of the bulk queue is due.",
            _one({name: age or 0 for name, age in self.backlog.bulk.items()}),
            "kind",
        )
        yield _gauge("database_bytes", "Its size.", {(): self.backlog.database_bytes})
        yield _gauge(
            "clock_ahead_seconds",
            "How far a host's clock is ahead of the database's.",
            _one(self.backlog.clocks),
            "host",
        )
        yield from self._of_redis()
        yield from self._of_disks()
        yield from self._of_requests()

    def _of_disks(self) -> Iterator[Metric]:
        rooms = {(str(room.folder),): room for room in self.rooms}
        for name, meaning, attribute in (
            ("disk_free_bytes", "Room on a disk that we write to.", "free"),
            ("disk_bytes", "Size of a disk that we write to.", "total"),
            ("disk_short", "Whether it has too little room for more work.", "is_short"),
        ):
            values = {key: int(getattr(room, attribute)) for key, room in rooms.items()}
            yield _gauge(name, meaning, values, "folder")

    def _of_requests(self) -> Iterator[Metric]:
        counts = self.counts
        yield _counter(
            "answers", "Answers of this web server.", _under(counts, "answers"),
            "kind", "status",
        )  # fmt: skip
        yield _counter(
            "storage_trouble", "Requests that could not store or read.",
            _under(counts, "trouble"), "trouble",
        )  # fmt: skip
        failed = {(): counts["logins_failed",]}
        yield _counter("logins_failed", "Wrong passwords and codes.", failed)
        yield _durations(counts)

    def _of_redis(self) -> Iterator[Metric]:
        redis = self.redis
        yield _gauge("redis_up", "Whether Redis answers.", {(): int(redis.reachable)})
        if redis.reachable:
            yield _gauge(
                "queue_length", "Wake-ups that wait.", _one(redis.lengths), "queue"
            )
            alive: dict[tuple[str, ...], float] = {(name,): 0 for name in QUEUES}
            for worker in redis.workers:
                if is_alive(worker, self.found.now):
                    alive[(worker.queues,)] = alive.get((worker.queues,), 0) + 1
            yield _gauge("workers", "Workers heard of lately.", alive, "queue")
            yield _gauge(
                "jobs_failed",
                "Wake-ups that ended in an error within the last hour.",
                _one(redis.failed),
                "queue",
            )
            yield _counter(
                "worker_storage_trouble", "Times that workers could not store or read.",
                _one(redis.trouble), "trouble",
            )  # fmt: skip


def _one(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


def _gauge(
    name: str, meaning: str, values: Mapping[Any, float], *labels: str
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"koppelwerk_{name}", meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def _counter(
    name: str, meaning: str, values: Mapping[Any, float], *labels: str
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"koppelwerk_{name}", meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def _under(counts: Mapping[Key, float], name: str) -> dict[Key, float]:
    return {key[1:]: value for key, value in counts.items() if key[0] == name}


def _durations(counts: Mapping[Key, float]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(
        "koppelwerk_answer_seconds", "How long an answer took.", labels=["kind"]
    )
    for kind in KINDS:
        buckets = [(str(end), counts["within", kind, str(end)]) for end in BUCKETS]
        buckets.append(("+Inf", counts["count", kind]))
        family.add_metric([kind], buckets, counts["seconds", kind])
    return family
