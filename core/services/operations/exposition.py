"""The numbers in the words of Prometheus, for /metrics.

How long requests take is not among them: each web process would tell its own part.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Metric,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.runtime.jobs import QUEUES
from core.services.operations.metrics import Rows, Wakes, is_alive, rows, wakes

CONTENT_TYPE = CONTENT_TYPE_LATEST


def text() -> bytes:
    """Return everything as Prometheus text; needs `system_scope`."""
    registry = CollectorRegistry()
    registry.register(Numbers(rows(), wakes()))
    return generate_latest(registry)


class Numbers(Collector):
    """Puts what was read into Prometheus's words."""

    def __init__(self, found: Rows, redis: Wakes) -> None:
        self.found = found
        self.redis = redis

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
        yield from self._of_redis()

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


def _one(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


def _gauge(
    name: str, meaning: str, values: Mapping[Any, float], *labels: str
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"koppelwerk_{name}", meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
