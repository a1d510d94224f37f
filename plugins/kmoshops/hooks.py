"""Hooks: decide and queue."""

from core import jobs
from core.domain import ScheduleDue
from core.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Poll the shop: finds what no webhook told us (manual 004: at least hourly)."""
    jobs.wake_after_commit("poll", event.connection_id, queue="default")
