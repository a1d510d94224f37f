"""Finding entries in the package: by invoice number, or by our own reference."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.money import cents, total
from core.domain.packages import Written
from core.plugin.database import session
from core.plugin.tables import Transfer
from plugins.eboekhouden import wire
from plugins.eboekhouden.client import EBoekhouden, EntryQuery
from plugins.eboekhouden.wire import Body

_MOMENT = timedelta(seconds=10)
"""So long what was read stands for now: the look-ups of one batch follow each other."""
_BACK = timedelta(hours=6)
"""A list is begun so long before the first document it is for: it serves the others."""
_LAST = 999_999_999
"""The end of an open range of entry numbers: what 0 means there is not told (3)."""


class Recent:
    """What was booked lately: one call (GetMutaties) for all documents of a batch.

    A list begins at an entry that was there before any of them was sent, so that it has
    all that came after: then absence from it is certain. Where that cannot be seen
    (the list is full, or that entry is not in it) each is asked for by itself. Over
    REST, of whose calls no limit is known, each is as well.
    """

    def __init__(self, client: EBoekhouden, connection_id: int) -> None:
        self._client = client
        self._connection_id = connection_id
        self._rows: Sequence[Body] = ()
        self._read_at: datetime | None = None
        self._from = utcnow()
        self._is_whole = False
        self._asked: set[str] = set()

    def search(
        self,
        reference: str,
        sent_at: datetime,
        matches: Callable[[Body], bool],
        alone: Callable[[], Sequence[Body]],
    ) -> list[Body]:
        """Return what matches of all that stood there after `sent_at` (UTC).

        `alone` asks for it by itself. One reference is never told twice from one list:
        a second miss means that it was looked for twice.
        """
        if not self._client.lists_whole:
            return [row for row in alone() if matches(row)]
        if not self._serves(reference, sent_at):
            self._read(sent_at)
        self._asked.add(reference)
        found = [row for row in self._rows if matches(row)]
        if found or self._is_whole:
            return found
        return [row for row in alone() if matches(row)]

    def _serves(self, reference: str, sent_at: datetime) -> bool:
        read_at = self._read_at
        if read_at is None or reference in self._asked:
            return False
        return self._from <= sent_at < read_at and utcnow() - read_at < _MOMENT

    def _read(self, sent_at: datetime) -> None:
        self._from = sent_at - _BACK
        first = self._booked_before(self._from)
        query = EntryQuery(first=first, last=_LAST) if first else EntryQuery()
        began = utcnow()
        self._rows = self._client.entries(query)
        self._read_at = began
        self._asked.clear()
        numbers = {int(row["MutatieNr"]) for row in self._rows}
        rows = len(numbers) + sum(len(row["MutatieRegels"]) for row in self._rows)
        has_begin = first in numbers or not first
        self._is_whole = has_begin and rows < wire.MOST_ENTRIES

    def _booked_before(self, moment: datetime) -> int:
        """Return the number of an entry of ours that was there by then; 0: none."""
        query = (
            select(Transfer.external_id)
            .where(
                Transfer.target_id == self._connection_id,
                Transfer.booked_at <= moment,
                Transfer.external_id != "",
            )
            .order_by(Transfer.booked_at.desc())
            .limit(1)
        )
        found = session().scalar(query) or ""
        session().rollback()
        return int(found) if found.isascii() and found.isdigit() else 0


def of_invoice(client: EBoekhouden, number: str) -> Sequence[Body]:
    """Ask for the entries of one invoice number."""
    return client.entries(EntryQuery(invoice_number=number))


def entry_among(rows: Sequence[Body], entry: Body) -> Written | None:
    """Return the entry that is there under its invoice number; None when none is.

    The same debtor and amount: it is ours. Raises AskUser
    `eboekhouden_found_differs` when it is there otherwise.
    """
    number = entry["Factuurnummer"]
    found = [row for row in rows if is_sale(row, number)]
    for row in found:
        if _same(row, entry):
            return Written(str(row["MutatieNr"]), {"number": number})
    if found:
        raise AskUser("eboekhouden_found_differs", reference=number)
    return None


def is_sale(row: Body, number: str) -> bool:
    """Tell whether a row is the sales entry of an invoice number."""
    return row.get("Factuurnummer") == number and row["Soort"] == wire.SALES_INVOICE


def is_payment(row: Body, reference: str, amount: Decimal) -> bool:
    """Tell whether a row is our own payment."""
    is_ours = row["Soort"] == wire.PAYMENT_IN and row.get("Boekstuk") == reference
    return is_ours and amount_of(row, "BedragInclBTW") == amount


def _same(found: Body, meant: Body) -> bool:
    same = found.get("RelatieCode") == meant["RelatieCode"]
    return same and amount_of(found, "BedragInclBTW") == amount_of(
        meant, "BedragInclBTW"
    )


def amount_of(entry: Body, name: str) -> Decimal:
    """Return what an entry's lines add up to in a field, in whole cents."""
    return cents(total(line[name] for line in entry["MutatieRegels"]))
