"""A running sandbox, clients over both interfaces, and a tenant coupled to it.

Every SOAP message that goes out or comes in is held against the vendor's own schema;
a deviation fails the test.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests
from flask import Flask
from lxml import etree
from sqlalchemy import select, update

from core import jobs, jsontext
from core.app import create_app as create_product
from core.clock import utcnow
from core.domain import Order, OrderState
from core.extensions import db
from core.http import HttpClient
from core.models import Connection, ConnectionState, Coupling, Transfer, TransferState
from core.sandbox.server import server_for
from core.services.database import session, transaction
from core.services.linking import connections, couplings, form_flow
from core.services.people import accounts
from core.services.transfer import drain, inbox, orders, transfers
from core.settings import Settings
from core.tenancy import system_scope
from plugins.eboekhouden.client import EBoekhouden, Uncounted
from plugins.eboekhouden.connector import client_of
from plugins.eboekhouden.demo import SANDBOX
from plugins.eboekhouden.sandbox import create_app
from tests.database import empty_database
from tests.shared import shared_file

XSD = "{http://www.w3.org/2001/XMLSchema}schema"
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
_PLAIN = HttpClient.request


@dataclass
class Package:
    """A sandbox of e-Boekhouden.nl on a free port."""

    url: str

    def control(self, path: str, body: Any = None, verb: str = "POST") -> Any:
        """Call the control address."""
        answer = requests.request(
            verb,
            f"{self.url}/_control/{path}",
            data=jsontext.dumps({} if body is None else body),
            timeout=30,
        )
        answer.raise_for_status()
        return jsontext.loads(answer.content)

    def fault(self, **rule: Any) -> None:
        """Inject a fault; `path` may be an operation's name."""
        self.control("faults", rule)

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """What was accepted, in order."""
        entries = self.control(f"ledger?kind={kind}", verb="GET")
        return [entry["body"] for entry in entries]

    def calls(self) -> dict[str, int]:
        """How often each operation was called."""
        found = self.control("calls", verb="GET")
        return {name: count for name, count in found.items() if "_control" not in name}

    def values(self, interface: str = "soap", key: str = "demo") -> dict[str, str]:
        """What the user fills in."""
        return {"interface": interface, **self.control("grant", {"key": key})}


@pytest.fixture(scope="session")
def vendor_schema() -> etree.XMLSchema:
    """The vendor's schema, out of its WSDL."""
    path = shared_file("contracts/eboekhouden/soap.wsdl")
    schema = etree.parse(str(path)).find(f".//{XSD}")
    assert schema is not None
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


@pytest.fixture(autouse=True)
def judged(
    monkeypatch: pytest.MonkeyPatch, vendor_schema: etree.XMLSchema
) -> list[str]:
    """Hold every SOAP message against the vendor's schema; list the calls."""
    seen: list[str] = []

    def judge(text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        content = etree.fromstring(data).find(f"{BODY}/*")
        assert content is not None
        if "Fault" not in content.tag:
            valid = vendor_schema.validate(etree.fromstring(etree.tostring(content)))
            assert valid, str(vendor_schema.error_log)

    def request(self: HttpClient, method: str, path: str, **rest: Any) -> Any:
        is_soap = method == "POST" and path.endswith("soap.asmx")
        if is_soap:
            judge(rest["data"])
        seen.append(str(rest.get("endpoint") or f"{method} {path}"))
        answer = _PLAIN(self, method, path, **rest)
        if is_soap:
            judge(answer.body)
        return answer

    monkeypatch.setattr(HttpClient, "request", request)
    return seen


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


@pytest.fixture(params=["soap", "rest"])
def interface(request: pytest.FixtureRequest) -> str:
    """Each of the two interfaces."""
    return str(request.param)


@pytest.fixture
def api(package: Package, product: Flask, interface: str) -> Iterator[EBoekhouden]:
    """A client with good codes."""
    client = client_of(package.values(interface), Uncounted())
    yield client
    client.close()


@dataclass
class Coupled:
    """A tenant with a shop and the package, in an application without workers."""

    app: Flask
    package: Package
    shop_id: int
    package_id: int
    coupling_id: int

    @property
    def connection(self) -> Connection:
        session().rollback()
        session().expire_all()
        return session().get_one(Connection, self.package_id)

    @property
    def coupling(self) -> Coupling:
        session().rollback()
        session().expire_all()
        return session().get_one(Coupling, self.coupling_id)

    def configure(self, **values: Any) -> None:
        """Change the coupling's settings."""
        with transaction():
            coupling = session().get_one(Coupling, self.coupling_id)
            coupling.settings = {**coupling.settings, **values}

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
        from core.models import InboxEvent

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
        """Run the scheduled task, as if the last time was long ago."""
        with transaction():
            connection = session().get_one(Connection, self.package_id)
            connection.cursor = {}
        jobs.run_task("load_reference", self.package_id)


def couple(product: Flask, package: Package, interface: str) -> Coupled:
    """A shop coupled to the demo administration, with every suggestion taken."""
    tenant = accounts.create_tenant_with_owner(
        name="Fietsen", email="o@example.com", password="een lang wachtwoord"
    )
    shop = connections.create(tenant.id, "kmoshops")
    shop.state = ConnectionState.CONNECTED
    target = connections.create(tenant.id, "eboekhouden")
    for name in ("kmoshops", "eboekhouden"):
        connections.switch_plugin(tenant.id, name, enabled=True)
    session().commit()
    form_flow.connect(target, package.values(interface))
    jobs.run_task("load_reference", target.id)
    with transaction():
        coupling = couplings.create(shop, target)
        coupling.starts_on = None
        couplings.save_suggestions(coupling)
    return Coupled(product, package, shop.id, target.id, coupling.id)


@pytest.fixture
def coupled(package: Package, product: Flask, interface: str) -> Coupled:
    """A coupled tenant, once over each interface."""
    return couple(product, package, interface)


@pytest.fixture
def by_soap(package: Package, product: Flask) -> Coupled:
    """A coupled tenant over SOAP."""
    return couple(product, package, "soap")
