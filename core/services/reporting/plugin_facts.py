"""What the tiles of plugins tell: how many documents stand under Fouten."""

from collections import Counter

from sqlalchemy import func, select

from core.models import Coupling, Transfer
from core.runtime.database import session
from core.services.reporting.overview import FAULTY, own


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
