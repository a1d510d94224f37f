"""RQ tasks: read what the inbox names, poll for the rest, look again at night.

No transaction is open while the shop is asked. Two tasks of one connection may run at
once: what they record is the same, and unique keys settle who was first.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from time import monotonic

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.errors import AuthenticationLost, ClientRefused, RetryLater
from core.domain.orders import OrderState, Reading
from core.plugin import connections, orders, wakeups
from core.plugin.database import session, transaction
from core.plugin.tables import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    InboxState,
    ShopOrder,
)
from core.plugin.wakeups import TURN_SECONDS
from core.plugin.work import URGENT
from plugins.kmoshops import wire
from plugins.kmoshops.checks import UNINSTALLED
from plugins.kmoshops.client import PAGE, Unusable
from plugins.kmoshops.orders import unreadable
from plugins.kmoshops.orders.polling import Place
from plugins.kmoshops.orders.shop import Shop, open_shop
from plugins.kmoshops.wire import Document

logger = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=10)
"""Polls look back so far before the last one: clocks differ, commits come late."""
NIGHT_SECONDS = 50
"""How long a shop is looked at in one night; RQ stops a job after two minutes."""


def inbox(connection_id: int) -> None:
    """Read again what webhooks and *Verwerk* named, a hundred orders a call.

    A shop with many takes turns with the others.
    """
    until = monotonic() + TURN_SECONDS
    with open_shop(connection_id) as shop:
        if _heed_removal(connection_id, shop) or shop is None:
            return
        tried: set[int] = set()
        for events in wakeups.until_quiet(
            lambda: _pending(connection_id, tried), "reading", "inbox", connection_id
        ):
            _read_events(shop, events)
            tried.update(event.id for event in events)
            if monotonic() > until:
                # Urgent ones come first: behind one there may be more.
                is_urgent = events[-1].priority >= URGENT
                queue = "urgent" if is_urgent else "reading"
                wakeups.wake(queue, "inbox", connection_id)
                break


def _pending(connection_id: int, tried: set[int]) -> list[InboxEvent]:
    """Return messages not tried in this run, kept readable outside the transaction."""
    events = [
        event
        for event in orders.pending(connection_id, PAGE)
        if event.id not in tried and event.kind != UNINSTALLED
    ]
    session().expunge_all()
    session().rollback()
    return events


def _heed_removal(connection_id: int, shop: Shop | None) -> bool:
    """End the connection when a message says that the app was removed and it is so.

    The message's body is not signed, so the shop itself is asked: it refuses a token
    whose app is gone. True when the connection ended.
    """
    told = list(
        session().scalars(
            select(InboxEvent.id).where(
                InboxEvent.connection_id == connection_id,
                InboxEvent.kind == UNINSTALLED,
                InboxEvent.state == InboxState.NEW,
            )
        )
    )
    connection = session().get_one(Connection, connection_id)
    is_paused = connection.state == ConnectionState.PAUSED
    is_paused = is_paused and not connection.waits_for_us
    session().rollback()
    if not told or (shop is None and not is_paused):
        return False
    is_gone = shop is None or _refuses(shop)
    with transaction():
        orders.handled(told)
        if is_gone:
            connection = session().get_one(Connection, connection_id)
            connections.end(connection, "app_uninstalled")
        else:
            logger.warning("removal of the app not true", connection=connection_id)
    return is_gone


def _refuses(shop: Shop) -> bool:
    """Tell whether the shop no longer accepts our login."""
    try:
        shop.client.profile()
    except ClientRefused:  # it is us who are refused: that says nothing of the app
        raise
    except AuthenticationLost:
        return True
    return False


def _read_events(shop: Shop, events: Sequence[InboxEvent]) -> None:
    wanted = list(dict.fromkeys(event.source_id for event in events))
    documents = _documents(shop, wanted)

    def store() -> None:
        broken = _record(shop, documents)
        _record_deleted(shop, _missing(wanted, documents))
        orders.handled([e.id for e in events if e.source_id not in broken])
        again = [e for e in events if e.source_id in broken]
        given_up = unreadable.try_again(again, broken)
        for document in documents:
            if field := unreadable.field_of(document, given_up):
                unreadable.show(shop, document, field)
        if any(event.priority >= URGENT for event in events):
            wakeups.wake_after_commit("drain_urgent", queue="urgent")

    _commit(store)


def _documents(shop: Shop, wanted: Sequence[str]) -> list[Document]:
    """Return the orders of these numbers in one call.

    Calls more are for what is rare: a known order that the shop leaves out is asked
    for by itself before it counts as deleted, and numbers that the shop refuses (a
    forged message may hold anything) must not keep the others from being read.
    """
    try:
        documents = shop.client.orders_by_id(wanted)
        doubted = _known(shop, _missing(wanted, documents))
    except Unusable:
        documents, doubted = [], list(wanted)
    session().rollback()
    singles = [shop.client.order(number) for number in doubted]
    return documents + [document for document in singles if document is not None]


def _missing(wanted: Iterable[str], documents: Iterable[Document]) -> list[str]:
    found = {name for document in documents for name in wire.names(document)}
    return [number for number in wanted if number not in found]


def _known(shop: Shop, numbers: Sequence[str]) -> list[str]:
    if not numbers:
        return []
    return list(
        session().scalars(
            select(ShopOrder.source_id).where(
                ShopOrder.connection_id == shop.connection_id,
                ShopOrder.source_id.in_(numbers),
            )
        )
    )


def _commit(store: Callable[[], None]) -> None:
    """Commit, once more if another task recorded the same order meanwhile."""
    try:
        with transaction():
            store()
    except IntegrityError:
        with transaction():
            store()


def _record(shop: Shop, documents: Iterable[Document]) -> dict[str, str]:
    """Record what can be read; one broken order never blocks the others.

    Returns the names of the orders that could not be read, with the field.
    """
    readings, broken = [], {}
    # One order for all tasks: two that store the same orders never wait in a ring.
    for document in sorted(documents, key=wire.order_id):
        try:
            readings.append(shop.reading_of(document))
        except (ValueError, ArithmeticError) as error:
            broken.update(dict.fromkeys(wire.names(document), str(error)[:100]))
    orders.readable_again(shop.connection, readings)
    orders.record(shop.connection, readings)
    return broken


def _record_found(shop: Shop, documents: Sequence[Document]) -> None:
    """Record what was read without a message; broken ones go on as a message.

    Its id follows from the document, so that the user hears once of each version. One
    with a number too long to be asked for is shown at once.
    """
    broken = _record(shop, documents)
    for document in documents:
        number = wire.order_id(document)
        if number not in broken:
            continue
        digest = sha256(jsontext.dumps(document).encode()).hexdigest()
        is_new = orders.accept(
            shop.connection,
            event_id=f"unreadable-{digest}",
            kind="order.unreadable",
            source_id=unreadable.name(document),
        )
        if not is_new:  # known as such; a coupling may have come since
            unreadable.keep(shop, document, broken[number])
        elif unreadable.name(document) != number:
            unreadable.show(shop, document, broken[number])


def _record_deleted(shop: Shop, numbers: Sequence[str]) -> None:
    """An order the shop no longer gives counts as cancelled, if we knew it."""
    if not numbers:
        return
    rows = session().scalars(
        select(ShopOrder).where(
            ShopOrder.connection_id == shop.connection_id,
            ShopOrder.source_id.in_(numbers),
        )
    )
    gone = []
    for row in rows:
        if row.number != row.source_id:  # its own number is none to ask by
            orders.record_unreadable(shop.connection, row.source_id, "id")
            continue
        moment = max(utcnow(), row.updated_at)
        order = replace(orders.load(row), updated_at=moment)
        gone.append(Reading(order, OrderState.CANCELLED, "order_deleted"))
    orders.record(shop.connection, gone)


def poll(connection_id: int) -> None:
    """Read what changed since the last poll: finds what no webhook told us.

    Goes on where it was stopped, after a fault or when its turn was over: a page while
    others wait, since after an outage all shops are polled and messages come behind.
    """
    until = monotonic() + TURN_SECONDS
    with open_shop(connection_id) as shop:
        while shop is not None and not _read_page(shop):
            if monotonic() > until or wakeups.others_wait(
                "reading", "poll", connection_id
            ):
                wakeups.wake("reading", "poll", connection_id)
                break


def _read_page(shop: Shop) -> bool:
    """Read the next page and keep the place; True when the poll is complete."""
    connection = shop.connection
    cursor = dict(connection.cursor)
    place = _place(connection)
    session().rollback()
    documents, count = shop.client.orders_updated(
        place.since, place.until, place.offset
    )
    if not documents and place.offset < count:
        raise RetryLater("shop_nonsense", field="items")
    place = place.after(len(documents), count)
    is_done = False

    def store() -> None:
        nonlocal is_done
        _record_found(shop, documents)
        is_done = _keep_place(shop, cursor, place)

    _commit(store)
    return is_done


def _keep_place(shop: Shop, before: dict[str, object], place: Place) -> bool:
    """Store how far the poll is, unless the cursor was moved meanwhile.

    Another poll moves it on, and a coupling with an earlier first date sets it back:
    then the next page is read from there.
    """
    connection = session().get_one(
        Connection, shop.connection_id, with_for_update=True, populate_existing=True
    )
    if connection.cursor != before:
        return False
    if place.is_end:
        connection.cursor = {"polled_to": place.until.isoformat()}
        connections.run_finished(connection.id)
        return True
    connection.cursor = {**before, "place": place.to_dict()}
    session().flush()
    connections.hold_run(connection.id)
    return False


def _place(connection: Connection) -> Place:
    """Return where to read on: the poll under way, or a new one up to now."""
    under_way = connection.cursor.get("place")
    if under_way:
        return Place.from_dict(under_way)
    return Place(_since(connection), utcnow())


def _since(connection: Connection) -> datetime:
    """Return where a poll starts: the last one, else the couplings' first date."""
    polled_to = connection.cursor.get("polled_to")
    if polled_to:
        return datetime.fromisoformat(polled_to) - OVERLAP
    first = session().scalar(
        select(func.min(Coupling.starts_on)).where(
            Coupling.source_id == connection.id, Coupling.enabled
        )
    )
    if first is None:
        return connection.created_at
    return datetime.combine(first, time.min, UTC) - timedelta(days=1)


def recheck(connection_id: int) -> None:
    """Look again at orders that wait for another status (manual 004: every night)."""
    until = monotonic() + NIGHT_SECONDS
    with open_shop(connection_id) as shop:
        if shop is None:
            return
        waiting = orders.waiting_source_ids(connection_id)
        session().rollback()
        for first in range(0, len(waiting), PAGE):
            if monotonic() > until:
                break
            _read_waiting(shop, waiting[first : first + PAGE])


def _read_waiting(shop: Shop, numbers: Sequence[str]) -> None:
    documents = _documents(shop, numbers)

    def store() -> None:
        _record_found(shop, documents)
        _record_deleted(shop, _missing(numbers, documents))

    _commit(store)
