"""Many tenants on one product, each with a shop and a company of its own."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import func, select

from core.domain import jsontext
from core.domain.clock import utcnow
from core.main.app import create_app
from core.main.stack import Stack, _couple, _identified
from core.models import (
    Connection,
    Coupling,
    Step,
    StepState,
    Transfer,
    TransferState,
)
from core.net.oauth import Tokens
from core.runtime.database import session, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.linking import checking, schedule
from core.services.people import accounts
from core.services.transfer.reconciliation import compare
from tests.database import empty_database

SHOP, PACKAGE = "kmoshops", "eaccounting"
FIRST_STORE = 5000
ENDED = (
    TransferState.DONE,
    TransferState.FAILED,
    TransferState.HELD,
    TransferState.SKIPPED,
)


@dataclass(frozen=True)
class Tenancy:
    """One tenant's shop, company and coupling."""

    store_id: int
    company: str
    shop_id: int
    coupling_id: int


@dataclass
class Many:
    """The product with its tenants; use it within its application's context."""

    app: Flask
    stack: Stack
    tenants: Sequence[Tenancy]
    placed: Counter[int] = field(default_factory=Counter)
    """Orders by store."""

    def control(
        self, name: str, path: str, body: Any = None, verb: str = "POST"
    ) -> Any:
        """Call a sandbox's control address."""
        answer = requests.request(
            verb,
            f"{self.stack.addresses[name]}/_control/{path}",
            data=jsontext.dumps({} if body is None else body),
            timeout=120,
        )
        answer.raise_for_status()
        return jsontext.loads(answer.content)

    def place(self, count: int) -> None:
        """Place so many orders, in turn at each tenant's shop; their webhooks go."""
        for turn in range(count):
            store_id = self.tenants[turn % len(self.tenants)].store_id
            number = self.placed[store_id]
            self.placed[store_id] += 1
            path = f"orders?store_id={store_id}"
            self.control(SHOP, path, _order(store_id, number))

    def poll(self) -> None:
        """Press *Koppeling uitvoeren* for each shop."""
        for tenancy in self.tenants:
            schedule.run_now(session().get_one(Connection, tenancy.shop_id))
        session().commit()

    def booked(self) -> int:
        """How many documents are done."""
        done = Transfer.state == TransferState.DONE
        count = session().scalar(select(func.count()).where(done))
        session().rollback()
        return count or 0

    def verdict(self) -> dict[str, Any]:
        """Hold shops, rows and the package's own ledger against each other."""
        session().rollback()
        session().expire_all()
        entries = self.control(PACKAGE, "ledger?kind=ledgeritem", verb="GET")
        found: dict[str, Counter[str]] = {}
        for entry in (each["body"] for each in entries):
            numbers = found.setdefault(entry["company"], Counter())
            numbers[str(entry["document"]["PaymentReferenceNumber"])] += 1
        made = self.control(PACKAGE, "ledger?kind=customer", verb="GET")
        customers = Counter(
            (each["body"]["company"], each["body"]["document"]["EmailAddress"])
            for each in made
        )
        lost = sum(
            max(self.placed[each.store_id] - len(found.get(each.company, ())), 0)
            for each in self.tenants
        )
        states = session().execute(
            select(Transfer.state, func.count()).group_by(Transfer.state)
        )
        by_state = {str(state): count for state, count in states}
        open_steps = Step.state.in_((StepState.PREPARED, StepState.UNKNOWN))
        couplings = session().scalars(select(Coupling).order_by(Coupling.id)).all()
        return {
            "orders": sum(self.placed.values()),
            "lost": lost,
            "double": sum(
                count - 1 for each in found.values() for count in each.values()
            ),
            "double_customers": sum(count - 1 for count in customers.values()),
            "stranded": sum(
                count for state, count in by_state.items() if state not in ENDED
            ),
            "asking": by_state.get("failed", 0) + by_state.get("held", 0),
            "open_steps": session().scalar(select(func.count()).where(open_steps)),
            "gaps": sum(len(compare(coupling).gaps) for coupling in couplings),
        }


def good(verdict: dict[str, Any]) -> bool:
    """Tell whether nothing was lost, doubled or left lying."""
    wrong = ("lost", "double", "double_customers", "stranded", "open_steps", "gaps")
    return not any(verdict[name] for name in wrong)


@contextmanager
def many(stack: Stack, database_url: str, folder: Path, tenants: int) -> Iterator[Many]:
    """Connect so many tenants on an empty database and empty sandboxes."""
    for name, (_, sandbox) in stack.sandboxes.items():
        address = stack.addresses[name]
        requests.post(f"{address}/_control/reset", timeout=30).raise_for_status()
        if sandbox.bench.unlimited is not None:
            sandbox.bench.unlimited(address)
    settings = replace(stack.settings, database_url=database_url, var_dir=str(folder))
    app = create_app(settings)
    with app.app_context(), system_scope():
        empty_database()
        made = Many(app, stack, [])
        made.tenants = [_tenancy(made, number) for number in range(tenants)]
        yield made
        db.session.remove()
        db.engine.dispose()


def _tenancy(many: Many, number: int) -> Tenancy:
    store_id, company = FIRST_STORE + number, f"bedrijf{number}"
    many.control(SHOP, f"stores/{store_id}", {"name": f"Winkel {number}"})
    many.control(PACKAGE, "companies", {"company": company})
    granted = many.control(SHOP, "grant", {"store_id": store_id})
    shop_tokens = Tokens(
        access_token=granted["access_token"],
        scope=granted["scope"],
        extra={"store_id": str(store_id)},
    )
    granted = many.control(PACKAGE, "grant", {"company": company})
    tokens = Tokens(
        access_token=granted["access_token"],
        refresh_token=granted["refresh_token"],
        expires_at=utcnow() + timedelta(seconds=int(granted["expires_in"])),
        scope=granted["scope"],
    )
    with transaction():
        tenant = accounts.create_tenant_with_owner(
            name=f"Winkel {number}",
            email=f"eigenaar{number}@example.com",
            password="een lang wachtwoord",
        )
    ends = [
        _connected(tenant.id, name, given)
        for name, given in ((SHOP, shop_tokens), (PACKAGE, tokens))
    ]
    _couple(tenant, *ends)
    coupling = session().scalars(
        select(Coupling).where(Coupling.tenant_id == tenant.id)
    ).one()  # fmt: skip
    return Tenancy(store_id, company, ends[0].id, coupling.id)


def _connected(tenant_id: int, plugin: str, tokens: Tokens) -> Connection:
    with transaction():
        connections.switch_plugin(tenant_id, plugin, enabled=True)
    connection = connections.create(tenant_id, plugin)
    connector = koppelwerk().registry.get(plugin).connector
    assert connector is not None
    identity = _identified(connector, tokens)
    with transaction():
        connections.complete(connection, identity, tokens)
    if plugin == PACKAGE:
        checking.load_reference(connection)
    return connection


def _order(store_id: int, number: int) -> dict[str, Any]:
    """An order of one of ever more customers, some of whom come back."""
    customer = number // 3
    return {
        "email": f"klant{customer}@winkel{store_id}.example.com",
        "billing": {
            "name": f"Klant {customer}",
            "street": "Stationstraat 12",
            "postalCode": "1012 AB",
            "city": "Amsterdam",
            "countryCode": "NL",
        },
        "lines": [
            {
                "sku": f"SKU-{number % 20}",
                "name": f"Artikel {number % 20}",
                "price": f"{12 + number % 30}.10",
                "quantity": 1 + number % 3,
                "vat_rate": "21",
            }
        ],
        "payment_method": "iDEAL",
    }
