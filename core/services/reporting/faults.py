"""Tab Fouten: documents by what has to be done, and what stands there no longer.

A group is what is solved in one go: of one cause; of one coupling, where its own
configuration solves it; and, where the words of the cause say so (`ErrorText.by`), of
one country and rate. Its key stands in addresses and in mails. Only reads, and only
rows of the tenant in scope.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import (
    JSON,
    ColumnElement,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from core.models import Connection, Transfer, TransferState
from core.runtime.database import session
from core.services.reporting.overview import (
    FAULTY,
    PAGE,
    Page,
    Row,
    lines,
    newest_page,
    own,
    page_of,
    rows_of,
)
from core.texts import grouping, solved_in_coupling

PER_CAUSE = 10
_PART = "~"
_WRITTEN_OUT: list[ColumnElement[str]] = [
    literal_column(f"'{state.value}'") for state in FAULTY
]
"""Not as parameters: a planner takes the index of those alone by its words."""
_MOST_VALUES = 2
_LONGEST_ID = 10


@dataclass(frozen=True)
class Cause:
    """Documents under Fouten that one thing solves; `rows` are the newest of them."""

    newest: Transfer
    count: int
    group: Sequence[str]
    """Code, coupling (empty: all of them) and the values of `ErrorText.by`."""
    rows: Sequence[Row] = ()

    @property
    def code(self) -> str:
        """The cause's code."""
        return self.newest.code

    @property
    def key(self) -> str:
        """What names the group in an address."""
        return _key(self.group)


def causes(since: datetime | None = None) -> list[Cause]:
    """Return the groups, the largest first, without their rows.

    With `since` only of what came or changed there from then on.
    """
    return _causes(*(() if since is None else (Transfer.changed_at >= since,)))


def _causes(*conditions: ColumnElement[bool]) -> list[Cause]:
    """Count in two: what the index alone tells apart, and what is read for it."""

    def counted(faulty: Any, parts: Sequence[Any]) -> Any:
        number, newest = func.count().label("number"), func.max(faulty.c.id)
        return select(number, newest.label("newest"), *parts).group_by(*parts)

    found = _in_two(counted, *conditions)
    counts: Counter[tuple[str, ...]] = Counter()
    newest: dict[tuple[str, ...], Transfer] = {}
    for row, number, _id, *values in session().execute(
        select(Transfer, found)
        .join(found, found.c.newest == Transfer.id)
        .where(own(Transfer))
        .order_by(Transfer.id)
    ):
        group = _group(*values)
        counts[group] += number
        newest[group] = row
    return _largest_first(
        Cause(row, counts[group], group) for group, row in newest.items()
    )


def causes_with_rows() -> list[Cause]:
    """Return the groups with the newest documents of each."""

    def ranked(faulty: Any, parts: Sequence[Any]) -> Any:
        rank = func.row_number().over(partition_by=parts, order_by=faulty.c.id.desc())
        number = func.count().over(partition_by=parts)
        found = select(
            faulty.c.id, rank.label("rank"), number.label("number"), *parts
        ).subquery()
        return select(found).where(found.c.rank <= PER_CAUSE)

    counts: Counter[tuple[str, ...]] = Counter()
    group_of: dict[int, tuple[str, ...]] = {}
    for key, rank, number, *values in session().execute(select(_in_two(ranked))):
        group_of[key] = group = _group(*values)
        counts[group] += number if rank == 1 else 0
    by_group: dict[tuple[str, ...], list[Row]] = {}
    for row in rows_of(lines().where(Transfer.id.in_(group_of))):
        by_group.setdefault(group_of[row.transfer.id], []).append(row)
    return _largest_first(
        Cause(rows[0].transfer, counts[group], group, rows[:PER_CAUSE])
        for group, rows in by_group.items()
    )


def _largest_first(found: Iterable[Cause]) -> list[Cause]:
    return sorted(found, key=lambda one: (-one.count, one.code, one.newest.id))


def group_of(key: str) -> tuple[str, ...]:
    """Return the group that a key names; a code by itself is all of its groups."""
    return tuple(unquote(part) for part in key.split(_PART))


def causes_of(key: str, page: Page) -> list[Cause]:
    """Return the groups that a key names, each with its documents of a page."""
    by_key: dict[str, list[Row]] = {}
    for row in page.rows:
        by_key.setdefault(key_of(row.transfer), []).append(row)
    return [
        replace(cause, rows=by_key.get(cause.key, ()))
        for cause in _causes(*_in_group(key))
    ]


def key_of(transfer: Transfer) -> str:
    """Return the key of the group that a document under Fouten is of."""
    names = grouping().get(transfer.code, ())
    values = (str(transfer.params.get(name, "")) for name in names)
    return _key(_group(transfer.code, transfer.coupling_id, *values))


def _group(code: str, coupling_id: int, *values: str) -> tuple[str, ...]:
    """Return what names a group; the coupling where its configuration solves it."""
    coupling = str(coupling_id) if code in solved_in_coupling() else ""
    parts = [code, coupling, *values]
    while not parts[-1]:
        parts.pop()
    return tuple(parts)


def documents_of(key: str, since: datetime) -> list[tuple[str, int, str]]:
    """Return subject, its id and the package's plugin of what came or changed in a
    group since a moment."""
    rows = session().execute(
        select(Transfer.subject, Transfer.subject_id, Connection.plugin)
        .join(Connection, Connection.id == Transfer.target_id)
        .where(*_faulty(), *_in_group(key), Transfer.changed_at >= since)
    )
    return [(subject, subject_id, plugin) for subject, subject_id, plugin in rows]


def _key(group: Sequence[str]) -> str:
    return _PART.join(quote(part, "").replace(_PART, "%7E") for part in group)


def faulty_of(key: str, before: int | None) -> Page:
    """Return the documents of one group, newest first."""
    wanted = select(Transfer.id).where(*_faulty(), *_in_group(key))
    if before is not None:
        wanted = wanted.where(Transfer.id < before)
    chosen = wanted.order_by(Transfer.id.desc()).limit(PAGE + 1).subquery()
    return page_of(rows_of(lines().join(chosen, chosen.c.id == Transfer.id)))


def faulty_ids(key: str, limit: int | None = None) -> list[int]:
    """Return the ids of the documents of one group, newest first."""
    wanted = select(Transfer.id).where(*_faulty(), *_in_group(key))
    return list(session().scalars(wanted.order_by(Transfer.id.desc()).limit(limit)))


def set_aside(before: int | None) -> Page:
    """Return what the user set aside, newest first."""
    is_aside = Transfer.set_aside_at.is_not(None)
    return newest_page((TransferState.SKIPPED,), before, is_aside)


def not_needed(before: int | None) -> Page:
    """Return what ended by itself without a booking: cancelled, nothing to book."""
    is_not_aside = Transfer.set_aside_at.is_(None)
    return newest_page((TransferState.SKIPPED,), before, is_not_aside)


def _faulty() -> tuple[ColumnElement[bool], ...]:
    """Say that it stands under Fouten."""
    return own(Transfer), Transfer.state.in_(_WRITTEN_OUT)


def _in_two(
    make: Callable[[Any, Sequence[Any]], Any], *conditions: ColumnElement[bool]
) -> Any:
    """Join what is made of documents under Fouten and of the columns that divide them:
    of causes without values, which an index tells apart, and of those with."""
    codes = list(grouping())
    made = []
    for values, which in (
        (_no_values(), Transfer.code.not_in(codes)),
        (_values(), Transfer.code.in_(codes)),
    ):
        parts = [Transfer.code, Transfer.coupling_id, *values]
        wanted = select(Transfer.id, *parts).where(*_faulty(), *conditions, which)
        faulty = wanted.subquery()
        made.append(make(faulty, [faulty.c[part.name] for part in parts]))
    return union_all(*made).subquery()


def _no_values() -> list[Any]:
    return [literal("").label(f"value_{place}") for place in range(_MOST_VALUES)]


def _in_group(key: str) -> list[ColumnElement[bool]]:
    """Return what makes a document one of a group."""
    code, *rest = group_of(key)
    found: list[ColumnElement[bool]] = [Transfer.code == code]
    if not rest:
        return found
    coupling, *values = rest
    if coupling:
        is_id = coupling.isdecimal() and len(coupling) < _LONGEST_ID
        found.append(Transfer.coupling_id == (int(coupling) if is_id else 0))
    wanted = [*values, *[""] * _MOST_VALUES]
    return found + [
        part == value for part, value in zip(_values(), wanted, strict=False)
    ]


def _values() -> list[Any]:
    """Return the columns of what else divides causes into groups."""
    by_code = grouping()
    columns = []
    for place in range(_MOST_VALUES):
        whens = [
            (Transfer.code == code, func.coalesce(_value(names[place]), ""))
            for code, names in sorted(by_code.items())
            if len(names) > place
        ]
        chosen = case(*whens, else_="") if whens else literal("")
        columns.append(chosen.label(f"value_{place}"))
    return columns


def _value(name: str) -> Any:
    """Return one of a document's values (`Transfer.params`), as text."""
    if session().get_bind().dialect.name == "sqlite":
        return func.json_extract(Transfer.params, f"$.{name}")
    return func.json_extract_path_text(cast(Transfer.params, JSON), name)
