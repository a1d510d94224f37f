"""The figures of `flask bench orders`; the bench itself is `make bench`'s."""

import pytest

from core.main.commands.bench.orders import (
    Exchange,
    cpu_figures,
    latency_figures,
    process_of,
)
from core.runtime.jobs import QUEUES


def test_parts_are_told_apart_by_what_they_are() -> None:
    kinds = {process_of(f"worker-{queue}") for queue in QUEUES if queue != "clock"}
    assert kinds == {"worker"}
    assert process_of("worker-clock") == process_of("clock") == "clock"
    assert process_of("web") == "web"
    assert {process_of(name) for name in ("redis", "outside")} == {""}


def test_cpu_is_told_by_process_and_against_the_bare_loop() -> None:
    used = {"web": 1.5, "worker": 3.7, "clock": 0.4}
    exchange = Exchange(client=0.28, sandbox=0.42)
    assert cpu_figures(used, exchange, count=100) == {
        "cpu_ms_per_order_web": 15.0,
        "cpu_ms_per_order_worker": 37.0,
        "cpu_ms_per_order_clock": 4.0,
        "cpu_ms_per_order": 56.0,
        "bare_client_cpu_ms": 2.8,
        "bare_exchange_cpu_ms": 7.0,
        "cpu_ratio_to_bare_client": 20.0,
        "cpu_ratio_to_bare_exchange": 8.0,
    }


def test_latencies_are_told_by_their_quantiles() -> None:
    figures = latency_figures([each / 100 for each in range(1, 101)])
    assert figures["at_rest_p50_seconds"] == pytest.approx(0.505)
    assert figures["at_rest_p95_seconds"] == pytest.approx(0.951, abs=0.001)
    assert latency_figures([1.0]) == {}
