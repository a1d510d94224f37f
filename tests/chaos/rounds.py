"""T3, T8 and T9: many rounds on one product, each with an end of its own."""

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Barrier, Lock
from time import sleep
from typing import Any

from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost
from core.models import Connection, ConnectionState, Credential, TransferState
from core.net.http import probe
from core.net.oauth import OAuthProvider, Tokens
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.tenancy import system_scope
from core.services.connections import connections, credentials
from core.services.connections.credentials import StoredTokens
from tests.e2e.test_kill_points import in_child, kill_at, let_time_pass, place, work
from tests.product import Product

ROUNDS = 14


def pairs_of_kills(product: Product, rounds: int, dice: random.Random) -> Counter[str]:
    """T3: kill the worker of an order at one point, and who takes over at another."""
    points: list[str] = []
    placed, killed = [place(product, 0)], 0
    probe.listener = points.append
    work(product)
    probe.listener = None
    for number in range(1, rounds + 1):
        placed.append(place(product, number))
        for point in (dice.randrange(len(points)), dice.randrange(len(points))):
            killed += not in_child(lambda: work(product), kill_at(point))
            let_time_pass()
        _go_on(product, placed[-1])
    found = _counted(product, placed)
    found["kills"], found["uncut"] = killed, int(killed < rounds)
    return found


def refreshes_cut(product: Product, rounds: int, dice: random.Random) -> Counter[str]:
    """T9: kill the worker between the new tokens and their being stored.

    The grant is then spent for us when the server rotates, as in every other round; no
    order is lost.
    """
    placed, cut, asked = [], 0, 0
    for number in range(rounds):
        rotates = {"rotate_refresh_tokens": number % 2 == 0}
        product.control("eaccounting", "settings", rotates)
        _let_token_end(product)
        placed.append(place(product, number))
        killed = partial(_killed_at_refresh, product, dice.random() < 0.2)
        cut += not in_child(killed, lambda _: None)
        let_time_pass()
        session().execute(update(Credential).values(refresh_until=None))
        session().commit()
        in_child(lambda: work(product), lambda _: None)
        if _is_paused(product):
            asked += 1
            _reconnect(product)
        _go_on(product, placed[-1])
    found = _counted(product, placed)
    found["cut"], found["reconnected"] = cut, asked
    found["uncut"] = rounds - cut
    return found


def _killed_at_refresh(product: Product, before: bool) -> None:
    """Work until a refresh, and end right before it, or right after its answer."""
    real = credentials.refresh  # type: ignore[attr-defined]

    def refresh(*given: Any) -> Tokens:
        if not before:
            real(*given)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("it was killed")

    credentials.refresh = refresh  # type: ignore[attr-defined]
    work(product)


def _let_token_end(product: Product) -> None:
    """Have the stored access token be about to end, so that it is refreshed."""
    row = session().get_one(Connection, product.package_id)
    tokens = credentials.load(row)
    ended = Tokens(
        tokens.access_token,
        tokens.refresh_token,
        utcnow() - timedelta(minutes=1),
        scope=tokens.scope,
        extra=tokens.extra,
    )
    credentials.store(row, ended)
    session().commit()


def _is_paused(product: Product) -> bool:
    session().rollback()
    session().expire_all()
    row = session().get_one(Connection, product.package_id)
    return row.state == ConnectionState.PAUSED


def _reconnect(product: Product) -> None:
    """Log in again at the package, as the mail to the owner asks."""
    row = session().get_one(Connection, product.package_id)
    sandbox = product.stack.sandboxes["eaccounting"][1]
    assert sandbox.grant is not None
    from core.main.stack import _identified

    tokens = sandbox.grant(product.stack.addresses["eaccounting"])
    connector = product.stack.sandboxes["eaccounting"][0].connector
    assert connector is not None
    identity = _identified(connector, tokens)
    with transaction():
        connections.complete(row, identity, tokens)


def _go_on(product: Product, order_id: str) -> None:
    for _ in range(ROUNDS):
        let_time_pass()
        in_child(lambda: work(product), lambda _: None)
        if product.transfers()[order_id].state == TransferState.DONE:
            return


def _counted(product: Product, placed: list[str]) -> Counter[str]:
    """Hold the end to what must be."""
    states = {name: row.state for name, row in product.transfers().items()}
    documents = Counter(
        str(entry["document"]["PaymentReferenceNumber"])
        for entry in product.ledger("ledgeritem")
    )
    customers = Counter(
        entry["document"]["EmailAddress"] for entry in product.ledger("customer")
    )
    return Counter(
        rounds=len(placed),
        lost=sum(name not in documents for name in placed),
        double=sum(count - 1 for count in documents.values()),
        double_customers=sum(count - 1 for count in customers.values()),
        stranded=sum(states.get(name) != TransferState.DONE for name in placed),
    )


# --- T8 -----------------------------------------------------------------------------


@dataclass
class Rotating:
    """An identity server that gives each refresh token once.

    Who uses a spent one has the whole grant revoked, as RFC 9700 advises.
    """

    good: str = "refresh-0"
    calls: int = 0
    revoked: int = 0
    lock: Lock = field(default_factory=Lock)

    def refresh(self, _provider: object, tokens: Tokens, _now: object) -> Tokens:
        """Stand in for `core.net.oauth.refresh`."""
        sleep(0.05)  # so that others may come in meanwhile
        with self.lock:
            if tokens.refresh_token != self.good:
                self.revoked += 1
                raise AuthenticationLost("authentication_lost", service="oauth")
            self.calls += 1
            self.good = f"refresh-{self.calls}"
            ends = utcnow() + timedelta(hours=1)
            return Tokens(f"access-{self.calls}", self.good, ends)


@contextmanager
def _instead(server: Rotating) -> Iterator[None]:
    real = credentials.refresh  # type: ignore[attr-defined]
    credentials.refresh = server.refresh  # type: ignore[attr-defined]
    try:
        yield
    finally:
        credentials.refresh = real  # type: ignore[attr-defined]


def refresh_races(
    app: Any, connection_id: int, rounds: int, workers: int
) -> Counter[str]:
    """T8: so many workers find the token ended at once; one refreshes, all go on."""
    server, provider = Rotating(), OAuthProvider("https://x/a", "https://x/t", "u", "s")
    found: Counter[str] = Counter()
    with _instead(server), ThreadPoolExecutor(workers) as pool:
        for number in range(1, rounds + 1):
            barrier, old = Barrier(workers), _set_tokens(connection_id, server)

            def renewed(_: int, barrier: Barrier = barrier, old: str = old) -> str:
                with app.app_context(), system_scope():
                    try:
                        row = session().get_one(Connection, connection_id)
                        tokens = StoredTokens(row, provider)
                        barrier.wait(60)
                        return tokens.renew(old)
                    finally:
                        db.session.remove()

            got = set(pool.map(renewed, range(workers)))
            found["rounds"] += 1
            found["different"] += len(got) - 1
            found["different"] += server.calls != number
    found["refreshes"], found["revoked"] = server.calls, server.revoked
    return found


def _set_tokens(connection_id: int, server: Rotating) -> str:
    """Store what the server gave last; return the access token that has ended."""
    access = f"access-{server.calls}"
    row = session().get_one(Connection, connection_id, populate_existing=True)
    known = session().scalar(
        select(Credential.connection_id).where(
            Credential.connection_id == connection_id
        )
    )
    if known is None or credentials.load(row).access_token != access:
        credentials.store(row, Tokens(access, server.good, utcnow()))
    session().commit()
    return access
