"""For machines: /health, /ready and /metrics."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask_migrate import stamp
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from core.domain.clock import utcnow
from core.main.stack import Stack
from core.models import Mail, TransferState
from core.runtime import jobs
from core.runtime.settings import Settings
from core.runtime.worker import work
from core.services.operations import metrics
from tests.full_disk import no_room
from tests.web import samples
from tests.web.conftest import Site


def _set(site: Site, **values: str) -> None:
    parts = site.app.extensions["koppelwerk"]
    site.app.extensions["koppelwerk"] = replace(
        parts, settings=replace(parts.settings, **values)
    )


@pytest.fixture
def with_redis(site: Site, sandboxes: Stack) -> Site:
    _set(site, redis_url=sandboxes.settings.redis)
    return site


def test_health_needs_nothing(site: Site) -> None:
    with site.queries() as sent:
        answer = site.client().get("/health")
    assert (answer.status_code, answer.text, sent) == (200, "ok", [])


def test_ready_names_what_is_missing(site: Site) -> None:
    answer = site.client().get("/ready")
    assert answer.status_code == 503
    assert answer.json == {
        "database": True, "disk": True, "migrated": False, "redis": False,
        "trouble": "",
    }  # fmt: skip


def test_ready_when_all_is_there(with_redis: Site) -> None:
    with with_redis.app.app_context():
        stamp(revision="heads")
    answer = with_redis.client().get("/ready")
    assert answer.json == {
        "database": True, "disk": True, "migrated": True, "redis": True, "trouble": ""
    }  # fmt: skip
    assert answer.status_code == 200


def test_ready_without_a_database(settings: Settings) -> None:
    from core.main.app import create_app

    nowhere = replace(
        settings, database_url="postgresql+psycopg://u:geheim@127.0.0.1:9/x"
    )
    answer = create_app(nowhere).test_client().get("/ready")
    assert answer.status_code == 503
    assert answer.json == {
        "database": False, "disk": True, "migrated": False, "redis": False,
        "trouble": "away",
    }  # fmt: skip
    assert "geheim" not in answer.text


def _numbers(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_tell_the_numbers_of_all_tenants(with_redis: Site) -> None:
    first, second = with_redis.sample(), with_redis.sample("Ander", 2)
    with with_redis.data():
        samples.transfer(first, "1", TransferState.QUEUED)
        samples.transfer(second, "2", TransferState.FAILED, "order_empty")
    Redis.from_url(with_redis.app.extensions["koppelwerk"].settings.redis).flushall()
    answer = with_redis.client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    found = _numbers(answer.text)
    assert found["koppelwerk_tenants",] == 2
    assert found["koppelwerk_transfers", "eaccounting", "queued"] == 1
    assert found["koppelwerk_transfers", "eaccounting", "failed"] == 1
    assert found["koppelwerk_connections", "kmoshops", "connected"] == 2
    assert found["koppelwerk_transfer_oldest_due_seconds",] >= 0
    assert found["koppelwerk_redis_up",] == 1
    assert found["koppelwerk_queue_length", "urgent"] == 0
    assert found["koppelwerk_workers", "default"] == 0
    assert found["koppelwerk_jobs_failed", "bulk"] == 0
    assert found["koppelwerk_failed", "order_empty"] == 1
    assert found["koppelwerk_database_bytes",] > 10_000
    disks = [key for key in found if key[0] == "koppelwerk_disk_free_bytes"]
    assert disks
    assert all(found[key] > 0 for key in disks)


def test_what_a_horse_cannot_store_is_told_by_its_worker_once_redis_takes_it(
    with_redis: Site, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the server's disk is another process's")
    name = "koppelwerk_worker_storage_trouble_total", "full"
    Redis.from_url(with_redis.app.extensions["koppelwerk"].settings.redis).flushall()
    with with_redis.app.app_context(), no_room():
        jobs.wake("clock", "dispatch")
        work(with_redis.app, "clock", burst=True)
    found = _numbers(with_redis.client().get("/metrics").text)
    assert found[name] > 0


def test_metrics_tell_how_long_the_bulk_queue_s_work_waits(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        late = utcnow() - timedelta(minutes=10)
        mail = Mail(
            tenant_id=sample.tenant.id, recipient="a@example.com", kind="x",
            due_at=late,
        )  # fmt: skip
        session.add(mail)
    found = _numbers(site.client().get("/metrics").text)
    name = "koppelwerk_bulk_oldest_due_seconds"
    assert 600 <= found[name, "mail"] < 700
    assert {key[1] for key in found if key[0] == name} == {
        "mail", "webhooks", "imports", "invoices", "relations"
    }  # fmt: skip
    assert found[name, "imports"] == 0


def test_a_web_server_counts_its_answers(site: Site) -> None:
    client = site.client()
    client.get("/login")
    client.post("/login", data={"email": "x@example.com", "password": "fout"})
    client.post("/webhooks/kmoshops", data=b"nonsense")
    client.get("/nergens")
    found = _numbers(client.get("/metrics").text)
    answers = "koppelwerk_answers_total"
    assert found[answers, "page", "2xx"] == 1
    assert found[answers, "page", "4xx"] == 2
    assert found[answers, "webhook", "4xx"] == 1
    assert found["koppelwerk_logins_failed_total",] == 1
    assert found["koppelwerk_answer_seconds_count", "page"] == 3
    assert found["koppelwerk_answer_seconds_bucket", "page", "+Inf"] == 3
    assert found["koppelwerk_answer_seconds_sum", "page"] > 0


def test_metrics_go_on_without_redis(site: Site) -> None:
    found = _numbers(site.client().get("/metrics").text)
    assert found["koppelwerk_redis_up",] == 0
    assert ("koppelwerk_queue_length", "urgent") not in found


def test_the_number_of_statements_does_not_grow(site: Site) -> None:
    def count() -> int:
        with site.queries() as sent:
            site.client().get("/metrics")
        return len(sent)

    few = count()
    for number in range(1, 4):
        sample = site.sample(f"Klant {number}", number)
        with site.data():
            for order in range(5):
                samples.transfer(sample, f"{number}-{order}", TransferState.QUEUED)
    assert count() == few <= 13


def test_metrics_ask_for_the_token(site: Site) -> None:
    _set(site, metrics_token="een-lang-geheim")
    client = site.client()
    answers = {
        given: client.get("/metrics", headers={"Authorization": given}).status_code
        for given in ("", "Bearer fout", "Bearer een-lang-geheim", "een-lang-geheim")
    }
    assert answers == {
        "": 401, "Bearer fout": 401, "Bearer een-lang-geheim": 200,
        "een-lang-geheim": 401,
    }  # fmt: skip


def test_without_a_token_only_this_machine_itself_may_read(site: Site) -> None:
    client = site.client()
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides=far).status_code == 401
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        headers = {name: "127.0.0.1"}
        assert client.get("/metrics", headers=headers).status_code == 401, name
        both = client.get("/metrics", headers=headers, environ_overrides=far)
        assert both.status_code == 401


def test_a_paused_connection_makes_nothing_late(site: Site) -> None:
    sample = site.sample()
    with site.data() as session:
        samples.transfer(sample, "1", TransferState.QUEUED)
        session.flush()
        assert metrics.rows().oldest_due is not None
        session.merge(sample.package).state = "paused"
        session.flush()
        assert metrics.rows().oldest_due is None
