"""Hooks: decide and queue."""

from core import jobs
from core.domain import OrderReady, ScheduleDue
from core.hooks import hookimpl
from core.services import transfers


@hookimpl
def on_order_ready(event: OrderReady) -> None:
    """Queue the order's transfers to e-Boekhouden."""
    transfers.queue_ready(event, "eboekhouden")


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Read relations again, and once a day the ledger accounts."""
    jobs.wake_after_commit("load_reference", event.connection_id, queue="bulk")
