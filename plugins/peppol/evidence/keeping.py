"""Evidence of a sending: its bytes and every answer, chained, kept as the law says.

Seven years, ten where a party is Belgian (`core.rules.keeping`).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, func, select

from core.domain.clock import utcnow
from core.plugin.database import session
from core.rules import evidence_archive, evidence_chain
from core.rules.evidence_chain import Flaw, Link
from plugins.peppol.models import PeppolEvidence, PeppolReceived, PeppolSending

DOCUMENT, RECEIPT, STATUS = "document", "receipt", "status"
AT_ONCE = 100
"""Sendings that are let go in one round."""


@dataclass(frozen=True)
class Verdict:
    """What checking a sending's evidence found."""

    pieces: int
    flaws: tuple[Flaw, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws


def digest(content: bytes) -> str:
    """Return the SHA-256, in lower-case hexadecimals."""
    return sha256(content).hexdigest()


def add(sending: PeppolSending, kind: str, content: bytes) -> None:
    """Add a piece in the caller's transaction; the sending's lease must be held."""
    last = session().scalar(
        select(PeppolEvidence)
        .where(PeppolEvidence.sending_id == sending.id)
        .order_by(PeppolEvidence.sequence.desc())
        .limit(1)
    )
    link = Link(
        reference=sending.number,
        sequence=last.sequence + 1 if last else 1,
        kind=kind,
        at=utcnow(),
        keep_until=sending.keep_until,
        content=content,
        previous_hash=last.chain_hash if last else "",
    )
    session().add(
        PeppolEvidence(
            tenant_id=sending.tenant_id,
            sending_id=sending.id,
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


def of(sending: PeppolSending) -> list[tuple[Link, str]]:
    """Return a sending's links with the hashes stored beside them, in order."""
    rows = session().scalars(
        select(PeppolEvidence)
        .where(PeppolEvidence.sending_id == sending.id)
        .order_by(PeppolEvidence.sequence)
    )
    return [(_link(sending, row), row.chain_hash) for row in rows]


def _link(sending: PeppolSending, row: PeppolEvidence) -> Link:
    return Link(
        reference=sending.number,
        sequence=row.sequence,
        kind=row.kind,
        at=row.at,
        keep_until=row.keep_until,
        content=row.content,
        previous_hash=row.previous_hash,
    )


def verify(sending: PeppolSending) -> Verdict:
    """Check a sending's chain, and that it holds what was sent last.

    A chain cannot show that its end was cut off; what the sending itself knows can.
    """
    links = of(sending)
    found = evidence_chain.flaws(links)
    sent = [link.content_hash for link, _ in links if link.kind == DOCUMENT]
    kinds = {link.kind for link, _ in links}
    if sending.sent_at is not None and sending.sha256 not in sent[-1:]:
        found.append(Flaw(len(links) + 1, "evidence_missing"))
    if sending.delivery_id and RECEIPT not in kinds:
        found.append(Flaw(len(links) + 1, "evidence_missing"))
    return Verdict(len(links), tuple(dict.fromkeys(found)))


def packed(sending: PeppolSending, readme: str) -> bytes:
    """Return the evidence as a ZIP that can be checked without this program."""
    return evidence_archive.write(of(sending), readme)


def forget(now: datetime) -> None:
    """Delete what is over its term, in the caller's transaction."""
    today = now.date()
    over = (
        select(PeppolEvidence.sending_id)
        .group_by(PeppolEvidence.sending_id)
        .having(func.max(PeppolEvidence.keep_until) < today)
        .limit(AT_ONCE)
    )
    ids = session().scalars(over).all()
    received = select(PeppolReceived.id).where(PeppolReceived.keep_until < today)
    for model, which in (
        (PeppolEvidence, PeppolEvidence.sending_id.in_(ids)),
        (PeppolSending, PeppolSending.id.in_(ids)),
        (
            PeppolReceived,
            PeppolReceived.id.in_(session().scalars(received.limit(AT_ONCE)).all()),
        ),
    ):
        session().execute(
            delete(model).where(which).execution_options(synchronize_session=False)
        )
