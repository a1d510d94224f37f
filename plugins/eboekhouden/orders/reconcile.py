"""What stands in the package of every order, whole: for `flask reconcile`."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.plugin import connections
from core.plugin.capabilities import CountBooked
from core.plugin.setups import has_clearing_account
from core.plugin.tables import Coupling
from plugins.eboekhouden import wire
from plugins.eboekhouden.client import EBoekhouden, EntryQuery, pages
from plugins.eboekhouden.client.rest import PAGE
from plugins.eboekhouden.connector import open_client
from plugins.eboekhouden.forms import REST
from plugins.eboekhouden.models import EBoekhoudenPaymentMapping
from plugins.eboekhouden.orders.mapping import CREDIT, PAYMENT_ONLY, SALE
from plugins.eboekhouden.readback import amount_of
from plugins.eboekhouden.wire import Body

_ROWS = 500
_SALE = re.compile(rf"(?:{SALE}|{CREDIT}) (.+?)(?:, factuur .*)?")
_PAYMENT_ONLY = re.compile(rf"{PAYMENT_ONLY} (.+)")
"""The texts of our own entries (see `mapping`)."""


def calls(coupling: Coupling, count: CountBooked, since: date | None) -> int:
    """Return what `documents` takes, with opening and closing the session.

    Where payments are booked each entry has one. By SOAP only what is dated since then
    is asked for, an answer has 500 rows (2) and the last one is empty; by REST all of
    it, each entry by a call of its own after the list.
    """
    each = 1 + has_clearing_account(EBoekhoudenPaymentMapping, coupling.id)
    if connections.values_of(coupling.target).get("interface") != REST:
        return 3 + -(-each * count(since) // _ROWS)
    entries = each * count()
    return 2 + max(1, -(-entries // PAGE)) + entries


def documents(coupling: Coupling, since: date | None = None) -> list[dict[str, Any]]:
    """Return what stands in the package; by SOAP from a date on."""
    with open_client(coupling.target, for_booking=False) as client:
        return list(read_documents(client, since))


def read_documents(
    client: EBoekhouden, since: date | None = None
) -> Iterator[dict[str, Any]]:
    """Yield every order, credit document and taken-back payment that was booked.

    Reference, total and VAT per rate; amounts in euros incl VAT, negative where money
    went back. `left` is what payments left open of it: payments are no documents, but
    for those that are all there was to book (a chargeback).
    """
    query = EntryQuery(names_codes=False)
    if since:
        query = replace(query, since=since)
    found: list[dict[str, Any]] = []
    settled: defaultdict[str, Decimal] = defaultdict(Decimal)
    for page in pages(client, query):
        for row in page:
            if _said(row, wire.SALES_INVOICE, _SALE):
                found.append(_document(row))
            elif _said(row, wire.PAYMENT_IN, _PAYMENT_ONLY):
                found.append(_payment(row))
            elif row["Soort"] == wire.PAYMENT_IN:
                number = str(row.get("Factuurnummer") or "")
                settled[number] += amount_of(row, "BedragInclBTW")
    for document in found:
        yield {**document, "left": document["total"] - settled[document["number"]]}


def _said(row: Body, kind: str, text: re.Pattern[str]) -> str:
    """Return the number that an entry of ours names; empty when it is not ours."""
    said = text.fullmatch(str(row.get("Omschrijving") or ""))
    return said[1] if said and row["Soort"] == kind else ""


def _document(row: Body) -> dict[str, Any]:
    # REST rows have no percentage: of code AFW_VERK the rate is not told (contract 5).
    vat: defaultdict[Decimal | None, Decimal] = defaultdict(Decimal)
    for line in row["MutatieRegels"]:
        if line["BedragBTW"]:
            vat[Decimal(line["BTWPercentage"]) or None] += line["BedragBTW"]
    said = _said(row, wire.SALES_INVOICE, _SALE)
    return {
        "external_id": str(row["MutatieNr"]),
        "reference": str(row.get("Boekstuk") or said),
        "number": str(row.get("Factuurnummer") or ""),
        "total": amount_of(row, "BedragInclBTW"),
        "vat": dict(vat),
    }


def _payment(row: Body) -> dict[str, Any]:
    """Return a payment that was booked by itself: it is no turnover."""
    return {
        "external_id": str(row["MutatieNr"]),
        "reference": _said(row, wire.PAYMENT_IN, _PAYMENT_ONLY),
        "number": "",
        "total": Decimal(0),
        "vat": {},
    }
