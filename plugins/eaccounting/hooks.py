"""Hooks: decide and queue."""

from core.domain.events import InvoiceSent, OrderReady, RelationChanged, ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl
from core.services.invoicing import invoice_bookings
from core.services.syncing import relation_sync
from core.services.transfer import transfers


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
    """Read VAT codes, accounts and the like again, and bring relations in step."""
    wakeups.wake_after_commit("load_reference", event.connection_id, queue="bulk")
    relation_sync.scheduled(event)


@hookimpl
def on_relation_changed(event: RelationChanged) -> None:
    """Bring the relation in step soon, with others that change."""
    relation_sync.changed(event, "eaccounting")
