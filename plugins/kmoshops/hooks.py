"""Hooks: decide and queue."""

from core.domain.events import ScheduleDue
from core.plugin.hooks import hookimpl
from core.runtime import jobs


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Poll the shop: finds what no webhook told us (manual 004: at least hourly)."""
    jobs.wake_after_commit("poll", event.connection_id, queue="default")
