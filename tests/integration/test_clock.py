"""Clocks that jump, that differ between hosts, and that are set twice a year.

What several hosts must agree on goes by the clock that they share, the database's; on
SQLite that is the one host's own.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Interval, literal, select, update

from core.domain.clock import local_date, utcnow
from core.domain.errors import OutcomeUnknown
from core.models import Connection, Mark, Step, Tenant, Transfer
from core.net.oauth import OAuthProvider, Tokens
from core.plugin.engine import lease, rounds
from core.runtime import database
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.connections import credentials
from core.services.linking import schedule
from core.services.operations import clocks
from core.services.transfer import drain, leases
from core.services.transfer.journal import Job
from tests.integration.world import World, after, before

TEN = timedelta(minutes=10)
APART = [-TEN, TEN]


@pytest.fixture
def hosts(race: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The made-up world on PostgreSQL, whose clock a host's may differ from."""
    for module in (leases, lease):
        monkeypatch.setattr(module, "shared_now", database.shared_now)
    return race


def on_host(apart: timedelta) -> Any:
    """Work on a host whose clock is so far ahead."""
    return time_machine.travel(datetime.now(UTC) + apart, tick=True)


def seconds_pass(seconds: int) -> None:
    """Put back every moment that is stored, by as much."""
    by = literal(timedelta(seconds=seconds), Interval())
    moments = {
        Connection: ("drain_until", "not_before"),
        Transfer: ("due_at", "lease_until"),
        Step: ("sent_at", "first_sent_at", "missed_at", "not_before"),
    }
    for model, names in moments.items():
        values = {name: getattr(model, name) - by for name in names}
        session().execute(update(model).values(**values))
    session().commit()


@pytest.mark.parametrize(
    ("apart", "guarded"), [(-TEN, True), (TEN, True), (-TEN, False)]
)
def test_what_a_host_sent_whose_clock_is_off_is_not_sent_again_too_soon(
    hosts: World, monkeypatch: pytest.MonkeyPatch, apart: timedelta, guarded: bool
) -> None:
    """The answer is lost; the package takes the document a minute later."""
    if not guarded:
        monkeypatch.setattr(Job, "now", lambda _self: utcnow())
    hosts.read(hosts.order(1))
    hosts.package.faults = [None, before(OutcomeUnknown("outcome_unknown"))]
    with on_host(apart):
        drain.drain(seconds=1)
    for _ in range(3):
        seconds_pass(20)
        drain.drain(seconds=1)
    was_too_soon = bool(hosts.package.documents)
    hosts.package.documents.append(("R-W1", "121.00"))
    seconds_pass(200)
    drain.drain()
    assert was_too_soon is not guarded
    if guarded:
        assert hosts.package.documents == [("R-W1", "121.00")]
        assert hosts.state(1) == ("done", "")


@pytest.mark.parametrize("guarded", [True, False])
def test_of_two_hosts_with_different_clocks_one_refreshes(
    hosts: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(credentials, "shared_now", utcnow)
    row = session().get_one(Connection, hosts.target_id)
    credentials.store(row, Tokens("access", "refresh", utcnow()))
    session().commit()
    provider = OAuthProvider("https://x/a", "https://x/t", "us", "secret")
    one, other = (credentials.StoredTokens(row, provider) for _ in range(2))
    assert one._try_lock("one", "access") is not None
    with on_host(TEN):
        assert (other._try_lock("other", "access") is None) is guarded


@pytest.mark.parametrize("jump", APART)
@pytest.mark.parametrize("fault", [None, after])
def test_a_clock_that_jumps_in_a_call_doubles_nothing(
    world: World, jump: timedelta, fault: Any
) -> None:
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False) as clock:

        def jumps() -> None:
            clock.move_to(start + jump)
            drain.drain()  # another worker comes by

        world.read(world.order(1))
        world.package.faults = [jumps, *([fault] if fault else [])]
        drain.drain()
        for minutes in (1, 3, 15, 20, 60, 120):
            clock.move_to(start + timedelta(minutes=minutes))
            drain.drain()
    assert world.package.documents == [("R-W1", "121.00")]
    assert world.package.debtors == ["klant1@example.com"]
    assert world.state(1) == ("done", "")


# --- the nights that are longer or shorter ------------------------------------------

NIGHTS = [
    (datetime(2026, 10, 24, 12, tzinfo=UTC), 25),
    (datetime(2026, 3, 28, 12, tzinfo=UTC), 23),
    (datetime(2026, 12, 31, 12, tzinfo=UTC), 24),
]
"""An hour before each, and how long its day is in Amsterdam, in hours."""


@pytest.mark.parametrize(("begin", "hours"), NIGHTS)
def test_a_day_of_any_length_holds_its_hours(begin: datetime, hours: int) -> None:
    moments = [begin + timedelta(minutes=30 * half) for half in range(100)]
    days = Counter(local_date(moment, "Europe/Amsterdam") for moment in moments)
    assert days[begin.date() + timedelta(days=1)] == 2 * hours


@pytest.mark.parametrize(("begin", "hours"), NIGHTS)
def test_waiting_orders_are_looked_at_once_in_every_night(
    world: World, monkeypatch: pytest.MonkeyPatch, begin: datetime, hours: int
) -> None:
    monkeypatch.setattr(schedule.koppelwerk().registry, "brought", lambda _: ["shop"])
    session().get_one(Tenant, world.shop.tenant_id).timezone = "Europe/Amsterdam"
    session().get_one(Connection, world.shop_id).rechecked_on = begin.date()
    session().commit()
    seen: list[date] = []
    for half in range(2 * (24 + hours)):
        now = begin + timedelta(minutes=30 * half)
        if schedule._to_recheck(now):
            seen.append(local_date(now, "Europe/Amsterdam"))
    assert seen == [begin.date() + timedelta(days=day) for day in (1, 2)]


@pytest.mark.usefixtures("app")
def test_a_round_under_a_clock_that_was_ahead_keeps_no_later_one() -> None:
    every, now = timedelta(minutes=1), utcnow()
    with system_scope():
        assert rounds.begin("a", every, now + timedelta(days=2)) == 0
        assert rounds.is_time("a", every, now)
        assert rounds.begin("a", every, now) == 0
        # of two hosts that differ a little one is enough
        for moment in (now, now - timedelta(hours=1), now + every / 2):
            assert not rounds.is_time("a", every, moment)
            assert rounds.begin("a", every, moment) is None
        assert rounds.begin("a", every, now + every) == 0


# --- the alarm ----------------------------------------------------------------------


def test_how_far_a_hosts_clock_is_off_is_told_while_it_works(hosts: World) -> None:
    now = database.shared_now()
    session().add(Mark(name="clock:gone", value=7, read_at=now - timedelta(hours=1)))
    session().commit()
    with on_host(-TEN):
        clocks.compare(now)
    (seconds,) = clocks.seconds_ahead(database.shared_now()).values()
    assert abs(seconds + TEN.total_seconds()) <= 60
    assert clocks.seconds_ahead(now + clocks.KEPT + timedelta(minutes=2)) == {}
    gone = Mark.name == "clock:gone"
    assert session().scalars(select(Mark.name).where(gone)).all() == []


def test_one_host_alone_has_one_clock(app: Flask) -> None:
    with system_scope():
        clocks.compare(database.shared_now())
        told = clocks.seconds_ahead(database.shared_now())
    is_sqlite = session().get_bind().dialect.name == "sqlite"
    assert (told == {}) is is_sqlite
