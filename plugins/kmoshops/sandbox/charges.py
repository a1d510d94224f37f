"""Amounts in a store's way of pricing, with the VAT in or on them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.domain.money import ZERO, cents, spread, total, vat_in, vat_on

GOODS = "goods"
"""The `vat_rate` of what has the rates of the goods it goes with."""


@dataclass(frozen=True)
class Charge:
    """An amount with one VAT rate."""

    price: Decimal
    rate: Decimal | None
    inclusive: bool

    @property
    def tax(self) -> Decimal:
        """The VAT in cents."""
        if self.rate is None:
            return ZERO
        share = vat_in if self.inclusive else vat_on
        return share(self.price, self.rate)

    @property
    def without_tax(self) -> Decimal:
        """The amount without VAT."""
        return self.price - self.tax if self.inclusive else self.price

    @property
    def with_tax(self) -> Decimal:
        """The amount with VAT."""
        return self.price if self.inclusive else self.price + self.tax


@dataclass(frozen=True)
class Extra:
    """Shipping, handling or a surcharge: a charge for each VAT rate it has."""

    charges: tuple[Charge, ...]

    @property
    def price(self) -> Decimal:
        """What the shop writes as its price."""
        return total(charge.price for charge in self.charges)

    @property
    def without_tax(self) -> Decimal:
        """The amount without VAT."""
        return total(charge.without_tax for charge in self.charges)

    @property
    def taxes(self) -> list[dict[str, Any]]:
        """Its `taxes` as the API writes them."""
        return [
            {
                "name": "BTW",
                "value": charge.rate,
                "total": charge.tax,
                "includeInPrice": charge.inclusive,
            }
            for charge in self.charges
            if charge.rate is not None and charge.price
        ]

    def shares(self, lines: Sequence[Charge]) -> list[Decimal]:
        """Return the VAT that each line carries: that of its rate."""
        return self._spread(lines, lambda charge: charge.tax)

    def carried(self, lines: Sequence[Charge]) -> list[Decimal]:
        """Return the part of the price that each line carries."""
        if len(self.charges) > 1:
            return self._spread(lines, lambda charge: charge.price)
        return spread(self.price, [line.price for line in lines])

    def _spread(self, lines: Sequence[Charge], of: Any) -> list[Decimal]:
        found = [ZERO] * len(lines)
        for charge in self.charges:
            weights = [c.price if c.rate == charge.rate else ZERO for c in lines]
            if any(weights):
                parts = spread(of(charge), weights)
                found = [a + b for a, b in zip(found, parts, strict=True)]
        return found


def rate_of(part: dict[str, Any]) -> Decimal | None:
    """Return the rate of a part of a specification; None: untaxed."""
    rate = part.get("vat_rate")
    return None if rate is None else Decimal(rate)


def line_charge(
    line: dict[str, Any], inclusive: bool, discounted: bool = True
) -> Charge:
    """Return a line's amount for its whole quantity."""
    amount = cents(Decimal(line["price"]) * Decimal(line["quantity"]))
    if discounted:
        amount -= amount_of(line, "discount") + amount_of(line, "coupon")
    return Charge(amount, rate_of(line), inclusive)


def extra(
    part: dict[str, Any] | None, lines: Sequence[Charge], inclusive: bool
) -> Extra:
    """Return shipping, handling or a surcharge; `with_tax` may differ from the store's.

    With the rates of the goods it is divided over them by what they cost.
    """
    if not part:
        return Extra(())
    price = Decimal(part["price"])
    holds = bool(part.get("with_tax", inclusive))
    if part.get("vat_rate") != GOODS:
        return Extra((Charge(price, rate_of(part), holds),))
    shares = spread(price, [line.price for line in lines])
    by_rate: dict[Decimal | None, Decimal] = {}
    for line, share in zip(lines, shares, strict=True):
        by_rate[line.rate] = by_rate.get(line.rate, ZERO) + share
    return Extra(tuple(Charge(p, rate, holds) for rate, p in by_rate.items()))


def amount_of(part: dict[str, Any], name: str) -> Decimal:
    """Return an amount of a specification, zero when left out."""
    return Decimal(part.get(name) or 0)
