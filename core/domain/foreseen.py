"""What a document would become in a package, before anything is written. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from core.domain.errors import AskUser, Stop
from core.domain.money import ZERO, total
from core.domain.orders import OrderLine

T = TypeVar("T")
DRAWN = "?"
"""Stands in a request for an id or number that is drawn or given at sending."""


class CheckState(StrEnum):
    """How a check before booking went."""

    PASSED = "passed"
    FAILED = "failed"
    LATER = "later"
    """It is asked of an outside system when the document is sent."""


@dataclass(frozen=True)
class Check:
    """One check before booking."""

    name: str
    """A code of `core.texts.foreseen`: what is looked at."""
    state: CheckState
    error: AskUser | Stop | None = None
    """Why it failed; its code has a text with its action."""


class Checks:
    """Runs the checks of a document in order, and keeps how each went."""

    def __init__(self) -> None:
        self._done: list[Check] = []

    def run(self, name: str, check: Callable[[], T]) -> T | None:
        """Return what a check finds; None where it failed, which is kept."""
        try:
            found = check()
        except (AskUser, Stop) as error:
            self.add(name, CheckState.FAILED, error)
            return None
        self.add(name, CheckState.PASSED)
        return found

    def add(
        self, name: str, state: CheckState, error: AskUser | Stop | None = None
    ) -> None:
        """Keep how a check went."""
        self._done.append(Check(name, state, error))

    def all(self) -> tuple[Check, ...]:
        """Return them in order."""
        return tuple(self._done)


@dataclass(frozen=True)
class Posting:
    """One row of a journal entry; amounts in euros, one of the two is zero."""

    account: str
    """Empty: the package chooses it, by the VAT code."""
    name: str
    text: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    vat_code: str = ""


@dataclass(frozen=True)
class ForeseenRow:
    """One row of a draft or order; prices in euros, as the package reads them."""

    article: str
    """The article's number."""
    is_new: bool
    """The article is made with it."""
    text: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    """Fraction of 0 to 1."""
    amount: Decimal
    vat_rate: Decimal


@dataclass(frozen=True)
class ForeseenLine:
    """A line of an order of which no document can be made, as far as it is known."""

    line: OrderLine
    vat_code: str = ""
    account: str = ""
    error: AskUser | Stop | None = None
    """Why this very line cannot be booked."""


@dataclass(frozen=True)
class ForeseenDebtor:
    """Whom it is booked on."""

    number: str
    """Empty where the package gives it."""
    name: str
    fields: tuple[tuple[str, str], ...] = ()
    """Of one that is made: what it gets, by codes of `core.texts.foreseen`."""

    @property
    def is_new(self) -> bool:
        """Tell whether it is made with the document."""
        return bool(self.fields)


@dataclass(frozen=True)
class ForeseenPayment:
    """A payment that is settled behind the document."""

    method: str
    amount: Decimal
    paid_on: date
    """Local date."""
    account: str
    name: str


@dataclass(frozen=True)
class RateTotal:
    """What is sold at a rate, in euros."""

    rate: Decimal
    amount_excl_vat: Decimal
    vat_amount: Decimal


@dataclass(frozen=True)
class Foreseen:
    """A document as it would be sent now; what could not be made is left out."""

    document: str = ""
    """One of the plugin's `documents`; empty where that is not known."""
    booked_on: date | None = None
    text: str = ""
    postings: tuple[Posting, ...] = ()
    rows: tuple[ForeseenRow, ...] = ()
    lines: tuple[ForeseenLine, ...] = ()
    """Where neither could be made: what is known of each line."""
    incl_vat: bool = False
    """Prices of `rows` are incl VAT."""
    rates: tuple[RateTotal, ...] = ()
    debtor: ForeseenDebtor | None = None
    payments: tuple[ForeseenPayment, ...] = ()
    checks: tuple[Check, ...] = ()
    reasoning: Mapping[str, Any] = field(default_factory=dict)
    """Why its VAT is what it is, as `CouplingSetup.reasoning` gives it."""
    requests: tuple[Mapping[str, Any], ...] = ()
    """What is sent, in order, but for what is `DRAWN`."""

    @property
    def debit(self) -> Decimal:
        """The sum of the debit side."""
        return total(row.debit for row in self.postings)

    @property
    def credit(self) -> Decimal:
        """The sum of the credit side."""
        return total(row.credit for row in self.postings)

    @property
    def passes(self) -> bool:
        """Tell whether no check failed."""
        return all(check.error is None for check in self.checks)
