"""Hooks: decide and queue."""

from core.domain.events import InvoiceSent, OrderReady, ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl
from core.services.invoicing import invoice_bookings
from core.services.syncing import relation_sync
from core.services.transfer import transfers


@hookimpl
def on_order_ready(event: OrderReady) -> None:
    """Queue the order's transfers to e-Boekhouden."""
    transfers.queue_ready(event, "eboekhouden")


@hookimpl
def on_invoice_sent(event: InvoiceSent) -> None:
    """Queue the invoice's booking in e-Boekhouden, where that is switched on."""
    invoice_bookings.queue(event, "eboekhouden")


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Keep relations in step, and once a day read the ledger accounts.

    A relation that changed waits for the next run: every run costs calls of a limited
    number a month, so `on_relation_changed` is left out.
    """
    relation_sync.scheduled(event)
    wakeups.wake_after_commit("load_reference", event.connection_id, queue="bulk")
