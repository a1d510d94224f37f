"""The kinds of documents that are transferred: what loads them and what ends them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.services import invoice_bookings, orders
from core.services.journal import Job


def _nothing(_job: Job) -> None:
    return None


@dataclass(frozen=True)
class Subject:
    """What the engine asks of one kind of document."""

    attach: Callable[[Sequence[Job]], None]
    """Give each job its subject and the guard of its writes."""
    logged_as: str
    """Code of the log line when it is booked."""
    done: Callable[[Job], None] = _nothing
    """Called in the transaction that ends its transfer as booked."""


SUBJECTS: Mapping[str, Subject] = {
    orders.SUBJECT: Subject(orders.attach, "transfer_done"),
    invoice_bookings.SUBJECT: Subject(
        invoice_bookings.attach, "invoice_booked", invoice_bookings.done
    ),
}
