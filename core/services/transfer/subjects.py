"""The kinds of documents that are transferred: what loads them and what ends them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.packages import Booked
from core.models import Transfer
from core.services.transfer.journal import Job


def _nothing(_job: Job, _booked: Booked) -> dict[str, str]:
    return {}


def _never_held(_transfer: Transfer) -> bool:
    return False


@dataclass(frozen=True)
class Subject:
    """What the engine asks of one kind of document."""

    attach: Callable[[Sequence[Job]], None]
    """Give each job its subject and the guard of its writes."""
    logged_as: str
    """Code of the log line when it is booked."""
    again: Callable[[Transfer], None]
    """*Verwerk*: let an unsent one go with priority, in the caller's transaction."""
    done: Callable[[Job, Booked], dict[str, str]] = _nothing
    """Called in the transaction that ends its transfer as booked; returns what the
    log line says besides."""
    seen: Callable[[Transfer], bool] = _never_held
    """*Gezien*: end a held one, in the caller's transaction; False where it asks."""


SUBJECTS: dict[str, Subject] = {}
"""By `Transfer.subject`; filled at start (`core.main.wiring`)."""
