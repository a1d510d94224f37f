"""Hooks: decide and queue."""

from core import jobs
from core.domain import ScheduleDue
from core.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look again at what the shop sent: a coupling may have been made since."""
    jobs.wake_after_commit("reread", event.connection_id, queue="default")
