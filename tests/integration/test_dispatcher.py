"""The dispatcher: no part stops another, and no shop waits after a standstill."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.domain.clock import utcnow
from core.main import tasks
from core.models import Connection, ConnectionState, Mark, Tenant
from core.plugin.capabilities import DueWork
from core.plugin.engine import rounds, wake_due
from core.plugin.engine.rounds import Part
from core.runtime import jobs
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.linking import outage
from core.services.operations import cleaning

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def scope(app: Flask) -> Iterator[Flask]:
    with system_scope():
        yield app


def _raises(*_: Any) -> list[int]:
    raise RuntimeError("broken")


class Logger:
    """Keeps which parts it was told of."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def exception(self, _text: str, *, part: str, **_about: Any) -> None:
        self.parts.append(part)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that were logged as failed."""
    logger = Logger()
    monkeypatch.setattr(rounds, "logger", logger)
    return logger.parts


def _run_with_broken(parts: tuple[Part, ...], broken: str) -> list[str]:
    """Run parts of which one raises; return which ran."""
    ran: list[str] = []

    def watched(part: Part) -> Part:
        def run(now: datetime) -> None:
            ran.append(part.name)
            (_raises if part.name == broken else part.run)(now)

        return replace(part, run=run)

    rounds.run_parts([watched(part) for part in parts], utcnow())
    return ran


@pytest.mark.parametrize("number", range(len(tasks.PARTS)))
def test_one_failing_part_stops_no_other(
    scope: Flask, monkeypatch: pytest.MonkeyPatch, logged: list[str], number: int
) -> None:
    monkeypatch.setattr(jobs, "wake", lambda *_: True)
    names = [part.name for part in tasks.PARTS]
    assert len(set(names)) == len(names)
    assert _run_with_broken(tasks.PARTS, names[number]) == names
    assert logged == [names[number]]


def test_without_the_fence_the_rest_is_not_reached(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "alone", lambda _name: session().no_autoflush)
    with pytest.raises(RuntimeError):
        _run_with_broken(tasks.PARTS, tasks.PARTS[0].name)


def test_the_dispatcher_runs_all_parts(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    parts = [
        Part(part.name, lambda _, name=part.name: ran.append(name))
        for part in tasks.PARTS
    ]
    monkeypatch.setattr(tasks, "PARTS", parts)
    jobs.run_task("dispatch", 0)
    assert ran == [part.name for part in parts]
    assert {part.name for part in cleaning.PARTS} <= set(ran)


def test_every_kind_of_work_is_looked_at_whichever_fails(
    scope: Flask, logged: list[str]
) -> None:
    kinds = list(tasks.kinds())
    looked: list[str] = []

    def watched(kind: DueWork, broken: DueWork) -> DueWork:
        def due(_now: datetime) -> list[int]:
            looked.append(kind.task)
            return _raises() if kind is broken else []

        return DueWork(kind.task, kind.queue, due)

    for broken in kinds:
        looked.clear()
        wake_due([watched(kind, broken) for kind in kinds], utcnow())
        assert looked == [kind.task for kind in kinds]
    assert logged == [f"waking {kind.task}" for kind in kinds]


# --- after a standstill ---------------------------------------------------------------


def _shops(*owners: int) -> list[int]:
    """Connect a shop for each tenant named, all due in an hour."""
    tenants: dict[int, Tenant] = {}
    made = []
    for place, owner in enumerate(owners):
        if owner not in tenants:
            tenants[owner] = Tenant(name=f"Winkel {owner}")
            session().add(tenants[owner])
            session().flush()
        row = Connection(
            tenant_id=tenants[owner].id,
            plugin="kmoshops",
            state=ConnectionState.CONNECTED,
            external_id=f"shop {owner}.{place}",
            next_run_at=NOW + timedelta(hours=1),
        )
        session().add(row)
        session().flush()
        made.append(row.id)
    session().commit()
    return made


def _due(connection_id: int) -> timedelta:
    session().expire_all()
    moment = session().get_one(Connection, connection_id).next_run_at
    session().rollback()
    assert moment is not None
    return moment - NOW


def _last_seen(ago: timedelta) -> None:
    session().add(Mark(name=outage.MARK, read_at=NOW - ago))
    session().commit()


@pytest.mark.parametrize(
    ("away", "is_asked"),
    [
        (timedelta(seconds=20), False),
        (timedelta(minutes=2), False),
        (timedelta(minutes=6), True),
        (timedelta(days=30), True),
    ],
)
def test_after_a_standstill_a_shop_is_asked_at_once(
    scope: Flask, away: timedelta, is_asked: bool
) -> None:
    (shop,) = _shops(1)
    _last_seen(away)
    outage.notice(NOW)
    assert (_due(shop) == timedelta(0)) is is_asked


def test_it_is_noticed_once(scope: Flask) -> None:
    (shop,) = _shops(1)
    _last_seen(timedelta(hours=1))
    outage.notice(NOW)
    session().get_one(Connection, shop).next_run_at = NOW + timedelta(hours=1)
    session().commit()
    outage.notice(NOW + timedelta(seconds=10))
    outage.notice(NOW + timedelta(seconds=70))
    assert _due(shop) == timedelta(hours=1)


def test_each_tenant_first_shop_goes_before_anybodys_second(scope: Flask) -> None:
    large = _shops(1, 1, 1, 1)
    small = _shops(2)
    _last_seen(timedelta(hours=1))
    outage.notice(NOW)
    first, *rest = map(_due, large)
    assert max(first, _due(small[0])) < min(rest)
    assert max(rest) < outage.SPREAD


def test_a_run_that_comes_sooner_stays(scope: Flask) -> None:
    soon, _ = _shops(1, 1)
    session().get_one(Connection, soon).next_run_at = NOW - timedelta(minutes=1)
    session().commit()
    outage.ask_all(NOW)
    assert _due(soon) == timedelta(minutes=-1)


def test_ended_shops_and_packages_are_left_alone(scope: Flask) -> None:
    shop, package, away = _shops(1, 1, 2)
    session().get_one(Connection, package).plugin = "eaccounting"
    session().get_one(Connection, shop).state = ConnectionState.ENDED
    tenant_id = session().get_one(Connection, away).tenant_id
    session().get_one(Tenant, tenant_id).active = False
    session().commit()
    assert outage.ask_all(NOW) == 0


def test_the_dispatcher_notices_and_wakes_the_poll(
    scope: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "wake", lambda *args: woken.append(args))
    (shop,) = _shops(1)
    tenant_id = session().get_one(Connection, shop).tenant_id
    session().get_one(Connection, shop).next_run_at = utcnow() + timedelta(hours=1)
    connections.switch_plugin(tenant_id, "kmoshops", enabled=True)
    session().add(Mark(name=outage.MARK, read_at=utcnow() - timedelta(hours=2)))
    session().commit()
    tasks._dispatch(0)
    assert ("reading", "poll", shop) in woken


def test_a_late_message_has_its_shop_asked(scope: Flask) -> None:
    shop, asked = _shops(1, 1)
    session().get_one(Connection, asked).last_run_at = utcnow()
    later = utcnow() + timedelta(hours=1)
    for row in session().scalars(select(Connection)):
        row.next_run_at = later
        outage.ask_soon(row)
    session().commit()
    session().expire_all()
    assert session().get_one(Connection, shop).next_run_at < later
    assert session().get_one(Connection, asked).next_run_at == later
