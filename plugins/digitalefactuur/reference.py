"""RQ tasks: the hourly look at the account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.domain.invoices import BookedInvoice, Settlements
from core.plugin import connections
from core.plugin.database import session, transaction
from core.plugin.tables import Connection
from core.rules.sync import Remote
from core.rules.sync.settings import CREDITOR, DEBTOR, SECTION
from plugins.digitalefactuur import mapping, wire
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.connector import client_of
from plugins.digitalefactuur.invoices import settlements as settlements_of
from plugins.digitalefactuur.invoices.sender import InvoiceSender
from plugins.digitalefactuur.relations.package import Relations


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


def count_relations(connection: Connection) -> None:
    """Read debtors and creditors and note how many there are.

    Proves that the account still answers; a refused login pauses the connection.
    """
    connection_id = connection.id
    found = [mapping.remote(one) for one in read_customers(connection)]
    with transaction():
        _note_counts(connection_id, found)


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
