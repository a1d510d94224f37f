"""How both sides would be by now, after what a preview has listed so far.

A run's later steps meet what its earlier ones did; its preview wrote nothing, and looks
here instead. The preview of an undo likewise.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from core.domain.relations import RelationData
from core.models import LineKind, Relation, RelationLine
from core.rules.sync import Remote
from core.runtime.database import session
from core.services.crm import relations
from core.services.crm.merged import refuse_merged
from core.services.syncing.relation_lines import CHANGES_THERE, NUMBER
from core.services.syncing.relation_links import parts

_HERE = (LineKind.CHANGED_HERE, LineKind.RESTORED_HERE)
_THERE = (*CHANGES_THERE, LineKind.RESTORED_THERE)


def here(run_id: int, ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """Return the flat fields that relations would have, of those that change."""
    found: dict[int, dict[str, str]] = {}
    for some in parts(ids):
        rows = session().execute(
            select(RelationLine.relation_id, RelationLine.changes)
            .where(
                RelationLine.run_id == run_id,
                RelationLine.kind.in_(_HERE),
                RelationLine.relation_id.in_(some),
            )
            .order_by(RelationLine.id)
        )
        for relation_id, changes in rows:
            becomes = {name: str(pair[1]) for name, pair in changes.items()}
            found.setdefault(relation_id, {}).update(becomes)
    return found


def there(run_id: int, remotes: Iterable[Remote]) -> dict[str, Remote]:
    """Return records, by key, as they would be."""
    found = {remote.key: remote for remote in remotes}
    for some in parts(list(found)):
        rows = session().execute(
            select(RelationLine.external_id, RelationLine.after)
            .where(
                RelationLine.run_id == run_id,
                RelationLine.kind.in_(_THERE),
                RelationLine.external_id.in_(some),
            )
            .order_by(RelationLine.id)
        )
        for key, after in rows:
            values = {name: text for name, text in after.items() if name != NUMBER}
            found[key] = replace(found[key], values=values, number=after[NUMBER])
    return found


def refuse_save(
    tenant_id: int, run_id: int, row: Relation | None, data: RelationData
) -> None:
    """Refuse what `relations.save` would, but for numbers that are free by then."""
    if row is not None:
        refuse_merged(row)
    for name, other in relations.holders(tenant_id, row.id if row else None, data):
        is_freed = name in here(run_id, [other.id]).get(other.id, {})
        if not is_freed and not _is_removed(run_id, other.id):
            raise relations.taken(name, other)


def _is_removed(run_id: int, relation_id: int) -> bool:
    return (
        session().scalar(
            select(RelationLine.id)
            .where(
                RelationLine.run_id == run_id,
                RelationLine.kind == LineKind.REMOVED_HERE,
                RelationLine.relation_id == relation_id,
            )
            .limit(1)
        )
        is not None
    )
