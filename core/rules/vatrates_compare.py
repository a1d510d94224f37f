"""Compare our table of VAT rates with another's list of a day. Pure.

The other is eu-vat-rates-data (MIT; from the Commission's TEDB): it gives one day's
rates, those of islands and enclaves among the reduced ones.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.rules.vat_areas_data import AREAS
from core.rules.vatrates import MEMBER_STATES, rates

_KINDS = ("super_reduced", "parking")
_OVERSEAS = {"FR": frozenset((Decimal("1.05"), Decimal("8.5")))}
"""Rates of departments that the list counts in and that lie outside the VAT area."""

_NOT_LISTED = {"IE": frozenset((Decimal("4.8"),))}
"""Rates in force that the list leaves out (K: livestock in Ireland)."""


def differences(listed: Mapping[str, Any], on: date) -> list[str]:
    """Return in words what differs on a day; empty: nothing does.

    `listed` is the file's `rates`: by country `eu_member`, `standard`, `reduced`,
    `super_reduced` and `parking`.
    """
    return [words for each in MEMBER_STATES for words in _of(each, listed, on)]


def _of(country: str, listed: Mapping[str, Any], on: date) -> Iterator[str]:
    row = listed.get(country)
    if row is None:
        yield f"{country}: not listed"
        return
    ours = rates(country, on)
    standard = _decimal(row["standard"])
    if standard != ours.standard:
        yield f"{country}: standard {standard} there, {ours.standard} here"
    lower = [*row["reduced"], *(row[kind] for kind in _KINDS if row[kind])]
    theirs = {_decimal(rate) for rate in lower} | {standard}
    known = {*ours.all_rates, *_regional(country, on)}
    for rate in sorted(theirs - known):
        yield f"{country}: {rate} only there"
    for rate in sorted(set(ours.all_rates) - theirs - _NOT_LISTED.get(country, set())):
        yield f"{country}: {rate} only here"


def _regional(country: str, on: date) -> Iterator[Decimal]:
    yield from _OVERSEAS.get(country, ())
    for area in AREAS.values():
        if area.country == country:
            yield from area.own_rates(on)


def _decimal(rate: Any) -> Decimal:
    return Decimal(str(rate)).normalize() + 0
