"""Coupled again with another administration: its records are others', met anew."""

from sqlalchemy import delete, select

from core.domain.clock import utcnow
from core.models import (
    Connection,
    RelationDecision,
    RelationLine,
    RelationLink,
    RelationRun,
    RelationSync,
    RelationTrouble,
)
from core.runtime.database import session
from core.services.syncing.relation_stretch import Stretch


def keep_to(stretch: Stretch) -> None:
    """Forget what was known of the records of another administration, once.

    An id there may be another's card here: e-Boekhouden.nl counts from 1 in each.
    """
    own = session().get_one(Connection, stretch.connection_id).external_id or ""
    known = stretch.lease.read().administration
    session().rollback()
    if known == own:
        return
    with stretch.work():
        row = stretch.lease.read()
        row.administration = own
        if known:
            _forget(stretch, row)


def _forget(stretch: Stretch, row: RelationSync) -> None:
    for table in (RelationLink, RelationTrouble, RelationDecision):
        session().execute(
            delete(table).where(table.connection_id == stretch.connection_id)
        )
    # What runs wrote there can no longer be undone: its ids are others' here.
    earlier = select(RelationRun.id).where(
        RelationRun.connection_id == stretch.connection_id,
        RelationRun.id != stretch.run_id,
    )
    session().execute(delete(RelationLine).where(RelationLine.run_id.in_(earlier)))
    row.cursor, row.seen_at, row.seen_id = {}, None, 0
    row.whole_since = stretch.whole_since = utcnow()
    stretch.enter("")
