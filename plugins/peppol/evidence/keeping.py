"""Evidence of a sending: its bytes and every answer, chained, kept as the law says.

Seven years, ten where a party is Belgian (`core.rules.keeping`).
"""

from datetime import datetime

from sqlalchemy import delete, func, select

from core.plugin.database import session
from core.plugin.evidence import Chain, Verdict
from core.rules import evidence_chain
from core.rules.evidence_chain import Flaw, Link
from plugins.peppol.models import PeppolEvidence, PeppolReceived, PeppolSending

DOCUMENT, RECEIPT, STATUS = "document", "receipt", "status"
AT_ONCE = 100
"""Sendings that are let go in one round."""


def add(sending: PeppolSending, kind: str, content: bytes) -> None:
    """Add a piece in the caller's transaction; the sending's lease must be held."""
    _chain(sending).add(kind, content, sending.keep_until)


def of(sending: PeppolSending) -> list[tuple[Link, str]]:
    """Return a sending's links with the hashes stored beside them, in order."""
    return _chain(sending).links()


def _chain(sending: PeppolSending) -> Chain:
    owner = {"sending_id": sending.id}
    return Chain(PeppolEvidence, owner, sending.tenant_id, sending.number)


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
    return _chain(sending).packed(readme)


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
