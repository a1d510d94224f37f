"""Orders that the shop gave and that cannot be read: tried again, then shown."""

from collections.abc import Iterable, Mapping

from sqlalchemy import update

from core.plugin import log, orders
from core.plugin.database import session
from core.plugin.tables import InboxEvent, LogLevel
from plugins.kmoshops import wire
from plugins.kmoshops.orders.mapping import LONGEST_NUMBER
from plugins.kmoshops.orders.shop import Shop
from plugins.kmoshops.wire import Document

TRIES = 3
"""A document that cannot be read is read so often before the user hears of it."""
UNREADABLE = "order_unreadable"


def try_again(
    events: Iterable[InboxEvent], broken: Mapping[str, str]
) -> dict[str, str]:
    """Leave messages about unreadable orders for later, or give up.

    Returns the names of the orders that were given up, with the field.
    """
    given_up: dict[str, list[int]] = {}
    for event in events:
        if event.failures + 1 >= TRIES:
            given_up.setdefault(event.source_id, []).append(event.id)
            continue
        session().execute(
            update(InboxEvent)
            .where(InboxEvent.id == event.id)
            .values(failures=event.failures + 1)
        )
    for ids in given_up.values():
        orders.handled(ids, code=UNREADABLE)
    return {name: broken[name] for name in given_up}


def field_of(document: Document, broken: Mapping[str, str]) -> str:
    """Return the field that made a document unreadable; empty: it is not among them."""
    found = wire.names(document) & set(broken)
    return broken[found.pop()] if found else ""


def show(shop: Shop, document: Document, field: str) -> None:
    """Put an order that cannot be read under Fouten, and in the log."""
    keep(shop, document, field)
    connection = shop.connection
    log.write(
        connection.tenant_id,
        UNREADABLE,
        level=LogLevel.ERROR,
        connection_id=connection.id,
        number=name(document),
        field=field,
    )


def keep(shop: Shop, document: Document, field: str) -> None:
    """Put an order that cannot be read under Fouten; safe to repeat."""
    try:
        ordered_at = wire.moment(document, "create")
    except wire.Malformed:
        ordered_at = None
    orders.record_unreadable(
        shop.connection,
        name(document),
        field,
        number=wire.order_id(document),
        ordered_at=ordered_at,
    )


def name(document: Document) -> str:
    """Return what to ask an unreadable order by: its inner id where its own is none."""
    number = wire.order_id(document)
    if len(number) <= LONGEST_NUMBER:
        return number
    inner = "".join(wire.names(document) - {number})
    return (inner or number)[:LONGEST_NUMBER]
