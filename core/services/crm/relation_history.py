"""The history of relations: what changed when, by whom, and what a package had.

Everything happens in the caller's transaction; it is written by `relations` and where
relations are merged or kept in step, and read by whoever undoes something.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from core.domain.clock import utcnow
from core.models import Relation, RelationChange
from core.rules.relation_fields import Change
from core.runtime.database import session

MERGE_ACTIONS: Final = ("merged", "merged_away", "unmerged")
"""What the history says of merging: undone as a whole, not line by line."""
OVERWRITTEN: Final = "overwritten"
"""What the history says of a value of a package that ours took the place of."""


def keep_change(
    row: Relation,
    action: str,
    changes: Mapping[str, Change],
    user_id: int | None,
    connection_id: int | None = None,
) -> RelationChange:
    """Add a line to a relation's history."""
    change = RelationChange(
        tenant_id=row.tenant_id,
        relation_id=row.id,
        at=utcnow(),
        action=action,
        version=row.version,
        changes={name: list(pair) for name, pair in changes.items()},
        user_id=user_id,
        connection_id=connection_id,
    )
    session().add(change)
    session().flush()
    return change


def note_overwritten(
    row: Relation, connection_id: int, changes: Mapping[str, Change]
) -> int | None:
    """Keep what a package had and the CRM overwrites: by flat field, theirs and ours.

    It stands in the relation's history, from where it can be put back into the CRM.
    Returns its id; None: the last write noted the same already, and had no answer.
    """
    last = session().scalar(
        select(RelationChange)
        .where(
            RelationChange.relation_id == row.id,
            RelationChange.connection_id == connection_id,
            RelationChange.action == OVERWRITTEN,
        )
        .order_by(RelationChange.id.desc())
        .limit(1)
    )
    pairs = {name: list(pair) for name, pair in changes.items()}
    if last is not None and (last.version, last.changes) == (row.version, pairs):
        return None
    return keep_change(row, OVERWRITTEN, changes, None, connection_id).id


def forget_overwritten(change_id: int) -> None:
    """Take a note back: the package refused, and has what it had."""
    change = session().get(RelationChange, change_id)
    if change is not None:
        session().delete(change)


def is_making(change: RelationChange) -> bool:
    """Tell whether a change is the one that made its relation."""
    return "name" in change.changes and not change.changes["name"][0]


def changes_since(row: Relation, version: int) -> dict[str, Change]:
    """Return what changed after a version, by field: its value then and now."""
    later = session().scalars(
        select(RelationChange)
        .where(
            RelationChange.relation_id == row.id,
            RelationChange.version > version,
            RelationChange.action != OVERWRITTEN,
        )
        .order_by(RelationChange.id)
    )
    found: dict[str, Change] = {}
    for change in later:
        for name, (old, new) in change.changes.items():
            found[name] = (found[name][0] if name in found else old, new)
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}
