"""One trial per shop and per company of a package, whoever signs up.

Only a hash of the shop's or company's id is kept, so that it may stay for good.
"""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Connection, Licence, TrialUse
from core.runtime.database import insert_for, session


def is_first(licence: Licence, sides: Sequence[Connection]) -> bool:
    """Claim the trial for all sides or for none, in the caller's transaction.

    False when one of them had it under another licence. The primary key decides
    between two that come at the same moment.
    """
    with session().begin_nested() as attempt:
        claims = sorted((side.plugin, _hash(side.external_id or "")) for side in sides)
        if all(_claim(licence, *claim) for claim in claims):
            return True
        attempt.rollback()
    return False


def _claim(licence: Licence, plugin: str, external_hash: str) -> bool:
    session().execute(
        insert_for(TrialUse)
        .values(
            plugin=plugin,
            external_hash=external_hash,
            licence_key=licence.key,
            used_at=utcnow(),
        )
        .on_conflict_do_nothing()
    )
    holder = session().scalar(
        select(TrialUse.licence_key).where(
            TrialUse.plugin == plugin, TrialUse.external_hash == external_hash
        )
    )
    return holder == licence.key


def _hash(external_id: str) -> str:
    return sha256(external_id.encode()).hexdigest()
