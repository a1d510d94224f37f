"""Tab Fouten: documents by what has to be done, and what stands there no longer.

A group is what is solved in one go: of one cause and coupling, and, where the words of
its cause say so (`ErrorText.by`), of one country and rate. Its key stands in addresses
and in mails. Only reads, and only rows of the tenant in scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, case, cast, func, literal, select

from core.models import Transfer, TransferState
from core.runtime.database import session
from core.services.reporting.overview import (
    FAULTY,
    Page,
    Row,
    lines,
    newest_page,
    own,
    rows_of,
)
from core.texts import grouping

PER_CAUSE = 10
_PART = "~"
_MOST_VALUES = 2


@dataclass(frozen=True)
class Cause:
    """Documents under Fouten that one thing solves; `rows` are the newest of them."""

    newest: Transfer
    count: int
    rows: Sequence[Row] = ()
    values: Sequence[str] = field(default=())
    """What they have in common besides code and coupling (`ErrorText.by`)."""

    @property
    def code(self) -> str:
        """The cause's code."""
        return self.newest.code

    @property
    def key(self) -> str:
        """What names the group in an address."""
        parts = (self.code, str(self.newest.coupling_id), *self.values)
        return _PART.join(parts).rstrip(_PART)

    def has(self, transfer: Transfer) -> bool:
        """Tell whether a document with this code under Fouten is one of the group."""
        names = grouping().get(self.code, ())
        values = (str(transfer.params.get(name, "")) for name in names)
        own = (transfer.code, transfer.coupling_id, *values)
        return own == (self.code, self.newest.coupling_id, *self.values[: len(names)])


def causes(since: datetime | None = None) -> list[Cause]:
    """Return the groups, the largest first, without their rows.

    With `since` only of what came or changed there from then on.
    """
    faulty = _all_faulty(since)
    group = _columns(faulty)
    number, newest = func.count().label("number"), func.max(faulty.c.id).label("newest")
    found = select(number, newest, *group[2:]).group_by(*group).subquery()
    rows = session().execute(
        select(Transfer, found)
        .join(found, found.c.newest == Transfer.id)
        .where(own(Transfer))
        .order_by(found.c.number.desc(), Transfer.code, Transfer.id)
    )
    return [
        Cause(newest, count, (), tuple(values)) for newest, count, _id, *values in rows
    ]


def causes_with_rows() -> list[Cause]:
    """Return the groups with the newest documents of each."""
    faulty = _all_faulty()
    group = _columns(faulty)
    rank = func.row_number().over(partition_by=group, order_by=faulty.c.id.desc())
    ranked = select(faulty.c.id, rank.label("rank"), *group).subquery()
    newest = select(ranked.c.id, *_columns(ranked)).where(ranked.c.rank <= PER_CAUSE)
    group_of = {key: tuple(rest) for key, *rest in session().execute(newest)}
    by_group: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows_of(lines().where(Transfer.id.in_(group_of))):
        by_group.setdefault(group_of[row.transfer.id], []).append(row)
    return [
        Cause(cause.newest, cause.count, by_group.get(_group(cause), ()), cause.values)
        for cause in causes()
    ]


def _group(cause: Cause) -> tuple[Any, ...]:
    return (cause.code, cause.newest.coupling_id, *cause.values)


def faulty_of(key: str, before: int | None) -> Page:
    """Return the documents of one group, newest first."""
    return newest_page(FAULTY, before, *_in_group(key))


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
    return own(Transfer), Transfer.state.in_(FAULTY)


def _all_faulty(since: datetime | None = None) -> Any:
    wanted = select(Transfer.id, Transfer.code, Transfer.coupling_id, *_values())
    wanted = wanted.where(*_faulty())
    if since is not None:
        wanted = wanted.where(Transfer.changed_at >= since)
    return wanted.subquery()


def _columns(rows: Any) -> list[Any]:
    """Return what tells one group from another, of a subquery."""
    names = ("code", "coupling_id", *(f"value_{n}" for n in range(_MOST_VALUES)))
    return [rows.c[name] for name in names]


def _in_group(key: str) -> list[ColumnElement[bool]]:
    """Return what makes a document one of a group; a code by itself is all of it."""
    code, *rest = key.split(_PART)
    conditions: list[ColumnElement[bool]] = [Transfer.code == code]
    if rest:
        coupling, values = rest[0], (*rest[1:], "", "")
        is_number = coupling.isdecimal() and len(coupling) < 10
        conditions.append(Transfer.coupling_id == (int(coupling) if is_number else 0))
        conditions += [
            column == value for column, value in zip(_values(), values, strict=False)
        ]
    return conditions


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
