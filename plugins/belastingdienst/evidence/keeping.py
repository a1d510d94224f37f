"""Evidence of a declaration: its bytes and every answer, chained and kept seven years.

Article 52 AWR: seven years, counted here from the end of the year it was kept in.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, update

from core.domain.clock import utcnow
from core.plugin.database import session
from core.plugin.evidence import Chain, Verdict, digest
from core.rules import evidence_chain
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


def add(filing: Filing, kind: str, content: bytes) -> None:
    """Add a piece in the caller's transaction; the filing's lease must be held."""
    _chain(filing).add(kind, content, date(utcnow().year + KEEP_YEARS, 12, 31))


def of(filing: Filing) -> list[tuple[Link, str]]:
    """Return a filing's links with the hashes stored beside them, in order."""
    return _chain(filing).links()


def _chain(filing: Filing) -> Chain:
    owner = {"filing_id": filing.id}
    return Chain(Evidence, owner, filing.tenant_id, filing.reference)


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
    return _chain(filing).packed(readme)


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
