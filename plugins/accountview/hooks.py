"""Hooks: decide and queue."""

from core.domain.events import ScheduleDue
from core.plugin import wakeups
from core.plugin.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look whether AccountView still answers, and which administrations it has."""
    wakeups.wake_after_commit("read_companies", event.connection_id, queue="bulk")
