"""What a package offers to choose from in a configuration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_babel import LazyString


@dataclass(frozen=True)
class Choice:
    """One entry of a drop-down: the package's id and what the user reads."""

    value: str
    label: str
    hint: str = ""
    """What helps to pick a default: a rate, an account type."""


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and why in the user's words."""

    reason: "LazyString | str"
    value: str = ""
    """Empty: the value differs per line (VAT) and follows from the hints."""


@dataclass(frozen=True)
class DebtorSearch:
    """Debtors where they may be too many for a list; by the local index."""

    find: Callable[[str], Sequence[Choice]]
    """Those whose name, number or e-mail address holds a text; a short list."""
    get: Callable[[str], Choice | None]
    """The one with an id; None when the package does not have it (any more)."""


@dataclass(frozen=True)
class Choices:
    """What a package offers for the configuration of a coupling."""

    vat_codes: Sequence[Choice] = ()
    revenue_accounts: Sequence[Choice] = ()
    receivables_accounts: Sequence[Choice] = ()
    clearing_accounts: Sequence[Choice] = ()
    liability_accounts: Sequence[Choice] = ()
    """For what is owed: gift cards sold, deposits, tips for the staff."""
    payables_accounts: Sequence[Choice] = ()
    """Of creditors."""
    cost_accounts: Sequence[Choice] = ()
    payment_terms: Sequence[Choice] = ()
    units: Sequence[Choice] = ()
    debtors: Sequence[Choice] = ()
    debtor_search: DebtorSearch | None = None
    """Finds what `debtors`, which may be no more than the first ones, lacks."""
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    """By field of the coupling's form; `vat` and `vat_abroad` for the VAT table."""
    managers: Sequence[Choice] = ()
    """Who may be a relation manager: the people of the tenant (filled by the core)."""

    def debtor(self, value: str) -> Choice | None:
        """Return the debtor with an id, from the list or else by search."""
        for choice in self.debtors:
            if choice.value == value:
                return choice
        return self.debtor_search.get(value) if self.debtor_search else None

    def debtors_with(self, value: str) -> Sequence[Choice]:
        """Return the list, with the chosen one in it where it is known."""
        chosen = self.debtor(value) if value else None
        if chosen is None or chosen in self.debtors:
            return self.debtors
        return [chosen, *self.debtors]
