"""Relations in no list: merged away, or blocked when their customer was erased."""

from sqlalchemy import ColumnElement, and_

from core.domain.errors import AskUser
from core.models import Relation
from core.runtime.database import session


def is_current() -> ColumnElement[bool]:
    """Return the condition of every list: not merged into another, not blocked."""
    return and_(Relation.merged_into_id.is_(None), Relation.blocked_at.is_(None))


def current(row: Relation) -> Relation:
    """Return the relation that a row became, over all merges that followed."""
    while row.merged_into_id is not None:
        row = session().get_one(Relation, row.merged_into_id)
    return row


def refuse_merged(row: Relation) -> None:
    """Raise AskUser for a row that was merged away (`relation_merged`) or blocked."""
    if row.blocked_at is not None:
        raise AskUser("relation_blocked")
    if row.merged_into_id is not None:
        raise AskUser("relation_merged", id=current(row).id)
