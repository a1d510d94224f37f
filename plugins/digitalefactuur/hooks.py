"""Hooks: decide and queue."""

from core import jobs
from core.domain import InvoiceSent, ScheduleDue
from core.hooks import hookimpl
from core.services import invoice_bookings

_NAME = "digitalefactuur"


@hookimpl
def on_invoice_sent(event: InvoiceSent) -> None:
    """Queue a sent invoice for the account."""
    invoice_bookings.queue(event, _NAME)


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look whether the account still answers, and what it holds."""
    jobs.wake_after_commit("count_relations", event.connection_id, queue="bulk")
