"""Wake-ups: one of a kind waits, however long; one that got lost is sent again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rq.serializers import JSONSerializer

from core.domain.events import OrderReady
from core.kit.runner import Supervisor
from core.main import parts
from core.main.app import create_app
from core.main.tasks import TASKS
from core.models import Connection, ConnectionState, Tenant
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.transfer import transfers
from plugins.kmoshops import views
from tests.database import empty_database


@pytest.fixture
def redis(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """The product on a Redis of its own."""
    settings.var.mkdir(parents=True, exist_ok=True)
    part = parts.redis_part(settings)
    assert part is not None
    supervisor = Supervisor([], tmp_path / "logs")
    try:
        supervisor.start(part)
        supervisor.wait_until(lambda: parts.redis_answers(settings.redis), part)
        with create_app(replace(settings, redis_url=settings.redis)).app_context():
            yield
    finally:
        supervisor.stop()


def waiting() -> list[tuple[str, int]]:
    own = jobs.queue("default", jobs.redis_client())
    return [(job.args[1], job.args[2]) for job in own.jobs]


def time_passes(seconds: int) -> None:
    client = jobs.redis_client()
    for key in client.scan_iter("koppelwerk:wake:*"):
        client.expire(key, client.ttl(key) - seconds)


@pytest.mark.usefixtures("redis")
def test_one_of_a_kind_waits_however_long() -> None:
    for _ in range(2):
        assert jobs.wake("default", "inbox", 1)
        assert jobs.wake("default", "inbox", 2)
        time_passes(1800)
    assert waiting() == [("inbox", 1), ("inbox", 2)]


@pytest.mark.usefixtures("redis")
def test_one_that_died_with_its_worker_keeps_no_other_away() -> None:
    assert jobs.wake("default", "drain")
    client = jobs.redis_client()
    client.delete(jobs.queue("default", client).key)
    assert waiting() == []
    assert jobs.wake("default", "drain")
    assert waiting() == [("drain", 0)]


@pytest.mark.usefixtures("redis")
def test_one_that_came_while_another_was_taken_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[int] = []
    monkeypatch.setitem(TASKS, "inbox", ran.append)  # type: ignore[arg-type]
    assert jobs.wake("default", "inbox", 1)
    own = jobs.queue("default", jobs.redis_client())
    (taken,) = own.jobs
    jobs.redis_client().delete(own.key)  # a worker has it, and has not begun
    assert jobs.wake("default", "inbox", 1)
    taken.perform()
    assert ran == [1]
    assert jobs.wake("default", "inbox", 1)
    assert waiting() == [("inbox", 1)]
    own.jobs[0].perform()
    jobs.redis_client().delete(own.key)
    assert not list(jobs.redis_client().scan_iter("koppelwerk:wake:*"))


@pytest.mark.usefixtures("redis")
def test_in_a_burst_no_shop_s_reading_stands_before_a_booking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shops = 50
    monkeypatch.setitem(TASKS, "inbox", _reads_one)  # type: ignore[arg-type]
    with system_scope():
        _webhooks_of(shops)
    client = jobs.redis_client()
    queues = {name: jobs.queue(name, client) for name in jobs.QUEUES}
    (readings,) = [own for own in queues.values() if len(own) == shops]
    first = readings.dequeue_any([readings], None, client, serializer=JSONSerializer)
    assert first is not None
    first[0].perform()
    (ahead,) = (
        place
        for own in queues.values()
        for place, job in enumerate(own.jobs)
        if job.args[1] == "drain"
    )
    assert ahead == 0
    assert len(readings) == shops - 1  # nor does booking keep them waiting


def _webhooks_of(shops: int) -> None:
    """Keep a message of each of so many shops, as the webhook's address does."""
    empty_database()
    with transaction() as current:
        tenant = Tenant(name="Winkels")
        current.add(tenant)
        current.flush()
        current.add_all(
            Connection(
                tenant_id=tenant.id,
                plugin="kmoshops",
                external_id=str(shop),
                state=ConnectionState.CONNECTED,
            )
            for shop in range(shops)
        )
    for shop in range(shops):
        views._keep({"storeId": shop, "eventType": "order.created", "eventId": "e"})


def _reads_one(connection_id: int) -> None:
    """Read an order that may be booked."""
    shop = session().get_one(Connection, connection_id)
    event = OrderReady(shop.tenant_id, 1, connection_id, frozenset(["eaccounting"]))
    transfers.queue_ready(event, "eaccounting")
    session().commit()


STAYS: dict[str, Callable[[], object]] = {
    "alone": lambda: None,
    "the same waits": lambda: jobs.wake("default", "look", 1),
    "another's waits": lambda: jobs.wake("default", "look", 2),
    "another task waits": lambda: jobs.wake("default", "drain"),
}


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize("case", STAYS)
def test_a_task_stays_for_more_while_nobody_else_waits(
    monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    found: list[int] = []
    looks = iter([0, 1, 0, 2, *[0] * 100])

    def look_on(argument: int) -> None:
        STAYS[case]()
        found.extend(jobs.until_quiet(lambda: next(looks), "default", "look", argument))

    monkeypatch.setitem(TASKS, "look", look_on)
    monkeypatch.setattr(jobs, "LOOK_SECONDS", 0.01)
    assert jobs.wake("default", "look", 1)
    own = jobs.queue("default", jobs.redis_client())
    (taken,) = own.jobs
    jobs.redis_client().delete(own.key)
    taken.perform()
    assert found == ([1, 2] if case in ("alone", "the same waits") else [])


@pytest.mark.usefixtures("redis")
def test_who_is_no_worker_waits_for_nothing() -> None:
    looks = iter([1, 0, 2])
    assert list(jobs.until_quiet(lambda: next(looks), "default", "look")) == [1]
