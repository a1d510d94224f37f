"""A made-up package that keeps a ledger in memory, and a tenant coupled to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask_wtf import FlaskForm
from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import OutcomeUnknown
from core.domain.orders import Address, LineKind, Order, OrderLine, OrderState
from core.domain.packages import Booked, Written
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    PaymentMapping,
    Tenant,
    TenantPlugin,
    Transfer,
    VatMapping,
)
from core.net.departures import departed
from core.plugin.capabilities import Choices, Manifest, Orders, Plugin
from core.plugin.engine import lease
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import system_scope
from core.services.transfer import leases, orders
from core.services.transfer.journal import Job

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Package:
    """The remote: an append-only ledger and the faults of its next answers."""

    documents: list[tuple[str, str]] = field(default_factory=list)
    debtors: list[str] = field(default_factory=list)
    faults: list["Callable[[], None] | Late | None"] = field(default_factory=list)
    calls: int = 0
    looks: int = 0
    poison: dict[str, Exception] = field(default_factory=dict)
    """By reference: what is never taken, and how it answers."""

    def write(self, ledger: list, entry: object) -> None:
        """Take an entry; a fault may strike before or after it is taken."""
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and fault is not after and not isinstance(fault, Late):
            fault()
        departed()  # as the transport does when a write leaves
        for sign, error in self.poison.items():
            if sign in str(entry):
                raise error
        ledger.append(entry)
        if fault is after:
            raise OutcomeUnknown("outcome_unknown")
        if isinstance(fault, Late):
            raise fault.error


@dataclass(frozen=True)
class Late:
    """A fault that strikes after the write was done."""

    error: Exception


def before(error: Exception) -> Callable[[], None]:
    """A fault that strikes before anything is done; what is unknown did leave."""

    def strike() -> None:
        if isinstance(error, OutcomeUnknown):
            departed()
        raise error

    return strike


def after() -> None:
    """A fault: the answer is lost after the write was done."""


@dataclass
class FakeSender:
    """Books each order under its number, with a debtor made once per e-mail."""

    package: Package

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Nothing to load."""

    def send(self, job: Job) -> Booked:
        """Make the debtor, then the document."""
        order = orders.load(job.subject_row)
        debtor = job.make_once(
            "debtor",
            order.email,
            send=lambda key: self._made(self.package.debtors, key, key),
            find=lambda key, _: self._found(self.package.debtors, key, key),
        )
        entry = lambda ref: (ref, str(order.total_incl_vat))  # noqa: E731
        written = job.write(
            "document",
            reference=lambda: f"R-{order.number}",
            send=lambda ref: self._made(self.package.documents, entry(ref), ref),
            find=lambda ref, _: self._found(self.package.documents, entry(ref), ref),
            last=True,
        )
        return Booked(written.external_id, debtor_id=debtor)

    def _made(self, ledger: list, entry: object, key: str) -> Written:
        self.package.write(ledger, entry)
        return Written(f"id-{key}")

    def _found(self, ledger: list, entry: object, key: str) -> Written | None:
        self.package.looks += 1
        return Written(f"id-{key}") if entry in ledger else None


@dataclass
class World:
    """A tenant with a shop and the made-up package coupled."""

    package: Package
    shop_id: int
    target_id: int
    coupling_id: int

    @property
    def shop(self) -> Connection:
        """The shop's connection, fresh from the database."""
        return session().get_one(Connection, self.shop_id)

    @property
    def coupling(self) -> Coupling:
        """The coupling, fresh from the database."""
        return session().get_one(Coupling, self.coupling_id)

    def order(self, number: int, **values: object) -> Order:
        """A paid order of 121.00."""
        line = OrderLine(
            LineKind.GOODS, "Stoel", Decimal(1), Decimal("121.00"), Decimal("21.00"),
            Decimal(21),
        )  # fmt: skip
        order = Order(
            source_id=str(number),
            number=f"W{number}",
            ordered_at=NOW,
            updated_at=NOW,
            currency="EUR",
            total_incl_vat=Decimal("121.00"),
            vat_amount=Decimal("21.00"),
            lines=(line,),
            email=f"klant{number}@example.com",
            billing=Address(country="NL"),
        )
        return replace(order, **values)  # type: ignore[arg-type]

    def read(
        self, *read: Order, state: OrderState = OrderState.READY, reason: str = ""
    ) -> None:
        """Record readings as the shop's task does."""
        orders.record(self.shop, [orders.Reading(o, state, reason) for o in read])
        session().commit()

    def state(self, number: int) -> tuple[str, str]:
        """State and code of an order's transfer."""
        session().expire_all()
        transfer = (
            session()
            .scalars(select(Transfer).where(Transfer.number == f"W{number}"))
            .one()
        )
        return transfer.state, transfer.code


@contextmanager
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Couple a shop to the made-up package, in the running application."""
    package = Package()
    # PostgreSQL's clock cannot be moved by a test; the process's can.
    for module in (leases, lease):
        monkeypatch.setattr(module, "shared_now", utcnow)

    @contextmanager
    def sender(_connection: Connection) -> Iterator[FakeSender]:
        yield FakeSender(package)

    package_of_orders = Orders(
        sender=sender,
        form=FlaskForm,
        vat_mapping=VatMapping,
        payment_mapping=PaymentMapping,
        choices=lambda _connection: Choices(),
        problems=lambda _coupling: [],
        credits=("",),
    )
    registry = koppelwerk().registry
    for name in ("shop", "pack"):
        manifest = Manifest(name, name, name, "1", "accounting")
        brings = (package_of_orders,) if name == "pack" else ()
        registry.add(Plugin(manifest, brings=brings))
    with system_scope():
        tenant = Tenant(name="Winkel")
        session().add(tenant)
        session().flush()
        made = []
        for name in ("shop", "pack"):
            session().add(TenantPlugin(tenant_id=tenant.id, plugin=name))
            connection = Connection(
                tenant_id=tenant.id,
                plugin=name,
                state=ConnectionState.CONNECTED,
                external_id=name,
            )
            session().add(connection)
            made.append(connection)
        session().flush()
        coupling = Coupling(
            tenant_id=tenant.id,
            source_id=made[0].id,
            target_id=made[1].id,
            configured_at=NOW,
        )
        session().add(coupling)
        session().commit()
        yield World(package, made[0].id, made[1].id, coupling.id)
