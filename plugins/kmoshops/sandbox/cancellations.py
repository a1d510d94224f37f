"""Which sale each cancellation of the Online Retail data takes back.

The data does not say it. A cancellation (an invoice number with a C) is taken for a
refund when each of its rows has a sale: of the same customer, earlier, of the same
article at the same price, with as many pieces that were not taken back yet; of several
the last. Its rows may be of more sales than one: then each gets its part. What has no
such sale (bought before the data begins, a discount, a correction by hand) stays an
order of its own.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import requests

from core.domain import jsontext
from core.domain.money import total
from plugins.kmoshops.sandbox.loader import Spec, charges_of, orders_from_csv
from plugins.kmoshops.sandbox.retail import Row, invoices, moment, price_incl_vat


@dataclass(frozen=True)
class Refund:
    """What goes back of one sale."""

    sale: str
    """Number of the order."""
    cancellation: str
    amount: Decimal
    """Euros incl VAT."""
    at: datetime


@dataclass(frozen=True)
class Found:
    """What became of the cancellations of a file."""

    refunds: tuple[Refund, ...]
    lost: tuple[str, ...]
    """Cancellations without a sale."""

    @property
    def cancellations(self) -> frozenset[str]:
        """The cancellations that are refunds."""
        return frozenset(refund.cancellation for refund in self.refunds)


@dataclass
class _Sold:
    """Pieces of one article at one price in one sale that may still come back."""

    sale: str
    price: str
    left: int


_Shelf = dict[tuple[str, str], list[_Sold]]


def find(path: Path) -> Found:
    """Return the refunds of a file, in order of time, and what has no sale."""
    specs = {spec["id"]: spec for spec in orders_from_csv(path)}
    rest = {n: total(amount for amount, _ in charges_of(s)) for n, s in specs.items()}
    shelf: _Shelf = defaultdict(list)
    refunds: list[Refund] = []
    lost: list[str] = []
    by_time = sorted(invoices(path).items(), key=lambda pair: moment(pair[1][0]))
    for number, rows in by_time:
        if not number.startswith("C"):
            _put(shelf, number, rows)
            continue
        taken = _take(shelf, rows)
        parts = _refunds(number, rows, taken, specs) if taken else []
        if not parts or any(part.amount > rest[part.sale] for part in parts):
            lost.append(number)
            continue
        for sold, row in zip(taken, rows, strict=True):
            sold.left += int(row["Quantity"])
        for part in parts:
            rest[part.sale] -= part.amount
        refunds += parts
    return Found(tuple(refunds), tuple(lost))


def _key(row: Row) -> tuple[str, str]:
    return row["CustomerID"], row["StockCode"]


def _put(shelf: _Shelf, number: str, rows: Iterable[Row]) -> None:
    for row in rows:
        if row["CustomerID"] and int(row["Quantity"]) > 0:
            sold = _Sold(number, row["UnitPrice"], int(row["Quantity"]))
            shelf[_key(row)].append(sold)


def _take(shelf: _Shelf, rows: Iterable[Row]) -> list[_Sold]:
    """Return what each row takes back; empty when one of them finds nothing."""
    found: list[_Sold] = []
    wanted: dict[int, int] = defaultdict(int)
    for row in rows:
        count = -int(row["Quantity"])
        fitting = (
            sold
            for sold in reversed(shelf[_key(row)])
            if sold.price == row["UnitPrice"] and sold.left - wanted[id(sold)] >= count
        )
        sold = next(fitting, None) if count > 0 else None
        if sold is None:
            return []
        wanted[id(sold)] += count
        found.append(sold)
    return found


def _refunds(
    number: str, rows: list[Row], taken: list[_Sold], specs: dict[str, Spec]
) -> list[Refund]:
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for row, sold in zip(rows, taken, strict=True):
        price = price_incl_vat(row, _rate(specs[sold.sale]))
        amounts[sold.sale] -= price * int(row["Quantity"])
    at = moment(rows[0]).astimezone(UTC)
    return [
        Refund(sale, number, amount, at) for sale, amount in amounts.items() if amount
    ]


def _rate(spec: Spec) -> Decimal | None:
    """Return the rate of an order, which all its parts have."""
    parts = [*spec["lines"], *(spec[n] for n in ("shipping", "handling") if n in spec)]
    rate: Decimal | None = parts[0]["vat_rate"]
    return rate


def load_refunds(base_url: str, found: Found, tell: bool = False) -> int:
    """Refund the orders that are in a running sandbox; return how many times."""
    with requests.Session() as session:
        for refund in found.refunds:
            body = {
                "amount": refund.amount,
                "reason": f"Annulering {refund.cancellation}",
                "at": refund.at.isoformat(),
            }
            session.post(
                f"{base_url.rstrip('/')}/_control/orders/{refund.sale}/refunds",
                jsontext.dumps(body).encode(),
                params={"silent": int(not tell)},
                timeout=60,
            ).raise_for_status()
    return len(found.refunds)
