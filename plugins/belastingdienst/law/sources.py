"""Where a rule stands, and how sure we are that it says so. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Sure(StrEnum):
    """How a rule is known here."""

    VERIFIED = "verified"
    """Read in the text of the law or at the authority itself."""
    SECONDARY = "secondary"
    """Read at an adviser, another program or another state's authority."""
    UNVERIFIED = "unverified"
    """General knowledge: not read in a source that we keep. It is said where it
    decides something, and asked where it can be asked."""


@dataclass(frozen=True)
class Source:
    """Where a rule stands."""

    where: str
    sure: Sure
