"""Evidence of a declaration: its bytes and every answer, chained and kept seven years.

Article 52 AWR: seven years, counted here from the end of the year it was kept in.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, func, select, update

from core.domain.clock import utcnow
from core.plugin.database import session
from core.rules import evidence_archive, evidence_chain
from core.rules.evidence_chain import Flaw, Link
from plugins.belastingdienst.law.dates import OSS_RECORD_YEARS
from plugins.belastingdienst.law.spans import quarter_of
from plugins.belastingdienst.models import (
    Evidence,
    Filing,
    FilingEvent,
    OssQuarter,
    OssRegister,
)
from plugins.belastingdienst.models.filing import FilingStage

KEEP_YEARS = 7
MESSAGE, RECEIPT, STATUS = "message", "receipt", "status"


@dataclass(frozen=True)
class Verdict:
    """What checking a declaration's evidence found."""

    pieces: int
    flaws: tuple[Flaw, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws


def digest(content: bytes) -> str:
    """Return the SHA-256 that a person approves, in lower-case hexadecimals."""
    return sha256(content).hexdigest()


def add(filing: Filing, kind: str, content: bytes) -> None:
    """Add a piece in the caller's transaction; the filing's lease must be held."""
    last = session().scalar(
        select(Evidence)
        .where(Evidence.filing_id == filing.id)
        .order_by(Evidence.sequence.desc())
        .limit(1)
    )
    at = utcnow()
    link = Link(
        reference=filing.reference,
        sequence=last.sequence + 1 if last else 1,
        kind=kind,
        at=at,
        keep_until=date(at.year + KEEP_YEARS, 12, 31),
        content=content,
        previous_hash=last.chain_hash if last else "",
    )
    session().add(
        Evidence(
            tenant_id=filing.tenant_id,
            filing_id=filing.id,
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


def of(filing: Filing) -> list[tuple[Link, str]]:
    """Return a filing's links with the hashes stored beside them, in order."""
    rows = session().scalars(
        select(Evidence)
        .where(Evidence.filing_id == filing.id)
        .order_by(Evidence.sequence)
    )
    return [(_link(filing, row), row.chain_hash) for row in rows]


def _link(filing: Filing, row: Evidence) -> Link:
    return Link(
        reference=filing.reference,
        sequence=row.sequence,
        kind=row.kind,
        at=row.at,
        keep_until=row.keep_until,
        content=row.content,
        previous_hash=row.previous_hash,
    )


def verify(filing: Filing) -> Verdict:
    """Check a filing's chain, and that it holds what the filing says it should.

    A chain cannot show that its end was cut off; what the filing itself knows can.
    """
    links = of(filing)
    found = evidence_chain.flaws(links)
    kinds = [link.kind for link, _ in links]
    for kind, is_due in _due(filing).items():
        if is_due and kind not in kinds:
            found.append(Flaw(len(links) + 1, "evidence_missing"))
    sent = [link.content_hash for link, _ in links if link.kind == MESSAGE]
    hashes = {digest(filing.content), *sent}
    if hashes != {filing.content_hash}:
        found.append(Flaw(1, "evidence_not_approved"))
    return Verdict(len(links), tuple(dict.fromkeys(found)))


def _due(filing: Filing) -> dict[str, bool]:
    """Tell which kinds of evidence there must be."""
    at_channel = bool(filing.delivery_reference)
    ended = filing.stage in (FilingStage.ACCEPTED, FilingStage.REJECTED)
    return {MESSAGE: at_channel or filing.sent_at is not None, STATUS: ended}


def packed(filing: Filing, readme: str) -> bytes:
    """Return the evidence as a ZIP that can be checked without this program."""
    return evidence_archive.write(of(filing), readme)


def forget(now: datetime) -> None:
    """Delete the filings whose evidence's term is over, in the caller's transaction."""
    today = now.date()
    over = (
        select(Evidence.filing_id)
        .group_by(Evidence.filing_id)
        .having(func.max(Evidence.keep_until) < today)
    )
    ids = session().scalars(over.limit(100)).all()
    for model, column in (
        (Evidence, Evidence.filing_id),
        (FilingEvent, FilingEvent.filing_id),
        (Filing, Filing.id),
    ):
        session().execute(
            delete(model)
            .where(column.in_(ids))
            .execution_options(synchronize_session=False)
        )
    _forget_quarters(today)


def _forget_quarters(today: date) -> None:
    """Delete quarters of the one stop shop that are over their ten years.

    What is kept of a taxpayer then begins after them, so that none seems unfiled.
    """
    rows = session().scalars(
        select(OssQuarter)
        .where(OssQuarter.starts_on < date(today.year - OSS_RECORD_YEARS, 1, 1))
        .limit(100)
    )
    for row in rows.all():
        quarter = quarter_of(row.starts_on)
        session().execute(
            update(OssRegister)
            .where(
                OssRegister.tenant_id == row.tenant_id,
                OssRegister.tax_number == row.tax_number,
                OssRegister.since <= quarter.end,
            )
            .values(since=quarter.end + timedelta(days=1))
        )
        session().delete(row)
