"""The calendar of a licence: what happens on which local date, once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    LogEntry,
    Mail,
    ServiceInvoice,
    Tenant,
    TrialUse,
)
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.licensing import invoices, licences
from core.services.people import accounts

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAST = date(2026, 4, 1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def licence(app: Flask, clock: time_machine.Traveller) -> Iterator[Licence]:
    """A trial that began at noon on 2 March and covers a coupling."""
    with system_scope():
        tenant = accounts.create_tenant_with_owner(
            name="Winkel", email="owner@example.com", password="een lang wachtwoord"
        )
        made = licences.begin(tenant, "kmoshops", "eaccounting")
        licences.attach(made, coupling(tenant))
        session().commit()
        yield made


def coupling(tenant: Tenant, number: int = 1) -> Coupling:
    """Two connections and what is between them."""
    ends = [
        Connection(
            tenant_id=tenant.id,
            plugin=plugin,
            state=ConnectionState.CONNECTED,
            external_id=f"{plugin}-{number}",
        )
        for plugin in ("kmoshops", "eaccounting")
    ]
    made = Coupling(tenant_id=tenant.id, source=ends[0], target=ends[1], settings={})
    session().add(made)
    session().flush()
    return made


def kinds() -> list[str]:
    """The mails so far."""
    return list(session().scalars(select(Mail.kind).order_by(Mail.id)))


def look(clock: time_machine.Traveller, moment: datetime) -> None:
    """Let the dispatcher look at a moment, twice."""
    clock.move_to(moment)
    for _ in range(2):
        licences.look(moment)
    session().expire_all()


def at(day: date, hour: int = 12) -> datetime:
    """A moment in UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_trial_runs_thirty_days(licence: Licence) -> None:
    assert (licence.state, licence.ends_on) == (LicenceState.TRIAL, LAST)


def test_two_reminders_and_an_end_each_once(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    seen = {}
    for left in range(30, -3, -1):
        look(clock, at(LAST - timedelta(days=left)))
        seen[left] = (kinds(), licence.state, licence_covers(licence))
    trial = LicenceState.TRIAL
    assert seen[8] == ([], trial, True)
    assert seen[7] == (["trial_week"], trial, True)
    assert seen[2] == (["trial_week"], trial, True)
    assert seen[1] == (["trial_week", "trial_day"], trial, True)
    assert seen[0] == (["trial_week", "trial_day"], trial, True)
    ended = ["trial_week", "trial_day", "licence_expired"]
    assert seen[-1] == seen[-2] == (ended, LicenceState.EXPIRED, False)
    assert licence.reason == "trial_over"


def licence_covers(licence: Licence) -> bool:
    """Whether its coupling may book."""
    return session().get_one(Coupling, licence.coupling_id).licensed


@pytest.mark.parametrize(
    ("timezone", "hour", "is_over"),
    [
        ("Europe/Amsterdam", 21, False),
        ("Europe/Amsterdam", 22, True),
        ("America/New_York", 23, False),
        ("Pacific/Auckland", 11, True),
    ],
)
def test_the_end_is_the_tenants_midnight(
    licence: Licence,
    clock: time_machine.Traveller,
    timezone: str,
    hour: int,
    is_over: bool,
) -> None:
    session().get_one(Tenant, licence.tenant_id).timezone = timezone
    session().commit()
    look(clock, at(LAST, hour))
    assert (licence.state == LicenceState.EXPIRED) is is_over


def test_a_late_look_sends_one_reminder_not_two(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    look(clock, at(LAST))
    assert kinds() == ["trial_day"]


def order(licence: Licence) -> ServiceInvoice:
    """Order a year."""
    tenant = session().get_one(Tenant, licence.tenant_id)
    made = invoices.order(licence, invoices.quote(tenant, licence, None), user_id=None)
    session().commit()
    return made


def test_paying_early_adds_a_year_to_what_is_left(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    invoice = order(licence)
    assert licences.pay(invoice) is True
    assert licences.pay(invoice) is False
    session().commit()
    assert (licence.state, licence.ends_on) == (LicenceState.PAID, date(2027, 4, 1))
    assert kinds() == ["licence_paid"]
    look(clock, at(date(2027, 3, 25)))
    look(clock, at(date(2027, 4, 2)))
    assert kinds() == ["licence_paid", "trial_week", "licence_expired"]
    assert (licence.state, licence.reason) == (LicenceState.EXPIRED, "year_over")


def test_paying_late_begins_a_year_at_the_payment(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    look(clock, at(LAST + timedelta(days=40)))
    assert licence_covers(licence) is False
    licences.pay(order(licence))
    session().commit()
    session().expire_all()
    assert licence.ends_on == date(2027, 5, 11)
    assert licence_covers(licence) is True


def test_a_leap_day_has_a_year_later() -> None:
    assert licences._year_later(date(2028, 2, 29)) == date(2029, 2, 28)
    assert licences._year_later(date(2027, 12, 31)) == date(2028, 12, 31)


def test_removing_the_app_from_the_shop_cancels(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    connections.end(session().get_one(Connection, licence.source_id), "app_uninstalled")
    session().commit()
    look(clock, START + timedelta(minutes=1))
    assert (licence.state, licence.reason) == (
        LicenceState.CANCELLED,
        "app_uninstalled",
    )
    assert licence.cancelled_at is not None
    assert licence_covers(licence) is False
    assert kinds() == ["licence_cancelled"]


def test_ending_a_connection_here_does_not(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    connections.end(session().get_one(Connection, licence.source_id), "ended_by_user")
    session().commit()
    look(clock, START + timedelta(minutes=1))
    assert licence.state == LicenceState.TRIAL


def test_a_payment_after_the_removal_counts(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    connections.end(session().get_one(Connection, licence.source_id), "app_uninstalled")
    session().commit()
    look(clock, START + timedelta(minutes=1))
    licences.pay(order(licence))
    session().commit()
    look(clock, START + timedelta(minutes=2))
    assert licence.state == LicenceState.PAID
    assert licence_covers(licence) is True


def test_couplings_without_a_licence_count_only_where_nobody_has_one(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    older = accounts.create_tenant_with_owner(
        name="Ouder", email="older@example.com", password="een lang wachtwoord"
    )
    free = coupling(older, 2)
    by_hand = coupling(session().get_one(Tenant, licence.tenant_id), 3)
    session().commit()
    look(clock, START)
    assert (free.licensed, by_hand.licensed) == (True, False)
    assert licence_covers(licence) is True


def test_a_trial_is_claimed_for_both_sides_or_for_none(
    licence: Licence, clock: time_machine.Traveller
) -> None:
    tenant = session().get_one(Tenant, licence.tenant_id)
    second = licences.begin(tenant, "kmoshops", "eaccounting")
    shared = Coupling(
        tenant_id=tenant.id,
        source=coupling(tenant, 2).source,
        target=session().get_one(Connection, licence.target_id),
        settings={},
    )
    session().add(shared)
    session().flush()
    licences.attach(second, shared)
    session().commit()
    assert (second.state, second.reason) == (LicenceState.EXPIRED, "trial_used")
    assert shared.licensed is False
    holders = session().scalars(select(TrialUse.licence_key)).all()
    assert holders == [licence.key, licence.key]
    codes = session().scalars(select(LogEntry.code)).all()
    assert codes.count("licence_expired") == 1


def test_the_dispatcher_looks_once_in_a_while(
    licence: Licence, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []
    monkeypatch.setattr(licences, "look", looked.append)
    for second in range(0, 180, 10):
        moment = START + timedelta(seconds=second)
        clock.move_to(moment)
        licences.tick(moment)
    assert len(looked) == 4
