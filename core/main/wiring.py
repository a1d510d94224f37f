"""Who listens to whom: what lower areas leave open is filled in here, at start."""

from core.models import Transfer
from core.services import events
from core.services.api import webhooks_out
from core.services.invoicing import invoice_bookings
from core.services.transfer import orders, transfers
from core.services.transfer.subjects import SUBJECTS, Subject


def connect() -> None:
    """Name the kinds of documents, and who tells of what happened; safe to repeat."""
    SUBJECTS[orders.SUBJECT] = Subject(
        orders.attach, "transfer_done", again=transfers.order_again
    )
    SUBJECTS[invoice_bookings.SUBJECT] = Subject(
        invoice_bookings.attach,
        "invoice_booked",
        again=_invoice_again,
        done=invoice_bookings.done,
    )
    events.relation_changed.connect(webhooks_out.relation_changed)
    events.order_booked.connect(webhooks_out.order_booked)
    events.order_failed.connect(webhooks_out.order_failed)


def _invoice_again(transfer: Transfer) -> None:
    invoice_bookings.reconsider(transfer, queue="urgent")
