"""A shop coupled to a package, in an application without workers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypeVar

from flask import Flask
from sqlalchemy import select, update

from core.domain.clock import utcnow
from core.domain.orders import Order, OrderState, Refund, RefundKind
from core.main.app import create_app
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    Transfer,
    TransferState,
)
from core.rules.refunds import RefundPolicy
from core.runtime import jobs
from core.runtime.database import session, transaction
from core.runtime.extensions import db
from core.runtime.settings import Settings
from core.runtime.tenancy import system_scope
from core.runtime.vault import new_key
from core.services.connections import connections
from core.services.linking import couplings
from core.services.people import accounts
from core.services.transfer import drain, inbox, orders, transfers
from tests.contract.kept import Begun, Ids
from tests.database import empty_database
from tests.sandboxes import Outside

SHOP = "kmoshops"
Connect = Callable[[Connection], None]
P = TypeVar("P")
C = TypeVar("C", bound="CoupledPackage[Any]")


class Package(Outside):
    """A package's sandbox that a tenant can be coupled to."""

    def __init__(self, url: str, begun: Begun) -> None:
        super().__init__(url)
        self.begun = begun


@contextmanager
def pointed_at(environ: Mapping[str, str], settings: Settings) -> Iterator[Flask]:
    """The application, pointed at a sandbox; look-ups are certain at once."""
    settings = replace(settings, recheck_seconds=0, secret_keys=_keys())
    app = create_app(settings.with_environ(environ))
    with app.app_context(), system_scope():
        empty_database()
        yield app
        db.session.remove()
        db.engine.dispose()


@cache
def _keys() -> str:
    """One key for all tests of a process: what was sealed opens in a copy."""
    return new_key()


@dataclass
class CoupledPackage(Generic[P]):
    """A tenant with a shop and a package, whose sandbox is `package`."""

    app: Flask
    package: P
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

    def book_with_price_cuts(self, sold: Order, *amounts: str) -> None:
        """Book a sale, and then each refund of a part of it by itself."""
        with transaction():
            coupling = session().get_one(Coupling, self.coupling_id)
            coupling.refunds = RefundPolicy.BY_ITSELF
        cuts = tuple(
            Refund(f"r{at}", Decimal(amount), sold.ordered_at, RefundKind.PRICE_CUT)
            for at, amount in enumerate(amounts, start=1)
        )
        for known in range(len(cuts) + 1):
            self.book(replace(sold, refunds=cuts[:known]))

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


def couple(
    kind: type[C], app: Flask, package: "Package", plugin: str, connect: Connect
) -> C:
    """Couple a shop to a package's demo company, with every suggestion taken."""
    ids = package.begun.restore()
    if ids is None:
        ids = _coupled(plugin, connect)
        package.begun.keep(ids)
    return kind(app, package, *ids)


def second(plugin: str, connect: Connect) -> Ids:
    """Couple another tenant's shop to another company of the same package."""
    return _coupled(plugin, connect, "Tweede")


def _coupled(plugin: str, connect: Connect, name: str = "Fietsen") -> Ids:
    tenant = accounts.create_tenant_with_owner(
        name=name, email=f"{name[0]}@example.com", password="een lang wachtwoord"
    )
    shop = connections.create(tenant.id, SHOP)
    shop.state = ConnectionState.CONNECTED
    target = connections.create(tenant.id, plugin)
    for name in (SHOP, plugin):
        connections.switch_plugin(tenant.id, name, enabled=True)
    session().commit()
    connect(target)
    session().commit()
    jobs.run_task("load_reference", target.id)
    with transaction():
        coupling = couplings.create(shop, target)
        coupling.starts_on = None
        couplings.save_suggestions(coupling)
    return shop.id, target.id, coupling.id
