"""Who passes documents of one kind on over one connection."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from core.domain.packages import Booked
from core.plugin.work import Job

if TYPE_CHECKING:
    from core.models import Connection


class Sender(Protocol):
    """Sends documents of one kind over one connection."""

    def prepare(self, jobs: Sequence[Job]) -> None:
        """Load what a batch needs at once (links, index rows); may do nothing."""

    def send(self, job: Job) -> Booked:
        """Check, map and write one document; raise an error of `core.domain.errors`."""


SenderFactory = Callable[["Connection"], AbstractContextManager[Sender]]
"""Opens a package for a batch."""
