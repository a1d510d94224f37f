"""Booking an entry once: orders and invoices alike."""

from collections.abc import Callable, Sequence
from datetime import datetime

from core.domain.errors import AskUser
from core.domain.packages import Written
from core.plugin.work import Job
from plugins.eboekhouden import mapping
from plugins.eboekhouden.client import EBoekhouden
from plugins.eboekhouden.readback import Recent, entry_among, is_sale, of_invoice
from plugins.eboekhouden.refusals import Duplicate
from plugins.eboekhouden.wire import Body


def may_be_made(job: Job, kind: str) -> bool:
    """Tell whether a job's debtor (of a `make_once` kind) may be there already: it is
    looked up by its number first, and by nothing else."""
    return any(
        step.is_open and name.startswith(f"{kind}:") for name, step in job.steps.items()
    )


def book_once(
    client: EBoekhouden,
    recent: Recent,
    job: Job,
    *,
    reference: Callable[[], str],
    entry: Callable[[str], Body],
    last: bool = True,
) -> Written:
    """Book an entry under its stored invoice number, once, and return its number.

    `entry` makes the entry of an invoice number. One that is there already (CMUT018,
    CMUT019, or a lost answer) is compared and adopted. `last`: nothing is written for
    this document after it. Raises AskUser `eboekhouden_found_differs` when it is
    another one.
    """

    def adopted(number: str, rows: Sequence[Body]) -> Written | None:
        known = entry_among(rows, entry(number))
        if known is not None and job.is_of_another(known.external_id):
            raise AskUser("eboekhouden_found_differs", reference=number)
        return known

    def find(number: str, sent_at: datetime) -> Written | None:
        rows = recent.search(
            number,
            sent_at,
            lambda row: is_sale(row, number),
            lambda: of_invoice(client, number),
        )
        return adopted(number, rows)

    def send(number: str) -> Written:
        try:
            made = client.add_entry(entry(number))
        except Duplicate:
            known = adopted(number, of_invoice(client, number))
            if known is None:
                raise
            return known
        return Written(made, {"number": number})

    return job.write(
        mapping.SALES_ENTRY, reference=reference, send=send, find=find, last=last
    )
