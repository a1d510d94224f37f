"""The signatures on Digipoort's answers, checked again on what was kept of them.

When an answer came in its signature was checked before it was believed; the chain says
that nothing changed since. This says so without the chain: from the bytes alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.rules.evidence_chain import Link
from plugins.belastingdienst import configuration
from plugins.belastingdienst.channels.digipoort import wssecurity
from plugins.belastingdienst.evidence import keeping
from plugins.belastingdienst.models import Filing
from plugins.belastingdienst.models.administration import DIGIPOORT
from plugins.belastingdienst.setup import certificate_store


@dataclass(frozen=True)
class Signatures:
    """What checking them found, by the numbers of the pieces."""

    right: tuple[int, ...]
    wrong: tuple[int, ...]
    """Also of a signer who is no longer trusted."""


def check(filing: Filing, links: Iterable[Link]) -> Signatures | None:
    """Check the answers among the pieces; None for a channel that signs none."""
    if filing.channel != DIGIPOORT:
        return None
    certificate = certificate_store.chosen(filing.administration)
    pinned, weakest = configuration.trusted(certificate.pins if certificate else "")
    right, wrong = [], []
    for link in links:
        if link.kind == keeping.MESSAGE:
            continue
        try:
            wssecurity.verify_stored(link.content, pinned, link.at, weakest)
        except wssecurity.Untrusted:
            wrong.append(link.sequence)
        else:
            right.append(link.sequence)
    return Signatures(tuple(right), tuple(wrong))
