"""Taking over from a worker or a host that is gone: soon, once, and in nobody's way.

The three orderings in which a durable-execution engine was broken are here: recovery
while the database restarts, a recovery that is late, and a recovered job in the only
place of a queue.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from core.domain.clock import utcnow
from core.domain.errors import OutcomeUnknown
from core.main.app import create_app
from core.models import Connection, Step, Transfer, TransferState
from core.net.http import probe
from core.runtime.database import session
from core.runtime.extensions import connect_args, db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.transfer import drain, leases
from core.services.transfer.heartbeat import beating
from tests import postgres
from tests.database import empty_database
from tests.integration.world import World, before, made_up

GONE = timedelta(seconds=30)
"""After so long what a host held that is gone is another's."""


@pytest.fixture(autouse=True)
def quiet_probe() -> Iterator[None]:
    yield
    probe.listener = None


def time_passes(seconds: int = 600) -> None:
    """Let leases run out and look-ups come due."""
    past = utcnow() - timedelta(seconds=seconds)
    session().execute(update(Connection).values(drain_until=None, not_before=None))
    open_ = Transfer.state.in_((TransferState.SENDING, TransferState.QUEUED))
    session().execute(
        update(Transfer).where(open_).values(lease_until=past, due_at=past)
    )
    session().execute(update(Step).values(sent_at=past))
    session().commit()


@pytest.mark.parametrize("in_time", [True, False])
def test_what_a_host_held_that_is_gone_is_anothers_within_half_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch, in_time: bool
) -> None:
    if not in_time:
        still = replace(leases.CONNECTIONS, beats=False)
        monkeypatch.setattr(leases, "CONNECTIONS", still)
    world.read(world.order(1))
    assert leases.take_batch() is not None  # and its host is gone
    drain.drain()
    assert world.package.documents == []
    with time_machine.travel(datetime.now(UTC) + GONE, tick=True):
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")] * in_time


@pytest.mark.parametrize("gives_signs", [True, False])
def test_a_slow_call_of_a_host_that_lives_loses_nothing(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch, gives_signs: bool
) -> None:
    if not gives_signs:
        monkeypatch.setattr(drain, "beating", lambda _renew, _every: beating(print, 9))
    monkeypatch.setattr("core.plugin.engine.lease.SIGN_OF_LIFE", 3.0)
    world.read(world.order(1))
    taken: list[object] = []

    def slow() -> None:
        for _ in range(3):
            sleep(1.5)
            taken.append(taken_by_another(app))

    world.package.faults = [None, slow]
    drain.drain()
    assert all(each is None for each in taken) is gives_signs
    if gives_signs:
        assert world.state(1) == ("done", "")
    assert world.package.documents == [("R-W1", "121.00")]


def taken_by_another(app: Flask) -> object:
    """Try to take what is due in another thread, as another host's worker would."""
    found: list[object] = []

    def take() -> None:
        with app.app_context(), system_scope():
            found.append(leases.take_batch())
            db.session.remove()

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    return found[0]


def test_a_database_that_is_away_for_a_moment_stops_no_sign_of_life(
    app: Flask,
) -> None:
    answers = iter([OSError("away"), None, None])
    heard: list[float] = []

    def renew() -> None:
        heard.append(monotonic())
        if (error := next(answers, None)) is not None:
            raise error

    with beating(renew, 0.05):
        until = monotonic() + 5
        while len(heard) < 3 and monotonic() < until:
            sleep(0.02)
    assert len(heard) >= 3


# --- recovery while the database restarts -------------------------------------------


@pytest.fixture
def restarting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[World, postgres.Server]]:
    """The made-up world on a PostgreSQL server that a test may crash."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.own_server() as server:
        postgres.create_database(server.address.format(name="postgres"), "own")
        address = server.address.format(name="own")
        app = create_app(replace(settings, database_url=address))
        with app.app_context():
            empty_database()
            with made_up(monkeypatch) as world:
                yield world, server
            db.session.remove()
            db.engine.dispose()


@pytest.mark.slow
def test_a_recovery_that_a_restart_of_the_database_cuts_leaves_nothing(
    restarting: tuple[World, postgres.Server],
) -> None:
    world, server = restarting
    points = _points_of_a_recovery(world)
    assert points >= 6
    for number, point in enumerate(range(0, points, 3), start=2):
        world.read(world.order(number))
        assert leases.take_batch() is not None  # and its worker is gone
        time_passes()
        _cut(server, point)
        try:
            drain.drain()
        except DBAPIError:
            session().rollback()
        finally:
            probe.listener = None
        db.session.remove()
        for _ in range(4):
            time_passes()
            drain.drain()
            if world.state(number)[0] == "done":
                break
        assert world.state(number) == ("done", ""), f"cut at point {point}"
    booked = [reference for reference, _ in world.package.documents]
    assert sorted(booked) == sorted(f"R-W{n}" for n in range(1, number + 1))


def _points_of_a_recovery(world: World) -> int:
    seen = count()
    world.read(world.order(1))
    assert leases.take_batch() is not None
    time_passes()
    probe.listener = lambda _: next(seen)
    drain.drain()
    probe.listener = None
    assert world.state(1)[0] == "done"
    return next(seen)


def _cut(server: postgres.Server, point: int) -> None:
    seen = count()

    def listener(_: str) -> None:
        if next(seen) == point:
            server.restart()

    probe.listener = listener


# --- a recovery that is late --------------------------------------------------------


def test_a_late_recovery_sends_nothing_a_second_time(world: World) -> None:
    """It begins while the first worker's call is under way, which then goes through."""
    world.read(world.order(1))

    def meanwhile() -> None:
        time_passes(60)
        drain.drain()  # looks it up: not there yet

    world.package.faults = [None, meanwhile]  # the debtor, then the document
    drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    for _ in range(3):
        time_passes()
        drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.state(1) == ("done", "")


def test_a_recovery_that_comes_after_the_end_does_nothing(world: World) -> None:
    """It was told that the document is due before its worker booked it."""
    world.read(world.order(1))
    told = drain.DRAIN.due(utcnow())
    assert told == [0]
    drain.drain()
    calls, looks = world.package.calls, world.package.looks
    drain.drain()
    assert (world.package.calls, world.package.looks) == (calls, looks)


# --- a recovered job in a queue of one ----------------------------------------------


@pytest.mark.parametrize("fault", ["gone", "unknown"])
def test_a_recovered_document_holds_up_none_behind_it(world: World, fault: str) -> None:
    """One worker, one connection: the first waits for its look-up, the others go."""
    world.read(world.order(1))
    if fault == "gone":
        _dies_after_prepare(world)
    else:
        world.package.faults = [None, before(OutcomeUnknown("outcome_unknown"))]
        drain.drain()
    world.read(*(world.order(number) for number in range(2, 6)))
    past = utcnow() - timedelta(seconds=60)
    session().execute(update(Connection).values(drain_until=None))
    left = Transfer.state == TransferState.SENDING
    session().execute(update(Transfer).where(left).values(lease_until=past))
    session().commit()
    drain.drain()
    assert [world.state(number)[0] for number in range(2, 6)] == ["done"] * 4
    assert world.state(1)[0] == "queued"  # a second look must be 2 minutes after
    for _ in range(3):
        time_passes()
        drain.drain()
    assert world.state(1) == ("done", "")
    references = [reference for reference, _ in world.package.documents]
    assert sorted(references) == [f"R-W{number}" for number in range(1, 6)]


class _Gone(BaseException):
    """The worker's end: nothing that comes after it is done."""


def _dies_after_prepare(world: World) -> None:
    def end() -> None:
        raise _Gone

    release = leases.Batch.release
    leases.Batch.release = lambda _self: None  # type: ignore[method-assign]
    world.package.faults = [None, end]
    try:
        with pytest.raises(_Gone):
            drain.drain()
    finally:
        leases.Batch.release = release  # type: ignore[method-assign]
    session().rollback()


# --- a host that is cut off ---------------------------------------------------------


def test_both_ends_notice_within_a_lease_that_the_other_is_gone(
    settings: Settings,
) -> None:
    """Else its locks stay for two hours (tried with a cable: `docs/faults.md`)."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.own_server(listen=_own_loopback()) as server:
        address = server.address.format(name="postgres")
        app = create_app(replace(settings, database_url=address))
        with app.app_context(), db.engine.connect() as connection:
            names = ("idle", "interval", "count")
            theirs = [_shown(connection, f"tcp_keepalives_{name}") for name in names]
            raw: Any = connection.connection.driver_connection
            given = raw.info.get_parameters()
            ours = [int(given[f"keepalives_{name}"]) for name in names]
            unanswered = _shown(connection, "tcp_user_timeout")
            assert unanswered == int(given["tcp_user_timeout"]) <= 20_000
        with app.app_context():
            db.engine.dispose()
    for idle, interval, times in (theirs, ours):
        assert 0 < idle + interval * times <= 20 < GONE.total_seconds()


def _own_loopback() -> str:
    """Return an address where no other server of a test listens."""
    return f"127.83.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"


def _shown(connection: SqlConnection, name: str) -> int:
    return int(connection.scalar(text(f"SHOW {name}")).removesuffix("s"))


def test_the_address_may_say_otherwise() -> None:
    assert connect_args("sqlite://") == {}
    own = connect_args("postgresql+psycopg://x@/y?keepalives_idle=60")
    assert "keepalives_idle" not in own
    assert own["keepalives_count"] == 3
