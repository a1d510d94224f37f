"""What a package offers to choose from in a configuration."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One entry of a drop-down: the package's id and what the user reads."""

    value: str
    label: str
    hint: str = ""
    """What helps to pick a default: a rate, an account type."""


@dataclass(frozen=True)
class Choices:
    """What a package offers for the configuration of a coupling."""

    vat_codes: Sequence[Choice] = ()
    revenue_accounts: Sequence[Choice] = ()
    receivables_accounts: Sequence[Choice] = ()
    clearing_accounts: Sequence[Choice] = ()
    payment_terms: Sequence[Choice] = ()
    units: Sequence[Choice] = ()
    debtors: Sequence[Choice] = ()
    managers: Sequence[Choice] = ()
    """Who may be a relation manager: the people of the tenant (filled by the core)."""
