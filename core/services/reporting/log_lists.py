"""The log narrowed down, newest first: a page of it, or all of it for a file.

Each filter is answered by an index but for the text, which looks at so many entries of
the others' answer at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, literal, or_, select, tuple_
from sqlalchemy import type_coerce as as_type

from core.domain import jsontext
from core.models import LogEntry, LogLevel
from core.rules.log_subjects import Subject
from core.runtime.database import session
from core.services.reporting.overview import PAGE, Page, midnight, own
from core.services.reporting.report import Place
from core.texts import codes_saying

CHUNK = 1000
SCANNED = 20_000
"""So many entries are looked at for a text before the user asks for older ones."""
_NEWEST_FIRST = (LogEntry.at.desc(), LogEntry.id.desc())


@dataclass(frozen=True)
class Filter:
    """What the log is narrowed to; dates are local, both included."""

    plugin: str = ""
    subject: Subject | None = None
    """None: all but logging in and out."""
    level: LogLevel | None = None
    start: date | None = None
    end: date | None = None
    text: str = ""
    """Part of the words of an entry, of its values, or of who did it."""

    @property
    def is_set(self) -> bool:
        """Tell whether anything is left out."""
        return self != Filter()


def page(wanted: Filter, timezone: str, after: Place | None = None) -> Page:
    """Return a page of the log of the tenant in scope.

    For a text that is not found among the entries looked at, an empty page may have a
    next one: older entries.
    """
    rows = _rows(wanted, timezone, after, PAGE + 1)
    if len(rows) > PAGE:
        return Page(rows[:PAGE], str(_place(rows[PAGE - 1])))
    return Page(rows, _further(wanted, timezone, after) if wanted.text else None)


def everything(wanted: Filter, timezone: str) -> Iterator[LogEntry]:
    """Yield all that a filter finds; no transaction stays open in between."""
    after: Place | None = None
    while True:
        rows = _rows(wanted, timezone, after, CHUNK)
        further = None
        if len(rows) == CHUNK:
            further = str(_place(rows[-1]))
        elif wanted.text:
            further = _further(wanted, timezone, after)
        session().expunge_all()
        session().rollback()
        yield from rows
        if further is None:
            return
        after = Place.read(further)


def latest(limit: int) -> Sequence[LogEntry]:
    """Return the newest entries but for logging in and out."""
    return _rows(Filter(), "UTC", None, limit)


def of_transfer(transfer_id: int, limit: int = PAGE) -> Sequence[LogEntry]:
    """Return the newest entries about a document."""
    wanted = select(LogEntry).where(own(LogEntry), LogEntry.transfer_id == transfer_id)
    newest = wanted.order_by(LogEntry.id.desc()).limit(limit)
    return session().scalars(newest).all()


def _rows(
    wanted: Filter, timezone: str, after: Place | None, limit: int
) -> list[LogEntry]:
    found = _narrowed(wanted, timezone, after)
    if wanted.text:
        looked_at = found.limit(SCANNED).subquery()
        found = (
            select(LogEntry.id)
            .join(looked_at, looked_at.c.id == LogEntry.id)
            .where(_says(wanted.text))
            .order_by(*_NEWEST_FIRST)
        )
    ids = found.limit(limit).subquery()
    rows = select(LogEntry).join(ids, ids.c.id == LogEntry.id).where(own(LogEntry))
    return list(session().scalars(rows.order_by(*_NEWEST_FIRST)))


def _further(wanted: Filter, timezone: str, after: Place | None) -> str | None:
    """Return from where older entries are looked at for a text."""
    last = _narrowed(wanted, timezone, after).add_columns(LogEntry.at)
    row = session().execute(last.offset(SCANNED - 1).limit(1)).first()
    return str(Place(row.at, row.id)) if row else None


def _place(row: LogEntry) -> Place:
    return Place(row.at, row.id)


def _narrowed(wanted: Filter, timezone: str, after: Place | None) -> Select[Any]:
    """Select the ids that the indexes answer for, newest first."""
    found: list[ColumnElement[bool]] = [own(LogEntry)]
    if wanted.plugin:
        found.append(LogEntry.plugin == wanted.plugin)
    if wanted.subject is None:
        found.append(LogEntry.subject != Subject.LOGIN)
    else:
        found += _partial(LogEntry.subject, wanted.subject, Subject.ORDER)
    if wanted.level is not None:
        found += _partial(LogEntry.level, wanted.level, LogLevel.INFO)
    if wanted.start:
        found.append(LogEntry.at >= midnight(wanted.start, timezone))
    if wanted.end and wanted.end < date.max:
        following = wanted.end + timedelta(days=1)
        found.append(LogEntry.at < midnight(following, timezone))
    if after is not None:
        found.append(tuple_(LogEntry.at, LogEntry.id) < (after.at, after.id))
    return select(LogEntry.id).where(*found).order_by(*_NEWEST_FIRST)


def _partial(column: Any, wanted: str, usual: str) -> list[ColumnElement[bool]]:
    """Ask so that a partial index without the usual value may answer."""
    if wanted == usual:
        return [column == wanted]
    return [column == wanted, column != literal(str(usual), literal_execute=True)]


def _says(text: str) -> ColumnElement[bool]:
    inside = jsontext.dumps(text)[1:-1]
    parts = (LogEntry.params, LogEntry.personal, LogEntry.changes)
    return or_(
        LogEntry.code.in_(codes_saying(text)),
        *(as_type(part, Text).icontains(inside, autoescape=True) for part in parts),
    )
