"""The shared call budget: in any minute no more than the vendor allows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import structlog
import time_machine

from core.domain.errors import WaitUntil
from core.net.ratelimit import Limiter, calls_per, seconds_a_call

START = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """Another test's application may have set the log level."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


def spend(limiter: Limiter, endpoint: str = "GET /orders") -> float | None:
    """Return None when the call may go, else how long to wait."""
    try:
        limiter.acquire(endpoint)
    except WaitUntil as error:
        return error.seconds
    return None


def test_a_refusal_is_of_this_endpoint_only():
    limiter = Limiter("memory://", "1/minute", "visma")
    limiter.acquire("GET /orders")
    with pytest.raises(WaitUntil) as caught:
        limiter.acquire("GET /orders")
    assert caught.value.code == "rate_limited"
    assert caught.value.params == {"service": "visma"}
    assert not caught.value.whole_connection


def test_a_connections_own_budget_is_named_after_its_service():
    first, second = (Limiter("memory://", "1/minute", f"acme:{n}") for n in (1, 2))
    assert spend(first) is None
    assert spend(second) is None
    with pytest.raises(WaitUntil) as caught:
        first.acquire("GET /orders")
    assert caught.value.params == {"service": "acme"}


def test_the_budget_is_per_endpoint():
    limiter = Limiter("memory://", "3/minute", "visma")
    with time_machine.travel(START, tick=False):
        assert [spend(limiter) for _ in range(3)] == [None] * 3
        assert spend(limiter) == pytest.approx(60, abs=0.1)
        assert spend(limiter, "POST /orders") is None


def test_clients_do_not_share_by_accident():
    first, second = (
        Limiter("memory://", "1/minute", "visma"),
        Limiter("memory://", "1/minute", "exact"),
    )
    assert spend(first) is None
    assert spend(second) is None
    assert spend(first) is not None


def test_a_refused_call_costs_nothing_and_time_frees():
    limiter = Limiter("memory://", "2/minute", "visma")
    with time_machine.travel(START, tick=False) as clock:
        assert spend(limiter) is None
        clock.shift(20)
        assert spend(limiter) is None
        clock.shift(20)
        for _ in range(5):
            assert spend(limiter) == pytest.approx(20, abs=0.1)
        clock.shift(20.5)
        assert spend(limiter) is None
        assert spend(limiter) == pytest.approx(19.5, abs=0.1)


def test_no_minute_holds_more_than_the_budget():
    """Also not around the edge of the clock's minute, where a fixed window fails."""
    limiter, sent = Limiter("memory://", "10/minute", "visma"), []
    with time_machine.travel(START, tick=False) as clock:
        for second in range(0, 180, 1):
            clock.move_to(START + timedelta(seconds=second))
            sent += [second for _ in range(3) if spend(limiter) is None]
    fullest = max(sum(at <= one < at + 60 for one in sent) for at in range(180))
    assert fullest == 10
    assert len(sent) == 30


def test_a_window_of_five_minutes():
    limiter = Limiter("memory://", "150/5 minutes", "moneybird")
    with time_machine.travel(START, tick=False) as clock:
        assert [spend(limiter) for _ in range(150)] == [None] * 150
        clock.shift(100)
        assert spend(limiter) == pytest.approx(200, abs=0.1)
        clock.shift(200.5)
        assert spend(limiter) is None


def test_of_several_limits_the_fullest_holds_and_a_refused_call_costs_neither():
    limiter = Limiter("memory://", "2/minute; 3/hour", "moneybird")
    with time_machine.travel(START, tick=False) as clock:
        assert [spend(limiter) for _ in range(2)] == [None] * 2
        for _ in range(5):
            assert spend(limiter) == pytest.approx(60, abs=0.1)
        clock.shift(60.5)
        assert spend(limiter) is None
        for _ in range(5):
            assert spend(limiter) == pytest.approx(3539.5, abs=0.1)
        clock.shift(3540)
        assert [spend(limiter) for _ in range(2)] == [None] * 2


@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        ("", 0),
        (calls_per("minute", 600), Decimal("0.1")),
        ("150/5 minutes", 2),
        ("150 per 5 minutes; 5000/month", Decimal("518.4")),
    ],
)
def test_the_pace_that_a_limit_allows(limit, seconds):
    assert seconds_a_call(limit) == seconds


@pytest.mark.parametrize("limit", ["often", "5/fortnight", "minute"])
def test_a_limit_that_cannot_be_read_is_said_at_once(limit):
    with pytest.raises(ValueError, match=r"rate limit|granularity"):
        Limiter("memory://", limit, "visma")


def test_zero_means_no_limit_and_no_storage():
    limiter = Limiter("nonsense://nowhere", calls_per("minute", 0), "visma")
    assert [spend(limiter) for _ in range(1000)] == [None] * 1000


@pytest.mark.parametrize(
    "uri", ["unix:///nonexistent/redis.sock", "redis://127.0.0.1:1/0"]
)
def test_without_redis_calls_go_out_and_one_line_is_logged(uri):
    limiter = Limiter(uri, "1/minute", "visma")
    with structlog.testing.capture_logs() as lines:
        assert [spend(limiter) for _ in range(5)] == [None] * 5
    assert [line["log_level"] for line in lines] == ["warning"]
    assert lines[0]["service"] == "visma"


def test_a_second_outage_is_logged_again(monkeypatch):
    """Down, up, down: two lines."""
    limiter = Limiter("memory://", "100/minute", "visma")
    down = Limiter("redis://127.0.0.1:1/0", "100/minute", "visma")
    with structlog.testing.capture_logs() as lines:
        for storage in (down, down, limiter, down):
            limiter_now = storage._opened()
            monkeypatch.setattr(limiter, "_opened", lambda now=limiter_now: now)
            assert spend(limiter) is None
            monkeypatch.undo()
    assert len(lines) == 2
