"""A tenant with a long history, made in bulk, to measure pages with."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import create_engine, func, insert, literal, select, text, true

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
    OrderWord,
    ShopOrder,
    Step,
    StepState,
    TenantPlugin,
    Transfer,
    TransferState,
)
from core.models.base import UtcDateTime
from core.plugin.capabilities import Orders, Shop
from core.rules.search_words import customer_of, order_words
from core.runtime import planner
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.services.people import accounts

EMAIL = "bench@koppelwerk.example"
PASSWORD = "bench-bench-bench"  # noqa: S105  of a scratch database
MINUTES_APART = 10
"""A hundred thousand orders come to nearly two years."""
CAUSES = ("order_empty", "vat_rate_not_configured", "country_unknown", "email_missing")
Row = dict[str, Any]
_FIRST = ("Sophie", "Jan", "Zoë", "Ahmed", "Lotte", "Bram", "Nora", "Emma", "Daan")
_LAST = ("Fischer", "de Vries", "Peeters", "Janssens", "Yilmaz", "Bakker", "Maes")
_UNSET = {"country": "BE", "rate": "21", "line": "Theepot"}
_OF = ("transfer_id", "order_id", "id")
_KEYS = {"id", "subject_id", "transfer_id", "order_id"}
_NUMBERS = {
    "source_id", "number", "payload", "external_number", "reference", "external_id",
    "params", "word",
}  # fmt: skip


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
    add(transfers)
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


def add(last: int) -> None:
    """Add the first orders, with their words, transfers, steps, log entries and run
    items."""
    now = utcnow()
    made: dict[Any, list[Row]] = {model: [] for model in _MAKERS}
    for number in range(last):
        at = now - timedelta(minutes=MINUTES_APART * number)
        for model, make in _MAKERS.items():
            made[model].append(make(number, at))
    for model, rows in made.items():
        session().execute(insert(model), rows)
    words = [
        {"tenant_id": 1, "order_id": row["id"], "word": word}
        for row in made[ShopOrder]
        for word in order_words(row["payload"])
    ]
    session().execute(insert(OrderWord), words)
    session().commit()


def repeat(first: int, last: int) -> None:
    """Copy the first orders and all that belongs to them, up to so many.

    Set-wise, within SQLite: a million rows a table take seconds, and as objects most of
    ten minutes.
    """
    copies = select(literal(1).label("copy")).cte("copies", recursive=True)
    following = select(copies.c.copy + 1).where(copies.c.copy < last // first - 1)
    copies = copies.union_all(following)
    session().rollback()
    plain = create_engine(session().get_bind().engine.url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        for pragma in ("foreign_keys = OFF", "synchronous = OFF"):
            connection.execute(text(f"PRAGMA {pragma}"))
        for model in (*_MAKERS, OrderWord):
            table = model.__table__
            pattern = table.alias("pattern")
            key = _key(pattern)
            columns = _copied(pattern, key, copies.c.copy * first)
            rows = (
                select(*columns.values())
                .select_from(pattern.join(copies, true()))
                .where(key <= first)
                .order_by(copies.c.copy, key)
            )
            connection.execute(insert(table).from_select(list(columns), rows))
        planner.learn(connection)
    plain.dispose()


def _key(pattern: Any) -> Any:
    """Return of which order or document a row is."""
    return next(pattern.c[name] for name in _OF if name in pattern.c)


def _copied(pattern: Any, key: Any, by: Any) -> dict[str, Any]:
    """Return a table's columns for copies whose numbers are shifted; the ids of what
    belongs to a document are the database's own."""
    earlier = func.printf("-%d minutes", by * MINUTES_APART)
    columns: dict[str, Any] = {}
    for column in pattern.c:
        value: Any = column
        if column.name == "id" and key is not column:
            continue
        if column.name in _KEYS:
            value = column + by
        elif isinstance(column.type, UtcDateTime):
            moment = func.strftime("%Y-%m-%d %H:%M:%f", column, earlier)
            value = moment.concat("000")
        elif column.name in _NUMBERS:
            value = _renumbered(key, column, by)
        columns[column.name] = value
    return columns


def _renumbered(key: Any, column: Any, by: Any) -> Any:
    """Return a text with the number of the copy instead of the first one's."""
    old, new = (func.printf("%06d", each) for each in (key - 1, key - 1 + by))
    return func.replace(column, old, new)


def _order(number: int, at: datetime) -> Row:
    total = Decimal(2500 + number % 9000) / 100
    line = OrderLine(
        LineKind.GOODS, f"Artikel {number % 500}", Decimal(1), total,
        vat_in(total, Decimal(21)), Decimal(21),
    )  # fmt: skip
    address = Address(
        name=_name(number), street="Stationstraat 12", postal_code="1012AB",
        city="Amsterdam", country="NL",
    )  # fmt: skip
    order = Order(
        source_id=f"B{number:06}", number=f"B{number:06}", ordered_at=at,
        updated_at=at, currency="EUR", total_incl_vat=total,
        vat_amount=line.vat_amount, lines=(line,), email=f"k{number:06}@example.com",
        billing=address, delivery=address, payment_method="iDEAL",
    )  # fmt: skip
    payload = order_to_dict(order)
    return {
        "id": number + 1, "tenant_id": 1, "connection_id": 1,
        "source_id": order.source_id, "number": order.number, "ordered_at": at,
        "updated_at": at, "total_incl_vat": total, "vat_amount": order.vat_amount,
        "country": "NL", "payment_method": "iDEAL", "state": OrderState.READY,
        "content_hash": "", "payload": payload, "customer": customer_of(payload),
        "seen_at": at,
    }  # fmt: skip


def _name(number: int) -> str:
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number % len(_LAST)]}"


@cache
def _documents() -> tuple[str, ...]:
    """Return what orders become in the first package there is."""
    return tuple(next(iter(koppelwerk().registry.brought(Orders).values())).documents)


def _transfer(number: int, at: datetime) -> Row:
    state, code = _state(number)
    params = _UNSET if code == "vat_rate_not_configured" else {}
    is_booked = state in (TransferState.DONE, TransferState.HELD)
    return {
        "id": number + 1, "tenant_id": 1, "coupling_id": 1, "target_id": 2,
        "subject": "order", "subject_id": number + 1,
        "document": _documents()[number % len(_documents())], "number": f"B{number:06}",
        "amount": Decimal(2500 + number % 9000) / 100, "state": state, "code": code,
        "params": params, "due_at": at,
        "external_number": f"{number:06}" if is_booked else "",
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
        "reference": f"{number:06}", "state": StepState.CONFIRMED, "attempt": 1,
        "sent_at": at, "external_id": f"{number:06}", "result": {}, "exchange": "",
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


_MAKERS: Mapping[Any, Callable[[int, datetime], Row]] = {
    ShopOrder: _order,
    Transfer: _transfer,
    Step: _step,
    LogEntry: _entry,
    BackfillItem: _item,
}
