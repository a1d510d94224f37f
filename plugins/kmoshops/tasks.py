"""RQ tasks: read what the inbox names, poll for the rest, look again at night."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from time import monotonic

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core import jobs
from core.clock import utcnow
from core.domain import OrderState
from core.errors import AskUser, AuthenticationLost, KoppelwerkError, WaitUntil
from core.extensions import koppelwerk, settings
from core.models import (
    Connection,
    ConnectionState,
    Coupling,
    InboxEvent,
    LogLevel,
    ShopOrder,
)
from core.sales import CURRENCY
from core.services import connections, credentials, log, orders, schedule
from core.services import inbox as messages
from core.services.database import session, transaction
from core.services.leases import URGENT
from core.services.orders import Reading
from plugins.kmoshops import wire
from plugins.kmoshops.checks import StatusRules
from plugins.kmoshops.client import PAGE, KmoShops
from plugins.kmoshops.mapping import order_from_document
from plugins.kmoshops.wire import Document

logger = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=10)
"""Polls look back so far before the last one: clocks differ, commits come late."""
RETRY_SECONDS = 60
BUSY_SECONDS = 50
"""How long one wake-up goes on; the dispatcher sends the next."""


@dataclass(frozen=True)
class Shop:
    """A connected shop in the hands of a task."""

    connection_id: int
    client: KmoShops
    currency: str
    rules: StatusRules

    @property
    def connection(self) -> Connection:
        """The connection, current in this transaction."""
        return session().get_one(Connection, self.connection_id)

    def read(self, document: Document) -> Reading:
        """Map one document; raise `wire.Malformed` when it cannot be read."""
        order = order_from_document(document, self.currency)
        verdict = self.rules.judge(order.payment_status, order.fulfilment_status)
        return Reading(order, *verdict)


@contextmanager
def _shop(connection_id: int) -> Iterator[Shop | None]:
    """Open the shop; what goes wrong with it is noted on the connection."""
    connection = session().get_one(Connection, connection_id)
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        session().rollback()
        yield None
        return
    try:
        shop = _open(connection)
        with shop.client.http:
            yield shop
        _note(connection_id, "")
    except KoppelwerkError as error:
        session().rollback()
        _fault(connection_id, error)


def _open(connection: Connection) -> Shop:
    connector = koppelwerk().registry.get(connection.plugin).connector
    if connector is None or connection.external_id is None:
        raise AuthenticationLost("not_connected", service=connection.plugin)
    store_id, chosen = connection.external_id, connection.settings
    currency = str(connection.facts.get("currency", CURRENCY))
    tokens = credentials.StoredTokens(connection, connector.provider())
    return Shop(
        connection.id,
        KmoShops(settings().kmoshops_api_url, store_id, tokens),
        currency,
        rules_from(chosen),
    )


def rules_from(chosen: dict[str, object]) -> StatusRules:
    """Return the status rules of a connection's settings; the default when unset."""
    rules = StatusRules()
    for name in ("payment", "fulfilment"):
        values = chosen.get(f"{name}_statuses")
        if isinstance(values, list) and values:
            rules = replace(rules, **{name: tuple(values)})
    return rules


def _fault(connection_id: int, error: KoppelwerkError) -> None:
    """Pause, wait or note: the error's class decides."""
    logger.warning("shop not read", connection=connection_id, error=str(error))
    with transaction():
        connection = session().get_one(Connection, connection_id)
        if isinstance(error, AuthenticationLost):
            connections.pause(connection_id, error.code)
            return
        seconds = error.seconds if isinstance(error, WaitUntil) else RETRY_SECONDS
        if isinstance(error, AskUser):
            seconds = 3600
        connection.not_before = utcnow() + timedelta(seconds=seconds)
        connection.last_run_error = error.code
        connection.run_until = None


def _note(connection_id: int, code: str) -> None:
    with transaction():
        connection = session().get_one(Connection, connection_id)
        if connection.last_run_error != code:
            connection.last_run_error = code


def inbox(connection_id: int) -> None:
    """Read again what webhooks and *Verwerk* named, a hundred orders a call."""
    until = monotonic() + BUSY_SECONDS
    with _shop(connection_id) as shop:
        while shop is not None and monotonic() < until:
            events = messages.pending(connection_id, PAGE)
            session().rollback()
            if not events:
                break
            _read_events(shop, events)


def _read_events(shop: Shop, events: Sequence[InboxEvent]) -> None:
    wanted = list(dict.fromkeys(event.source_id for event in events))
    documents = shop.client.orders_by_id(wanted)
    found = {alias for document in documents for alias in _aliases(document)}

    def store() -> None:
        _record(shop, documents)
        _record_deleted(shop, [number for number in wanted if number not in found])
        messages.handled([event.id for event in events])
        if any(event.priority >= URGENT for event in events):
            jobs.wake_after_commit("drain_urgent", queue="urgent")

    _commit(store)


def _aliases(document: Document) -> Iterable[str]:
    """The names a webhook may use for an order: the shown number or the inner id."""
    return (wire.order_id(document), wire.text(document, "internalId"))


def _commit(store: Callable[[], None]) -> None:
    """Commit, once more if another task recorded the same order meanwhile."""
    try:
        with transaction():
            store()
    except IntegrityError:
        with transaction():
            store()


def _record(shop: Shop, documents: Iterable[Document]) -> None:
    """Record what can be read; one broken order never blocks the others."""
    readings = []
    for document in documents:
        try:
            readings.append(shop.read(document))
        except (wire.Malformed, ValueError) as error:
            _log_unreadable(shop, document, error)
    orders.record(shop.connection, readings)


def _log_unreadable(shop: Shop, document: Document, error: Exception) -> None:
    connection = shop.connection
    log.write(
        connection.tenant_id,
        "order_unreadable",
        level=LogLevel.ERROR,
        connection_id=connection.id,
        number=wire.order_id(document),
        field=str(error)[:100],
    )


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
    gone = [
        Reading(
            replace(orders.load(row), updated_at=max(utcnow(), row.updated_at)),
            OrderState.CANCELLED,
            "order_deleted",
        )
        for row in rows
    ]
    orders.record(shop.connection, gone)


def poll(connection_id: int) -> None:
    """Read what changed since the last poll: finds what no webhook told us."""
    with _shop(connection_id) as shop:
        if shop is None:
            return
        connection = shop.connection
        since, until = _since(connection), utcnow()
        session().rollback()
        while not _read_period(shop, since, until):
            logger.info("orders moved while paging, again", connection=connection_id)
        with transaction():
            connection = shop.connection
            connection.cursor = {"polled_to": until.isoformat()}
            connections.run_finished(connection_id)


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


def _read_period(shop: Shop, since: datetime, until: datetime) -> bool:
    """Read all pages; False when the list changed under our hands.

    An order that changes while we page leaves the period, and those behind it move
    up past our offset: then the count differs and the pages are read again.
    """
    offset, expected = 0, None
    while True:
        documents, count = shop.client.orders_updated(since, until, offset)
        if expected is not None and count != expected:
            return False
        expected = count
        if documents:
            _commit(lambda page=documents: _record(shop, page))  # type: ignore[misc]
        offset += len(documents)
        if not documents or offset >= count:
            return True
        with transaction():
            schedule.hold_run(shop.connection_id)


def recheck(connection_id: int) -> None:
    """Look again at orders that wait for another status (manual 004: every night)."""
    with _shop(connection_id) as shop:
        after = 0
        while shop is not None:
            rows = orders.waiting_source_ids(connection_id, after, PAGE)
            session().rollback()
            if not rows:
                break
            documents = shop.client.orders_by_id([row.source_id for row in rows])
            _commit(lambda page=documents: _record(shop, page))  # type: ignore[misc]
            after = rows[-1].id
