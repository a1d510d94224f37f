"""What a change in a period that was filed asks for, and until when. Pure.

Up to 1,000 euros of VAT on balance it may go in the next return; above, a suppletie is
due within eight weeks of the day it is known. Whether the balance is a period's or a
calendar year's no source says: both are reckoned, and where they tell differently the
suppletie is proposed, which is right by either, and it is said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import ZERO
from plugins.belastingdienst.law.boxes import Boxes, payable
from plugins.belastingdienst.law.dates import (
    Filing,
    correctable_until,
    last_to_file,
    suppletie_until,
)
from plugins.belastingdienst.law.sources import Source, Sure
from plugins.belastingdienst.law.spans import Span

RULES = {
    "next_return": Source(
        "cooster.nl, kemna.nl, shine.co: up to 1,000 euros on balance in the next"
        " return",
        Sure.SECONDARY,
    ),
    "balance_of": Source(
        "Whether the balance is a period's or a year's: advisers differ, the official"
        " text was not at hand",
        Sure.UNVERIFIED,
    ),
    "eight_weeks": Source("Uitvoeringsbesluit OB art. 15; bjornlunden.com, dezaak.nl",
                          Sure.SECONDARY),
}  # fmt: skip
"""Where each rule stands."""

LIMIT = Decimal(1000)


class Route(StrEnum):
    """How a change is brought to the tax office."""

    NEXT_RETURN = "next_return"
    SUPPLETIE = "suppletie"
    TOO_OLD = "too_old"
    """Five years are over: no return takes it any more."""


@dataclass(frozen=True)
class Change:
    """A period whose books say something else than was accepted."""

    period: Span
    boxes: Boxes
    """What is lacking, box by box, in whole euros; never empty."""
    known_on: date
    """The local day it was first noticed."""

    @property
    def vat(self) -> Decimal:
        """To pay in addition; negative: to get back."""
        return payable(self.boxes)


@dataclass(frozen=True)
class Advice:
    """What to do about a change."""

    change: Change
    route: Route
    until: date | None
    """The last day; None: as soon as possible."""
    is_sure: bool = True
    """False: by one reading it might go in the next return."""


def advise(
    changes: Iterable[Change],
    waiting: Mapping[Span, Boxes],
    next_return: Span,
    today: date,
) -> tuple[Advice, ...]:
    """Say of every change what to do.

    `waiting` are corrections that were decided on and did not go yet: they count
    in the balance of their period and year. `next_return` is the first whose form did
    not go.
    """
    found = tuple(changes)
    of_period, of_year = _balances(found, waiting)
    return tuple(
        _advise(
            one,
            abs(of_period[one.period]) > LIMIT,
            abs(of_year[one.period.start.year]) > LIMIT,
            next_return,
            today,
        )
        for one in sorted(found, key=lambda change: change.period)
    )


def _balances(
    changes: Iterable[Change], waiting: Mapping[Span, Boxes]
) -> tuple[dict[Span, Decimal], dict[int, Decimal]]:
    of_period: dict[Span, Decimal] = {}
    of_year: dict[int, Decimal] = {}
    amounts = [(change.period, change.vat) for change in changes]
    amounts += [(period, payable(boxes)) for period, boxes in waiting.items()]
    for period, vat in amounts:
        of_period[period] = of_period.get(period, ZERO) + vat
        year = period.start.year
        of_year[year] = of_year.get(year, ZERO) + vat
    return of_period, of_year


def _advise(
    change: Change,
    is_large_by_period: bool,
    is_large_by_year: bool,
    next_return: Span,
    today: date,
) -> Advice:
    if today > correctable_until(change.period):
        return Advice(change, Route.TOO_OLD, None)
    if is_large_by_period or is_large_by_year:
        until = suppletie_until(change.known_on)
        is_sure = is_large_by_period and is_large_by_year
        return Advice(change, Route.SUPPLETIE, until, is_sure)
    until = last_to_file(Filing.VAT_RETURN, next_return)
    return Advice(change, Route.NEXT_RETURN, until)


def is_late(advice: Advice, today: date) -> bool:
    """Tell whether the day is over; without a term nothing is late."""
    return advice.until is not None and today > advice.until
