"""Evidence of what was sent, in a plugin's table: bytes and every answer, chained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from core.domain.clock import utcnow
from core.plugin.database import session
from core.rules import evidence_archive
from core.rules.evidence_chain import Flaw, Link


@dataclass(frozen=True)
class Verdict:
    """What checking evidence found."""

    pieces: int
    flaws: tuple[Flaw, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws


@dataclass(frozen=True)
class Chain:
    """The evidence of one thing that was sent."""

    table: type[Any]
    """An `EvidenceRow`."""
    owner: Mapping[str, int]
    """The column that names the thing, with its id."""
    tenant_id: int
    reference: str
    """What an outsider knows the thing by."""

    def add(self, kind: str, content: bytes, keep_until: date) -> None:
        """Add a piece in the caller's transaction; the thing's lease must be held."""
        newest = self._rows().order_by(self.table.sequence.desc()).limit(1)
        last = session().scalar(newest)
        link = Link(
            reference=self.reference,
            sequence=last.sequence + 1 if last else 1,
            kind=kind,
            at=utcnow(),
            keep_until=keep_until,
            content=content,
            previous_hash=last.chain_hash if last else "",
        )
        session().add(
            self.table(
                **self.owner,
                tenant_id=self.tenant_id,
                sequence=link.sequence,
                kind=link.kind,
                at=link.at,
                content=link.content,
                previous_hash=link.previous_hash,
                chain_hash=link.chain_hash,
                keep_until=link.keep_until,
            )
        )
        session().flush()

    def links(self) -> list[tuple[Link, str]]:
        """Return its links with the hashes stored beside them, in order."""
        rows = session().scalars(self._rows().order_by(self.table.sequence))
        return [(self._link(row), row.chain_hash) for row in rows]

    def packed(self, readme: str) -> bytes:
        """Return it as a ZIP that can be checked without this program."""
        return evidence_archive.write(self.links(), readme)

    def _rows(self) -> Any:
        return select(self.table).filter_by(**self.owner)

    def _link(self, row: Any) -> Link:
        return Link(
            reference=self.reference,
            sequence=row.sequence,
            kind=row.kind,
            at=row.at,
            keep_until=row.keep_until,
            content=row.content,
            previous_hash=row.previous_hash,
        )


def digest(content: bytes) -> str:
    """Return the SHA-256, in lower-case hexadecimals."""
    return sha256(content).hexdigest()
