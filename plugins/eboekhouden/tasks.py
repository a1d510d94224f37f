"""RQ tasks: sending orders, and keeping the local index up to date.

The only place that joins tables, mapping and client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from core.errors import KoppelwerkError
from core.models import Connection, ConnectionState, Coupling, Tenant
from core.services import connections
from core.services.database import session, transaction
from plugins.eboekhouden import reference
from plugins.eboekhouden.budget import Forecast, budget_of
from plugins.eboekhouden.readback import read_documents
from plugins.eboekhouden.reference import (
    ACCOUNT,
    ACCOUNTS_SECONDS,
    FRESH_SECONDS,
    RELATION,
)
from plugins.eboekhouden.sender import OrderSender
from plugins.eboekhouden.setup import Setups

logger = structlog.get_logger(__name__)
RETRY_SECONDS = 600


@contextmanager
def order_sender(connection: Connection) -> Iterator[OrderSender]:
    """Open the administration for a batch of orders."""
    connection_id = connection.id
    tenant = session().get_one(Tenant, connection.tenant_id)
    setups = Setups(tenant)
    with reference.opened(connection, for_booking=True) as client:
        index = reference.Index(connection, client)
        yield OrderSender(client, index, connection_id, setups)


def load_reference(connection_id: int) -> None:
    """Read relations, and ledger accounts once a day (on_schedule, connect)."""
    connection = session().get_one(Connection, connection_id)
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        session().rollback()
        return
    try:
        with reference.opened(connection, for_booking=False) as client:
            index = reference.Index(connection, client)
            index.read_if_older(ACCOUNT, ACCOUNTS_SECONDS)
            index.read_if_older(RELATION, FRESH_SECONDS)
        with transaction():
            connections.run_finished(connection_id)
    except KoppelwerkError as error:
        session().rollback()
        _note(connection_id, error)


def _note(connection_id: int, error: KoppelwerkError) -> None:
    logger.warning("reference not read", connection=connection_id, error=str(error))
    with transaction():
        connections.run_failed(connection_id, error, retry_seconds=RETRY_SECONDS)


def documents(coupling: Coupling) -> list[dict[str, Any]]:
    """Return what stands in the package, for `flask reconcile`."""
    connection = session().get_one(Connection, coupling.target_id)
    with reference.opened(connection, for_booking=False) as client:
        return list(read_documents(client))


def calls_forecast(connection_id: int) -> Forecast:
    """Return a connection's calls this month and at its end, for the dashboard."""
    connection = session().get_one(Connection, connection_id)
    return budget_of(connection).forecast()
