"""Which booked invoices are settled: one list of open items a day (manual 001, D)."""

from collections.abc import Sequence
from decimal import Decimal

from core.domain.clock import utcnow
from core.domain.invoices import BookedInvoice, Settlements
from core.domain.money import cents
from core.plugin.tables import Connection
from plugins.eboekhouden import wire
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.invoices.settled import (
    OpenItem,
    OpenItems,
    Settlement,
    paid,
    still_open,
)
from plugins.eboekhouden.wire import Body

_CURSOR, _COUNT = "open_items", "count"


def read(connection: Connection, invoices: Sequence[BookedInvoice]) -> Settlements:
    """Ask for all open items of debtors once, and say what it proves of invoices.

    What is not certain is not named at all. Raises the errors of the client: an answer
    that fails says nothing.
    """
    noted = dict(connection.cursor.get(_CURSOR, {})).get(_COUNT)
    with open_client(connection, for_booking=False) as client:
        rows = client.open_items()
    answer = OpenItems(
        [_item(row) for row in rows],
        utcnow(),
        complete=not any(map(_is_nobodys, rows)),
        count_before=None if noted is None else int(noted),
    )
    verdicts = {one.invoice_id: paid(one, answer) for one in invoices}
    return Settlements(
        open={
            one.invoice_id: still_open(one, answer)
            for one in invoices
            if verdicts[one.invoice_id] == Settlement.OPEN
        },
        settled={
            key: None for key, said in verdicts.items() if said == Settlement.PAID
        },
        cursor={_COUNT: len(answer.items)},
    )


def _item(row: Body) -> OpenItem:
    return OpenItem(
        str(row.get("MutFactuur") or ""),
        str(row.get("RelCode") or ""),
        _amount(row, "Openstaand"),
        _amount(row, "Bedrag"),
    )


def _is_nobodys(row: Body) -> bool:
    """Tell whether an item that cannot be read may be of any invoice."""
    return wire.UNREADABLE in row and not row.get("MutFactuur")


def _amount(row: Body, name: str) -> Decimal | None:
    """Return an amount in whole cents; None for one that cannot be read, which must
    never be taken for nothing left."""
    value = row.get(name)
    return cents(value) if isinstance(value, Decimal) and value.is_finite() else None
