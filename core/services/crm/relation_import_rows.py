"""The rows of an import: checked, decided in conflict, and written.

What was done stands in the rows themselves, written in the transaction that did it.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.models import (
    ImportState,
    RelationImport,
    RelationImportRow,
    RowChoice,
    RowVerdict,
    Tenant,
)
from core.rules import relation_headers
from core.runtime import log
from core.runtime.database import session
from core.services.crm import relations
from core.services.crm.relation_matching import Defaults, Given, Judged, judge

BATCH = 100
WRITES = (RowVerdict.MADE, RowVerdict.CHANGED)


def columns_of(row: RelationImport) -> list[str]:
    """Return the field of each column: as chosen, else as guessed."""
    return list(row.settings.get("columns") or relation_headers.guess(row.headers))


def defaults_of(row: RelationImport) -> Defaults:
    """Return what new relations are when the file does not say."""
    tenant = session().get_one(Tenant, row.tenant_id)
    return Defaults(
        kind=row.settings.get("kind", Defaults.kind),
        relation_type=row.settings.get("relation_type", Defaults.relation_type),
        home_country=tenant.home_country,
    )


def decide_one(row: RelationImport, number: int, choice: RowChoice) -> None:
    """Take a choice for one row that is or was in conflict."""
    line = session().get(RelationImportRow, (row.id, number))
    if line is None or (line.verdict != RowVerdict.CONFLICT and not line.choice):
        return
    line.choice = choice
    (found,) = _judged(row, [line])
    counts = {**row.counts, line.verdict: row.counts.get(line.verdict, 0) - 1}
    row.counts = counts
    _keep(row, line, found)


def _next(row: RelationImport) -> list[RelationImportRow]:
    found = session().scalars(
        select(RelationImportRow)
        .where(
            RelationImportRow.import_id == row.id,
            RelationImportRow.number > row.position,
        )
        .order_by(RelationImportRow.number)
        .limit(BATCH)
    )
    return list(found)


def check(row: RelationImport) -> None:
    """Judge the next rows; nothing is written."""
    lines = _next(row)
    if not lines:
        row.state = ImportState.CHECKED
        return
    judged = _judged(row, lines)
    for line, found in zip(lines, judged, strict=True):
        line.key = found.key
    session().flush()
    for line, found in zip(lines, _once(row, lines, judged), strict=True):
        _note(row, line, found)


def _judged(row: RelationImport, lines: Sequence[RelationImportRow]) -> list[Judged]:
    given = [Given(line.cells, line.remarks, line.choice) for line in lines]
    return judge(
        given, columns_of(row), defaults_of(row), lambda name: _next_number(row, name)
    )


def _next_number(row: RelationImport, name: str) -> str:
    """Return a number above those of the tenant and of the file itself."""
    propose = {
        "debtor_number": relations.next_debtor_number,
        "creditor_number": relations.next_creditor_number,
    }
    found, start = propose[name](), f"{name[0]}:"
    number = func.substr(RelationImportRow.key, len(start) + 1)
    highest = session().scalar(
        select(func.max(number)).where(
            RelationImportRow.import_id == row.id,
            RelationImportRow.key.like(f"{start}%"),
            func.length(number) == len(found),
            func.ltrim(number, "0123456789") == "",
        )
    )
    if highest is None or highest < found:
        return found
    return str(int(highest) + 1).zfill(len(highest))


def _once(
    row: RelationImport, lines: Sequence[RelationImportRow], judged: Sequence[Judged]
) -> list[Judged]:
    """Refuse a row about the same relation as an earlier one of the file."""
    keys = {line.key for line in lines if line.key}
    found = session().execute(
        select(RelationImportRow.key, func.min(RelationImportRow.number))
        .where(
            RelationImportRow.tenant_id == row.tenant_id,
            RelationImportRow.import_id == row.id,
            RelationImportRow.key.in_(keys),
        )
        .group_by(RelationImportRow.key)
    )
    first = dict(found.all())
    return [
        _refused(each, "import_row_twice", line=str(first[line.key]))
        if first.get(line.key, line.number) < line.number
        else each
        for line, each in zip(lines, judged, strict=True)
    ]


def _refused(judged: Judged, code: str, **params: str) -> Judged:
    return Judged(RowVerdict.REFUSED, judged.key, [["", code, params]])


def _note(row: RelationImport, line: RelationImportRow, judged: Judged) -> None:
    _keep(row, line, judged)
    row.position = line.number


def _keep(row: RelationImport, line: RelationImportRow, judged: Judged) -> None:
    line.verdict, line.reasons, line.notes = (
        judged.verdict,
        judged.reasons,
        judged.notes,
    )
    line.is_noted = bool(judged.notes)
    line.relation_id = judged.relation.id if judged.relation else None
    counts = dict(row.counts)
    counts[judged.verdict] = counts.get(judged.verdict, 0) + 1
    row.counts = counts


def write(row: RelationImport) -> None:
    """Write the next rows as they were confirmed."""
    lines = _next(row)
    if not lines:
        _end(row)
        return
    for line in lines:
        if line.verdict not in (*WRITES, RowVerdict.SAME):
            counts = dict(row.counts)
            counts[line.verdict] = counts.get(line.verdict, 0) + 1
            row.counts, row.position = counts, line.number
            continue
        # One by one: an earlier row may have made what this one is about.
        found = _saved(row, _now(row, line))
        _note(row, line, found)
        if found.verdict in WRITES and found.relation:
            line.is_written, line.version = True, found.relation.version


def _now(row: RelationImport, line: RelationImportRow) -> Judged:
    """Judge a row as it stands now; rows of one file may be about one relation.

    What differs from what was confirmed, by another hand than this import's, is not
    written: nobody has seen it.
    """
    (found,) = _judged(row, [line])
    if found.relation is None or found.verdict == RowVerdict.SAME:
        return found
    if not _is_written_by(row, found.relation.id):
        if found.verdict != RowVerdict.CHANGED or _is_confirmed(line, found):
            return found
        name = relations.data_of(found.relation).full_name
        note = ["", "import_changed_meanwhile", {"name": name}]
        return replace(found, verdict=RowVerdict.CONFLICT, notes=[*found.notes, note])
    if found.verdict == RowVerdict.CONFLICT:  # two of the file share an address
        line.choice = RowChoice.OTHER
        (found,) = _judged(row, [line])
    return found


def _is_written_by(row: RelationImport, relation_id: int) -> bool:
    by_this = select(RelationImportRow.number).where(
        RelationImportRow.import_id == row.id,
        RelationImportRow.relation_id == relation_id,
        RelationImportRow.is_written,
    )
    return session().scalar(by_this.limit(1)) is not None


def _is_confirmed(line: RelationImportRow, found: Judged) -> bool:
    shown = [(name, old) for name, old, _ in line.reasons]
    return line.verdict == RowVerdict.CHANGED and all(
        (name, old) in shown for name, old, _ in found.reasons
    )


def _saved(row: RelationImport, judged: Judged) -> Judged:
    """Save a row's relation whole or not at all."""
    if judged.data is None or judged.verdict not in WRITES:
        return judged
    try:
        with session().begin_nested():
            relation = relations.save(
                judged.data,
                judged.relation,
                user_id=row.user_id,
                action="imported",
                manager_id=judged.manager_id,
            )
    except AskUser as error:
        return _refused(judged, error.code, **error.params)
    return replace(judged, relation=relation)


def _end(row: RelationImport) -> None:
    row.state, row.ended_at = ImportState.DONE, utcnow()
    counts = {verdict.value: row.counts.get(verdict, 0) for verdict in RowVerdict}
    log.write(
        row.tenant_id,
        "relations_imported",
        user_id=row.user_id,
        params={**counts, "name": row.filename},
    )
