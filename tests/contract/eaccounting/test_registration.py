"""Our own registration is refused: every tenant waits, nobody loses a document."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import ClientRefused
from core.domain.orders import OrderState
from core.models import (
    Connection,
    ConnectionState,
    LogEntry,
    Mail,
    Mark,
    Transfer,
)
from core.rules.standing import side_status
from core.runtime.database import session, transaction
from core.services.connections import connections, credentials, recovery, registrations
from core.services.connections.credentials import StoredTokens
from core.services.mailing import notices
from core.services.operations import metrics
from core.services.reporting.status import facts_of
from core.services.transfer import drain, orders
from plugins.eaccounting.connector import SCOPES, EAccountingConnector
from tests.contract import coupled as coupling
from tests.contract.eaccounting.conftest import Coupled, Package
from tests.contract.eaccounting.test_booking import order

SECRET: dict[str, Any] = {
    "kind": "status", "status": 401, "body": {"error": "invalid_client"},
}  # fmt: skip
OLD: dict[str, Any] = {**SECRET, "body": {"error": "unauthorized_client"}}
PAGE: dict[str, Any] = {"kind": "html", "status": 401}


@dataclass
class Two:
    """Two tenants, each with a shop that is coupled to a company of its own."""

    package: Package
    shops: tuple[int, int]
    targets: tuple[int, int]

    def refuse(self, **rule: Any) -> None:
        """Let the token address refuse from now on, and all tokens be at their end."""
        self.package.fault(path="connect/token", **rule)
        self.expire(*self.targets)

    def expire(self, *targets: int) -> None:
        with transaction():
            for target in targets:
                connection = session().get_one(Connection, target)
                old = replace(credentials.load(connection), expires_at=utcnow())
                credentials.store(connection, old)

    def read(self, shop: int, *numbers: int) -> None:
        with transaction():
            readings = [orders.Reading(order(n), OrderState.READY) for n in numbers]
            orders.record(session().get_one(Connection, shop), readings)

    def drain(self) -> None:
        with transaction() as current:
            current.execute(update(Transfer).values(due_at=utcnow()))
        drain.drain()

    def tick(self) -> list[int]:
        """Do what the dispatcher and its task do; return whom was tried."""
        due = registrations.due(utcnow())
        session().rollback()
        for connection_id in due:
            recovery.take_turn(connection_id)
        return due

    def asked(self) -> int:
        return self.package.calls("POST").get("POST /connect/token", 0)

    def transfers(self) -> list[tuple[str, str, int]]:
        session().rollback()
        rows = session().scalars(select(Transfer).order_by(Transfer.id))
        return [(str(row.state), row.code, row.failures) for row in rows]

    def connection(self, target: int) -> Connection:
        session().rollback()
        session().expire_all()
        return session().get_one(Connection, target)


@pytest.fixture
def two(package: Package, coupled: Coupled, unjudged: None) -> Two:
    def connect(target: Connection) -> None:
        tokens = package.grant("tweede", scope=" ".join(SCOPES))
        (identity,) = EAccountingConnector().identify(tokens)
        connections.complete(target, identity, tokens)

    shop, target, _ = coupling.second("eaccounting", connect)
    return Two(package, (coupled.shop_id, shop), (coupled.package_id, target))


@contextmanager
def later(minutes: float) -> Iterator[None]:
    with time_machine.travel(utcnow() + timedelta(minutes=minutes), tick=True):
        yield


@pytest.mark.parametrize("rule", [OLD, PAGE], ids=["old grant", "a page"])
def test_all_wait_and_every_order_is_booked_once(
    two: Two, rule: dict[str, Any]
) -> None:
    first, second = two.shops
    two.read(first, 1, 2, 3)
    two.read(second, 4, 5, 6)
    two.refuse(**rule)
    for _ in range(3):
        two.drain()
    assert two.asked() == 1  # not once a document, nor once a tenant
    assert {(state, failures) for state, _, failures in two.transfers()} == {
        ("queued", 0)
    }
    for target in two.targets:
        connection = two.connection(target)
        assert connection.state == ConnectionState.PAUSED
        assert connection.reason == ClientRefused.CODE
        assert side_status(facts_of(connection), utcnow()).code == "status_held"
    assert metrics.rows().refused == {"eaccounting": 2}
    assert two.tick() == []
    with later(2):
        assert len(two.tick()) == 1
        two.drain()
    assert two.asked() == 2
    two.package.control("faults", verb="DELETE")
    with later(10):
        assert len(two.tick()) == 1
        assert two.asked() == 3
        for _ in range(2):
            two.drain()
        assert [state for state, *_ in two.transfers()] == ["done"] * 6
        assert len(two.package.ledger("ledgeritem")) == 6
        assert metrics.rows().refused == {}
        assert two.tick() == []


def test_the_operator_is_alarmed_once_and_no_user_asked_to_reconnect(two: Two) -> None:
    two.read(two.shops[0], 1)
    two.read(two.shops[1], 2)
    two.refuse(**SECRET)
    two.drain()
    for minutes in (0, 2, 4):
        with later(minutes):
            two.tick()
            notices.tick(utcnow())
    mails = session().execute(select(Mail.kind, Mail.recipient)).all()
    told = [tuple(row) for row in mails if row.kind != "welcome"]
    assert told == [("registration_refused", "support@koppelwerk.example")]


def test_a_secret_that_was_put_right_is_tried_at_once(two: Two) -> None:
    two.read(two.shops[0], 1)
    two.refuse(**SECRET)
    two.drain()
    two.package.control("faults", verb="DELETE")
    assert two.tick() == []
    provider = EAccountingConnector().provider()
    names = [registrations._name(replace(provider, client_secret=s)) for s in "ab"]
    assert names[0] != names[1]
    with transaction() as current:  # as if what was refused had been another secret
        refused = Mark.name == registrations._name(provider)
        current.execute(update(Mark).where(refused).values(name=names[0]))
    assert len(two.tick()) == 1
    two.drain()
    assert two.transfers()[0][0] == "done"


def test_one_that_is_refused_while_another_is_not_asks_its_user(two: Two) -> None:
    """Some servers call a spent refresh token `unauthorized_client` (exact-php-client
    #644): that must not keep the others waiting."""
    first, second = two.targets
    two.read(two.shops[0], 1)
    two.read(two.shops[1], 2)
    two.refuse(**OLD)
    two.drain()
    two.package.control("faults", verb="DELETE")
    with transaction():
        session().get_one(Connection, first).not_before = utcnow()  # tried last
    with later(2):
        assert two.tick() == [second]
        two.refuse(**OLD)
        with transaction():
            connection = session().get_one(Connection, second)
            credentials.store(connection, two.package.grant("tweede"))
        two.drain()
        assert two.connection(first).reason == "grant_refused"
        assert two.connection(second).state == ConnectionState.CONNECTED
        assert [state for state, *_ in two.transfers()] == ["queued", "done"]


def test_a_grant_that_is_gone_proves_that_we_are_known(two: Two) -> None:
    first, second = two.targets
    two.read(two.shops[0], 1)
    two.read(two.shops[1], 2)
    two.refuse(**SECRET)
    two.drain()
    two.package.control("faults", verb="DELETE")
    two.package.control("revoke", {"company": "demo"})
    with later(2):
        assert two.tick() == [first]
        assert two.connection(first).reason == "grant_refused"
        assert two.connection(second).state == ConnectionState.CONNECTED
        codes = session().scalars(select(LogEntry.code)).all()
        assert codes.count("connection_paused") == 1


def test_a_limit_of_the_token_address_is_waited_for(two: Two) -> None:
    two.read(two.shops[0], 1, 2)
    two.refuse(kind="status", status=429, retry_after=600)
    two.drain()
    connection = two.connection(two.targets[0])
    assert connection.state == ConnectionState.CONNECTED
    assert connection.not_before is not None
    assert connection.not_before > utcnow() + timedelta(seconds=550)
    assert [failures for *_, failures in two.transfers()] == [0, 0]
    assert two.asked() == 1
    two.package.control("faults", verb="DELETE")
    with later(16):
        two.drain()
        assert [state for state, *_ in two.transfers()] == ["done", "done"]


def test_nobody_asks_before_it_is_time(two: Two) -> None:
    """The guard by itself: without it each tenant's first call asks."""
    two.refuse(**SECRET)
    provider = EAccountingConnector().provider()
    for target in two.targets:
        source = StoredTokens(two.connection(target), provider)
        with pytest.raises(ClientRefused):
            source.access_token()
    assert two.asked() == 1
