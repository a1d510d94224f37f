"""The Online Retail file as it is: rows by invoice."""

import csv
import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from core.domain.money import cents

Row = dict[str, str]
ZONE = ZoneInfo("Europe/Amsterdam")
"""InvoiceDate is read as Dutch local time."""


def invoices(path: Path) -> dict[str, list[Row]]:
    """Return the rows of each invoice, in the file's order."""
    result: dict[str, list[Row]] = {}
    with _opened(path) as file:
        for row in csv.DictReader(file):
            result.setdefault(row["InvoiceNo"], []).append(row)
    return result


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def moment(row: Row) -> datetime:
    """Return when the invoice was made, in local time."""
    return datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=ZONE)


def price_incl_vat(row: Row, rate: Decimal | None) -> Decimal:
    """Return the price of one piece with its VAT, in cents."""
    return cents(Decimal(row["UnitPrice"]) * (100 + (rate or 0)) / 100)
