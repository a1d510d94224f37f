"""Hooks: decide and queue."""

from core import jobs
from core.domain import InvoiceSent, OrderReady, ScheduleDue
from core.hooks import hookimpl
from core.services import invoice_bookings, transfers


@hookimpl
def on_order_ready(event: OrderReady) -> None:
    """Queue the order's transfers to eAccounting."""
    transfers.queue_ready(event, "eaccounting")


@hookimpl
def on_invoice_sent(event: InvoiceSent) -> None:
    """Queue the invoice's booking in eAccounting, where that is switched on."""
    invoice_bookings.queue(event, "eaccounting")


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Read VAT codes, accounts and the like again."""
    jobs.wake_after_commit("load_reference", event.connection_id, queue="bulk")
