"""A running package sandbox, a client of it, and a tenant whose shop is coupled to it.

Every request the plugin makes and every answer it gets is held against the vendor's
OpenAPI document; a deviation fails the test.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select, update

from core import jobs, jsontext
from core.app import create_app as create_product
from core.clock import utcnow
from core.domain import Order, OrderState
from core.errors import AuthenticationLost
from core.extensions import db, koppelwerk
from core.http import Answer, HttpClient
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    Transfer,
    TransferState,
)
from core.oauth import Tokens
from core.sandbox.server import server_for
from core.services.database import session, transaction
from core.services.linking import connections, couplings
from core.services.people import accounts
from core.services.transfer import drain, inbox, orders, transfers
from core.settings import Settings
from core.tenancy import system_scope
from plugins.eaccounting.client import EAccounting
from plugins.eaccounting.connector import SCOPES
from plugins.eaccounting.demo import SANDBOX
from plugins.eaccounting.sandbox import create_app
from tests.contract.openapi import OpenApi
from tests.database import empty_database
from tests.shared import shared_file

CONTRACT = "contracts/eaccounting/openapi-v2-2026-02-17.yaml"
JUDGED = (200, 201, 400)
"""Answers the document describes; other refusals have no schema there."""
_PLAIN = HttpClient.request


@dataclass
class Package:
    """The sandbox from outside."""

    url: str

    @property
    def api(self) -> str:
        return f"{self.url}/v2/"

    def control(self, path: str, body: Any = None, verb: str = "POST") -> Any:
        answer = requests.request(
            verb,
            f"{self.url}/_control/{path}",
            data=jsontext.dumps({} if body is None else body).encode(),
            timeout=20,
        )
        assert answer.ok, answer.text
        return jsontext.loads(answer.content)

    def grant(self, company: str = "demo", **options: Any) -> Tokens:
        """Tokens without the login pages."""
        given = self.control("grant", {"company": company, **options})
        return Tokens(given["access_token"], given.get("refresh_token"))

    def fault(self, **rule: Any) -> None:
        self.control("faults", rule)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """The documents of a kind that the package accepted, in order."""
        entries = self.control(f"ledger?kind={kind}", verb="GET")
        return [entry["body"]["document"] for entry in entries]

    def calls(self, method: str = "") -> dict[str, int]:
        """How often each address was called."""
        counts: dict[str, int] = self.control("calls", verb="GET")
        return {name: n for name, n in counts.items() if name.startswith(method)}


@dataclass
class Granted:
    """One token that cannot be renewed."""

    token: str

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        raise AuthenticationLost("authentication_lost", service="Visma eAccounting")


@pytest.fixture(scope="session")
def contract() -> OpenApi:
    return OpenApi(shared_file(CONTRACT))


@pytest.fixture(autouse=True)
def judged(contract: OpenApi, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hold everything that goes to the API and comes back against the contract."""
    seen: list[str] = []

    def request(
        self: HttpClient, method: str, path: str, *, json_body: Any = None, **rest: Any
    ) -> Answer:
        address = f"/{path.split('?')[0]}"
        sent = jsontext.loads(jsontext.dumps(json_body)) if json_body else None
        contract.check_request(method, address, sent)
        answer = _PLAIN(self, method, path, json_body=json_body, **rest)
        if answer.status in JUDGED and answer.body is not None:
            contract.check_response(method, address, answer.status, answer.body)
        seen.append(f"{method} {address}")
        return answer

    monkeypatch.setattr(HttpClient, "request", request)
    return seen


@pytest.fixture
def unjudged(monkeypatch: pytest.MonkeyPatch, judged: list[str]) -> None:
    """Let a test's own server answer against the contract."""
    monkeypatch.setattr(HttpClient, "request", _PLAIN)


@pytest.fixture
def package() -> Iterator[Package]:
    """A sandbox of its own for each test."""
    server = server_for(create_app(":memory:"), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield Package(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def api(package: Package) -> Iterator[EAccounting]:
    """A client with a good token."""
    client = EAccounting(package.api, Granted(package.grant().access_token))
    with client.http:
        yield client


@dataclass
class Coupled:
    """A tenant with a shop and the package, in an application without workers."""

    app: Flask
    package: Package
    shop_id: int
    package_id: int
    coupling_id: int

    @property
    def coupling(self) -> Coupling:
        session().rollback()
        session().expire_all()
        return session().get_one(Coupling, self.coupling_id)

    @property
    def connection(self) -> Connection:
        session().rollback()
        session().expire_all()
        return session().get_one(Connection, self.package_id)

    def configure(self, **values: Any) -> None:
        """Change the coupling's settings."""
        with transaction():
            coupling = session().get_one(Coupling, self.coupling_id)
            coupling.settings = {**coupling.settings, **values}

    def change(self, **values: Any) -> None:
        """Set columns of the package's connection."""
        with transaction():
            connection = session().get_one(Connection, self.package_id)
            for name, value in values.items():
                setattr(connection, name, value)

    def read(self, some: Sequence[Order]) -> None:
        """Record orders as the shop's task does."""
        with transaction():
            shop = session().get_one(Connection, self.shop_id)
            orders.record(shop, [orders.Reading(o, OrderState.READY) for o in some])

    def drain(self) -> None:
        """Send what is queued, whenever it was to be tried again."""
        with transaction() as current:
            current.execute(update(Transfer).values(due_at=utcnow()))
        drain.drain()

    def book(self, *some: Order) -> None:
        self.read(some)
        self.drain()

    def verwerk(self, *some: Order) -> None:
        """Press *Verwerk* for what failed; the shop gives the orders as they are."""
        with transaction():
            for transfer in session().scalars(select(Transfer)):
                if transfer.state == TransferState.FAILED:
                    transfers.retry(transfer)
        with transaction():
            inbox.handled([row.id for row in session().scalars(select(InboxEvent))])
        self.book(*some)

    def states(self) -> list[tuple[str, str]]:
        """State and code of every transfer, oldest first."""
        session().rollback()
        session().expire_all()
        rows = session().scalars(select(Transfer).order_by(Transfer.id))
        return [(str(row.state), row.code) for row in rows]

    def load(self) -> None:
        """Run the scheduled task."""
        jobs.run_task("load_reference", self.package_id)


@pytest.fixture
def product(package: Package, settings: Settings) -> Iterator[Flask]:
    """The application, pointed at the sandbox; look-ups are certain at once."""
    environ = SANDBOX.environ(package.url)
    names = {name.lower(): value for name, value in environ.items()}
    app = create_product(replace(settings, recheck_seconds=0, **names))
    with app.app_context(), system_scope():
        empty_database()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def coupled(package: Package, product: Flask) -> Coupled:
    """A shop coupled to the demo company, configured with every suggestion."""
    tenant = accounts.create_tenant_with_owner(
        name="Fietsen", email="o@example.com", password="een lang wachtwoord"
    )
    shop = connections.create(tenant.id, "kmoshops")
    shop.state = ConnectionState.CONNECTED
    target = connections.create(tenant.id, "eaccounting")
    for name in ("kmoshops", "eaccounting"):
        connections.switch_plugin(tenant.id, name, enabled=True)
    plugin = koppelwerk().registry.get("eaccounting")
    assert plugin.connector is not None
    # No more than we ask for: whatever a test does, these scopes are enough.
    tokens = package.grant(scope=" ".join(SCOPES))
    connections.complete(target, plugin.connector.identify(tokens), tokens)
    session().commit()
    jobs.run_task("load_reference", target.id)
    with transaction():
        coupling = couplings.create(shop, target)
        coupling.starts_on = None
        couplings.save_suggestions(coupling)
    package.control("faults", verb="DELETE")
    return Coupled(product, package, shop.id, target.id, coupling.id)
