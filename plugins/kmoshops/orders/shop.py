"""A connected shop in the hands of a task, and what its faults mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from core.domain.clock import utcnow
from core.domain.errors import AskUser, AuthenticationLost, KoppelwerkError, WaitUntil
from core.domain.orders import Reading
from core.plugin import connections
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, ConnectionState
from core.rules.moments import no_later
from core.rules.sale_checks import CURRENCY
from plugins.kmoshops.checks import StatusRules
from plugins.kmoshops.client import KmoShops
from plugins.kmoshops.connector import KmoShopsConnector
from plugins.kmoshops.orders import paid
from plugins.kmoshops.orders.mapping import order_from_document
from plugins.kmoshops.settings import settings
from plugins.kmoshops.wire import Document, Malformed

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 60
FURTHEST_AHEAD = timedelta(days=1)
"""An order of a later moment is none: it would be booked on a day that is not yet."""
ASKED_SECONDS = 3600
"""What only the user can solve is tried so seldom; *Koppeling uitvoeren* is at once."""


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

    def reading_of(self, document: Document) -> Reading:
        """Map one document; raise `wire.Malformed` when it cannot be read.

        The last change counts as no later than this reading: from a clock that runs
        ahead it would win over every change that comes after it.
        """
        order = order_from_document(document, self.currency)
        now = utcnow()
        if order.ordered_at > now + FURTHEST_AHEAD:
            raise Malformed("createDate")
        order = replace(order, updated_at=no_later(order.updated_at, now))
        status = paid.status_of(order)
        state = self.rules.judge(status, order.fulfilment_status)
        return Reading(order, *state)


@contextmanager
def open_shop(connection_id: int) -> Iterator[Shop | None]:
    """Open the shop for a task; what goes wrong with it is noted on the connection.

    None when it may not be asked now: not connected, switched off, or told to wait
    (a rate limit, an outage; calls with a dead token make the shop block it longer).
    """
    connection = session().get_one(Connection, connection_id)
    version = connection.version
    if not _may_ask(connection):
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
        _fault(connection_id, version, error)


def _may_ask(connection: Connection) -> bool:
    waits = connection.not_before is not None and connection.not_before > utcnow()
    is_on = connection.state == ConnectionState.CONNECTED and connection.enabled
    return is_on and not waits


def _open(connection: Connection) -> Shop:
    if connection.external_id is None:
        raise AuthenticationLost("not_connected", service=connection.plugin)
    store_id, chosen = connection.external_id, connection.settings
    currency = str(connection.facts.get("currency", CURRENCY))
    tokens = connections.stored_tokens(connection, KmoShopsConnector().provider())
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


def _fault(connection_id: int, version: int, error: KoppelwerkError) -> None:
    """Pause, wait or note: the error's class decides.

    A login that was replaced while we asked (another `version`) is no reason to pause.
    """
    logger.warning("shop not read", connection=connection_id, error=str(error))
    with transaction():
        connection = session().get_one(Connection, connection_id)
        if isinstance(error, AuthenticationLost):
            if connection.version == version:
                connections.pause(connection_id, error.code)
            return
        seconds = error.seconds if isinstance(error, WaitUntil) else RETRY_SECONDS
        if isinstance(error, AskUser):
            seconds = ASKED_SECONDS
        moment = utcnow() + timedelta(seconds=seconds)
        connection.not_before = moment
        connection.last_run_error = error.code
        connection.run_until = None
        if connection.next_run_at is not None:
            connection.next_run_at = max(connection.next_run_at, moment)


def _note(connection_id: int, code: str) -> None:
    with transaction():
        connection = session().get_one(Connection, connection_id)
        if connection.last_run_error != code:
            connection.last_run_error = code
