"""Relations from a file: read, mapped, checked, and written row by row.

Every step goes on where it stopped, also after a crash: what was done stands in the
rows themselves, written in the transaction that did it. A task does all of it and wakes
itself up again. The file is read by a child that may take little, while no transaction
is open; one that gets no further in a few tries ends.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser, LeaseLost
from core.kit import confined
from core.models import (
    ImportState,
    RelationImport,
    RelationImportRow,
    RowVerdict,
    Tenant,
)
from core.plugin.engine import DueRows, Lease, Next, decide, leased
from core.rules import relation_headers
from core.runtime import jobs, log, quota
from core.runtime.database import session, transaction
from core.runtime.extensions import settings
from core.runtime.tenancy import current_scope, tenant_scope
from core.services.crm import relations
from core.services.crm.relation_matching import Defaults, Judged, judge
from core.services.reporting.overview import Page

LARGEST = 4_500_000
"""Bytes of a file; a little under what a request may hold."""
READER = "core.rules.tabular:told"
LIMITS = confined.Limits()
BATCH = 100
STORED = 1000
"""Rows of a file that are kept per transaction."""
PAGE = 50
PATIENCE = timedelta(seconds=20)
"""How long one task goes on before others have a turn."""
MOST_TRIES = 3
"""Tries that get an import no further; then it ends."""
KEPT = timedelta(days=30)
"""Files hold people's data: an import is forgotten after this long."""
TASK, QUEUE = "relation_import", "bulk"
WORKING = (ImportState.READING, ImportState.CHECKING, ImportState.WRITING)


def receive(filename: str, content: bytes, *, user_id: int | None) -> RelationImport:
    """Store an uploaded file in the caller's transaction, and have it read.

    Raises AskUser `files_at_once` or `files_per_day`.
    """
    tenant_id = current_scope()
    session().execute(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update())
    busy = session().scalar(
        select(func.count())
        .select_from(RelationImport)
        .where(RelationImport.tenant_id == tenant_id, RelationImport.state.in_(WORKING))
    )
    if busy and busy >= settings().files_at_once:
        raise AskUser("files_at_once", count=busy)
    quota.admit(tenant_id, len(content))
    row = RelationImport(
        tenant_id=tenant_id,
        user_id=user_id,
        filename=filename[-200:],
        content=content,
        format="",
        state=ImportState.READING,
        rows=0,
    )
    session().add(row)
    session().flush()
    jobs.wake_after_commit(TASK, row.id, queue=QUEUE)
    return row


def choose(row: RelationImport, columns: Sequence[str], defaults: Defaults) -> None:
    """Store what the columns are; every row is checked anew."""
    row.settings = {
        **row.settings,
        "columns": list(columns),
        "kind": defaults.kind,
        "relation_type": defaults.relation_type,
    }
    _enter(row, ImportState.CHECKING)
    session().execute(
        update(RelationImportRow)
        .where(RelationImportRow.import_id == row.id)
        .values(verdict="", key="", reasons=[])
    )


def back(row: RelationImport) -> None:
    """Let the user choose the columns again."""
    _enter(row, ImportState.READ)


def start(row: RelationImport) -> None:
    """*Importeren*: from here on rows are written."""
    _enter(row, ImportState.WRITING)


def _enter(row: RelationImport, state: ImportState) -> None:
    row.state, row.position, row.counts = state, 0, {}
    if state in WORKING:
        jobs.wake_after_commit(TASK, row.id, queue=QUEUE)


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


IMPORTS = DueRows(
    RelationImport,
    lambda _now: (RelationImport.state.in_(WORKING),),
    order_by=(RelationImport.id,),
    fair=True,
)
DUE = leased(TASK, QUEUE, IMPORTS)


def forget(now: datetime) -> None:
    """Forget what is old, in the caller's transaction."""
    session().execute(
        delete(RelationImport).where(RelationImport.created_at < now - KEPT)
    )


def advance(import_id: int) -> None:
    """Go on with an import until its step is done or the time is up; commits."""
    _serve(IMPORTS.take(import_id))


def take_turn(_import_id: int) -> None:
    """Go on with the import whose tenant's turn it is, whichever was woken (task)."""
    _serve(IMPORTS.take_next())


def _serve(lease: Lease[RelationImport] | None) -> None:
    if lease is None:
        return
    with tenant_scope(lease.row.tenant_id):
        try:
            _go_on(lease)
        except LeaseLost:
            session().rollback()  # another worker goes on


def _go_on(lease: Lease[RelationImport]) -> None:
    stop_at = utcnow() + PATIENCE
    goes_on = False
    try:
        if _may_try(lease):
            while lease.row.state in WORKING and utcnow() < stop_at:
                _STEPS[lease.row.state](lease)
            goes_on = lease.row.state in WORKING
    except LeaseLost:
        raise
    except Exception as error:
        session().rollback()
        _settle(lease, error)
    finally:
        session().rollback()
        with lease.work(release=True):
            if goes_on:
                jobs.wake_after_commit(TASK, lease.row.id, queue=QUEUE)


def _may_try(lease: Lease[RelationImport]) -> bool:
    """Count a try before it is made: who dies of a file notes nothing any more."""
    with lease.work():
        row = lease.row
        row.tries += 1
        if row.tries > MOST_TRIES:
            _fail(row, "import_gave_up")
    return row.state in WORKING


def _settle(lease: Lease[RelationImport], error: Exception) -> None:
    """End an import that cannot go on; what may pass the dispatcher tries again."""
    with lease.work():
        row = lease.read()
        decision = decide(
            error,
            subject=f"relation_import {row.id}",
            failures=row.tries - 1,
            pauses=lambda tries: None if tries >= MOST_TRIES else 0.0,
        )
        if decision.next is not Next.RETRY:
            given = isinstance(error, AskUser)
            _fail(row, decision.code if given else "import_gave_up")


def _fail(row: RelationImport, code: str) -> None:
    row.state, row.error, row.content = ImportState.FAILED, code, None


def _read(lease: Lease[RelationImport]) -> None:
    """Have the file read while no transaction is open, and keep its rows."""
    with transaction():
        content = lease.row.content or b""
    with confined.results(READER, content, LIMITS) as told:
        file_format, headers = next(told)
        count = _keep(lease, told)
    with lease.work():
        row = lease.row
        row.format, row.headers, row.rows = file_format, headers, count
        row.content, row.state, row.tries = None, ImportState.READ, 0


def _keep(lease: Lease[RelationImport], told: Iterator[Any]) -> int:
    """Store the rows, some at a time; return how many. Those of a try before go."""
    owned = {"tenant_id": lease.row.tenant_id, "import_id": lease.key}
    with lease.work() as current:
        old = RelationImportRow.import_id == lease.key
        current.execute(delete(RelationImportRow).where(old))
    count = 0
    while rows := list(islice(told, STORED)):
        with lease.work() as current:
            current.execute(
                insert(RelationImportRow),
                [{**owned, "number": number, "cells": cells} for number, cells in rows],
            )
        count += len(rows)
    return count


def _stored(
    step: Callable[[RelationImport], None],
) -> Callable[[Lease[RelationImport]], None]:
    """Return a step that is done whole, in a transaction of its own."""

    def do(lease: Lease[RelationImport]) -> None:
        with lease.work():
            step(lease.row)
            lease.row.tries = 0

    return do


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


def _check(row: RelationImport) -> None:
    lines = _next(row)
    if not lines:
        row.state = ImportState.CHECKED
        return
    judged = judge([line.cells for line in lines], columns_of(row), defaults_of(row))
    for line, found in zip(lines, judged, strict=True):
        line.key = found.key
    session().flush()
    for line, found in zip(lines, _once(row, lines, judged), strict=True):
        _note(row, line, found)


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
        _refused(each, "import_row_twice")
        if first.get(line.key, line.number) < line.number
        else each
        for line, each in zip(lines, judged, strict=True)
    ]


def _refused(judged: Judged, code: str, **params: str) -> Judged:
    return Judged(RowVerdict.REFUSED, judged.key, [["", code, params]])


def _note(row: RelationImport, line: RelationImportRow, judged: Judged) -> None:
    line.verdict, line.reasons = judged.verdict, judged.reasons
    line.relation_id = judged.relation.id if judged.relation else None
    counts = dict(row.counts)
    counts[judged.verdict] = counts.get(judged.verdict, 0) + 1
    row.counts, row.position = counts, line.number


def _write(row: RelationImport) -> None:
    lines = _next(row)
    if not lines:
        _end(row)
        return
    columns, defaults = columns_of(row), defaults_of(row)
    for line in lines:
        if line.verdict == RowVerdict.REFUSED:
            _note(row, line, Judged(RowVerdict.REFUSED, line.key, line.reasons))
        else:
            # One by one: an earlier row may have made what this one is about.
            found = judge([line.cells], columns, defaults)[0]
            _note(row, line, _saved(row, found))
            line.is_written = True


def _saved(row: RelationImport, judged: Judged) -> Judged:
    """Save a row's relation whole or not at all."""
    if judged.data is None or judged.verdict == RowVerdict.SAME:
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
    return Judged(judged.verdict, judged.key, judged.reasons, None, relation)


def _end(row: RelationImport) -> None:
    row.state, row.ended_at = ImportState.DONE, utcnow()
    counts = {verdict.value: row.counts.get(verdict, 0) for verdict in RowVerdict}
    log.write(
        row.tenant_id,
        "relations_imported",
        user_id=row.user_id,
        params={**counts, "name": row.filename},
    )


_STEPS: Mapping[str, Callable[[Lease[RelationImport]], None]] = {
    ImportState.READING: _read,
    ImportState.CHECKING: _stored(_check),
    ImportState.WRITING: _stored(_write),
}


def lines(
    row: RelationImport, verdict: str, after: int | None = None, size: int = PAGE
) -> Page:
    """Return rows of a file in its own order, of one verdict when given."""
    query = (
        select(RelationImportRow)
        .where(
            RelationImportRow.import_id == row.id,
            RelationImportRow.number > (after or 0),
        )
        .order_by(RelationImportRow.number)
        .limit(size + 1)
    )
    if verdict:
        query = query.where(RelationImportRow.verdict == verdict)
    found = list(session().scalars(query))
    last = found[size - 1].number if len(found) > size else None
    return Page(found[:size], last)


def recent() -> list[RelationImport]:
    """Return the imports of the tenant in scope, newest first."""
    rows = session().scalars(
        select(RelationImport)
        .where(RelationImport.tenant_id == current_scope())
        .order_by(RelationImport.id.desc())
        .limit(10)
    )
    return list(rows)
