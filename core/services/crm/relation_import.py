"""Relations from a file: read, mapped, checked, and written row by row.

Every step goes on where it stopped, also after a crash: what was done stands in the
rows themselves, written in the transaction that did it. A task does all of it and wakes
itself up again. The file is read by a child that may take little, while no transaction
is open; one that gets no further in a few tries ends.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from core.domain.clock import utcnow
from core.domain.errors import AskUser, LeaseLost
from core.models import (
    ImportState,
    RelationImport,
    RelationImportRow,
    RowChoice,
    RowVerdict,
    Tenant,
)
from core.plugin.engine import DueRows, Lease, Next, decide, leased
from core.runtime import jobs, quota
from core.runtime.database import session
from core.runtime.extensions import settings
from core.runtime.tenancy import current_scope, tenant_scope
from core.services.crm import relation_file, relation_import_undo
from core.services.crm import relation_import_rows as rows
from core.services.crm.relation_matching import Defaults
from core.services.reporting.overview import Page

LARGEST = 4_500_000
"""Bytes of a file; a little under what a request may hold."""
PAGE = 50
PATIENCE = timedelta(seconds=20)
"""How long one task goes on before others have a turn."""
MOST_TRIES = 3
"""Tries that get an import no further; then it ends."""
KEPT = timedelta(days=30)
"""Files hold people's data: an import is forgotten after this long."""
NOTED = "noted"
TASK, QUEUE = "relation_import", "bulk"
WORKING = (
    ImportState.READING,
    ImportState.CHECKING,
    ImportState.WRITING,
    ImportState.UNDOING,
)
OPEN = (ImportState.READ, ImportState.CHECKED)
"""The user chooses; nothing is written yet."""


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
        .values(verdict="", key="", reasons=[], notes=[], is_noted=False, choice="")
    )


def reread(row: RelationImport, sheet: str, header: int | None) -> None:
    """Read the file again with another sheet or another line as the header."""
    row.settings = {"sheet": sheet, "header": header}
    _enter(row, ImportState.READING)


def back(row: RelationImport) -> None:
    """Let the user choose the columns again."""
    _enter(row, ImportState.READ)


def start(row: RelationImport) -> None:
    """*Importeren*: from here on rows are written."""
    row.content = None
    _enter(row, ImportState.WRITING)


def undo(row: RelationImport, *, user_id: int | None) -> None:
    """*Ongedaan maken*: what nobody changed since becomes as it was before."""
    row.settings = {**row.settings, "undone_by": user_id}
    _enter(row, ImportState.UNDOING, row.counts)


def decide_all(row: RelationImport, choice: RowChoice) -> None:
    """Take one choice for every row in conflict; every row is checked anew."""
    session().execute(
        update(RelationImportRow)
        .where(
            RelationImportRow.import_id == row.id,
            RelationImportRow.verdict == RowVerdict.CONFLICT,
        )
        .values(choice=choice)
    )
    _enter(row, ImportState.CHECKING)


def _enter(
    row: RelationImport, state: ImportState, counts: dict[str, Any] | None = None
) -> None:
    row.state, row.position, row.counts = state, 0, counts or {}
    if state in WORKING:
        jobs.wake_after_commit(TASK, row.id, queue=QUEUE)


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
            _fail(row, AskUser("import_gave_up"))
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
            gave_up = AskUser("import_gave_up")
            _fail(row, error if isinstance(error, AskUser) else gave_up)


def _fail(row: RelationImport, error: AskUser) -> None:
    """End an import; one that was read before goes back to how it was."""
    row.error, row.layout = error.code, {**row.layout, "error": error.params}
    if row.state == ImportState.READING and row.rows and row.layout.get("first"):
        row.state, row.settings, row.tries = ImportState.READ, {}, 0
    else:
        row.state, row.content = ImportState.FAILED, None


def _stored(
    step: Callable[[RelationImport], None],
) -> Callable[[Lease[RelationImport]], None]:
    """Return a step that is done whole, in a transaction of its own."""

    def do(lease: Lease[RelationImport]) -> None:
        with lease.work():
            step(lease.row)
            lease.row.tries = 0

    return do


_STEPS: Mapping[str, Callable[[Lease[RelationImport]], None]] = {
    ImportState.READING: relation_file.read,
    ImportState.CHECKING: _stored(rows.check),
    ImportState.WRITING: _stored(rows.write),
    ImportState.UNDOING: _stored(relation_import_undo.go_on),
}


def lines(
    row: RelationImport, verdict: str, after: int | None = None, size: int = PAGE
) -> Page:
    """Return rows of a file in its own order: all, of a verdict, `NOTED`, or those for
    which undoing did something (`RowUndone`)."""
    query = (
        select(RelationImportRow)
        .where(
            RelationImportRow.import_id == row.id,
            RelationImportRow.number > (after or 0),
        )
        .order_by(RelationImportRow.number)
        .limit(size + 1)
    )
    if verdict in set(RowVerdict):
        query = query.where(RelationImportRow.verdict == verdict)
    elif verdict == NOTED:
        query = query.where(RelationImportRow.is_noted)
    elif verdict:
        query = query.where(RelationImportRow.undone == verdict)
    found = list(session().scalars(query))
    last = found[size - 1].number if len(found) > size else None
    return Page(found[:size], last)


def noted(row: RelationImport) -> int:
    """Return how many rows have something that a person should see."""
    count = select(func.count()).where(
        RelationImportRow.import_id == row.id, RelationImportRow.is_noted
    )
    return session().scalar(count) or 0


def undone(row: RelationImport) -> dict[str, int]:
    """Return the rows by what undoing did for them."""
    found = session().execute(
        select(RelationImportRow.undone, func.count())
        .where(RelationImportRow.import_id == row.id, RelationImportRow.undone != "")
        .group_by(RelationImportRow.undone)
    )
    return dict(found.all())


def recent() -> list[RelationImport]:
    """Return the imports of the tenant in scope, newest first."""
    rows = session().scalars(
        select(RelationImport)
        .where(RelationImport.tenant_id == current_scope())
        .order_by(RelationImport.id.desc())
        .limit(10)
    )
    return list(rows)
