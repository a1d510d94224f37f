"""Hooks: decide and queue."""

from core.domain.events import InvoiceSent, RelationChanged, ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl
from core.services.invoicing import invoice_bookings
from core.services.syncing import relation_sync

_NAME = "digitalefactuur"


@hookimpl
def on_invoice_sent(event: InvoiceSent) -> None:
    """Queue a sent invoice for the account, where that is switched on."""
    invoice_bookings.queue(event, _NAME)


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look whether the account still answers, and bring relations in step."""
    wakeups.wake_after_commit("count_relations", event.connection_id, queue="bulk")
    relation_sync.scheduled(event)


@hookimpl
def on_relation_changed(event: RelationChanged) -> None:
    """Bring the relation in step soon, with others that change."""
    relation_sync.changed(event, _NAME)
