"""What declarations of VAT are made of: kinds, periods, rubrics and entries. Pure.

Packages say in these words what their ledgers hold; what the law makes of it (sums,
rounding, corrections) is not here. Amounts are exact euros.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import ZERO


class DeclarationKind(StrEnum):
    """What is declared; our words, each channel has its own."""

    VAT_RETURN = "vat_return"
    ICP = "icp"
    SUPPLETIE = "suppletie"


class Rubric(StrEnum):
    """The rubrics of the form that figures are put in; the sums are derived."""

    R1A = "1a"
    R1B = "1b"
    R1C = "1c"
    R1D = "1d"
    R1E = "1e"
    R2A = "2a"
    R3A = "3a"
    R3B = "3b"
    R3C = "3c"
    R4A = "4a"
    R4B = "4b"
    R5B = "5b"


PURCHASE_RUBRICS = (Rubric.R2A, Rubric.R4A, Rubric.R4B)
"""Filled by what is bought: the VAT is transferred to the buyer."""


class PeriodKind(StrEnum):
    """How often is declared."""

    MONTH = "month"
    TWO_MONTHS = "two_months"
    """The first two of a quarter, of an ICP declaration only: see `law.icp`."""
    QUARTER = "quarter"
    YEAR = "year"


_CODE = re.compile(
    r"(?P<year>20\d\d)(-(Q(?P<quarter>[1-4])|"
    r"(?P<month>0[1-9]|1[0-2])(_(?P<last>0[1-9]|1[0-2]))?))?",
    re.ASCII,
)


_MONTHS = {
    1: PeriodKind.MONTH,
    2: PeriodKind.TWO_MONTHS,
    3: PeriodKind.QUARTER,
    12: PeriodKind.YEAR,
}
_EVERY = {1: 1, 2: 3, 3: 3, 12: 12}
"""Months between two beginnings, by how many it takes."""


@dataclass(frozen=True, order=True)
class TaxPeriod:
    """A calendar month, quarter or year, or the first two months of a quarter.

    ValueError for anything else.
    """

    start: date
    end: date
    """The last day, inclusive."""

    def __post_init__(self) -> None:
        months = (self.end.year - self.start.year) * 12
        months += self.end.month - self.start.month + 1
        last = monthrange(self.end.year, self.end.month)[1]
        whole = self.start.day == 1 and self.end.day == last
        every = _EVERY.get(months)
        if not whole or every is None or (self.start.month - 1) % every:
            raise ValueError(f"{self.start} to {self.end} is no tax period")

    @classmethod
    def month(cls, year: int, month: int) -> "TaxPeriod":
        """Return a calendar month."""
        return cls._from(year, month, 1)

    @classmethod
    def quarter(cls, year: int, quarter: int) -> "TaxPeriod":
        """Return a quarter, 1 to 4."""
        return cls._from(year, quarter * 3 - 2, 3)

    @classmethod
    def whole_year(cls, year: int) -> "TaxPeriod":
        """Return a calendar year."""
        return cls._from(year, 1, 12)

    @classmethod
    def _from(cls, year: int, first: int, months: int) -> "TaxPeriod":
        last = first + months - 1
        return cls(date(year, first, 1), date(year, last, monthrange(year, last)[1]))

    @classmethod
    def from_code(cls, code: str) -> "TaxPeriod":
        """Read what `code` writes; ValueError for anything else."""
        found = _CODE.fullmatch(code)
        if found is None:
            raise ValueError(f"{code} is no tax period")
        year = int(found["year"])
        if found["last"]:
            made = cls._from(year, int(found["month"]), 2)
            if made.code != code:
                raise ValueError(f"{code} is no tax period")
            return made
        if found["quarter"]:
            return cls.quarter(year, int(found["quarter"]))
        return (
            cls.month(year, int(found["month"]))
            if found["month"]
            else (cls.whole_year(year))
        )

    @property
    def kind(self) -> PeriodKind:
        """How long it is."""
        return _MONTHS[self.end.month - self.start.month + 1]

    @property
    def code(self) -> str:
        """Return 2026-07, 2026-07_08, 2026-Q3 or 2026; as it is in addresses."""
        year, month = str(self.start.year), f"{self.start.month:02}"
        return {
            PeriodKind.MONTH: f"{year}-{month}",
            PeriodKind.TWO_MONTHS: f"{year}-{month}_{self.end.month:02}",
            PeriodKind.QUARTER: f"{year}-Q{self.end.month // 3}",
            PeriodKind.YEAR: year,
        }[self.kind]

    def __contains__(self, day: date) -> bool:
        """Tell whether a day falls in the period."""
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Box:
    """A rubric's two amounts."""

    turnover: Decimal = ZERO
    """Excl VAT; always zero in 5b."""
    vat: Decimal = ZERO

    def __add__(self, other: "Box") -> "Box":
        return Box(self.turnover + other.turnover, self.vat + other.vat)

    def __sub__(self, other: "Box") -> "Box":
        return Box(self.turnover - other.turnover, self.vat - other.vat)

    def __neg__(self) -> "Box":
        return Box(-self.turnover, -self.vat)


Boxes = Mapping[Rubric, Box]


class IcpKind(StrEnum):
    """What an ICP row is about; never mixed in one row."""

    GOODS = "goods"
    SERVICES = "services"
    ABC = "abc"
    """Goods in a simplified triangular (ABC) supply."""


@dataclass(frozen=True, order=True)
class Customer:
    """A customer in another member state."""

    country: str
    """VIES prefix: EL for Greece, XI for Northern Ireland."""
    vat_number: str
    """Without the country prefix."""


@dataclass(frozen=True)
class Entry:
    """One booking behind a figure, whatever it came from."""

    source_id: str
    booked_on: date
    description: str
    reference: str
    """Invoice number, or journal and page."""
    box: Box
    """Exact amounts, signed as the form is."""
    rubric: Rubric
    customer: Customer | None = None
    """With 3b: who got it; None when the debtor or his VAT number is unknown."""
    icp_kind: IcpKind | None = None
    vat_movement: str = ""
    """The `VatMovement` that its VAT stands in; empty: it has none."""


@dataclass(frozen=True)
class VatMovement:
    """What one document moves on one VAT account of the books."""

    id: str
    account: str
    booked_on: date
    debit: Decimal
    """Debit positive, as the ledger signs."""
    description: str = ""


@dataclass(frozen=True)
class Doubt:
    """A transaction that could not be placed; the code has words in `texts.py`."""

    code: str
    entry_id: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """The figures of one period: the entries behind them, and what has no place."""

    period: TaxPeriod
    entries: tuple[Entry, ...]
    doubts: tuple[Doubt, ...] = ()
    """Nothing may be filed while there are any."""


def customer_from(country: str, vat_number: str) -> Customer | None:
    """Return a customer by what was filled in, or None when either is unknown.

    A prefix in the number goes before the country: it is what was granted.
    """
    number = "".join(sign for sign in vat_number.upper() if sign.isalnum())
    country = country.upper()
    if number[:2].isalpha():
        country, number = number[:2], number[2:]
    country = "EL" if country == "GR" else country
    return Customer(country, number) if country and number else None
