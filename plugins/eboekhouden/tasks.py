"""RQ tasks: sending orders, and keeping the local index up to date.

The only place that joins tables, mapping and client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from core.domain.errors import KoppelwerkError
from core.plugin import connections
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, ConnectionState, Coupling, Tenant
from core.services.syncing import relation_sync
from plugins.eboekhouden import reference, relations
from plugins.eboekhouden.budget import budget_of
from plugins.eboekhouden.invoice_sender import InvoiceSender
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


@contextmanager
def invoice_sender(connection: Connection) -> Iterator[InvoiceSender]:
    """Open the administration for a batch of invoices."""
    connection_id = connection.id
    full_names = relations.shows_full_names(connection)
    with reference.opened(connection, for_booking=True) as client:
        index = reference.Index(connection, client)
        yield InvoiceSender(client, index, connection_id, full_names=full_names)


def load_reference(connection_id: int) -> None:
    """Read ledger accounts once a day, and relations (on_schedule, connect).

    Where relations are kept in step, that run reads them: once is enough. Afterwards
    the dot warns when the month's calls would run out.
    """
    connection = session().get_one(Connection, connection_id)
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        session().rollback()
        return
    in_step = relation_sync.is_on(connection)
    try:
        with reference.opened(connection, for_booking=False) as client:
            index = reference.Index(connection, client)
            index.read_if_older(ACCOUNT, ACCOUNTS_SECONDS)
            if not in_step:
                index.read_if_older(RELATION, FRESH_SECONDS)
        with transaction():
            budget_of(session().get_one(Connection, connection_id)).note()
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
