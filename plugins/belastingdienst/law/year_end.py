"""What the last return of a calendar year asks: private use, car, BUA, revision. Pure.

The books do not tell these: each is a question, with the reckoning beside it where the
law has a fixed one. The answer is filled in by hand, in 1d or as input VAT that goes
back (5b). Amounts are euros; VAT to the cent.
"""

from calendar import isleap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.money import ZERO, cents, total
from plugins.belastingdienst.law.boxes import INPUT
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Days

RULES = {
    "private_use": Source("Wet OB art. 4(2); schotaccountants.nl: in the last return of"
                          " the year", Sure.SECONDARY),
    "car": Source("schotaccountants.nl, forwardlease.nl: 2.7 % of the catalogue price;"
                  " 1.5 % after five years, the first among them, or where no VAT was"
                  " deducted on the purchase", Sure.SECONDARY),
    "car_part_of_year": Source("forwardlease.nl: by time; by days is our reading",
                               Sure.SECONDARY),
    "car_at_most": Source("forwardlease.nl: the year's deducted VAT and a fifth of that"
                          " on the purchase, within five years", Sure.SECONDARY),
    "bua": Source("BUA art. 4; fundamentvoor.nl: above 227 euros excl VAT a year per"
                  " person all of it", Sure.SECONDARY),
    "bua_food": Source("BUA art. 3: food and drink of the canteen have a reckoning of"
                       " their own, not made here", Sure.UNVERIFIED),
    "revision": Source("Uitvoeringsbeschikking OB art. 13, 13a: movables five years,"
                       " property ten, the first among them; when the use differs over"
                       " 10 %", Sure.UNVERIFIED),
    "revision_services": Source("Services on property from 30,000 euros, in use from"
                                " 2026 on: five years", Sure.UNVERIFIED),
}  # fmt: skip
"""Where each rule stands."""

CAR_PERCENT = Decimal("2.7")
CAR_PERCENT_OLD = Decimal("1.5")
CAR_YEARS = 5
BUA_LIMIT = Decimal(227)
REVISION_YEARS_MOVABLE = 5
REVISION_YEARS_PROPERTY = 10
REVISION_SHARE = Decimal(10)
SERVICES_FROM = date(2026, 1, 1)
SERVICES_LIMIT = Decimal(30_000)


@dataclass(frozen=True)
class Prompt:
    """One question of the last return of the year."""

    code: str
    """Has words in `law_texts`."""
    box: str
    """Where the answer goes: `1d` adds, `5b` takes off."""
    source: Source


PROMPTS = (
    Prompt("year_end_private_use", "1d", RULES["private_use"]),
    Prompt("year_end_car", "1d", RULES["car"]),
    Prompt("year_end_gifts_and_staff", INPUT, RULES["bua"]),
    Prompt("year_end_revision", INPUT, RULES["revision"]),
)


def prompts(period: Days, answered: Iterable[str] = ()) -> tuple[Prompt, ...]:
    """Return what is still to be answered; nothing but in the year's last return."""
    if (period.end.month, period.end.day) != (12, 31):
        return ()
    done = frozenset(answered)
    return tuple(prompt for prompt in PROMPTS if prompt.code not in done)


@dataclass(frozen=True)
class Car:
    """A car of the business that is used privately as well."""

    catalogue_price: Decimal
    """Incl VAT and BPM."""
    in_use_from: date
    in_use_until: date | None = None
    """Last day of private use; None: still."""
    vat_deducted_on_purchase: bool = True
    taxed_share: Decimal = Decimal(100)
    """Percent of the turnover that is taxed: less VAT was deducted, less is owed."""


def car_vat(car: Car, year: int) -> Decimal:
    """Return the VAT owed over a year by the fixed rule; zero outside its use."""
    first = max(car.in_use_from, date(year, 1, 1))
    last = min(car.in_use_until or date.max, date(year, 12, 31))
    days = (last - first).days + 1
    if days <= 0:
        return ZERO
    is_old = year - car.in_use_from.year >= CAR_YEARS
    lower = is_old or not car.vat_deducted_on_purchase
    percent = CAR_PERCENT_OLD if lower else CAR_PERCENT
    whole = Decimal(366 if isleap(year) else 365)
    shares = percent * car.taxed_share * days / whole
    return cents(car.catalogue_price * shares / 10_000)


def car_at_most(
    car: Car, year: int, vat_of_year: Decimal, vat_on_purchase: Decimal
) -> Decimal:
    """Return what is owed at most: the VAT that was deducted for it.

    `vat_of_year`: deducted this year on its use, without the purchase.
    """
    within = 0 <= year - car.in_use_from.year < CAR_YEARS
    return cents(vat_of_year + (vat_on_purchase / CAR_YEARS if within else ZERO))


@dataclass(frozen=True)
class Benefit:
    """A gift or something for the staff on which VAT was deducted."""

    person: str
    """An employee, or a business relation who could not deduct the VAT himself."""
    amount_excl_vat: Decimal
    vat: Decimal


def bua_vat(benefits: Iterable[Benefit]) -> Mapping[str, Decimal]:
    """Return the input VAT that goes back, by person.

    Above 227 euros a year all of a person's VAT goes back, not only that of the rest.
    """
    own: dict[str, list[Benefit]] = {}
    for benefit in benefits:
        own.setdefault(benefit.person, []).append(benefit)
    return {
        person: total(each.vat for each in found)
        for person, found in sorted(own.items())
        if total(each.amount_excl_vat for each in found) > BUA_LIMIT
    }


@dataclass(frozen=True)
class Asset:
    """Something whose deducted VAT is looked at again for years."""

    id: str
    vat: Decimal
    """Charged on the purchase."""
    deducted_share: Decimal
    """Percent of it that was deducted."""
    in_use_from: date
    is_property: bool = False
    service_amount: Decimal | None = None
    """Of a service on property: its price excl VAT."""

    @property
    def years(self) -> int:
        """How many calendar years it is looked at, the first one among them."""
        if self.service_amount is not None:
            is_dear = self.service_amount >= SERVICES_LIMIT
            is_new = self.in_use_from >= SERVICES_FROM
            return REVISION_YEARS_MOVABLE if is_dear and is_new else 1
        return REVISION_YEARS_PROPERTY if self.is_property else REVISION_YEARS_MOVABLE


def revised_vat(asset: Asset, year: int, taxed_share: Decimal) -> Decimal:
    """Return what a year's use changes in the deduction: positive is to pay back.

    `taxed_share`: percent of this year's use that is taxed. In the first year the whole
    deduction is settled; later a year's part of it, where the use differs over 10 % of
    what was deducted. Unverified: a help to fill in, not a figure that is filed.
    """
    place = year - asset.in_use_from.year
    if not 0 <= place < asset.years:
        return ZERO
    change = asset.deducted_share - taxed_share
    if place == 0:
        return cents(asset.vat * change / 100)
    if abs(change) <= asset.deducted_share * REVISION_SHARE / 100:
        return ZERO
    return cents(asset.vat * change / 100 / asset.years)
