"""Wake-ups of RQ tasks: `plugin.task` with an id. They may get lost or come twice.

What is to be done stands in the database; a wake-up only says when to look.
"""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from core.plugin.ports import Port

TURN_SECONDS = 5
"""How long one wake-up reads a shop's messages or changes while others wait; what is
left is read at the next one, which goes to the queue's end."""
T = TypeVar("T")


class WakeUps(Protocol):
    """What plugins do with our queues: urgent, reading, default, bulk and clock."""

    def wake_after_commit(self, task: str, argument: int = 0, *, queue: str) -> None:
        """Ask for a wake-up once the current transaction is committed."""

    def wake(self, queue_name: str, task: str, argument: int = 0) -> bool:
        """Send a wake-up unless one of its kind is under way; False without Redis."""

    def until_quiet(
        self,
        look: Callable[[], T | None],
        queue_name: str,
        task: str,
        argument: int = 0,
    ) -> Iterator[T]:
        """Give what a task finds, also what comes while it works or a moment later,
        for as long as nothing else waits in its queue."""

    def others_wait(self, queue_name: str, task: str, argument: int = 0) -> bool:
        """Tell whether more than the same again waits in a queue; none do without
        Redis."""


port = Port[WakeUps]()
wake_after_commit = port.calls.wake_after_commit
wake = port.calls.wake
until_quiet = port.calls.until_quiet
others_wait = port.calls.others_wait
