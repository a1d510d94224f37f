"""Connecting by form, the local index, and the budget of a month."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from core.domain.errors import AskUser, AuthenticationLost, WaitUntil
from core.models import ConnectionState, Credential, Transfer
from core.plugin.capabilities import FormConnector, Invoices, Orders, Relations
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import koppelwerk
from core.services.connections import connections, credentials
from core.services.linking import form_flow, oauth_flow
from plugins.eboekhouden import reference
from plugins.eboekhouden.budget import budget_of
from plugins.eboekhouden.connector import EBoekhoudenConnector
from plugins.eboekhouden.models import EBoekhoudenCalls, EBoekhoudenRecord
from plugins.eboekhouden.orders import reconcile
from tests.contract.eboekhouden.conftest import PART, Coupled, Package, couple_by
from tests.contract.eboekhouden.test_booking import order, relation

DONE = ("done", "")


def test_testing_opens_and_closes_one_session(
    package: Package, product: Flask, interface: str
) -> None:
    (identity,) = EBoekhoudenConnector().check(package.values(interface))
    assert identity.name == "Demo Webwinkel B.V. sandbox"
    assert identity.facts == {"interface": interface}
    [row] = package.control("objects/session", verb="GET")
    assert row["closed"] is True


def test_the_identity_tells_nothing_and_is_the_same_over_both_interfaces(
    package: Package, product: Flask
) -> None:
    connector = EBoekhoudenConnector()
    assert isinstance(connector, FormConnector)
    (by_soap,) = connector.check(package.values())
    (by_rest,) = connector.check(package.values("rest"))
    (other,) = connector.check(package.values(key="tweede"))
    assert by_soap.external_id == by_rest.external_id != other.external_id
    assert package.values()["security_code_2"].strip("{}") not in str(by_soap)


def test_another_administration_is_refused_and_nothing_changes(
    by_soap: Coupled,
) -> None:
    connection = by_soap.connection
    with pytest.raises(AskUser) as caught:
        form_flow.connect(connection, by_soap.package.values(key="tweede"))
    assert caught.value.code == "other_company"
    session().rollback()
    kept = credentials.values_of(by_soap.connection)
    assert kept["username"] == "demogebruiker"


def test_new_codes_resume_a_paused_connection(by_soap: Coupled) -> None:
    by_soap.package.control("administration", {"code1": "nieuw-na-wachtwoord"})
    by_soap.book(order())
    assert by_soap.connection.state == ConnectionState.PAUSED
    form_flow.connect(by_soap.connection, by_soap.package.values())
    by_soap.drain()
    assert by_soap.states() == [DONE]


def test_codes_are_sealed_and_wiped_at_the_end(by_soap: Coupled) -> None:
    code = by_soap.package.values()["security_code_1"]
    row = session().get_one(Credential, by_soap.package_id)
    assert code.encode() not in row.secret
    oauth_flow.disconnect(by_soap.connection)
    assert session().get(Credential, by_soap.package_id) is None
    with pytest.raises(AuthenticationLost):
        reconcile.documents(by_soap.coupling)


def test_the_plugin_declares_what_it_does(product: Flask) -> None:
    plugin = koppelwerk().registry.get("eboekhouden")
    assert plugin.find(Orders) is not None
    assert set(plugin.all_tasks) == {"load_reference"}
    assert plugin.sender("order")
    assert plugin.sender("invoice")
    assert plugin.find(Relations) is not None
    assert plugin.find(Invoices) is not None


# --- the index ----------------------------------------------------------------------


def test_the_index_keeps_no_more_than_booking_needs(coupled: Coupled) -> None:
    relation(coupled, "77", Adres="Geheim 1", BTWNummer="NL004495445B01")
    coupled.load()
    [record] = reference.by_email(coupled.package_id, ["klant1@example.com"])[
        "klant1@example.com"
    ]
    assert set(record.data) == {"ID", "BTWNummer", "BP"}
    assert record.data["BTWNummer"] == "NL004495445B01"


def test_a_run_follows_what_changed_and_what_is_gone(
    coupled: Coupled, interface: str
) -> None:
    relation(coupled, "77")
    coupled.load()
    coupled.package.control("reset")
    coupled.load()
    if interface == "soap":  # over REST the session of the reset is simply renewed
        assert reference.records(coupled.package_id, reference.RELATION) == []


def test_rest_reads_only_new_relations_in_full(
    package: Package, coupled: Coupled, interface: str, judged: list[str]
) -> None:
    for number in range(3):
        relation(coupled, str(number), Email=f"k{number}@example.com")
    coupled.load()
    judged.clear()
    relation(coupled, "9", Email="k9@example.com")
    coupled.load()
    details = [call for call in judged if call.startswith("GET v1/relation/")]
    assert len(details) == (1 if interface == "rest" else 0)
    assert len(reference.records(coupled.package_id, reference.RELATION)) == 4


def test_a_failing_run_keeps_the_index_and_comes_back(by_soap: Coupled) -> None:
    by_soap.package.fault(kind="status", status=503, path="GetRelaties", times=1)
    by_soap.load()
    connection = by_soap.connection
    assert connection.last_run_error == "remote_fault"
    rows = select(EBoekhoudenRecord.id).where(EBoekhoudenRecord.kind == "account")
    assert len(session().scalars(rows).all()) == 20
    by_soap.load()
    assert by_soap.connection.last_run_error == ""


# --- the budget ---------------------------------------------------------------------


def used(coupled: Coupled, calls: int) -> None:
    """Let so many calls have been made this month."""
    with transaction() as current:
        current.execute(update(EBoekhoudenCalls).values(calls=calls))


def counted(coupled: Coupled) -> int:
    return budget_of(coupled.connection).forecast().calls


def test_every_call_is_counted(by_soap: Coupled, judged: list[str]) -> None:
    before = counted(by_soap)
    judged.clear()
    by_soap.book(order())
    by_soap.load()
    calls = [name for name in judged if "WSDL" not in name]
    assert counted(by_soap) - before == len(calls)
    assert {"OpenSession", "AddRelatie", "AddMutatie", "CloseSession"} <= set(calls)


def test_reading_stops_where_the_reserve_for_bookings_begins(
    by_soap: Coupled, judged: list[str]
) -> None:
    used(by_soap, 4500)
    judged.clear()
    by_soap.load()
    connection = by_soap.connection
    assert connection.last_run_error == "eboekhouden_month_limit"
    assert judged == []
    assert connection.not_before is None
    by_soap.book(order())
    assert by_soap.states() == [DONE]


def test_at_the_limit_bookings_wait_for_the_next_month(
    by_soap: Coupled, judged: list[str]
) -> None:
    used(by_soap, 5000)
    judged.clear()
    by_soap.book(order(1), order(2))
    assert judged == []
    assert {code for _, code in by_soap.states()} <= {"eboekhouden_month_limit", ""}
    until = by_soap.connection.not_before
    assert until is not None
    assert until.astimezone(UTC) > datetime.now(UTC)
    assert until.day in (1, 30, 31, 28, 29)


def test_a_limit_that_the_vendor_reached_waits_as_well(by_soap: Coupled) -> None:
    by_soap.package.control("settings", {"calls_per_month": 1})
    by_soap.book(order())
    assert by_soap.states() == [("queued", "eboekhouden_month_limit")]


def test_rest_is_counted_and_not_limited(package: Package, product: Flask) -> None:

    coupled = couple_by(product, package, "rest")
    used(coupled, 90_000)
    coupled.book(order())
    assert coupled.states() == [DONE]
    assert budget_of(coupled.connection).forecast().limit is None


def test_a_new_month_starts_at_the_tenants_midnight(by_soap: Coupled) -> None:
    """23:30 UTC on the 31st is the first in Amsterdam already."""
    used(by_soap, 5000)
    with time_machine.travel(datetime(2031, 1, 31, 22, 59, tzinfo=UTC), tick=False):
        budget = budget_of(by_soap.connection, for_booking=True)
        budget.acquire("GetRelaties")
        assert budget.calls() == 1
    with time_machine.travel(datetime(2031, 1, 31, 23, 30, tzinfo=UTC), tick=False):
        budget = budget_of(by_soap.connection, for_booking=True)
        assert budget.calls() == 0
        error = budget.refused()
        assert isinstance(error, WaitUntil)
        assert error.seconds > 27 * 86_400


ORDERS = 300 // PART


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute of work, of which a busy machine gives little
def test_a_month_of_180_runs_and_300_orders_stays_within_the_limit(
    by_soap: Coupled,
) -> None:
    """Each order one by one, of a new customer; halfway the forecast is right."""
    start, booked, forecast = datetime(2031, 4, 1, tzinfo=UTC), 0, 0
    with time_machine.travel(start - timedelta(hours=2), tick=False) as clock:
        for run in range(180 // PART):
            jobs.run_task("load_reference", by_soap.package_id)
            while booked < (run + 1) * ORDERS * PART // 180:
                booked += 1
                by_soap.book(order(booked))
            if run == 90 // PART:
                forecast = budget_of(by_soap.connection).forecast().expected
            clock.shift(timedelta(hours=4))
        clock.shift(-timedelta(hours=4))
        calls = counted(by_soap)
    states = session().scalars(select(Transfer.state)).all()
    assert states.count("done") == booked == ORDERS
    assert calls * PART < 5000
    assert abs(forecast - calls * PART) < calls * PART / 20


def test_connections_of_one_tenant_have_budgets_of_their_own(
    by_soap: Coupled,
) -> None:
    other = connections.create(by_soap.connection.tenant_id, "eboekhouden")
    session().commit()
    budget_of(other).acquire("GetRelaties")
    assert budget_of(other).calls() == 1
    assert counted(by_soap) > 1


def test_a_counter_that_is_off_would_be_seen(by_soap: Coupled) -> None:
    """The product's count is the sandbox's: what it counted itself this month."""
    by_soap.book(order())
    calls = by_soap.package.calls()
    outside: Any = sum(n for name, n in calls.items() if "<operation>" in name)
    # the test of the credentials, before there is a connection: three calls
    assert counted(by_soap) == outside - 3
