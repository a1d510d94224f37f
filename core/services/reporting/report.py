"""Rapportage: what was booked, narrowed down and newest first; a page or all of it.

Paged by key (moment of booking, id) along one index, so that the last page costs what
the first one does. A document is booked when `booked_at` is set.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, tuple_, union_all

from core.models import Transfer
from core.runtime.database import session
from core.services.reporting import overview
from core.services.reporting.overview import Day, Page, Row, midnight, own

CHUNK = 1000
FEW = 1000
"""So many numbers that begin alike are looked up one by one."""
DAYS = 30
MOST_DAYS = 31
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; dates are local, both included."""

    search: str = ""
    """Begin of an order number or of the package's number."""
    start: date | None = None
    end: date | None = None
    target_id: int | None = None
    """Connection of the package."""
    document: str = ""
    """What it became: one of a plugin's `documents`."""
    remark: str = ""
    """`with` or `without`."""

    @property
    def is_set(self) -> bool:
        """Tell whether anything is left out."""
        return self != Filter()


@dataclass(frozen=True)
class Place:
    """The key of a line in the list; what follows is older."""

    at: datetime
    id: int

    def __str__(self) -> str:
        """Write the key for an address."""
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Read a key from an address; None when it is none."""
        moment, _, key = text.partition("-")
        if not (moment.isdecimal() and key.isdecimal()) or len(text) > 36:
            return None
        try:
            return cls(_EPOCH + int(moment) * _MICROSECOND, int(key))
        except OverflowError:
            return None


def page(wanted: Filter, timezone: str, after: Place | None = None) -> Page:
    """Return a page of what was booked."""
    rows = _rows(wanted, timezone, after, overview.PAGE + 1)
    more = len(rows) > overview.PAGE
    rows = rows[: overview.PAGE]
    return Page(rows, str(_place(rows[-1])) if more else None)


def everything(wanted: Filter, timezone: str) -> Iterator[Row]:
    """Yield all that was booked, a thousand at a time.

    No transaction stays open in between, however slowly it is taken in.
    """
    after: Place | None = None
    while True:
        rows = _rows(wanted, timezone, after, CHUNK)
        session().expunge_all()
        session().rollback()
        yield from rows
        if len(rows) < CHUNK:
            return
        after = _place(rows[-1])


def per_day(wanted: Filter, timezone: str, today: date) -> list[Day]:
    """Return how many sales were booked per local day, and their turnover.

    The last 30 days, or the last 31 days of the chosen period.
    """
    end = min(wanted.end or today, today)
    first = max(
        wanted.start or end - timedelta(days=DAYS - 1),
        end - timedelta(days=MOST_DAYS - 1),
    )
    # Two beginnings of one range: the index would be gone through from the first.
    conditions = _conditions(replace(wanted, start=None, end=None), timezone)
    conditions.append(overview.is_sale())
    return overview.by_day(
        Transfer.booked_at, Transfer.amount, conditions, (first, end), timezone
    )


def _rows(wanted: Filter, timezone: str, after: Place | None, limit: int) -> list[Row]:
    newest_first = (Transfer.booked_at.desc(), Transfer.id.desc())
    ids = select(Transfer.id).where(*_conditions(wanted, timezone))
    if after is not None:
        key = tuple_(Transfer.booked_at, Transfer.id)
        ids = ids.where(key < (after.at, after.id))
    # The index holds all that a search looks at; only what is shown is looked up.
    chosen = ids.order_by(*newest_first).limit(limit).subquery()
    statement = overview.lines(*newest_first)
    return overview.rows_of(statement.join(chosen, chosen.c.id == Transfer.id))


def _place(row: Row) -> Place:
    moment = row.transfer.booked_at
    if moment is None:
        raise ValueError("a line of Rapportage was booked at some moment")
    return Place(moment, row.transfer.id)


def _numbered(search: str) -> ColumnElement[bool]:
    """Say that a number begins so, as it was typed or in capitals or small letters.

    Few are named by their ids: the list is else gone through to find nothing in it.
    """
    begins = [
        overview.begins(column, spelling)
        for column in (Transfer.number, Transfer.external_number)
        for spelling in sorted({search, search.upper(), search.lower()})
    ]
    parts = [
        select(Transfer.id).where(own(Transfer), each).limit(FEW + 1).subquery()
        for each in begins
    ]
    found = set(session().scalars(union_all(*(select(part.c.id) for part in parts))))
    return Transfer.id.in_(sorted(found)) if len(found) <= FEW else or_(*begins)


def _conditions(wanted: Filter, timezone: str) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [own(Transfer), Transfer.booked_at.is_not(None)]
    if wanted.search:
        conditions.append(_numbered(wanted.search))
    if wanted.start:
        conditions.append(Transfer.booked_at >= midnight(wanted.start, timezone))
    if wanted.end and wanted.end < date.max:
        following = wanted.end + timedelta(days=1)
        conditions.append(Transfer.booked_at < midnight(following, timezone))
    if wanted.target_id is not None:
        conditions.append(Transfer.target_id == wanted.target_id)
    if wanted.document:
        conditions.append(Transfer.document == wanted.document)
    if wanted.remark:
        has_remark = Transfer.code != ""
        conditions.append(has_remark if wanted.remark == "with" else ~has_remark)
    return conditions
