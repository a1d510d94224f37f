"""What sending over Peppol needs of the outside, whoever the access point is.

A protocol as narrow as the work: look a receiver up, hand a document over, find it by
our own id, ask how it goes. One that speaks another vendor's words is another module
with these methods; nothing else knows of any.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.domain.structured_invoices import Identifier

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
PARTICIPANTS, DOCUMENTS, PROCESSES = (
    "iso6523-actorid-upis", "busdox-docid-qns", "cenbii-procid-ubl",
)  # fmt: skip
"""The schemes of Peppol's identifiers (Policy for use of identifiers, 4)."""


class DocumentKind(StrEnum):
    """What is sent; the value is the name of its UBL element."""

    INVOICE = "Invoice"
    CREDIT_NOTE = "CreditNote"

    @property
    def identifier(self) -> str:
        """Peppol's document type identifier, without its scheme."""
        return f"{UBL}:{self.value}-2::{self.value}##{BILLING}::2.1"


class Reach(StrEnum):
    """What the network's register says of a receiver."""

    TAKES = "takes"
    OTHER = "other"
    """Registered, and not for this kind of document."""
    UNKNOWN = "unknown"
    """Not registered: the register answered so itself."""


class DeliveryState(StrEnum):
    """What a status of the access point means for the document."""

    ACCEPTED = "accepted"
    """With our access point; not yet with the receiver's."""
    DELIVERED = "delivered"
    """The receiver's access point confirmed that it has it."""
    APPROVED = "approved"
    """Delivered, and nothing more is to come."""
    REJECTED = "rejected"


@dataclass(frozen=True)
class Outgoing:
    """One document as it goes out."""

    reference: str
    """Ours, unique per document that may be delivered: what it is found by."""
    kind: DocumentKind
    sender: Identifier
    receiver: Identifier
    country: str
    """Of the sender, ISO 3166-1 alpha-2; the network reports by it."""
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Receipt:
    """The access point has the document."""

    delivery_id: str
    receiver: str
    """As the access point says it (`0208:0428759497`); empty: it does not say."""
    evidence: bytes = field(repr=False)
    """Its answer, as it came."""
    found: bool = False
    """It was looked up, after a lost answer."""


@dataclass(frozen=True)
class Progress:
    """Where a document stands."""

    state: DeliveryState
    status: str
    """In the access point's own words."""
    detail: str
    evidence: bytes = field(repr=False)
    at: datetime | None = None
    """When it came to its end, by the access point (UTC)."""


class Channel(Protocol):
    """An access point, opened for one sender; nothing is repeated by itself.

    Each method raises the errors of `core.net.http`.
    """

    def look_up(self, receiver: Identifier, kind: DocumentKind) -> Reach:
        """Ask the network's register; RetryLater when it cannot be known now."""

    def send(self, document: Outgoing) -> Receipt:
        """Hand a document over, once; OutcomeUnknown when it may have arrived."""

    def find(self, reference: str) -> Receipt | None:
        """Find what was sent by our own id."""

    def status(self, delivery_id: str) -> Progress:
        """Ask how it goes."""

    def check(self) -> None:
        """Do the smallest read that needs a login."""

    def close(self) -> None:
        """Give its connections back."""


@contextmanager
def opened(channel: Channel) -> Iterator[Channel]:
    """Close a channel after use."""
    try:
        yield channel
    finally:
        channel.close()


def participant(identifier: Identifier) -> str:
    """Return a participant as it is written: `0208:0428759497`."""
    return f"{identifier.scheme}:{identifier.value}"


def identifier_of(text: str) -> Identifier:
    """Read a participant as it is written."""
    scheme, _, value = text.partition(":")
    return Identifier(scheme, value)
