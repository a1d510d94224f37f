"""RQ tasks: sending orders, and keeping the local index up to date.

The only place that joins tables, mapping and client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.plugin.database import session
from core.plugin.tables import Connection, Coupling, Tenant
from plugins.eboekhouden import reference, relations
from plugins.eboekhouden.invoice_sender import InvoiceSender
from plugins.eboekhouden.readback import read_documents
from plugins.eboekhouden.sender import OrderSender
from plugins.eboekhouden.setup import Setups


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


def documents(coupling: Coupling) -> list[dict[str, Any]]:
    """Return what stands in the package, for `flask reconcile`."""
    connection = session().get_one(Connection, coupling.target_id)
    with reference.opened(connection, for_booking=False) as client:
        return list(read_documents(client))
