"""Real orders for the sandbox: from the Online Retail data to order specifications.

The file is CSV (or csv.gz) with the columns InvoiceNo, StockCode, Description,
Quantity, InvoiceDate, UnitPrice, CustomerID, Country; prices exclude VAT and are read
as euros. Source of the data: Online Retail, UCI Machine Learning Repository (D. Chen),
CC BY 4.0. What the data does not have is made up, the same at every run: see `people`.

How it becomes a shop's orders:

- the shop is Dutch and its prices include VAT; a unit price is rounded to cents after
  VAT was added, so that price times quantity less discount is the line, exactly;
- VAT: the standard rate of the destination on that day in the EU; 0 % for a company
  with a VAT number in another member state (reversed) and none outside the EU; without
  a country of the EU that we know, the Dutch rate;
- POST is the shipping, C2 (carriage) the handling fee; M stays a line; what goes
  against the document's direction (D on a sale) becomes discount of the lines;
- a cancellation (C...) is an order of its own that was refunded in full, unless the
  sale is known that it cancels (`cancellations`);
- InvoiceDate is Dutch local time.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from core.domain import jsontext
from core.domain.clock import utcnow
from core.domain.money import ZERO, spread, total, vat_in
from core.rules.vatrates import is_member_state, rates
from plugins.kmoshops.sandbox.people import Buyer, Dice, buyer
from plugins.kmoshops.sandbox.places import COUNTRY_CODES
from plugins.kmoshops.sandbox.retail import Row, invoices, moment, price_incl_vat

Spec = dict[str, Any]
HOME = "NL"
_CHUNK = 200
_METHODS = (
    "iDEAL",
    "iDEAL",
    "Bancontact",
    "PayPal",
    "Credit or debit card (Mollie)",
    "Bank transfer",
)
_CHANNEL_ISLANDS = ("JE", "GG")


@dataclass(frozen=True)
class RateTotal:
    """What was sold at one VAT rate, in euros."""

    amount_incl_vat: Decimal = ZERO
    vat_amount: Decimal = ZERO

    def plus(self, amount: Decimal, rate: Decimal) -> "RateTotal":
        """Return the total with one more amount incl VAT."""
        return RateTotal(
            self.amount_incl_vat + amount, self.vat_amount + vat_in(amount, rate)
        )


@dataclass
class Expected:
    """What a file holds, to compare with what arrives in a package."""

    orders: int = 0
    refunded: int = 0
    lines: int = 0
    """Goods lines, without shipping, handling and discounts."""
    without_customer: int = 0
    reversed: int = 0
    """Orders to companies in other member states, at 0 %."""
    by_rate: dict[Decimal, RateTotal] = field(default_factory=dict)
    """Rate in percent; untaxed amounts are under 0."""
    totals: dict[str, Decimal] = field(default_factory=dict)
    """Total incl VAT by order id."""

    @property
    def total_incl_vat(self) -> Decimal:
        """The sum of all orders incl VAT, refunded ones counted as orders."""
        return total(self.totals.values())


def orders_from_csv(path: Path, rates_on: date | None = None) -> Iterator[Spec]:
    """Yield an order specification for each invoice, in the file's order.

    VAT follows the invoice's own day, or `rates_on` for orders that shall look new.
    """
    for number, rows in invoices(path).items():
        yield _spec(number, rows, rates_on)


def expected(path: Path, rates_on: date | None = None) -> Expected:
    """Count and add up what `orders_from_csv` gives."""
    result = Expected()
    for spec in orders_from_csv(path, rates_on):
        charges = list(charges_of(spec))
        result.orders += 1
        result.refunded += spec["payment_status"] == "REFUNDED"
        result.lines += len(spec["lines"])
        result.without_customer += "customer_id" not in spec
        result.reversed += bool(spec["reversed"])
        result.totals[spec["id"]] = total(amount for amount, _ in charges)
        for amount, rate in charges:
            known = result.by_rate.get(rate, RateTotal())
            result.by_rate[rate] = known.plus(amount, rate)
    return result


def load(
    base_url: str,
    path: Path,
    trickle: bool = False,
    tell: bool = False,
    without: Collection[str] = (),
) -> int:
    """Send a file's orders to a running sandbox, not those `without`; return how many.

    With `trickle` they wait in the hidden backlog, at today's VAT rates because they
    will appear as orders of today (control `trickle`); with `tell` a webhook is queued
    for each.
    """
    options = {"hidden": int(trickle), "silent": int(not tell)}
    found = orders_from_csv(path, utcnow().date() if trickle else None)
    specs = [spec for spec in found if spec["id"] not in without]
    with requests.Session() as session:
        for start in range(0, len(specs), _CHUNK):
            session.post(
                f"{base_url.rstrip('/')}/_control/orders",
                jsontext.dumps(specs[start : start + _CHUNK]).encode(),
                params=options,
                timeout=60,
            ).raise_for_status()
    return len(specs)


def _spec(number: str, rows: list[Row], rates_on: date | None) -> Spec:
    local = moment(rows[0])
    customer = rows[0]["CustomerID"].split(".")[0]
    code = _country(rows[0]["Country"], customer)
    known = buyer(customer or f"guest-{number}", code, rows[0]["Country"])
    vat_id = known.vat_id if customer else ""
    day = rates_on or local.date()
    is_reversed = _is_reversed(code, vat_id, day)
    rate = Decimal(0) if is_reversed else _rate(code, day)
    return {
        "id": number,
        "created": local.astimezone(UTC).isoformat(),
        **_identity(customer, known),
        "vat_id": vat_id,
        "vat_id_valid": bool(vat_id),
        "reversed": is_reversed,
        **_amounts(number, rows, rate),
        **_payment(number),
    }


def _country(name: str, customer: str) -> str:
    if name == "Channel Islands":
        return Dice(f"island/{customer}").pick(_CHANNEL_ISLANDS)
    # "Unspecified" has none; EU, for "European Community", is no country's code
    return COUNTRY_CODES.get(name, "")


def _identity(customer: str, known: Buyer) -> Spec:
    if not customer:
        return {"billing": {**known.person, "companyName": ""}, "lang": known.lang}
    return {
        "email": known.email,
        "customer_id": int(customer),
        "billing": known.person,
        "lang": known.lang,
    }


def _is_reversed(country: str, vat_id: str, on: date) -> bool:
    return bool(vat_id) and country != HOME and is_member_state(country, on)


def _rate(country: str, on: date) -> Decimal | None:
    if country in ("", "EU"):
        return rates(HOME, on).standard
    return rates(country, on).standard if is_member_state(country, on) else None


def _payment(number: str) -> Spec:
    is_cancelled = number.startswith("C")
    return {
        "payment_method": Dice(f"payment/{number}").pick(_METHODS),
        "payment_status": "REFUNDED" if is_cancelled else "PAID",
        "fulfillment_status": "RETURNED" if is_cancelled else "SHIPPED",
    }


def _amounts(number: str, rows: list[Row], rate: Decimal | None) -> Spec:
    """Sort an invoice's rows into lines, shipping, handling and discount."""
    sign = -1 if number.startswith("C") else 1
    lines: list[Spec] = []
    sums = {"POST": ZERO, "C2": ZERO, "discount": ZERO}
    for row in rows:
        quantity = sign * int(row["Quantity"])
        price = price_incl_vat(row, rate)
        if quantity < 0:
            sums["discount"] -= price * quantity
        elif row["StockCode"] in sums:
            sums[row["StockCode"]] += price * quantity
        else:
            lines.append(_line(row, quantity, price, rate))
    _give_discount(number, lines, sums["discount"])
    result: Spec = {"lines": lines}
    for name, code, label in (
        ("shipping", "POST", "Postage"),
        ("handling", "C2", "Carriage"),
    ):
        if sums[code]:
            result[name] = {"name": label, "price": sums[code], "vat_rate": rate}
    return result


def _line(row: Row, quantity: int, price: Decimal, rate: Decimal | None) -> Spec:
    return {
        "sku": row["StockCode"],
        "name": row["Description"].strip(),
        "quantity": quantity,
        "price": price,
        "vat_rate": rate,
    }


def _give_discount(number: str, lines: list[Spec], discount: Decimal) -> None:
    if not discount:
        return
    amounts = [line["price"] * line["quantity"] for line in lines]
    if discount > total(amounts):
        raise ValueError(f"invoice {number}: more discount than goods")
    for line, part in zip(lines, spread(discount, amounts), strict=True):
        line["discount"] = part


def charges_of(spec: Spec) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield each amount incl VAT of a specification with its rate."""
    for line in spec["lines"]:
        amount = line["price"] * line["quantity"] - line.get("discount", ZERO)
        yield amount, line["vat_rate"] or ZERO
    for name in ("shipping", "handling"):
        if name in spec:
            yield spec[name]["price"], spec[name]["vat_rate"] or ZERO
