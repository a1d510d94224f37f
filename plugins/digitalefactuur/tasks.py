"""RQ tasks: the hourly look at the account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from core.domain.errors import KoppelwerkError
from core.domain.invoices import BookedInvoice, Settlements
from core.plugin import connections
from core.plugin.database import session, transaction
from core.plugin.tables import Connection, ConnectionState
from core.rules.sync import Remote
from core.rules.sync.settings import CREDITOR, DEBTOR, SECTION
from plugins.digitalefactuur import mapping, wire
from plugins.digitalefactuur import settlements as settlements_of
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.connector import client_of
from plugins.digitalefactuur.invoice_sender import InvoiceSender
from plugins.digitalefactuur.relations import Relations

logger = structlog.get_logger(__name__)
RETRY_SECONDS = 600


@contextmanager
def _opened(connection: Connection) -> Iterator[DigitaleFactuur]:
    """Open the account; no transaction is held meanwhile."""
    values = connections.values_of(connection)
    session().rollback()
    client = client_of(values)
    with client.http:
        yield client


@contextmanager
def invoice_sender(connection: Connection) -> Iterator[InvoiceSender]:
    """Open the account for a batch of invoices."""
    with _opened(connection) as client:
        yield InvoiceSender(client)


@contextmanager
def open_relations(connection: Connection) -> Iterator[Relations]:
    """Open the account for a run of relations."""
    settings = dict(connection.settings.get(SECTION, {}))
    with _opened(connection) as client:
        yield Relations(client, settings)


def settlements(connection: Connection, booked: Sequence[BookedInvoice]) -> Settlements:
    """Read the payment status of booked invoices."""
    with _opened(connection) as client:
        return settlements_of.read(client, booked)


def count_relations(connection_id: int) -> None:
    """Read debtors and creditors and note how many there are (on_schedule, connect).

    Proves that the account still answers; a refused login pauses the connection.
    """
    connection = session().get_one(Connection, connection_id)
    if connection.state != ConnectionState.CONNECTED or not connection.enabled:
        session().rollback()
        return
    try:
        found = [mapping.remote(one) for one in read_customers(connection)]
        with transaction():
            _note_counts(connection_id, found)
            connections.run_finished(connection_id)
    except KoppelwerkError as error:
        session().rollback()
        _note_failure(connection_id, error)


def read_customers(connection: Connection) -> list[wire.Customer]:
    """Return the account's debtors and creditors; no transaction is held meanwhile."""
    with _opened(connection) as client:
        return client.customers()


def _note_counts(connection_id: int, found: list[Remote]) -> None:
    connection = session().get_one(Connection, connection_id)
    counts = {
        f"{role}s": sum(remote.role == role for remote in found)
        for role in (DEBTOR, CREDITOR)
    }
    connection.facts = {**connection.facts, **counts}


def _note_failure(connection_id: int, error: KoppelwerkError) -> None:
    logger.warning("account not read", connection=connection_id, error=str(error))
    with transaction():
        connections.run_failed(connection_id, error, retry_seconds=RETRY_SECONDS)
