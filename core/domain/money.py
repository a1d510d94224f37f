"""Amounts: Decimal euros, rounded half away from zero to cents."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


def cents(amount: Decimal) -> Decimal:
    """Round to whole cents, half away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up, starting from a Decimal zero."""
    return sum(amounts, ZERO)


def vat_in(amount_incl_vat: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT within an amount incl VAT at a rate in percent, in cents."""
    return cents(amount_incl_vat * rate / (100 + rate))


def vat_on(amount_excl_vat: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT on an amount excl VAT at a rate in percent, in cents."""
    return cents(amount_excl_vat * rate / 100)


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount over weights to the cent; the parts add up exactly.

    Each part is the difference of two rounded running totals, so that no part is
    more than a cent from its exact share. Zero weights get nothing unless all are
    zero, in which case the first one gets everything.
    """
    whole = total(weights)
    if not whole:
        return [amount if index == 0 else ZERO for index in range(len(weights))]
    parts: list[Decimal] = []
    running, given = ZERO, ZERO
    for weight in weights:
        running += weight
        upto = cents(amount * running / whole)
        parts.append(upto - given)
        given = upto
    return parts


def plain(number: Decimal | int) -> str:
    """Write a number without trailing zeros or an exponent: 21, 5.5."""
    return f"{Decimal(number).normalize():f}"
