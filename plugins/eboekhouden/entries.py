"""Booking an entry once: orders and invoices alike."""

from collections.abc import Callable

from core.domain.errors import AskUser
from core.domain.packages import Written
from core.plugin.work import Job
from plugins.eboekhouden import mapping
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.readback import find_entry
from plugins.eboekhouden.refusals import Duplicate
from plugins.eboekhouden.setup import is_of_another
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
        if known is not None and is_of_another(job, known.external_id):
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
