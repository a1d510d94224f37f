"""Hooks: decide and queue."""

from core.domain.events import ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Poll the shop: finds what no webhook told us (manual 004: at least hourly)."""
    wakeups.wake_after_commit("poll", event.connection_id, queue="default")
