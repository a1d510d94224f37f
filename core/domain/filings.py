"""What a declaration is on its way to the tax office, whichever channel it takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.declarations import DeclarationKind, TaxPeriod

LONGEST_REFERENCE = 40
"""As Digipoort takes it (aanleverkenmerk)."""


class FilingState(StrEnum):
    """What a status means for the declaration (contract section 3, mapping)."""

    WAITING = "waiting"
    """Handed over, not with the tax office's portal yet."""
    SENT = "sent"
    ACCEPTED = "accepted"
    """Received and of the right form; the content is judged later."""
    REJECTED = "rejected"
    """May be changed and filed again, as a new version."""
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing follows."""
        return self in (self.ACCEPTED, self.REJECTED, self.CANCELLED)


class Role(StrEnum):
    """As whom is filed."""

    ENTREPRENEUR = "entrepreneur"
    INTERMEDIARY = "intermediary"


@dataclass(frozen=True)
class Message:
    """One declaration as it goes out; the bytes are what was approved."""

    reference: str
    """Ours, unique per delivery that may take place; at most 40 signs."""
    kind: DeclarationKind
    period: TaxPeriod
    tax_number: str
    """Without NL."""
    content: bytes = field(repr=False)
    role: Role = Role.ENTREPRENEUR
    replaces: str = ""
    """Our reference of the rejected message that this one replaces."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.reference) <= LONGEST_REFERENCE:
            raise ValueError(f"reference {self.reference!a} has no fit length")

    @property
    def file_name(self) -> str:
        """The name the file goes by."""
        return f"{self.reference}.xbrl"


@dataclass(frozen=True)
class Receipt:
    """Proof that a message arrived."""

    delivery_reference: str
    """The channel's own (kenmerk): the key for everything after."""
    delivered_at: datetime
    """Aware UTC, the channel's clock."""
    evidence: bytes = field(repr=False)
    """The raw answer, signed where the channel signs; to be kept seven years."""
    found: bool = False
    """It was looked up: the answer to the delivery itself got lost."""


@dataclass(frozen=True)
class Status:
    """One step of a delivery, in order."""

    code: str
    """The channel's own code."""
    at: datetime
    """Aware UTC."""
    state: FilingState
    description: str
    """The channel's words."""
    error_code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Progress:
    """The statuses of one delivery so far, and the answer they came in."""

    statuses: Sequence[Status]
    evidence: bytes = field(repr=False)

    @property
    def state(self) -> FilingState:
        """The end state when there is one, else that of the last status."""
        states = [status.state for status in self.statuses]
        ends = [state for state in states if state.is_end]
        return (ends or states or [FilingState.SENT])[-1]
