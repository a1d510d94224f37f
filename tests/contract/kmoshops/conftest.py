"""A running webshop sandbox, a client of it, and a tenant that is connected to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from core.domain import jsontext
from core.domain.errors import AuthenticationLost
from core.domain.orders import OrderState
from core.main.app import create_app as create_product
from core.models import Connection, InboxEvent, LogEntry, ShopOrder
from core.net.oauth import Tokens
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.people import accounts
from core.services.transfer import inbox
from plugins.kmoshops import tasks
from plugins.kmoshops.client import KmoShops
from plugins.kmoshops.sandbox import create_app
from tests.database import empty_database
from tests.sandboxes import serving

STORE = 1003


@dataclass
class Sandbox:
    """The sandbox's address and its control address."""

    url: str

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3/"

    def control(self, path: str, body: Any = None, verb: str = "POST") -> Any:
        answer = requests.request(
            verb,
            f"{self.url}/_control/{path}",
            data=jsontext.dumps({} if body is None else body).encode(),
            timeout=20,
        )
        assert answer.ok, answer.text
        return jsontext.loads(answer.content)

    def place(self, **spec: Any) -> str:
        """Make an order of one mug; no webhook."""
        line = {"sku": "MOK", "name": "Mok", "price": "12.10", "quantity": 1}
        lines = [{**line, "vat_rate": "21"}]
        made = self.control("orders?silent=1", {"lines": lines, **spec})
        return str(made["id"])

    def calls(self) -> int:
        """How often orders were searched."""
        counts: dict[str, int] = self.control("calls", verb="GET")
        return counts.get("GET /api/v3/<int:store_id>/orders", 0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of its own for each test."""
    with serving(create_app(":memory:")) as url:
        yield Sandbox(url)


@dataclass
class FixedToken:
    """One token that cannot be renewed."""

    token: str

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        raise AuthenticationLost("authentication_lost", service="KMO Shops")


@pytest.fixture
def shop(sandbox: Sandbox) -> Iterator[KmoShops]:
    """A client with a good token."""
    token = sandbox.control("grant")["access_token"]
    client = KmoShops(sandbox.api, str(STORE), FixedToken(token))
    with client.http:
        yield client


@dataclass
class Coupled:
    """A tenant whose shop is connected, in an application without workers."""

    app: Flask
    sandbox: Sandbox
    connection_id: int
    number: int = 0

    @property
    def connection(self) -> Connection:
        """The connection as the database has it now."""
        session().rollback()
        session().expire_all()
        return session().get_one(Connection, self.connection_id)

    def run(self, task: str) -> None:
        jobs.run_task(task, self.connection_id)

    def tell(self, source_id: str, kind: str = "order.updated") -> None:
        """Put a message into the inbox, as the webhook address does."""
        self.number += 1
        event_id = f"event-{self.number}"
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            inbox.accept(connection, event_id=event_id, kind=kind, source_id=source_id)

    def orders(self) -> dict[str, OrderState]:
        """State by order number."""
        session().rollback()
        session().expire_all()
        rows = session().scalars(select(ShopOrder).order_by(ShopOrder.id))
        return {row.source_id: OrderState(row.state) for row in rows}

    def messages(self) -> list[tuple[str, str]]:
        """State and code of every message, in order."""
        session().rollback()
        session().expire_all()
        rows = session().scalars(select(InboxEvent).order_by(InboxEvent.id))
        return [(str(row.state), row.code) for row in rows]

    def log(self, code: str) -> list[dict[str, Any]]:
        """The values of the log entries with a code."""
        rows = session().scalars(select(LogEntry).where(LogEntry.code == code))
        return [row.params for row in rows]

    def change(self, **values: Any) -> None:
        """Set columns of the connection."""
        with transaction():
            connection = session().get_one(Connection, self.connection_id)
            for name, value in values.items():
                setattr(connection, name, value)


@pytest.fixture
def coupled(
    sandbox: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Coupled]:
    """A connected shop, whose turns no slow machine ends."""
    monkeypatch.setattr(tasks, "TURN_SECONDS", 600)
    app = create_product(
        settings.with_environ(
            {
                "KMOSHOPS_API_URL": sandbox.api,
                "KMOSHOPS_OAUTH_URL": f"{sandbox.url}/api/oauth/",
            }
        )
    )
    with app.app_context(), system_scope():
        empty_database()
        tenant = accounts.create_tenant_with_owner(
            name="Fietsen", email="o@example.com", password="een lang wachtwoord"
        )
        connections.switch_plugin(tenant.id, "kmoshops", enabled=True)
        connection = connections.create(tenant.id, "kmoshops")
        answer = sandbox.control("grant")
        tokens = Tokens(access_token=answer["access_token"], extra={"store_id": STORE})
        connector = app.extensions["koppelwerk"].registry.get("kmoshops").connector
        (identity,) = connector.identify(tokens)
        connections.complete(connection, identity, tokens)
        session().commit()
        yield Coupled(app, sandbox, connection.id)
        db.session.remove()
        db.engine.dispose()
