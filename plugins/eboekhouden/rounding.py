"""How an amount and its VAT become lines that the vendor takes. Pure.

The vendor checks every line: excl + VAT = incl (CMUT010) and excl x rate = VAT
(CMUT010.1; contract 6). A shop rounds per piece, per line or per order, so a VAT code's
total seldom fits in one line: 10.00 at 21 % is 8.26 + 1.74, yet 21 % of 8.26 is 1.73.
A line of a few cents gains or loses up to half a cent of VAT by its rounding, so the
sum is reached with as few small lines as there are half cents to make up: 8.23 + 1.73
and 0.03 + 0.01.

`is_taken` is the one assumption about how the vendor checks: exact to the cent, rounded
half away from zero, as nothing public says that a cent may be off. By SOAP a line that
does not pass is refused; over REST the vendor works out each row's VAT in the same way
(assumed), so the same lines give the same VAT.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from core.domain.money import CENT, ZERO, total, vat_on

Pair = tuple[Decimal, Decimal]
"""An amount excl VAT and its VAT, in euros."""
MOST = 100
"""Lines of an entry by SOAP (contract 4.2); REST takes 500, we stay below both."""
SMALL = 100
"""A small line stays under a euro: within so many cents every rounding occurs."""


def is_taken(excl: Decimal, vat: Decimal, rate: Decimal) -> bool:
    """Tell whether the vendor takes a line with this VAT (CMUT010.1, assumed exact)."""
    return vat_on(excl, rate) == vat


def plan(excl: Decimal, vat: Decimal, rate: Decimal, most: int = MOST) -> list[Pair]:
    """Split an amount and its VAT into the fewest lines that are all taken.

    All lines have the sign of the amount. Empty when there is no such split in `most`
    lines, or nothing to split.
    """
    sign = -1 if excl < ZERO or (not excl and vat < ZERO) else 1
    whole, tax = int(sign * excl / CENT), int(sign * vat / CENT)
    lines = _split(whole, tax, _rate(rate), most)
    return [(sign * a * CENT, sign * b * CENT) for a, b in lines]


def planned(sold: Sequence[Pair], rate: Decimal, most: int = MOST) -> list[Pair]:
    """Return lines of one VAT code for what was sold, exact in amount and VAT.

    Empty when no lines do.
    """
    excl, vat = total(pair[0] for pair in sold), total(pair[1] for pair in sold)
    found = plan(excl, vat, rate, most)
    if found or len(sold) > most:
        return found
    as_sold = [(excl, vat) for excl, vat in sold if excl or vat]
    return as_sold if all(is_taken(*pair, rate) for pair in as_sold) else []


class _Rate:
    """A rate, for whole cents: quick, since a plan tries many lines."""

    def __init__(self, rate: Decimal) -> None:
        self._share = Fraction(rate) / 100
        self._helping: dict[int, Sequence[int]] = {}

    def vat(self, excl: int) -> int:
        """Return the VAT on cents, rounded half up."""
        top, bottom = self._share.as_integer_ratio()
        return (2 * excl * top + bottom) // (2 * bottom)

    def gain(self, excl: int) -> Fraction:
        """Return how much more VAT a line has than its exact share, in cents."""
        return self.vat(excl) - excl * self._share

    def helping(self, up: int) -> Sequence[int]:
        """Return the small lines that gain VAT (`up` 1) or lose it (-1), the most
        first."""
        if up not in self._helping:
            gains = {small: up * self.gain(small) for small in range(1, SMALL)}
            self._helping[up] = sorted(
                (small for small, gain in gains.items() if gain > 0),
                key=lambda small: (-gains[small], small),
            )
        return self._helping[up]

    def missing(self, excl: int, vat: int) -> Fraction:
        """Return how much more VAT is to be reached than the exact share, in cents."""
        return vat - excl * self._share


_rate = lru_cache(maxsize=100)(_Rate)


def _split(excl: int, vat: int, rate: _Rate, most: int) -> list[tuple[int, int]]:
    """Return ever more copies of one small line, and one or two for the rest."""
    missing = rate.missing(excl, vat)
    helping = rate.helping(1 if missing > 0 else -1)
    least = max(int(2 * abs(missing)) - 3, 0)
    for copies in range(least, most):
        for small in helping if copies else (0,):
            rest, left = excl - copies * small, vat - copies * rate.vat(small)
            end = _closed(rest, left, rate, most - copies)
            if end is not None:
                return [*end, *[(small, rate.vat(small))] * copies]
    return []


def _closed(
    excl: int, vat: int, rate: _Rate, most: int
) -> list[tuple[int, int]] | None:
    """Return at most two lines that are this amount and VAT; None when none are."""
    if excl <= 0 or vat < 0:
        return [] if not excl and not vat else None
    if abs(rate.missing(excl, vat)) > 1 or most < 1:
        return None
    if rate.vat(excl) == vat:
        return [(excl, vat)]
    for small in range(1, min(SMALL, excl) if most > 1 else 1):
        own = rate.vat(small)
        if rate.vat(excl - small) == vat - own:
            return [(excl - small, vat - own), (small, own)]
    return None
