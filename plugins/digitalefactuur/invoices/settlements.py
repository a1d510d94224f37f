"""Payment status read back: open, paid, or nothing known (beyond manual 002)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from core.domain.invoices import BookedInvoice, Settlements
from core.plugin.tables import Connection
from plugins.digitalefactuur.client import DigitaleFactuur
from plugins.digitalefactuur.connector import open_client
from plugins.digitalefactuur.invoices import mapping


def of_connection(
    connection: Connection, booked: Sequence[BookedInvoice]
) -> Settlements:
    """Open the account and read the payment status of booked invoices."""
    with open_client(connection) as client:
        return read(client, booked)


def read(client: DigitaleFactuur, booked: Sequence[BookedInvoice]) -> Settlements:
    """Ask the account which of our invoices are open and which are paid.

    The list of open ones is read once. What is not in it counts as paid only when the
    invoice itself says so; one that is gone or has no status says nothing. The open
    amount is the whole invoice: the interface tells no part payments.
    """
    still_open = {one.id for one in client.invoices(paid=False)}
    amounts: dict[int, Decimal] = {}
    settled: dict[int, date | None] = {}
    for invoice in booked:
        if invoice.external_id in still_open:
            amounts[invoice.invoice_id] = invoice.amount_incl_vat
            continue
        seen = client.invoice(invoice.external_id)
        if seen is not None and mapping.is_paid(seen):
            settled[invoice.invoice_id] = None
    return Settlements(amounts, settled)
