"""Relations that were merged away: in no list, but still to be reached."""

from sqlalchemy import ColumnElement

from core.domain.errors import AskUser
from core.models import Relation
from core.runtime.database import session


def is_current() -> ColumnElement[bool]:
    """Return the condition of every list: not merged into another."""
    return Relation.merged_into_id.is_(None)


def current(row: Relation) -> Relation:
    """Return the relation that a row became, over all merges that followed."""
    while row.merged_into_id is not None:
        row = session().get_one(Relation, row.merged_into_id)
    return row


def refuse_merged(row: Relation) -> None:
    """Raise AskUser `relation_merged` for a row that was merged away."""
    if row.merged_into_id is not None:
        raise AskUser("relation_merged", id=current(row).id)
