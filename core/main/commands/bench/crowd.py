"""Many tenants, each with a coupled shop, and documents that wait, made in bulk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import create_engine, func, insert, literal, select, text

from core.domain.clock import utcnow
from core.models import (
    Base,
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    Tally,
    Tenant,
    TenantPlugin,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Orders, Shop
from core.runtime.database import session
from core.runtime.extensions import koppelwerk

CODES = {TransferState.WAITING: "order_unpaid"}
LATER = timedelta(days=100)


def add_tenants(count: int) -> None:
    """Add tenants with nothing to do: looked at tonight, counted, paid for."""
    first = (session().scalar(select(func.max(Tenant.id))) or 0) + 1
    shop, package = (
        next(iter(koppelwerk().registry.brought(kind))) for kind in (Shop, Orders)
    )
    made: dict[type[Base], list[Mapping[str, Any]]] = {}
    for tenant_id in range(first, first + count):
        for model, row in _of_tenant(tenant_id, shop, package, utcnow()):
            made.setdefault(model, []).append(row)
    for model, rows in made.items():
        session().execute(insert(model), rows)
    session().commit()


def _of_tenant(
    tenant_id: int, shop: str, package: str, now: datetime
) -> list[tuple[type[Base], Mapping[str, Any]]]:
    """Return the rows of one tenant, whose ids follow from its own."""
    own = {"tenant_id": tenant_id}
    source, target = {"source_id": 2 * tenant_id - 1}, {"target_id": 2 * tenant_id}
    live: Mapping[str, Any] = {
        **own, "state": ConnectionState.CONNECTED, "checked_at": now,
        "next_run_at": now + LATER, "rechecked_on": (now + LATER).date(),
        "external_id": str(tenant_id), "facts": {}, "settings": {}, "cursor": {},
    }  # fmt: skip
    coupling = {"coupling_id": tenant_id}
    return [
        (Tenant, {"id": tenant_id, "name": f"T{tenant_id}"}),
        (TenantPlugin, {**own, "plugin": shop}),
        (TenantPlugin, {**own, "plugin": package}),
        (Connection, {**live, "id": source["source_id"], "plugin": shop}),
        (
            Connection,
            {
                **live, "id": target["target_id"], "plugin": package,
                "rechecked_on": None,
            },
        ),
        (
            Coupling,
            {
                **own, **source, **target, "id": tenant_id, "configured_at": now,
                "settings": {}, "no_turnover": {}, "confirmed": [],
            },
        ),
        (
            Licence,
            {
                **own, **source, **target, **coupling, "key": f"K{tenant_id}",
                "source_plugin": shop, "target_plugin": package,
                "state": LicenceState.PAID, "ends_on": (now + LATER).date(),
            },
        ),
        (Tally, {**own, **coupling, "due_at": now + LATER}),
    ]  # fmt: skip


def add_documents(count: int, tenants: int, state: TransferState) -> None:
    """Add due documents, spread over the first tenants; set-wise, within SQLite."""
    first = session().scalar(select(func.max(Transfer.id))) or 0
    session().rollback()
    numbers = select(literal(first).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(
        select(numbers.c.n + 1).where(numbers.c.n < first + count - 1)
    )
    tenant = (numbers.c.n - first) * tenants // count + 1  # as the indexes lie
    now = literal(utcnow(), Transfer.due_at.type)
    values: Mapping[Any, Any] = {
        Transfer.id: numbers.c.n + 1,
        Transfer.tenant_id: tenant,
        Transfer.coupling_id: tenant,
        Transfer.target_id: tenant * 2,
        Transfer.subject: literal("order"),
        Transfer.subject_id: numbers.c.n + 1,
        Transfer.document: literal(""),
        Transfer.number: func.printf("D%07d", numbers.c.n),
        Transfer.amount: literal(Decimal(121), Transfer.amount.type),
        Transfer.state: literal(state.value),
        Transfer.priority: literal(0),
        Transfer.due_at: now,
        Transfer.attempt: literal(0),
        Transfer.lease_token: literal(""),
        Transfer.failures: literal(0),
        Transfer.alone: literal(0),
        Transfer.started: literal(0),
        Transfer.code: literal(CODES.get(state, "")),
        Transfer.params: literal("{}"),
        Transfer.reasoning: literal("{}"),
        Transfer.external_id: literal(""),
        Transfer.external_number: literal(""),
        Transfer.external_url: literal(""),
        Transfer.administration: literal(""),
        Transfer.debtor_id: literal(""),
        Transfer.booked_hash: literal(""),
        Transfer.created_at: now,
        Transfer.changed_at: now,
    }
    rows = select(*values.values()).select_from(numbers)
    into = insert(Transfer).from_select([column.key for column in values], rows)
    plain = create_engine(session().get_bind().engine.url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        for pragma in (
            "foreign_keys = OFF",
            "synchronous = OFF",
            "cache_size = -400000",
        ):
            connection.execute(text(f"PRAGMA {pragma}"))
        connection.execute(into)
    plain.dispose()
