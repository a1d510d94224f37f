"""The hash chain of evidence of what was sent. Pure: an archive can be checked alone.

Each link's hash covers the one before it, so that no byte, date or order can change
without all later hashes changing: SHA-256 over the lines of `Link.text`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256

_SEPARATOR = "\n"


@dataclass(frozen=True)
class Link:
    """One piece of evidence as the chain knows it."""

    reference: str
    """Ours, of what was sent."""
    sequence: int
    """From 1, without gaps."""
    kind: str
    """`message`, `document`, `receipt` or `status`."""
    at: datetime
    """When it was kept, aware."""
    keep_until: date
    content: bytes = field(repr=False)
    previous_hash: str = ""
    """Of the link before; empty of the first."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of the bytes, in lower-case hexadecimals."""
        return sha256(self.content).hexdigest()

    @property
    def text(self) -> str:
        """Return what is hashed: seven lines, the moment in UTC."""
        lines = (
            self.previous_hash,
            self.reference,
            str(self.sequence),
            self.kind,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.keep_until.isoformat(),
            self.content_hash,
        )
        return _SEPARATOR.join(lines)

    @property
    def chain_hash(self) -> str:
        """The hash that the next link builds on."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a chain: where, and a code that who shows it has words for."""

    sequence: int
    code: str


def flaws(links: Sequence[tuple[Link, str]]) -> list[Flaw]:
    """Return what is wrong with links and the hashes stored beside them, in order.

    `evidence_missing`: a link is gone, or they are not in order; `evidence_broken`: it
    does not build on the one before; `evidence_changed`: its hash is not its own.
    """
    found = []
    before = ""
    for number, (link, stored) in enumerate(links, 1):
        if link.sequence != number:
            found.append(Flaw(number, "evidence_missing"))
            break
        if link.previous_hash != before:
            found.append(Flaw(number, "evidence_broken"))
        if link.chain_hash != stored:
            found.append(Flaw(number, "evidence_changed"))
        before = stored
    return found
