"""Reading what stands in the package: by invoice number, and whole for `reconcile`."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.domain.errors import AskUser
from core.domain.money import total
from core.domain.packages import Written
from core.plugin.tables import Coupling
from plugins.eboekhouden import wire
from plugins.eboekhouden.client import EBoekhouden, EntryQuery
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.wire import Body

_OURS = re.compile(r"Bestelling (.+?)(?:, factuur .*)?")
"""The text of our own entries (see `mapping`)."""


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
    return same and _sum(found, "BedragInclBTW") == _sum(meant, "BedragInclBTW")


def _sum(entry: Body, name: str) -> Decimal:
    return total(line[name] for line in entry["MutatieRegels"])


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
        "total": _sum(row, "BedragInclBTW"),
        "vat": dict(vat),
    }
