"""VAT rates of the EU member states by date. Pure.

Rates are percentages (`Decimal("21")`); dates are local booking dates. The data and
their sources stand in `core/rules/vatrates_data.py`; the standard rates since 2016 are
data by duty27.com, licence CC BY 4.0. The standard rates decide nothing by themselves:
they are proposed, and a shop owner may overrule them per connection (manual 004).
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.rules.vatrates_data import LOWER, STANDARD

FIRST_DAY = date(2010, 1, 1)
"""Before this day nothing is known here."""
_DAY = timedelta(days=1)

# Croatia joined on 2013-07-01 (general knowledge); the others before 2010.
JOINED = {"HR": date(2013, 7, 1)}
# Greece is EL in VIES; Northern Ireland has its own prefix and is no country.
NUMBER_PREFIXES = {"GR": "EL", "EL": "EL", "XI": "XI"}


class NoVatRates(LookupError):
    """The country is no member state, or the date lies before `FIRST_DAY`."""


@dataclass(frozen=True)
class VatRates:
    """The rates of one member state on one day, in percent."""

    country: str
    standard: Decimal
    standard_from: date
    reduced: tuple[Decimal, ...]
    """Ascending; empty in Denmark."""
    reduced_from: date
    """First day of this set of lower rates as far as known."""
    super_reduced: Decimal | None = None
    parking: Decimal | None = None

    @property
    def all_rates(self) -> tuple[Decimal, ...]:
        """Every positive rate, highest first, each once."""
        lower = (*self.reduced, self.super_reduced, self.parking)
        found = {self.standard, *(rate for rate in lower if rate is not None)}
        return tuple(sorted(found, reverse=True))


def _dated(words: list[str]) -> list[tuple[date, Decimal]]:
    days = (date.fromisoformat(day) for day in words[0::2])
    return list(zip(days, map(Decimal, words[1::2]), strict=True))


def _standard() -> dict[str, list[tuple[date, Decimal]]]:
    rows = (line.split() for line in STANDARD.split("\n") if line)
    return {country: _dated(words) for country, *words in rows}


_Lower = tuple[date, tuple[Decimal, ...], Decimal | None, Decimal | None]


def _rates(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word) for word in text.split() if word != "-")


def _lower() -> dict[str, list[_Lower]]:
    result: dict[str, list[_Lower]] = {}
    for line in filter(None, LOWER.split("\n")):
        country, day, rest = line.split(maxsplit=2)
        reduced, special, parking = (_rates(part) for part in rest.split("/"))
        row = (
            date.fromisoformat(day),
            reduced,
            special[0] if special else None,
            parking[0] if parking else None,
        )
        result.setdefault(country, []).append(row)
    return result


_STANDARD = _standard()
_LOWER = _lower()
_LEFT = {"GB": date(2020, 12, 31)}
"""Last day inside the EU's VAT area."""
MEMBER_STATES = tuple(code for code in _STANDARD if code not in ("GB", "XI"))
"""ISO 3166-1 codes of the 27; Greece is GR (its VIES prefix is EL)."""
RATED = tuple(_STANDARD)
"""Whatever has rates on some day: the 27, Great Britain and Northern Ireland (XI)."""


def rates(country: str, on: date) -> VatRates:
    """Return the rates of a member state on a day; raise `NoVatRates`.

    Great Britain has them until 2020, Northern Ireland (XI, goods only) from 2021; the
    rates are given for Croatia before it joined, too: ask `is_member_state`.
    """
    first = _first_day(country)
    if first is None or on < first or on > _LEFT.get(country, on):
        raise NoVatRates(f"{country} {on}")
    standards, lowers = _STANDARD[country], _LOWER[country]
    since, standard = standards[bisect_right([row[0] for row in standards], on) - 1]
    lower = lowers[bisect_right([row[0] for row in lowers], on) - 1]
    return VatRates(
        country=country,
        standard=standard,
        standard_from=since,
        reduced=lower[1],
        reduced_from=lower[0],
        super_reduced=lower[2],
        parking=lower[3],
    )


def _first_day(country: str) -> date | None:
    return _STANDARD[country][0][0] if country in _STANDARD else None


def rates_between(country: str, first: date, last: date) -> tuple[Decimal, ...]:
    """Return every rate a country had on some day of a period, highest first."""
    days = {first, *(day for day in _change_days(country) if first <= day <= last)}
    found: set[Decimal] = set()
    for day in days:
        try:
            found.update(rates(country, day).all_rates)
        except NoVatRates:
            continue
    return tuple(sorted(found, reverse=True))


def _change_days(country: str) -> set[date]:
    rows = (*_STANDARD.get(country, ()), *_LOWER.get(country, ()))
    return {row[0] for row in rows}


@dataclass(frozen=True)
class RateChange:
    """A day from which a country's rates are others."""

    country: str
    on: date
    ends: tuple[Decimal, ...]
    """Rates of the day before that no longer exist."""
    begins: tuple[Decimal, ...]


def changes_between(first: date, last: date) -> list[RateChange]:
    """Return the changes of member states' rates in a period, by day."""
    found = []
    for country in MEMBER_STATES:
        for day in sorted(_change_days(country)):
            if max(first, FIRST_DAY + _DAY) <= day <= last:
                before = set(rates(country, day - _DAY).all_rates)
                after = set(rates(country, day).all_rates)
                ends = tuple(sorted(before - after, reverse=True))
                begins = tuple(sorted(after - before, reverse=True))
                if ends or begins:
                    found.append(RateChange(country, day, ends, begins))
    return sorted(found, key=lambda change: (change.on, change.country))


def is_member_state(country: str, on: date) -> bool:
    """Tell whether an ISO country is one of the 27 on a day (from 2010 on)."""
    return country in MEMBER_STATES and on >= JOINED.get(country, FIRST_DAY)


def vat_number_prefix(country: str) -> str:
    """Return a member state's prefix of VAT numbers; raise `NoVatRates`.

    Accepts GR and EL for Greece, and XI (Northern Ireland, goods only).
    """
    if country in NUMBER_PREFIXES:
        return NUMBER_PREFIXES[country]
    if country not in MEMBER_STATES:
        raise NoVatRates(country)
    return country
