"""Hooks: decide and queue."""

from core import jobs
from core.domain import ScheduleDue
from core.hooks import hookimpl


@hookimpl
def on_schedule(event: ScheduleDue) -> None:
    """Look whether the account still answers, and what it holds."""
    jobs.wake_after_commit("count_relations", event.connection_id, queue="bulk")
