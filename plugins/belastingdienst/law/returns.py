"""What a Dutch VAT return holds, and who files. Pure.

Amounts are euros as Decimal; those of a return are whole. Source of the rubrics, the
sums and the rounding: contract section 5 (rubrics; sums and rounding).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.domain.declarations import Box, Boxes, Rubric, TaxPeriod
from core.domain.money import ZERO, total
from plugins.belastingdienst.law import boxes

_DUTCH_TIME = ZoneInfo("Europe/Amsterdam")
OWED_RUBRICS = tuple(Rubric(name) for name in boxes.OWED)
"""Their VAT adds up to 5a."""
TURNOVER_ONLY = (Rubric.R1E, Rubric.R3A, Rubric.R3B, Rubric.R3C)


def rounded(exact: Boxes) -> dict[Rubric, Box]:
    """Round each rubric once, after adding up: never per line; all rubrics are there.

    An amount the form has no place for (VAT in 1e, turnover in 5b) stays, for
    `checks` to refuse.
    """
    whole = boxes.rounded({str(rubric): box for rubric, box in exact.items()})
    return {rubric: whole.get(rubric, Box()) for rubric in Rubric}


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
