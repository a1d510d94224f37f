"""Hooks: decide and queue."""

from core import jobs
from core.domain import ScheduleDue
from core.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look whether AccountView still answers, and which administrations it has."""
    jobs.wake_after_commit("read_companies", event.connection_id, queue="bulk")
