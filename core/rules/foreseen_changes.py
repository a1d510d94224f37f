"""What another configuration makes of a document, beside what it was. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from core.domain.errors import AskUser, Stop
from core.domain.foreseen import Foreseen
from core.domain.money import ZERO


class Side(StrEnum):
    """What an amount stands for."""

    DEBIT = "debit"
    CREDIT = "credit"
    ROW = "row"
    """A row of a draft or order, excl or incl VAT as the package reads it."""
    PAYMENT = "payment"


class Place(NamedTuple):
    """Where an amount goes."""

    side: Side
    account: str
    """Of a row its article; empty: the package chooses it, by the VAT code."""
    name: str
    vat: str
    """The package's VAT code, or the rate of a row in percent."""


@dataclass(frozen=True)
class Moved:
    """What goes to one place now and then, in euros; zero: nothing."""

    place: Place
    now: Decimal
    then: Decimal


@dataclass(frozen=True)
class Difference:
    """What becomes of one document."""

    moved: tuple[Moved, ...] = ()
    documents: tuple[str, str] = ("", "")
    """Now and then; two empty ones: the same."""
    debtors: tuple[str, str] = ("", "")
    refused: AskUser | Stop | None = None
    """Why it cannot be booked then."""
    is_freed: bool = False
    """It cannot be booked now, and can then."""

    @property
    def is_any(self) -> bool:
        """Tell whether anything differs."""
        return self != Difference()


def difference(now: Foreseen, then: Foreseen) -> Difference:
    """Compare a document as it would be booked by two configurations.

    One that cannot be booked by either, for whatever reason, is no difference unless
    the reason is another.
    """
    before, after = _refusal(now), _refusal(then)
    if after is not None:
        is_known = before is not None and before.code == after.code
        return Difference() if is_known else Difference(refused=after)
    if before is not None:
        return Difference(tuple(_moved({}, _amounts(then))), is_freed=True)
    return Difference(
        tuple(_moved(_amounts(now), _amounts(then))),
        _pair(now.document, then.document),
        _pair(_debtor(now), _debtor(then)),
    )


def _refusal(seen: Foreseen) -> AskUser | Stop | None:
    return next((check.error for check in seen.checks if check.error), None)


def _pair(now: str, then: str) -> tuple[str, str]:
    return ("", "") if now == then else (now, then)


def _debtor(seen: Foreseen) -> str:
    if seen.debtor is None:
        return ""
    return f"{seen.debtor.number} {seen.debtor.name}".strip()


def _amounts(seen: Foreseen) -> Mapping[Place, Decimal]:
    found: defaultdict[Place, Decimal] = defaultdict(Decimal)
    for place, amount in _every(seen):
        found[place] += amount
    return found


def _every(seen: Foreseen) -> Iterator[tuple[Place, Decimal]]:
    for posting in seen.postings:
        side = Side.DEBIT if posting.debit else Side.CREDIT
        place = Place(side, posting.account, posting.name, posting.vat_code)
        yield place, posting.debit or posting.credit
    for row in seen.rows:
        yield Place(Side.ROW, row.article, row.text, f"{row.vat_rate:f}"), row.amount
    for paid in seen.payments:
        yield Place(Side.PAYMENT, paid.account, paid.name, ""), paid.amount


def _moved(
    now: Mapping[Place, Decimal], then: Mapping[Place, Decimal]
) -> Iterable[Moved]:
    for place in dict.fromkeys([*now, *then]):
        was, becomes = now.get(place, ZERO), then.get(place, ZERO)
        if was != becomes:
            yield Moved(place, was, becomes)
