"""A tenant with orders in every state, for tests of the pages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.clock import utcnow
from core.domain.orders import (
    Address,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    order_to_dict,
)
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    LogLevel,
    Role,
    ShopOrder,
    Step,
    StepState,
    Tenant,
    TenantPlugin,
    Transfer,
    TransferState,
)
from core.runtime import log
from core.runtime.database import session
from core.runtime.tenancy import system_scope
from core.services.people import accounts
from core.services.transfer import order_words

PASSWORD = "een lang wachtwoord"
SHOP, PACKAGE = "kmoshops", "eaccounting"


@dataclass
class Sample:
    """A tenant with one coupling."""

    tenant: Tenant
    owner: str
    colleague: str
    shop: Connection
    package: Connection
    coupling: Coupling


def tenant(name: str = "De Fietsenmaker", number: int = 1) -> Sample:
    """Make a tenant with an owner, a colleague and two connected ends."""
    with system_scope():
        made = accounts.create_tenant_with_owner(
            name=name, email=f"owner{number}@example.com", password=PASSWORD
        )
        accounts.create_user(
            made,
            email=f"colleague{number}@example.com",
            password=PASSWORD,
            role=Role.COLLEAGUE,
        )
        ends = [_connection(made, plugin, number) for plugin in (SHOP, PACKAGE)]
        coupling = Coupling(
            tenant_id=made.id,
            source=ends[0],
            target=ends[1],
            settings={},
            configured_at=utcnow(),
        )
        session().add(coupling)
        session().commit()
    return Sample(
        made,
        f"owner{number}@example.com",
        f"colleague{number}@example.com",
        *ends,
        coupling,
    )


def _connection(tenant: Tenant, plugin: str, number: int) -> Connection:
    session().add(TenantPlugin(tenant_id=tenant.id, plugin=plugin))
    connection = Connection(
        tenant_id=tenant.id,
        plugin=plugin,
        state=ConnectionState.CONNECTED,
        external_id=f"{plugin}-{number}",
        external_name=f"{tenant.name} {number}",
        facts={"country": "NL"},
        last_run_at=utcnow(),
        next_run_at=utcnow() + timedelta(minutes=40),
    )
    session().add(connection)
    session().flush()
    return connection


def order(number: str, ordered_at: datetime, total: Decimal, **values: Any) -> Order:
    """Return an order of two lines at 21 %."""
    shipping = Decimal("6.05")
    lines = (
        _line(
            values.pop("description", "Multifunctionele weegschaal"), total - shipping
        ),
        _line("Verzendkosten", shipping, LineKind.SHIPPING),
    )
    address = Address(
        name=values.pop("name", "Sophie Fischer"),
        street="Stationstraat 12",
        postal_code="1000AA",
        city="Amsterdam",
        country=values.pop("country", "NL"),
    )
    return Order(
        source_id=f"s{number}",
        number=number,
        ordered_at=ordered_at,
        updated_at=ordered_at,
        currency="EUR",
        total_incl_vat=total,
        vat_amount=sum((line.vat_amount for line in lines), Decimal(0)),
        lines=lines,
        billing=address,
        delivery=address,
        **{"email": "sophie@example.com", "payment_method": "iDEAL", **values},
    )


def _line(text: str, amount: Decimal, kind: LineKind = LineKind.GOODS) -> OrderLine:
    vat = round(amount * 21 / 121, 2)
    return OrderLine(kind, text, Decimal(1), amount, vat, Decimal(21))


def transfer(
    sample: Sample,
    number: str,
    state: TransferState,
    code: str = "",
    *,
    params: dict[str, str] | None = None,
    ordered_at: datetime | None = None,
    total: Decimal = Decimal("72.80"),
    order_values: dict[str, Any] | None = None,
    **values: Any,
) -> Transfer:
    """Add an order and its transfer in a state."""
    made = order(
        number,
        ordered_at or datetime(2026, 3, 1, 12, tzinfo=UTC),
        total,
        **(order_values or {}),
    )
    row = ShopOrder(
        tenant_id=sample.tenant.id,
        connection_id=sample.shop.id,
        source_id=made.source_id,
        number=made.number,
        ordered_at=made.ordered_at,
        updated_at=made.updated_at,
        total_incl_vat=made.total_incl_vat,
        vat_amount=made.vat_amount,
        country=made.country,
        payment_method=made.payment_method,
        state=OrderState.READY,
        content_hash="x",
        payload=order_to_dict(made),
    )
    session().add(row)
    session().flush()
    order_words.keep(row, None)
    made_transfer = Transfer(
        tenant_id=sample.tenant.id,
        coupling_id=sample.coupling.id,
        target_id=sample.package.id,
        subject="order",
        subject_id=row.id,
        number=number,
        amount=total,
        state=state,
        code=code,
        params=params or {},
        due_at=utcnow(),
        **values,
    )
    session().add(made_transfer)
    session().flush()
    return made_transfer


def step(row: Transfer, state: StepState, exchange: str = "") -> None:
    """Add a remote write to a transfer."""
    session().add(
        Step(
            tenant_id=row.tenant_id,
            transfer_id=row.id,
            name="sales_entry",
            reference="1772366400",
            state=state,
            attempt=1,
            sent_at=utcnow(),
            exchange=exchange,
        )
    )


def note(sample: Sample, code: str, level: LogLevel = LogLevel.INFO, **values: Any):
    """Add a log entry."""
    log.write(sample.tenant.id, code, level=level, **values)
