"""Hooks: decide and queue."""

from core.domain.events import InvoiceSent
from core.plugin.hooks import hookimpl
from plugins.belastingdienst.watching import times


@hookimpl
def on_invoice_sent(event: InvoiceSent) -> None:
    """Have a filed period read again when an invoice of then is sent after all."""
    times.invoice_sent(event)
