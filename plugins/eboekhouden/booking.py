"""Booking an entry once: orders and invoices alike."""

from collections.abc import Callable

from sqlalchemy import select

from core.domain.errors import AskUser
from core.domain.packages import Written
from core.plugin.database import session
from core.plugin.tables import Transfer
from core.plugin.work import Job
from plugins.eboekhouden import mapping
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.readback import find_entry
from plugins.eboekhouden.refusals import Duplicate
from plugins.eboekhouden.wire import Body


def book_once(
    client: EBoekhouden,
    job: Job,
    *,
    reference: Callable[[], str],
    entry: Callable[[str], Body],
) -> Written:
    """Book an entry under its stored invoice number, once, and return its number.

    `entry` makes the entry of an invoice number. One that is there already (CMUT018,
    CMUT019, or a lost answer) is compared and adopted. Raises AskUser
    `eboekhouden_found_differs` when it is another one.
    """

    def found(number: str) -> Written | None:
        body = entry(number)
        known = find_entry(client, body)
        if known is not None and _is_of_another(job, known.external_id):
            raise AskUser("eboekhouden_found_differs", reference=number)
        return known

    def send(number: str) -> Written:
        try:
            made = client.add_entry(entry(number))
        except Duplicate:
            known = found(number)
            if known is None:
                raise
            return known
        return Written(made, {"number": number})

    return job.write(
        mapping.SALES_ENTRY,
        reference=reference,
        send=send,
        find=lambda number, _: found(number),
        last=True,
    )


def _is_of_another(job: Job, entry_number: str) -> bool:
    """Tell whether an entry was booked for another document over this connection.

    Two shops may sell the same order number to the same customer for the same total:
    adopting the one's entry for the other would lose a document.
    """
    other = select(Transfer.id).where(
        Transfer.target_id == job.connection_id,
        Transfer.external_id == entry_number,
        Transfer.id != job.transfer_id,
    )
    found = session().execute(other).first() is not None
    session().rollback()
    return found
