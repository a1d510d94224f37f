"""Invoices of suppliers on their way to a package, for the plugin that keeps them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.models import TransferState
from core.plugin.capabilities import Choice
from core.plugin.ports import Port


@dataclass(frozen=True)
class PurchasePackage:
    """A package of the tenant that invoices of suppliers can be entered in."""

    connection_id: int
    plugin: str
    problems: Sequence[str]
    """Codes of what is not set up yet."""
    cost_accounts: Sequence[Choice]
    notice: str
    """What the user should know of an entry there."""


@dataclass(frozen=True)
class PurchaseEntry:
    """Where a document stands that was asked to be entered."""

    transfer_id: int
    plugin: str
    state: TransferState
    code: str
    params: Mapping[str, Any]
    document: str
    """What it is in the package, in the user's words."""
    number: str
    """Of the entry there."""

    @property
    def is_there(self) -> bool:
        """Whether it stands in the package."""
        return self.state in (TransferState.DONE, TransferState.HELD)


class Purchases(Protocol):
    """Who lets documents go to a package; all of it of the tenant in scope."""

    def packages(self) -> Sequence[PurchasePackage]:
        """Return the packages that can take them, whether they are set up or not."""

    def entry_of(self, document_id: int) -> PurchaseEntry | None:
        """Return where a document stands; None: nobody asked."""

    def entered_among(self, document_ids: Collection[int]) -> Collection[int]:
        """Return which documents were asked to be entered, or are."""

    def enter(self, document_id: int, connection_id: int, *, user_id: int) -> None:
        """Let a document be entered, once, in the caller's transaction.

        Raises AskUser `purchase_entered` when it was asked before, and
        `purchase_not_set_up` where the package is not ready.
        """


port = Port[Purchases]()
packages = port.calls.packages
entry_of = port.calls.entry_of
entered_among = port.calls.entered_among
enter = port.calls.enter
