"""Rounding and the totals of sales documents, as the vendor works them out."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from plugins.eaccounting.sandbox.fields import Body

_CENT = Decimal("0.01")


def cents(amount: Decimal | int) -> Decimal:
    """Round to cents, half away from zero (the vendor's rule since 2019)."""
    return Decimal(amount).quantize(_CENT, rounding=ROUND_HALF_UP)


def row_amount(row: Body) -> Decimal:
    """Return price times quantity less discount, in cents."""
    factor = 1 - Decimal(row["DiscountPercentage"])
    return cents(Decimal(row["UnitPrice"]) * Decimal(row["Quantity"]) * factor)


class Totals(NamedTuple):
    """Totals of a document: amount incl VAT, the VAT in it, and the rounding."""

    amount: Decimal
    vat: Decimal
    roundings: Decimal
    per_rate: dict[str, dict[str, Decimal]]


def totals(
    rows: list[tuple[Decimal, Decimal]], includes_vat: bool, whole: bool, per_row: bool
) -> Totals:
    """Add up (amount, rate) rows.

    VAT is worked out per rate over the sum of the rows, or per row with `per_row`.
    `whole` rounds the total to whole euros (DomesticCurrencyRounding).
    """
    groups: dict[Decimal, list[Decimal]] = defaultdict(list)
    for amount, rate in rows:
        groups[rate].append(amount)
    per_rate = {}
    for rate, amounts in groups.items():
        parts = amounts if per_row else [sum(amounts, Decimal(0))]
        vat = sum((_vat(part, rate, includes_vat) for part in parts), Decimal(0))
        given = sum(amounts, Decimal(0))
        net = given - vat if includes_vat else given
        per_rate[f"{rate.normalize():f}"] = {"net": net, "vat": vat}
    vat = sum((part["vat"] for part in per_rate.values()), Decimal(0))
    exact = sum((part["net"] for part in per_rate.values()), vat)
    rounded = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP) if whole else exact
    return Totals(cents(rounded), cents(vat), cents(rounded - exact), per_rate)


def _vat(amount: Decimal, rate: Decimal, includes_vat: bool) -> Decimal:
    return cents(amount * rate / (100 + rate if includes_vat else 100))
