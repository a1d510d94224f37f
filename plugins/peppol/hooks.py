"""Hooks: decide and queue."""

from core.domain.events import InvoiceSent, RelationChanged, ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl
from plugins.peppol.receiving import arriving
from plugins.peppol.sending import queue


@hookimpl
def on_invoice_sent(event: InvoiceSent) -> None:
    """Queue what goes over Peppol by itself."""
    queue.offer(event.tenant_id, event.invoice_id)


@hookimpl
def on_relation_changed(event: RelationChanged) -> None:
    """Let documents of an unknown sender be of a relation that has his number now."""
    if not event.deleted:
        arriving.match(event.relation_id)


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look whether the access point still answers."""
    wakeups.wake_after_commit("look", event.connection_id, queue="bulk")
