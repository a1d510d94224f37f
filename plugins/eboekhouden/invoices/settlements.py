"""Which booked invoices are settled: one list of open items a day (manual 001, D)."""

from collections.abc import Sequence
from decimal import Decimal

from core.domain.clock import utcnow
from core.domain.errors import RetryLater
from core.domain.invoices import BookedInvoice, Settlements
from core.domain.money import cents
from core.plugin.tables import Connection
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.invoices.settled import (
    OpenItem,
    OpenItems,
    Settlement,
    paid,
    still_open,
)
from plugins.eboekhouden.refusals import SERVICE
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
        _amount(row["Openstaand"]),
        _amount(row["Bedrag"]),
    )


def _amount(value: object) -> Decimal:
    """Return an amount in whole cents: the schema's type is double (4.3), and such a
    sum may be a hair off. One that is missing must never be read as nothing left."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise RetryLater("remote_nonsense", service=SERVICE, detail="amount")
    return cents(value)
