"""Keys of Redis and files: each is known, and whose it is."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from rq import SimpleWorker

from core.kit.runner import Supervisor
from core.main import parts
from core.main.app import create_app
from core.net.ratelimit import Limiter
from core.runtime import jobs
from core.runtime.counters import counters
from core.runtime.extensions import db
from core.runtime.extensions import settings as running
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.runtime.worker import work
from core.runtime.worker_trouble import Telling
from core.services.api.api_tokens import Holder
from core.web.api import gate
from plugins.eaccounting import connector
from tests import places
from tests.database import empty_database
from tests.meta.project import ROOT


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The product with limits, on a Redis of its own."""
    settings.var.mkdir(parents=True, exist_ok=True)
    part = parts.redis_part(settings)
    assert part is not None
    supervisor = Supervisor([], tmp_path / "logs")
    limited = {**settings.environ, "EACCOUNTING_CALLS_PER_MINUTE": "9"}
    settings = replace(
        settings, redis_url=settings.redis, api_calls_per_minute=9, environ=limited
    )
    try:
        supervisor.start(part)
        supervisor.wait_until(lambda: parts.redis_answers(settings.redis), part)
        app = create_app(settings)
        with app.app_context(), system_scope():
            empty_database()
            yield app
            db.engine.dispose()
    finally:
        supervisor.stop()


def test_each_key_of_redis_is_known(app: Flask) -> None:
    client, address = jobs.redis_client(), running().redis
    telling = Telling(app)
    counters().add("trouble", "full")
    telling.tell(client)
    gate._count(Holder(5, 7, "", "NL", "", frozenset(), None))
    Limiter(running().redis, connector.call_limit(), "eaccounting").acquire(
        "GET customers/{id}"
    )
    for queue in jobs.QUEUES:
        jobs.wake(queue, "drain")
        jobs.wake(queue, "inbox", 12)
    bulk = jobs.queue("bulk", client)
    died_with = bulk.intermediate_queue.key
    job_id = client.lmove(bulk.key, died_with)
    bulk.intermediate_queue.cleanup(SimpleWorker([bulk], connection=client), bulk)
    assert client.lrange(died_with, 0, -1) == [job_id]
    found = set(places.keys(address))
    work(app, "urgent", burst=True)
    found |= set(places.keys(address))
    assert places.unknown(found, places.KEYS) == []
    client.set("orders", "1")
    assert places.unknown(places.keys(address), places.KEYS) == ["orders"]
    seen = {p for p in places.KEYS if any(re.fullmatch(p, name) for name in found)}
    assert seen == set(places.KEYS)


def test_a_file_that_is_not_known_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").touch()
    (tmp_path / "invoice-12.pdf").touch()
    assert places.unknown(places.files(tmp_path), places.FILES) == ["invoice-12.pdf"]


def test_nothing_is_locked_but_rows() -> None:
    """An advisory lock of PostgreSQL, or a locked file, has a name to be looked at."""
    named = re.compile(r"advisory|\bfcntl\b|\bflock\b|\blockf\b|redis\.lock|\.lock\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("core", "plugins")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if named.search(line)
    ]
    assert found == []
