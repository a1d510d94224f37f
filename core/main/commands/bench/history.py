"""A tenant with a long history, made in bulk, to measure pages with."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import insert

from core.domain.clock import utcnow
from core.domain.money import vat_in
from core.domain.orders import (
    Address,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    order_to_dict,
)
from core.models import (
    Backfill,
    BackfillItem,
    BackfillState,
    Connection,
    ConnectionState,
    Coupling,
    Licence,
    LicenceState,
    LogEntry,
    LogLevel,
    ShopOrder,
    Step,
    StepState,
    TenantPlugin,
    Transfer,
    TransferState,
)
from core.plugin.capabilities import Orders, Shop
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.people import accounts

EMAIL = "bench@koppelwerk.example"
PASSWORD = "bench-bench-bench"  # noqa: S105  of a scratch database
CHUNK = 5000
MINUTES_APART = 10
"""A hundred thousand orders come to nearly two years."""
CAUSES = ("order_empty", "total_mismatch", "country_unknown", "email_missing")
Row = dict[str, Any]


def make_tenant(transfers: int) -> dict[str, object]:
    """Make a tenant with a coupling and so many transfers; return ids for addresses."""
    tenant = accounts.create_tenant_with_owner(
        name="Bench", email=EMAIL, password=PASSWORD
    )
    registry = koppelwerk().registry
    names = [next(iter(registry.brought(kind))) for kind in (Shop, Orders)]
    ends = [_connection(tenant.id, name) for name in names]
    coupling = Coupling(
        tenant_id=tenant.id,
        source=ends[0],
        target=ends[1],
        settings={},
        configured_at=utcnow(),
        starts_on=utcnow().date(),
    )
    session().add(coupling)
    session().flush()
    run = Backfill(
        tenant_id=tenant.id,
        coupling_id=coupling.id,
        first_on=date(2025, 1, 1),
        last_on=date(2025, 12, 31),
        state=BackfillState.RUNNING,
        cursor={"phase": "book"},
        facts={},
    )
    licence = Licence(
        tenant_id=tenant.id,
        key="BENCH",
        source_plugin=names[0],
        target_plugin=names[1],
        coupling_id=coupling.id,
        source_id=ends[0].id,
        target_id=ends[1].id,
        state=LicenceState.PAID,
        ends_on=utcnow().date() + timedelta(days=100),
    )
    session().add_all((run, licence))
    session().commit()
    add(0, transfers)
    return {
        "transfer_id": transfers // 2,
        "connection_id": ends[0].id,
        "coupling_id": coupling.id,
        "backfill_id": run.id,
        "licence_id": licence.id,
        "verdict": "book",
        "key": "NL",
    }


def _connection(tenant_id: int, plugin: str) -> Connection:
    session().add(TenantPlugin(tenant_id=tenant_id, plugin=plugin))
    connection = Connection(
        tenant_id=tenant_id,
        plugin=plugin,
        state=ConnectionState.CONNECTED,
        external_id=plugin,
        external_name="Bench",
        next_run_at=utcnow() + timedelta(hours=1),
    )
    session().add(connection)
    session().flush()
    return connection


def add(first: int, last: int) -> None:
    """Add orders, transfers, steps, log entries and run items by number."""
    makers: tuple[tuple[Any, Callable[[int, datetime], Row]], ...] = (
        (ShopOrder, _order), (Transfer, _transfer), (Step, _step), (LogEntry, _entry),
        (BackfillItem, _item),
    )  # fmt: skip
    now = utcnow()
    for numbers in _chunks(first, last):
        for model, make in makers:
            rows = [
                make(n, now - timedelta(minutes=MINUTES_APART * n)) for n in numbers
            ]
            session().execute(insert(model), rows)
        session().commit()


def _chunks(first: int, last: int) -> Iterator[range]:
    for start in range(first, last, CHUNK):
        yield range(start, min(start + CHUNK, last))


def _order(number: int, at: datetime) -> Row:
    total = Decimal(2500 + number % 9000) / 100
    line = OrderLine(
        LineKind.GOODS, f"Artikel {number % 500}", Decimal(1), total,
        vat_in(total, Decimal(21)), Decimal(21),
    )  # fmt: skip
    address = Address(
        name="Sophie Fischer", street="Stationstraat 12", postal_code="1012AB",
        city="Amsterdam", country="NL",
    )  # fmt: skip
    order = Order(
        source_id=f"B{number:06}", number=f"B{number:06}", ordered_at=at,
        updated_at=at, currency="EUR", total_incl_vat=total,
        vat_amount=line.vat_amount, lines=(line,), email=f"k{number}@example.com",
        billing=address, delivery=address, payment_method="iDEAL",
    )  # fmt: skip
    return {
        "id": number + 1, "tenant_id": 1, "connection_id": 1,
        "source_id": order.source_id, "number": order.number, "ordered_at": at,
        "updated_at": at, "total_incl_vat": total, "vat_amount": order.vat_amount,
        "country": "NL", "payment_method": "iDEAL", "state": OrderState.READY,
        "content_hash": "", "payload": order_to_dict(order), "seen_at": at,
    }  # fmt: skip


@cache
def _documents() -> tuple[str, ...]:
    """Return what orders become in the first package there is."""
    return tuple(next(iter(koppelwerk().registry.brought(Orders).values())).documents)


def _transfer(number: int, at: datetime) -> Row:
    state, code = _state(number)
    is_booked = state in (TransferState.DONE, TransferState.HELD)
    return {
        "id": number + 1, "tenant_id": 1, "coupling_id": 1, "target_id": 2,
        "subject": "order", "subject_id": number + 1,
        "document": _documents()[number % len(_documents())], "number": f"B{number:06}",
        "amount": Decimal(2500 + number % 9000) / 100, "state": state, "code": code,
        "params": {}, "due_at": at, "external_number": str(number) if is_booked else "",
        "booked_at": at if is_booked else None, "created_at": at, "changed_at": at,
    }  # fmt: skip


def _state(number: int) -> tuple[TransferState, str]:
    """Return where a transfer stands: one in fifty needs somebody."""
    if number % 100 == 1:
        return TransferState.FAILED, CAUSES[number // 100 % len(CAUSES)]
    if number % 200 == 2:
        return TransferState.HELD, "changed_after_booking"
    if number % 200 == 3:
        return TransferState.WAITING, "order_unpaid"
    return TransferState.DONE, "booked_differs" if number % 300 == 4 else ""


def _step(number: int, at: datetime) -> Row:
    return {
        "tenant_id": 1, "transfer_id": number + 1, "name": "sales_entry",
        "reference": str(number), "state": StepState.CONFIRMED, "attempt": 1,
        "sent_at": at, "external_id": str(number), "result": {}, "exchange": "",
    }  # fmt: skip


def _entry(number: int, at: datetime) -> Row:
    is_fault = number % 100 == 1
    return {
        "tenant_id": 1, "at": at, "transfer_id": number + 1,
        "level": LogLevel.ERROR if is_fault else LogLevel.INFO,
        "code": "order_empty" if is_fault else "transfer_done",
        "params": {"number": f"B{number:06}"},
    }  # fmt: skip


def _item(number: int, _at: datetime) -> Row:
    return {
        "tenant_id": 1, "backfill_id": 1, "order_id": number + 1, "verdict": "book",
        "code": "", "amount": Decimal(25), "transfer_id": number + 1,
    }  # fmt: skip
