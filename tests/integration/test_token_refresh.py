"""Refreshing tokens at a server that gives each refresh token once.

Who uses a spent one has the whole grant revoked, as RFC 9700 advises servers to do.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, OutcomeUnknown, RetryLater
from core.models import Connection, ConnectionState, Credential, Tenant
from core.net.oauth import OAuthProvider, Tokens
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.connections import credentials
from core.services.connections.credentials import StoredTokens

PROVIDER = OAuthProvider("https://x/a", "https://x/t", "us", "secret")
WORKERS = 5


@dataclass
class Rotating:
    """The identity server; `refresh` stands in for `core.net.oauth.refresh`."""

    good: str = "refresh-0"
    calls: int = 0
    is_revoked: bool = False
    loses_answers: int = 0
    while_busy: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self, _provider: object, tokens: Tokens, _now: object) -> Tokens:
        with self.lock:
            self.calls += 1
            number = self.calls
        self.while_busy.wait(0.3)  # so that another one may come in meanwhile
        with self.lock:
            if self.is_revoked or tokens.refresh_token != self.good:
                self.is_revoked = True
                raise AuthenticationLost("authentication_lost", service="oauth")
            self.good = f"refresh-{number}"
            if number <= self.loses_answers:
                raise OutcomeUnknown("outcome_unknown", service="oauth")
            expires_at = utcnow() + timedelta(hours=1)
            return Tokens(f"access-{number}", self.good, expires_at)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Rotating:
    made = Rotating()
    monkeypatch.setattr(credentials, "refresh", made.refresh)
    return made


@pytest.fixture
def connection_id(app: Flask) -> Iterator[int]:
    with system_scope():
        tenant = Tenant(name="Winkel")
        session().add(tenant)
        session().flush()
        row = Connection(
            tenant_id=tenant.id,
            plugin="eaccounting",
            state=ConnectionState.CONNECTED,
            external_id="x",
        )
        session().add(row)
        session().flush()
        credentials.store(row, Tokens("access-0", "refresh-0", utcnow()))
        session().commit()
        yield row.id


def source(connection_id: int) -> StoredTokens:
    """A worker's token source, as read before anybody refreshed."""
    return StoredTokens(session().get_one(Connection, connection_id), PROVIDER)


@pytest.mark.parametrize("guarded", [True, False])
def test_one_of_many_workers_refreshes(
    app: Flask,
    connection_id: int,
    server: Rotating,
    monkeypatch: pytest.MonkeyPatch,
    guarded: bool,
) -> None:
    if not guarded:
        monkeypatch.setattr(credentials, "_is_free", lambda *_: True)
    all_read = threading.Barrier(WORKERS)

    def work(_: int) -> str:
        with app.app_context(), system_scope():
            try:
                tokens = source(connection_id)
                all_read.wait(10)
                return tokens.renew("access-0")
            except AuthenticationLost:
                return "lost"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(WORKERS) as pool:
        got = set(pool.map(work, range(WORKERS)))
    assert (server.calls == 1) is guarded
    assert server.is_revoked is not guarded
    if guarded:
        assert got == {"access-1"}


def test_a_lost_answer_is_followed_by_one_more_try_of_what_is_stored(
    connection_id: int, server: Rotating
) -> None:
    """The server may have rotated or not; a refusal then asks to reconnect."""
    server.loses_answers = 1
    tokens = source(connection_id)
    with pytest.raises(RetryLater):
        tokens.renew("access-0")
    with pytest.raises(AuthenticationLost):
        tokens.renew("access-0")
    assert server.calls == 2


def test_a_lost_answer_of_a_server_that_had_not_rotated(
    connection_id: int, server: Rotating
) -> None:
    server.loses_answers = 1
    tokens = source(connection_id)
    with pytest.raises(RetryLater):
        tokens.renew("access-0")
    server.good = "refresh-0"
    assert tokens.renew("access-0") == "access-2"


@pytest.mark.parametrize("stored_by_other", [False, True])
def test_who_slept_over_its_lock_loses_no_rotated_token(
    connection_id: int,
    server: Rotating,
    monkeypatch: pytest.MonkeyPatch,
    stored_by_other: bool,
) -> None:
    """What it got is stored, unless the next one stored something meanwhile."""

    def slow(*args: object) -> Tokens:
        fresh = server.refresh(*args)
        with transaction() as current:
            values = {"refresh_owner": "another"}
            current.execute(update(Credential).values(**values))
            if stored_by_other:
                row = current.get_one(Connection, connection_id)
                credentials.store(row, Tokens("other", "other", utcnow()))
        return fresh

    monkeypatch.setattr(credentials, "refresh", slow)
    wanted = "other" if stored_by_other else "access-1"
    assert source(connection_id).renew("access-0") == wanted
    assert source(connection_id).access_token is not None
    row = session().get_one(Connection, connection_id)
    assert credentials.load(row).access_token == wanted


def test_a_refusal_because_another_was_first_after_all_is_none(
    connection_id: int, server: Rotating, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> Tokens:
        with transaction() as current:
            row = current.get_one(Connection, connection_id)
            credentials.store(row, Tokens("other", "other", utcnow()))
        raise AuthenticationLost("authentication_lost", service="oauth")

    monkeypatch.setattr(credentials, "refresh", refused)
    assert source(connection_id).renew("access-0") == "other"


def test_new_tokens_are_stored_before_they_are_used(
    connection_id: int, server: Rotating
) -> None:
    got = source(connection_id).renew("access-0")
    row = session().get_one(Connection, connection_id)
    assert credentials.load(row).access_token == got
    version = session().scalar(select(Credential.version))
    assert version == 2
