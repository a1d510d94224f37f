"""What a Dutch VAT return holds, and who files. Pure.

Amounts are euros as Decimal; those of a return are whole. Source of the rubrics, the
sums and the rounding: contract section 5 (rubrics; sums and rounding).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

from core.domain.declarations import Box, Boxes, Rubric, TaxPeriod
from core.domain.money import ZERO, total

_EURO = Decimal(1)
_DUTCH_TIME = ZoneInfo("Europe/Amsterdam")
NEXT_RETURN_LIMIT = Decimal(1000)
"""Corrections up to so much VAT may go in the next return; more needs a suppletie."""


OWED_RUBRICS = (
    Rubric.R1A, Rubric.R1B, Rubric.R1C, Rubric.R1D, Rubric.R2A, Rubric.R4A, Rubric.R4B,
)  # fmt: skip
"""Their VAT adds up to 5a."""
TURNOVER_ONLY = (Rubric.R1E, Rubric.R3A, Rubric.R3B, Rubric.R3C)


def whole_owed(amount: Decimal) -> Decimal:
    """Round turnover and owed VAT to whole euros in the taxpayer's favour: down."""
    return amount.quantize(_EURO, rounding=ROUND_FLOOR)


def whole_input(amount: Decimal) -> Decimal:
    """Round input VAT to whole euros in the taxpayer's favour: up."""
    return amount.quantize(_EURO, rounding=ROUND_CEILING)


def rounded(boxes: Boxes) -> dict[Rubric, Box]:
    """Round each rubric once, after adding up: never per line; all rubrics are there.

    An amount the form has no place for (VAT in 1e, turnover in 5b) stays, for
    `checks` to refuse.
    """
    result = {}
    for rubric in Rubric:
        box = boxes.get(rubric, Box())
        whole = whole_input if rubric is Rubric.R5B else whole_owed
        result[rubric] = Box(whole_owed(box.turnover), whole(box.vat))
    return result


@dataclass(frozen=True)
class VatReturn:
    """A VAT return in whole euros; 5a, 5c and 5g follow from the rubrics."""

    period: TaxPeriod
    boxes: Boxes
    """Rubrics that are absent are zero."""
    small_business_reduction: Decimal = ZERO
    """5d, only up to 2021 (the old small-business scheme)."""

    @classmethod
    def from_exact(cls, period: TaxPeriod, boxes: Boxes) -> "VatReturn":
        """Make a return of amounts in cents."""
        return cls(period, rounded(boxes))

    def box(self, rubric: Rubric) -> Box:
        """Return a rubric's amounts."""
        return self.boxes.get(rubric, Box())

    @property
    def owed(self) -> Decimal:
        """5a: the VAT of 1a to 1d, 2a, 4a and 4b."""
        return total(self.box(rubric).vat for rubric in OWED_RUBRICS)

    @property
    def input_vat(self) -> Decimal:
        """5b."""
        return self.box(Rubric.R5B).vat

    @property
    def balance(self) -> Decimal:
        """5c: 5a less 5b; only on the form, XBRL has no element for it."""
        return self.owed - self.input_vat

    @property
    def payable(self) -> Decimal:
        """5g: to pay, or to get back when negative."""
        return self.balance - self.small_business_reduction


@dataclass(frozen=True)
class Contact:
    """Whom the tax office calls."""

    surname: str
    telephone: str
    initials: str
    prefix: str = ""
    is_intermediary: bool = False
    consultant_number: str = ""
    """BECON number, six digits; with an intermediary."""


@dataclass(frozen=True)
class Software:
    """The program that makes the message."""

    name: str
    version: str
    vendor_number: str
    """The vendor's number at the tax office, SWOnnnnn."""


@dataclass(frozen=True)
class Header:
    """What a message says of itself."""

    tax_number: str
    """Omzetbelastingnummer: nine digits, B, two digits; without NL."""
    contact: Contact
    software: Software
    reference: str
    """Our own unique reference, at most 20 signs."""
    created_on: str
    """Moment of making, as `creation_stamp` writes it."""
    association: str = ""
    """Umbrella organisation of tax advisers, up to 2025 in the ICP declaration."""


def creation_stamp(moment: datetime) -> str:
    """Write an aware moment as `Header.created_on`: Dutch local time, to the minute."""
    return moment.astimezone(_DUTCH_TIME).strftime("%Y%m%d%H%M")


@dataclass(frozen=True)
class Correction:
    """An earlier return that turned out wrong: exact amounts, as filed and as right."""

    period: TaxPeriod
    filed: Boxes
    right: Boxes

    @property
    def difference(self) -> dict[Rubric, Box]:
        """What has to be added per rubric."""
        return {
            rubric: self.right.get(rubric, Box()) - self.filed.get(rubric, Box())
            for rubric in Rubric
        }

    @property
    def vat(self) -> Decimal:
        """VAT to pay in addition; negative: to get back."""
        difference = self.difference
        owed = total(difference[rubric].vat for rubric in OWED_RUBRICS)
        return owed - difference[Rubric.R5B].vat


@dataclass(frozen=True)
class CorrectionPlan:
    """Where corrections go."""

    next_return: tuple[Correction, ...] = ()
    suppletie: tuple[Correction, ...] = field(default_factory=tuple)


def plan_corrections(corrections: Iterable[Correction]) -> CorrectionPlan:
    """Put corrections in the next return, or in a suppletie over 1,000 euro.

    Counted per calendar year, and neither one correction nor their sum may pass the
    limit, so that a large one is not hidden by its opposite (contract section 5).
    """
    years: dict[int, list[Correction]] = {}
    for correction in corrections:
        years.setdefault(correction.period.start.year, []).append(correction)
    small: list[Correction] = []
    large: list[Correction] = []
    for year in sorted(years):
        found = years[year]
        sums = [*(one.vat for one in found), total(one.vat for one in found)]
        fits = all(abs(vat) <= NEXT_RETURN_LIMIT for vat in sums)
        (small if fits else large).extend(found)
    return CorrectionPlan(tuple(small), tuple(large))


def add_corrections(boxes: Boxes, corrections: Iterable[Correction]) -> Boxes:
    """Add corrections to the exact amounts of the next return, before rounding."""
    result = {rubric: boxes.get(rubric, Box()) for rubric in Rubric}
    for correction in corrections:
        for rubric, box in correction.difference.items():
            result[rubric] += box
    return result


@dataclass(frozen=True)
class Suppletie:
    """A return of an earlier period, filed again as a whole."""

    right: VatReturn
    filed_payable: Decimal
    """5g as it was filed before."""

    @property
    def additional(self) -> Decimal:
        """To pay in addition; negative: to get back."""
        return self.right.payable - self.filed_payable
