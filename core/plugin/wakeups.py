"""Wake-ups of RQ tasks: `plugin.task` with an id. They may get lost or come twice.

What is to be done stands in the database; a wake-up only says when to look.
"""

from typing import Protocol

from core.plugin.ports import Port


class WakeUps(Protocol):
    """What plugins do with our queues: urgent, reading, default, bulk and clock."""

    def wake_after_commit(self, task: str, argument: int = 0, *, queue: str) -> None:
        """Ask for a wake-up once the current transaction is committed."""

    def wake(self, queue_name: str, task: str, argument: int = 0) -> bool:
        """Send a wake-up unless one of its kind is under way; False without Redis."""


port = Port[WakeUps]()
wake_after_commit = port.calls.wake_after_commit
wake = port.calls.wake
