"""Finding an entry in the package by its invoice number."""

from decimal import Decimal

from core.domain.errors import AskUser
from core.domain.money import total
from core.domain.packages import Written
from plugins.eboekhouden import wire
from plugins.eboekhouden.client import EBoekhouden, EntryQuery
from plugins.eboekhouden.wire import Body


def find_entry(client: EBoekhouden, entry: Body) -> Written | None:
    """Look an entry up by its invoice number; the same debtor and amounts: it is ours.

    Raises AskUser `eboekhouden_found_differs` when it is there otherwise.
    """
    number = entry["Factuurnummer"]
    found = [
        row
        for row in client.entries(EntryQuery(invoice_number=number))
        if row.get("Factuurnummer") == number and row["Soort"] == wire.SALES_INVOICE
    ]
    for row in found:
        if _same(row, entry):
            return Written(str(row["MutatieNr"]), {"number": number})
    if found:
        raise AskUser("eboekhouden_found_differs", reference=number)
    return None


def _same(found: Body, meant: Body) -> bool:
    same = found.get("RelatieCode") == meant["RelatieCode"]
    return same and amount_of(found, "BedragInclBTW") == amount_of(
        meant, "BedragInclBTW"
    )


def amount_of(entry: Body, name: str) -> Decimal:
    """Return what an entry's lines add up to in a field."""
    return total(line[name] for line in entry["MutatieRegels"])
