"""Declarations to the tax office: what other plugins bring to the one that files.

A package may be where the figures come from (`Ledger`), a way out (`FilingRoute`), or
know a business by a record that all its book years belong to (`Undertakings`). What
they are brought to offers `DeclaredFor` in return. Each reaches the other only here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.domain.declarations import Figures, TaxPeriod, VatMovement
from core.domain.filings import Message, Progress, Receipt
from core.plugin.capabilities.capability import Capability

if TYPE_CHECKING:
    from flask_babel import LazyString

    from core.models import Connection


class FilingChannel(Protocol):
    """A way to the tax office, opened for one taxpayer.

    It delivers once per call and never repeats by itself; whether a delivery whose
    answer got lost arrived is asked with `look_up`. No database, no Flask.

    All methods raise classes of `core.domain.errors`: RetryLater when nothing was
    delivered and it passes, AskUser when a person must act, AuthenticationLost,
    and `deliver` OutcomeUnknown when it may have arrived.
    """

    def deliver(self, message: Message) -> Receipt:
        """Hand a message over, once."""

    def status(self, delivery_reference: str) -> Progress:
        """Return everything that happened to a delivery."""

    def look_up_surely(
        self, message: Message, known: Collection[str]
    ) -> Receipt | None:
        """Find a delivery that is surely this message's, whenever it was sent."""

    def look_up(
        self, message: Message, sent_at: datetime, known: Collection[str]
    ) -> Receipt | None:
        """Find a delivery of ours whose answer got lost; None when it is not there.

        `known` are the delivery references that belong to other messages. Raises
        WaitUntil, and in the end AskUser, `delivery_ambiguous` when it cannot tell
        which one is ours.
        """

    def close(self) -> None:
        """Give its connections back."""


@runtime_checkable
class TakesBack(Protocol):
    """What a `FilingChannel` has besides, where a delivery can be taken back."""

    def cancel(self, delivery_reference: str) -> None:
        """Take a delivery back; AskUser when it is too late."""


@dataclass(frozen=True)
class StatusWords:
    """What a status says, what it means, and its colour."""

    title: "LazyString | str"
    meaning: "LazyString | str" = ""
    colour: str = "blue"


@dataclass(frozen=True)
class Filer:
    """Who files, as a channel is told."""

    account: str
    """The customer's account at the channel, as the user filled it in."""
    name: str
    """What the user calls him, for the words of an error."""
    administration_id: int | None = None
    """None: all administrations of the account."""


@dataclass(frozen=True)
class SetUpLine:
    """One thing to set up before a route can be used, and how far it is."""

    title: "LazyString | str"
    address: str
    """Of the page where it is done."""
    state: str
    """In a word or a number, in the user's language."""
    is_done: bool
    note: str = ""


@dataclass(frozen=True)
class FilingRoute(Capability):
    """A service that signs and sends declarations for the taxpayer."""

    name: str
    """Kept with every declaration that goes this way; never changes."""
    title: "LazyString | str"
    open: Callable[[Filer], FilingChannel]
    """Reads what it needs and opens the channel; AskUser when anything is missing."""
    problems: Callable[[Filer], Sequence[str]]
    """Codes of what keeps an administration from filing this way, in order."""
    activate: Callable[[Filer, bool], None]
    """Have the service sign with its own certificate, or (True) the taxpayer's.

    Twice is the same. Holds no transaction while it waits."""
    statuses: Mapping[str, StatusWords]
    """Its statuses in the user's words, by its own codes."""
    account_title: "LazyString | str"
    """What its account is called, as a field of a form."""
    account_hint: "LazyString | str"
    certificate: "LazyString | str"
    """What its own certificate is called."""
    certificate_hint: "LazyString | str"
    set_up: Callable[[], Sequence[SetUpLine]] = tuple
    """What is to be set up before it can be used, of the tenant in scope."""
    takes_back: bool = False
    """Whether its channel is a `TakesBack`."""


@dataclass(frozen=True)
class LedgerCompany:
    """One set of books that a connection gives access to."""

    id: str
    code: str
    description: str
    book_year: tuple[date, date] | None = None
    """First and last day of the only year it holds; None: more, or unknown."""


@dataclass(frozen=True)
class LedgerQuestion:
    """Whose figures are asked for, of which period."""

    company_id: str
    period: TaxPeriod
    service_codes: frozenset[str] = frozenset()
    """VAT codes that the user says are services to other member states."""


@dataclass(frozen=True)
class LedgerFigures:
    """What a ledger gave."""

    figures: Figures
    """Doubts are `ledger_vat_code_unknown`, `ledger_vat_code_without_rubric` (both
    with `vat_code`) and `icp_customer_unknown` (with `relation`)."""
    eu_codes: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    """VAT codes of supplies to other member states that may be goods or services:
    `code` and `name`."""
    movements: Sequence[VatMovement] = field(default_factory=tuple)
    """Everything on a VAT account in the period, each id once."""
    vat_accounts: Mapping[str, str] = field(default_factory=dict)
    """By account what it is for: `owed` or `input`."""


@dataclass(frozen=True)
class Ledger(Capability):
    """Books that the figures of a declaration are read from."""

    title: "LazyString | str"
    """What the user calls the package."""
    companies: Callable[["Connection"], Sequence[LedgerCompany]]
    """As they were when last checked; asks nothing outside."""
    tax_number: Callable[["Connection", str], str]
    """Ask for the tax number of a company, without NL; empty when it is not sure."""
    read: Callable[["Connection", LedgerQuestion], LedgerFigures]
    """Read a period. Raises classes of `core.domain.errors`; no transaction is held."""


@dataclass(frozen=True)
class Undertaking:
    """A business with all its book years (onderneming), as the user knows it."""

    id: int
    code: str
    description: str
    is_blocked: bool
    """Nothing may be filed for it yet."""


@dataclass(frozen=True)
class Undertakings(Capability):
    """The undertakings that administrations belong to in a package.

    All of the tenant in scope; nothing here commits.
    """

    all: Callable[[], Sequence[Undertaking]]
    by_administration: Callable[[], Mapping[int, Undertaking]]
    assign: Callable[[int, int | None], None]
    """Lay down whose an administration (its id) is; None: nobody's."""


@dataclass(frozen=True)
class Declared:
    """An administration that declarations are made for."""

    id: int
    code: str
    description: str


@dataclass(frozen=True)
class DeclaredFor(Capability):
    """What the plugin that files tells the packages it files for."""

    administrations: Callable[[], Sequence[Declared]]
    """Of the tenant in scope, by code."""
    address: Callable[[], str]
    """Of its first page."""
