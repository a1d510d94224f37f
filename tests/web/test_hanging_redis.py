"""A Redis that hangs: nobody waits for it, webhooks and pages least of all."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import jsontext
from core.domain.clock import utcnow
from core.kit.runner import Part, Supervisor
from core.main import parts
from core.models import InboxEvent
from core.net import quick_redis
from core.net.ratelimit import Limiter
from core.runtime import jobs
from core.runtime.settings import Settings
from plugins.kmoshops import views
from plugins.kmoshops.checks import signature
from tests.web.conftest import Site, _site

ALL_TOGETHER = 10
"""Seconds: a slow machine gets there, whoever waits for Redis each time does not."""


@pytest.fixture
def redis(settings: Settings, tmp_path: Path) -> Iterator[Part]:
    """A Redis-compatible server, stopped in the middle of whatever it did."""
    settings.var.mkdir(parents=True, exist_ok=True)
    part = parts.redis_part(settings)
    assert part is not None
    supervisor = Supervisor([], tmp_path / "logs")
    try:
        supervisor.start(part)
        supervisor.wait_until(lambda: parts.redis_answers(settings.redis), part)
        yield part
    finally:
        part.signal(signal.SIGCONT)
        supervisor.stop()


@pytest.fixture
def site(settings: Settings, redis: Part) -> Iterator[Site]:
    """The site on that server."""
    yield from _site(replace(settings, redis_url=settings.redis), csrf=False)


def _send(site: Site, number: int) -> int:
    created, event_id = int(utcnow().timestamp()), f"event-{number}"
    body = {
        "eventId": event_id,
        "eventCreated": created,
        "storeId": "kmoshops-1",
        "entityId": number,
        "eventType": "order.created",
    }
    signed = signature("sandbox-secret", created, event_id)
    answer = site.app.test_client().post(
        "/webhooks/kmoshops",
        data=jsontext.dumps(body),
        headers={views.SIGNATURE: signed},
        content_type="application/json",
    )
    return answer.status_code


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_nobody_waits_for_a_redis_that_hangs(site: Site, redis: Part) -> None:
    sample = site.sample()
    client = site.client(sample.owner)
    redis.signal(signal.SIGSTOP)

    def work() -> None:
        assert [_send(site, number) for number in range(30)] == [200] * 30
        assert client.get("/").status_code == 200
        assert client.post("/wachtwoord/vergeten", data={"email": sample.owner}).text
        assert client.get("/health").text == "ok"
        assert client.get("/ready").json["redis"] is False
        assert "koppelwerk_redis_up 0.0" in client.get("/metrics").text

    assert _seconds(work) < ALL_TOGETHER
    with site.data() as data:
        assert data.query(InboxEvent).count() == 30


def test_one_waits_half_a_second_and_the_others_not_at_all(
    site: Site, redis: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_redis, "REST", 600.0)
    redis.signal(signal.SIGSTOP)
    with site.app.app_context():
        assert _seconds(lambda: jobs.wake("urgent", "inbox", 1)) >= quick_redis.PATIENCE
        many = _seconds(lambda: [jobs.wake("urgent", "inbox", n) for n in range(200)])
    assert many < 200 * quick_redis.PATIENCE / 10


def test_it_is_used_again_when_it_answers_again(
    site: Site, redis: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_redis, "REST", 0.1)
    with site.app.app_context():
        redis.signal(signal.SIGSTOP)
        assert not jobs.wake("urgent", "inbox", 1)
        redis.signal(signal.SIGCONT)
        until = time.monotonic() + 60
        while not jobs.wake("urgent", "inbox", 2):
            assert time.monotonic() < until
        with jobs.quick_redis() as client:
            assert jobs.queue("urgent", client).count >= 1


def test_a_connection_that_broke_is_replaced_at_once(site: Site) -> None:
    with site.app.app_context():
        assert jobs.wake("urgent", "inbox", 1)
        with jobs.quick_redis() as client:
            client.client_kill_filter(skipme=False)
        assert jobs.wake("urgent", "inbox", 2)


def test_calls_go_out_unlimited_and_at_once(settings: Settings, redis: Part) -> None:
    limiter = Limiter(settings.redis, "1/minute", "test")
    redis.signal(signal.SIGSTOP)
    assert _seconds(lambda: [limiter.acquire("GET x") for _ in range(200)]) < 10


def test_workers_wait_for_their_work_for_long(site: Site) -> None:
    with site.app.app_context():
        options = jobs.redis_client().connection_pool.connection_kwargs
        assert options["socket_timeout"] == 30


@contextmanager
def _slowly(address: str, folder: Path, seconds: float) -> Iterator[str]:
    """Pass everything on to a server, each answer late."""
    inside, path = address.removeprefix("unix://"), folder / "slow.sock"

    def passed(browser: socket.socket) -> None:
        with browser, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(inside)
            while asked := browser.recv(65536):
                server.sendall(asked)
                time.sleep(seconds)
                browser.sendall(server.recv(65536))

    def serve(open_: socket.socket) -> None:
        with suppress(OSError):
            while True:
                browser, _ = open_.accept()
                threading.Thread(target=passed, args=(browser,), daemon=True).start()

    with socket.socket(socket.AF_UNIX) as open_:
        open_.bind(str(path))
        open_.listen()
        threading.Thread(target=serve, args=(open_,), daemon=True).start()
        yield f"unix://{path}"


def _slow_shop(settings: Settings, tmp_path: Path, number: int) -> float:
    """Return how long so many messages take while each answer comes just in time."""
    with _slowly(settings.redis, tmp_path, 0.8 * quick_redis.PATIENCE) as slow:
        for site in _site(replace(settings, redis_url=slow), csrf=False):
            site.sample()
            began = time.monotonic()
            assert [_send(site, each) for each in range(number)] == [200] * number
            return time.monotonic() - began
    raise AssertionError


@pytest.mark.usefixtures("redis")
def test_one_that_answers_just_in_time_is_left_alone_too(
    settings: Settings, tmp_path: Path
) -> None:
    """One message finds it slow; with nobody who notices each costs over a second."""
    assert _slow_shop(settings, tmp_path, 8) < ALL_TOGETHER


@pytest.mark.usefixtures("redis")
def test_without_that_look_each_message_waits(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_redis, "LONGEST", 1000.0)
    assert _slow_shop(settings, tmp_path, 3) > 2.4
