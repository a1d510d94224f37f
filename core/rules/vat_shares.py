"""One amount with several VAT rates, in shares of one rate each. Pure.

Costs that go with goods of several rates (shipping, a handling fee) have the rates of
those goods (directive 2006/112/EC, art. 78(b)); a set of goods may have several itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import ZERO, spread, total
from core.rules.vat_fit import fits, slack


@dataclass(frozen=True)
class Tax:
    """VAT as the shop charged it on (a share of) an amount."""

    rate: Decimal
    """In percent."""
    vat: Decimal
    """Euros."""


@dataclass(frozen=True)
class Share:
    """The part of an amount that has one rate; euros."""

    amount_incl_vat: Decimal
    vat: Decimal
    rate: Decimal


def split(
    net: Decimal,
    taxes: Sequence[Tax],
    quantity: Decimal = Decimal(1),
    nets: Mapping[Decimal, Decimal] | None = None,
) -> list[Share]:
    """Return the shares of an amount excl VAT; they add up to it and its VAT exactly.

    `nets` is how the shop itself divides the amount, by rate in percent. Without it (or
    where it does not fit) each share follows from its VAT over its rate. Taxes that are
    each on the whole amount (a state's and a city's) are one share at the rates' sum,
    which no package knows. What fits in no way is one share at the highest rate: the
    check of VAT against its rate refuses it before anything is booked. `quantity` says
    how often the shop may have rounded (see `vat_fit.slack`).
    """
    merged = _by_rate(taxes)
    vat = total(merged.values())
    taxed = {rate: amount for rate, amount in merged.items() if amount}
    whole = [Share(net + vat, vat, _whole_rate(net, taxes, merged))]
    # What would be one rate only for all that may be rounded, the shop may divide.
    if len(taxed) <= 1 and fits(net + vat, vat, whole[0].rate):
        return whole
    shares = _divided(net, taxed, quantity, nets)
    return shares or _by_vat(net, taxed, quantity) or whole


def _by_rate(taxes: Sequence[Tax]) -> dict[Decimal, Decimal]:
    found: dict[Decimal, Decimal] = {}
    for tax in taxes:
        found[tax.rate] = found.get(tax.rate, ZERO) + tax.vat
    return found


def _divided(
    net: Decimal,
    taxed: Mapping[Decimal, Decimal],
    quantity: Decimal,
    nets: Mapping[Decimal, Decimal] | None,
) -> list[Share]:
    """Return the shares as the shop divides the amount, unless that does not fit."""
    found = {rate: amount for rate, amount in (nets or {}).items() if amount}
    if not found or total(found.values()) != net or not set(taxed) <= set(found):
        return []
    for division in (_without_untaxed(found, taxed), found):
        shares = [
            Share(amount + taxed.get(rate, ZERO), taxed.get(rate, ZERO), rate)
            for rate, amount in division.items()
        ]
        if all(fits(s.amount_incl_vat, s.vat, s.rate, quantity) for s in shares):
            return shares
    return []


def _without_untaxed(
    found: Mapping[Decimal, Decimal], taxed: Mapping[Decimal, Decimal]
) -> dict[Decimal, Decimal]:
    """Return a division with its part at 0 % in the largest taxed one.

    An untaxed article (a deposit) carries a cent or two of the costs, which are no
    sale at 0 %; a part whose VAT would be more than rounding stays.
    """
    rest, untaxed = dict(found), found.get(ZERO, ZERO)
    if not taxed or ZERO in taxed:
        return rest
    largest = max(taxed, key=lambda rate: abs(found[rate]))
    if untaxed and fits(untaxed, ZERO, largest):
        rest[largest] += rest.pop(ZERO)
    return rest


def _by_vat(
    net: Decimal, taxed: Mapping[Decimal, Decimal], quantity: Decimal
) -> list[Share]:
    """Return the shares that follow from the VAT, if together they are the amount."""
    if len(taxed) < 2 or ZERO in taxed:
        return []
    bases = [vat * 100 / rate for rate, vat in taxed.items()]
    # A base is as uncertain as its VAT was rounded: the lower the rate the more.
    errors = [slack(quantity) * 100 / rate for rate in taxed]
    rest = net - total(bases)
    parts = [
        base + rest * error / total(errors)
        for base, error in zip(bases, errors, strict=True)
    ]
    if abs(rest) > total(errors) or min(part * net for part in parts) < ZERO:
        return []
    return [
        Share(part + vat, vat, rate)
        for part, (rate, vat) in zip(spread(net, parts), taxed.items(), strict=True)
    ]


def _whole_rate(
    net: Decimal, taxes: Sequence[Tax], merged: Mapping[Decimal, Decimal]
) -> Decimal:
    taxed = [tax for tax in taxes if tax.vat]
    if len({tax.rate for tax in taxed}) == 1:
        return taxed[0].rate
    if len(taxed) > 1 and all(fits(net + t.vat, t.vat, t.rate) for t in taxed):
        return total(tax.rate for tax in taxed)
    return max(merged, default=ZERO)
