"""An import taken back: its rows are the journal of what it wrote.

Rows go back last first. A field that somebody changed since stays as it is, and so
does a relation that was made by the import and changed since, or has invoices. What
goes back is an edit like any other, so it goes on to the packages; a relation that is
deleted stays in those that have it already (`relations.delete`).
"""

from sqlalchemy import select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import (
    ImportState,
    Relation,
    RelationImport,
    RelationImportRow,
    RowUndone,
    RowVerdict,
)
from core.rules import relation_fields
from core.runtime import log
from core.runtime.database import session
from core.services.crm import relation_history, relations
from core.services.crm.relations import KEEP, MANAGER

BATCH = 100
Note = list[object]


def go_on(row: RelationImport) -> None:
    """Undo the next rows of an import, in the caller's transaction."""
    lines = session().scalars(
        select(RelationImportRow)
        .where(
            RelationImportRow.import_id == row.id,
            RelationImportRow.is_written,
            RelationImportRow.undone == "",
        )
        .order_by(RelationImportRow.number.desc())
        .limit(BATCH)
    )
    found = list(lines)
    for line in found:
        line.undone, notes = _undone(line, row.settings.get("undone_by"))
        line.notes = [*line.notes, *notes]
        line.is_noted = bool(line.notes)
    if not found:
        row.state = ImportState.UNDONE
        row.ended_at = utcnow()
        log.write(
            row.tenant_id,
            "relations_import_undone",
            user_id=row.settings.get("undone_by"),
            params={"name": row.filename},
        )


def _undone(line: RelationImportRow, user_id: int | None) -> tuple[str, list[Note]]:
    relation = session().get(Relation, line.relation_id) if line.relation_id else None
    if relation is None:
        return RowUndone.KEPT, [["", "import_undo_gone", {}]]
    undo = _delete if line.verdict == RowVerdict.MADE else _put_back
    try:
        with session().begin_nested():
            return undo(line, relation, user_id)
    except AskUser as error:
        return RowUndone.KEPT, [["", error.code, error.params]]


def _delete(
    line: RelationImportRow, relation: Relation, user_id: int | None
) -> tuple[str, list[Note]]:
    later = relation_history.changes_since(relation, line.version or 0)
    if later:
        return RowUndone.KEPT, [_changed(name, new) for name, (_, new) in later.items()]
    relations.delete(relation, user_id=user_id)
    return RowUndone.WHOLE, []


def _put_back(
    line: RelationImportRow, relation: Relation, user_id: int | None
) -> tuple[str, list[Note]]:
    """Give the fields that still are as the import left them their old values."""
    data = relations.data_of(relation)
    now = {**relation_fields.flat(data), MANAGER: str(relation.manager_id or "")}
    old = {
        name: was for name, was, became in line.reasons if now.get(name, "") == became
    }
    stays = [
        _changed(name, now.get(name, ""))
        for name, was, became in line.reasons
        if now.get(name, "") not in (was, became)
    ]
    kept = relation_fields.places_of(str(name) for name, *_ in stays)
    old = relation_fields.outside(old, kept)
    manager = old.pop(MANAGER, None)
    relations.save(
        relation_fields.with_values(data, old),
        relation,
        user_id=user_id,
        action="put_back",
        manager_id=KEEP if manager is None else int(manager or 0) or None,
    )
    if not stays:
        return RowUndone.WHOLE, []
    return (RowUndone.PART if old or manager is not None else RowUndone.KEPT), stays


def _changed(name: str, text: str) -> Note:
    return [name, "import_undo_changed", {"text": text}]
