"""What stands in the package of every order, whole: for `flask reconcile`."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.plugin.tables import Coupling
from plugins.eboekhouden import wire
from plugins.eboekhouden.client import EBoekhouden, EntryQuery
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.readback import amount_of
from plugins.eboekhouden.wire import Body

_OURS = re.compile(r"Bestelling (.+?)(?:, factuur .*)?")
"""The text of our own entries (see `mapping`)."""


def documents(coupling: Coupling) -> list[dict[str, Any]]:
    """Return what stands in the package, for `flask reconcile`."""
    with open_client(coupling.target, for_booking=False) as client:
        return list(read_documents(client))


def read_documents(client: EBoekhouden) -> Iterator[dict[str, Any]]:
    """Yield reference, total and VAT per rate of every order that was booked.

    For `flask reconcile`; amounts in euros incl VAT. The vendor gives the newest 500
    entries of a range, so older ones are asked for by number.
    """
    last = 0
    while True:
        page = client.entries(EntryQuery(last=last))
        yield from (_document(row) for row in page if _is_order(row))
        numbers = [int(row["MutatieNr"]) for row in page]
        if len(page) < wire.MOST_ENTRIES or min(numbers) <= 1:
            return
        last = min(numbers) - 1


def _is_order(row: Body) -> bool:
    text = str(row.get("Omschrijving") or "")
    return row["Soort"] == wire.SALES_INVOICE and bool(_OURS.fullmatch(text))


def _document(row: Body) -> dict[str, Any]:
    vat: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in row["MutatieRegels"]:
        if line["BedragBTW"]:
            vat[Decimal(line["BTWPercentage"])] += line["BedragBTW"]
    said = _OURS.fullmatch(str(row["Omschrijving"]))
    return {
        "external_id": str(row["MutatieNr"]),
        "reference": str(row.get("Boekstuk") or (said[1] if said else "")),
        "total": amount_of(row, "BedragInclBTW"),
        "vat": dict(vat),
    }
