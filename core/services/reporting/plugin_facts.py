"""What the tiles and pages of plugins tell: their documents under Fouten, their log."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import JSON, and_, func, or_, select, type_coerce

from core.models import Coupling, LogEntry, Transfer
from core.runtime.database import session
from core.services.reporting.overview import FAULTY, PAGE, Page, own


def faulty_by_connection() -> Counter[int]:
    """Return how many documents stand under Fouten, by each connection they touch."""
    rows = session().execute(
        select(Coupling.source_id, Transfer.target_id, func.count())
        .join(Coupling, Coupling.id == Transfer.coupling_id)
        .where(own(Transfer), Transfer.state.in_(FAULTY))
        .group_by(Coupling.source_id, Transfer.target_id)
    )
    found: Counter[int] = Counter()
    for source_id, target_id, count in rows:
        found.update({key: count for key in (source_id, target_id) if key is not None})
    return found


def log_of(plugin: str, connection_ids: Sequence[int], before: int | None) -> Page:
    """Return what happened to a plugin and over its connections, newest first."""
    switched = and_(
        LogEntry.connection_id.is_(None),
        type_coerce(LogEntry.params, JSON)["plugin"].as_string() == plugin,
    )
    statement = (
        select(LogEntry)
        .where(own(LogEntry), or_(LogEntry.connection_id.in_(connection_ids), switched))
        .order_by(LogEntry.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(LogEntry.id < before)
    rows = list(session().scalars(statement))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)
