"""Coupled again with another administration: its records are others', met anew."""

from sqlalchemy import delete

from core.domain.clock import utcnow
from core.models import Connection, RelationDecision, RelationLink, RelationTrouble
from core.runtime.database import session
from core.services.syncing.relation_stretch import Stretch


def keep_to(stretch: Stretch) -> None:
    """Forget what was known of the records of another administration, once.

    An id there may be another's card here: e-Boekhouden.nl counts from 1 in each.
    """
    own = session().get_one(Connection, stretch.connection_id).external_id or ""
    known = stretch.sync().administration
    session().rollback()
    if known == own:
        return
    with stretch.work():
        stretch.set(administration=own)
        if known:
            _forget(stretch)


def _forget(stretch: Stretch) -> None:
    for table in (RelationLink, RelationTrouble, RelationDecision):
        session().execute(
            delete(table).where(table.connection_id == stretch.connection_id)
        )
    now = utcnow()
    stretch.set(cursor={}, seen_at=None, seen_id=0, whole_since=now)
    stretch.enter("")
    stretch.whole_since = now
