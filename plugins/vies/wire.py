"""What goes to VIES and comes back, as plain types."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """The answer on a VAT number. UNKNOWN is never a reason to book 0 %."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class VatNumber:
    """A VAT identification number in VIES's two parts."""

    country: str
    """VIES prefix: the ISO code, but EL for Greece and XI for Northern Ireland."""
    number: str
    """Without the prefix, 2 to 12 letters and digits."""

    def __str__(self) -> str:
        return self.country + self.number


@dataclass(frozen=True)
class Consultation:
    """One question to VIES and its answer."""

    number: str
    """The number as asked: prefix and number, or the text that was no number."""
    outcome: Outcome
    requested_at: datetime
    """When we asked, aware UTC."""
    reason: str = ""
    """Why it is not VALID: `format`, `not_registered`, or the fault's code."""
    consultation_number: str = ""
    """The requestIdentifier: proof of the check, only given to a known requester."""
    name: str = ""
    address: str = ""
    """Name and address as registered; empty when the member state hides them."""
