"""Coupled again with another administration: its records are others', met anew."""

from sqlalchemy import delete, select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import (
    Connection,
    RelationDecision,
    RelationLine,
    RelationLink,
    RelationRun,
    RelationSync,
    RelationTrouble,
    RunKind,
)
from core.runtime.database import session
from core.services.syncing.relation_runs import UNDOING
from core.services.syncing.relation_stretch import PreviewNeeded, Stretch


def is_elsewhere(connection: Connection) -> bool:
    """Tell whether what runs wrote stands in another administration than is coupled."""
    row = session().get(RelationSync, connection.id)
    known = row.administration if row else ""
    return bool(known) and known != connection.external_id


def keep_to(stretch: Stretch) -> None:
    """Forget what was known of the records of another administration, once.

    An id there may be another's card here: e-Boekhouden.nl counts from 1 in each.
    Raises PreviewNeeded of a run, since what a person confirmed was of the former one,
    and AskUser `relations_undo_elsewhere` where such a run was to be put back.
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
    if known and stretch.kind in UNDOING:
        raise AskUser("relations_undo_elsewhere")
    if known and stretch.kind is RunKind.SYNC:
        raise PreviewNeeded


def _forget(stretch: Stretch, row: RelationSync) -> None:
    for table in (RelationLink, RelationTrouble, RelationDecision):
        session().execute(
            delete(table).where(table.connection_id == stretch.connection_id)
        )
    # What runs wrote there can no longer be undone: its ids are others' here.
    runs = select(RelationRun.id).where(
        RelationRun.connection_id == stretch.connection_id
    )
    session().execute(delete(RelationLine).where(RelationLine.run_id.in_(runs)))
    stretch.begin_anew()
    row.cursor, row.seen_at, row.seen_id = {}, None, 0
    row.whole_since = stretch.whole_since = utcnow()
