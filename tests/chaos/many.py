"""Many tenants on one product, each with a shop and a company of its own."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import requests
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

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
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import db, koppelwerk
from core.runtime.tenancy import system_scope
from core.services.connections import connections
from core.services.linking import checking, schedule
from core.services.people import accounts
from core.services.transfer import transfers
from core.services.transfer.reconciliation import compare
from tests.database import empty_database
from tests.product import PASSWORD

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
    sold: Counter[int] = field(default_factory=Counter)
    """What they come to, by store, in cents incl VAT."""
    began: datetime = field(default_factory=utcnow)
    secrets: list[str] = field(default_factory=list)
    """Tokens that were given to the product."""

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
        before = sum(self.placed.values())
        for turn in range(before, before + count):
            store_id = self.tenants[turn % len(self.tenants)].store_id
            number = self.placed[store_id]
            self.placed[store_id] += 1
            path = f"orders?store_id={store_id}"
            made = self.control(SHOP, path, _order(store_id, number))
            self.sold[store_id] += _cents(made["total"])

    def place_up_to(self, count: int) -> None:
        """Place until there are so many."""
        self.place(count - sum(self.placed.values()))

    def poll(self) -> None:
        """Press *Koppeling uitvoeren* for each shop."""
        for tenancy in self.tenants:
            schedule.run_now(session().get_one(Connection, tenancy.shop_id))
        session().commit()

    def press(self) -> int:
        """Press *Verwerk* for what asks a person; return how many did.

        What had no answer twice does, by design: whether it is sent again he decides.
        """
        asks = select(Transfer).where(Transfer.state == TransferState.FAILED)
        rows = session().scalars(asks.order_by(Transfer.id)).all()
        for row in rows:
            transfers.retry(row)
        session().commit()
        return len(rows)

    def booked(self) -> int:
        """How many documents are done."""
        return self._count(TransferState.DONE)

    def in_hand(self) -> int:
        """How many documents a worker has in hand."""
        return self._count(TransferState.SENDING)

    def _count(self, state: TransferState) -> int:
        counted = select(func.count()).where(Transfer.state == state)
        try:
            return session().scalar(counted) or 0
        except DBAPIError:  # it was restarted under our hands
            return 0
        finally:
            session().rollback()

    def verdict(self) -> dict[str, Any]:
        """Hold shops, rows and the package's own ledger against each other."""
        session().rollback()
        session().expire_all()
        entries = self.control(PACKAGE, "ledger?kind=ledgeritem", verb="GET")
        found: dict[str, Counter[str]] = {}
        booked: Counter[str] = Counter()
        for entry in (each["body"] for each in entries):
            numbers = found.setdefault(entry["company"], Counter())
            numbers[str(entry["document"]["PaymentReferenceNumber"])] += 1
            total = entry["document"]["TotalAmountInvoiceCurrency"]
            booked[entry["company"]] += _cents(total)
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
        seconds = self._seconds()
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
            "open_steps": len(
                names := session().scalars(select(Step.name).where(open_steps)).all()
            ),
            "open_kinds": Counter(name.partition(":")[0] for name in names),
            "told": self.told(),
            "gaps": sum(len(compare(coupling).gaps) for coupling in couplings),
            "cents": sum(
                abs(self.sold[each.store_id] - booked[each.company])
                for each in self.tenants
            ),
            "tenant_median_seconds": round(median(seconds), 1),
            "tenant_slowest_seconds": round(max(seconds), 1),
        }

    def told(self) -> int:
        """How many lines of the product's logs name a customer or a secret."""
        told = ("Klant ", "@winkel", PASSWORD, *self.secrets)
        names = re.compile("|".join(map(re.escape, told)))
        logs = Path(self.stack.settings.var_dir).parent.rglob("[wc]*.log")
        lines = (line for log in logs for line in log.read_text().splitlines())
        return sum(bool(names.search(line)) for line in lines)

    def _seconds(self) -> list[float]:
        """How long each tenant waited from the beginning to its last booking."""
        rows = session().scalars(
            select(func.max(Transfer.booked_at)).group_by(Transfer.tenant_id)
        )
        return [(last - self.began).total_seconds() for last in rows if last] or [0.0]


def _cents(amount: Decimal | float) -> int:
    return round(Decimal(str(amount)) * 100)


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
        jobs.forget_client(app)


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
    many.secrets += [shop_tokens.access_token, tokens.access_token]
    with transaction():
        tenant = accounts.create_tenant_with_owner(
            name=f"Winkel {number}",
            email=f"eigenaar{number}@example.com",
            password=PASSWORD,
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
