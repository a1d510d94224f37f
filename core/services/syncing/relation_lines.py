"""What a run did to each relation and record, or what a preview says it would do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from core.domain.clock import utcnow
from core.models import LineKind, RelationLine, RelationRun
from core.rules.sync import Link
from core.runtime.database import session
from core.services.syncing.relation_links import Stored, parts

KEPT = timedelta(days=30)
"""A month is closed and looked through by then. Lines hold what stood on cards of
people, so they are not kept for longer than that needs."""
WRITES = (
    LineKind.MADE_HERE, LineKind.CHANGED_HERE, LineKind.MADE_THERE,
    LineKind.CHANGED_THERE, LineKind.OVERWRITTEN, LineKind.LINKED,
)  # fmt: skip
"""What undoing a run takes back."""
CHANGES_THERE = (LineKind.CHANGED_THERE, LineKind.OVERWRITTEN)
THERE = (LineKind.MADE_THERE, *CHANGES_THERE)
NUMBER = "number"
"""Among a record's values: its number."""
UNSHOWN = (LineKind.LINKED,)


def with_number(values: Mapping[str, str], number: str) -> dict[str, str]:
    """Return a record's values with its number among them, as lines keep them."""
    return {**values, NUMBER: number}


@dataclass(frozen=True)
class Line:
    """One line, as it is about to be kept; see `RelationLine`."""

    kind: LineKind
    relation_id: int | None = None
    external_id: str = ""
    role: str = ""
    number: str = ""
    name: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[Stored] = ()
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def keep(tenant_id: int, run_id: int, line: Line) -> None:
    """Keep a line in the caller's transaction."""
    session().add(
        RelationLine(
            tenant_id=tenant_id,
            run_id=run_id,
            kind=line.kind,
            relation_id=line.relation_id,
            external_id=line.external_id[:100],
            role=line.role,
            number=line.number[:40],
            name=line.name[:200],
            changes={name: list(pair) for name, pair in line.changes.items()},
            before=dict(line.before),
            after=dict(line.after),
            links=[list(link[:6]) for link in line.links],
            code=line.code,
            params=dict(line.params),
        )
    )


def keep_once(tenant_id: int, run_id: int, line: Line) -> None:
    """Keep a line of a preview: what it said of the same before makes way.

    Why something is left as it is takes back no write that was foreseen before: the run
    has done that by then.
    """
    found = select(RelationLine).where(
        RelationLine.run_id == run_id,
        RelationLine.relation_id.is_(None)
        if line.relation_id is None
        else RelationLine.relation_id == line.relation_id,
        RelationLine.role == line.role,
        RelationLine.external_id == line.external_id[:100],
    )
    if line.kind not in WRITES:
        found = found.where(RelationLine.kind.not_in(WRITES))
    for row in session().scalars(found).all():
        line = _after(row, line)
        session().delete(row)
    session().flush()
    keep(tenant_id, run_id, line)


def _after(row: RelationLine, line: Line) -> Line:
    """Return a line with what was foreseen of the same record before it."""
    if row.kind not in CHANGES_THERE or line.kind not in CHANGES_THERE:
        return line
    changes = {name: (old, new) for name, (old, new) in row.changes.items()}
    for name, (old, new) in line.changes.items():
        changes[name] = (changes[name][0] if name in changes else old, new)
    return replace(
        line,
        kind=max(LineKind(row.kind), line.kind, key=CHANGES_THERE.index),
        changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]},
        before=row.before,
    )


def saw(run_id: int, link: Link, after: Mapping[str, str]) -> None:
    """Complete the last line of a record that was written without being shown, in the
    caller's transaction."""
    row = session().scalar(
        select(RelationLine)
        .where(
            RelationLine.run_id == run_id,
            RelationLine.relation_id == int(link.local),
            RelationLine.role == link.role,
            RelationLine.kind.in_(THERE),
        )
        .order_by(RelationLine.id.desc())
        .limit(1)
    )
    if row is not None:
        row.external_id, row.after = link.remote, dict(after)


def totals(run_id: int) -> dict[str, int]:
    """Count the lines of a run by kind."""
    rows = session().execute(
        select(RelationLine.kind, func.count())
        .where(RelationLine.run_id == run_id)
        .group_by(RelationLine.kind)
    )
    return {str(kind): number for kind, number in rows}


def counts(run_id: int) -> dict[str, int]:
    """Count what a preview would write, as a run counts what it wrote."""
    found = totals(run_id)
    written = found.get(LineKind.OVERWRITTEN, 0)
    if written:
        changed = found.get(LineKind.CHANGED_THERE, 0)
        found[LineKind.CHANGED_THERE] = changed + written
    return found


def page(run_id: int, kind: str, after: int, size: int) -> list[RelationLine]:
    """Return the lines behind an id that a person reads, of one kind or of all."""
    query = select(RelationLine).where(
        RelationLine.run_id == run_id,
        RelationLine.id > after,
        RelationLine.kind == kind if kind else RelationLine.kind.not_in(UNSHOWN),
    )
    return list(session().scalars(query.order_by(RelationLine.id).limit(size)))


@dataclass(frozen=True)
class Kept:
    """A line as it was kept, apart from its transaction."""

    id: int
    kind: LineKind
    relation_id: int | None
    external_id: str
    role: str
    number: str
    name: str
    changes: Mapping[str, Any]
    before: Mapping[str, str]
    after: Mapping[str, str]
    links: Sequence[Sequence[Any]]


def backwards(run_id: int, before: int, size: int) -> list[Kept]:
    """Return what a run wrote, the last first, below an id (0: from the end)."""
    query = select(RelationLine).where(
        RelationLine.run_id == run_id, RelationLine.kind.in_(WRITES)
    )
    if before:
        query = query.where(RelationLine.id < before)
    rows = session().scalars(query.order_by(RelationLine.id.desc()).limit(size))
    return [
        Kept(
            row.id,
            LineKind(row.kind),
            row.relation_id,
            row.external_id,
            row.role,
            row.number,
            row.name,
            row.changes,
            row.before,
            row.after,
            row.links,
        )
        for row in rows
    ]


def changed_here(run_id: int, after: int, size: int) -> list[int]:
    """Return the next relations behind an id that a preview changes."""
    query = select(RelationLine.relation_id).where(
        RelationLine.run_id == run_id,
        RelationLine.kind == LineKind.CHANGED_HERE,
        RelationLine.relation_id > after,
    )
    found = session().scalars(query.order_by(RelationLine.relation_id).limit(size))
    return [relation_id for relation_id in found if relation_id is not None]


def forget(now: datetime) -> None:
    """Forget lines that were kept long enough, in the caller's transaction."""
    old = select(RelationLine.id).where(RelationLine.at < now - KEPT).limit(5000)
    ids: Iterable[int] = session().scalars(old).all()
    for some in parts(ids):
        session().execute(delete(RelationLine).where(RelationLine.id.in_(some)))


def forget_previews(connection_id: int, kind: str, but: int) -> None:
    """Forget the lines of previews that are over, in the caller's transaction."""
    old = select(RelationRun.id).where(
        RelationRun.connection_id == connection_id,
        RelationRun.kind == kind,
        RelationRun.id != but,
    )
    session().execute(
        delete(RelationLine)
        .where(RelationLine.run_id.in_(old))
        .execution_options(synchronize_session=False)
    )


def kept_until(run: RelationRun) -> datetime:
    """Return until when a run can be undone (UTC)."""
    return (run.finished_at or utcnow()) + KEPT
