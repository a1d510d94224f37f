"""Open items of booked invoices (manual 000, D; contract 3.11).

A ledger item is paid when nothing of it remains, whether by payment, discount, payment
difference or exchange difference. It is asked what changed since the last time, and
once a week everything, should a write-off not count as a change. Only an item that is
there with a remaining amount says anything: what an answer lacks is left as it was.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.domain.clock import utcnow
from core.domain.invoices import BookedInvoice, Settlements
from core.plugin.database import session
from core.plugin.tables import Connection
from plugins.eaccounting import reference, wire
from plugins.eaccounting.connector import open_client
from plugins.eaccounting.wire import Body

CURSOR = "open_items"
WHOLE_AFTER = timedelta(days=7)


def read(connection: Connection, booked: Sequence[BookedInvoice]) -> Settlements:
    """Return what is left of the ledger items that changed."""
    known = {invoice.external_id: invoice.invoice_id for invoice in booked}
    started, cursor = utcnow(), dict(connection.cursor.get(CURSOR) or {})
    whole = _is_whole_due(cursor, started)
    still_open: dict[int, Decimal] = {}
    settled: dict[int, date | None] = {}
    with open_client(connection) as client:
        session().rollback()  # no transaction is held open while we wait
        query = "" if whole else _changed_since(cursor)
        for item in client.all("customerledgeritems", query):
            invoice_id, left = known.get(str(item.get("Id"))), _left(item)
            if invoice_id is None or left is None:
                continue
            if left:
                still_open[invoice_id] = left
            else:
                settled[invoice_id] = None
    noted = {
        "since": started.isoformat(),
        "whole": started.isoformat() if whole else cursor["whole"],
    }
    return Settlements(still_open, settled, cursor=noted)


def _is_whole_due(cursor: Mapping[str, Any], now: datetime) -> bool:
    if not (cursor.get("since") and cursor.get("whole")):
        return True
    return now - datetime.fromisoformat(cursor["whole"]) >= WHOLE_AFTER


def _changed_since(cursor: Mapping[str, Any]) -> str:
    since = datetime.fromisoformat(cursor["since"]) - reference.OVERLAP
    return f"ModifiedUtc ge {wire.utc_literal(since)}"


def _left(item: Body) -> Decimal | None:
    """Return what remains in euros; None where the answer does not plainly say so."""
    left = item.get("RemainingAmountInvoiceCurrency")
    if isinstance(left, bool) or not isinstance(left, int | Decimal):
        return None
    return Decimal(left)
