"""The kinds of documents that are transferred: what loads them and what ends them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.domain.packages import Booked
from core.models import Transfer
from core.services.transfer.journal import Job


def _nothing(_job: Job, _booked: Booked) -> dict[str, str]:
    return {}


def _as_it_is(_transfer: Transfer) -> None:
    return None


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
    asks: Callable[[Transfer], bool] = _never_held
    """Whether a held one was not booked yet, and waits for the user's word."""
    set_aside: Callable[[Transfer], None] = _as_it_is
    """*Zelf geboekt*, *Negeren*: note it where else it counts."""
    take_back: Callable[[Transfer], None] = _as_it_is
    """*Terugzetten*: undo that, once the transfer stands where it stood."""


SUBJECTS: dict[str, Subject] = {}
"""By `Transfer.subject`; filled at start (`core.main.wiring`)."""
