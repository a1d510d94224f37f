"""Hooks: decide and queue."""

from core.domain.events import ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look again at what the shop sent: a coupling may have been made since."""
    wakeups.wake_after_commit("reread", event.connection_id, queue="default")
