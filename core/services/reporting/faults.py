"""Tab Fouten: documents by what has to be done, and what stands there no longer.

A group is what is solved in one go: of one cause; of one coupling, where its own
configuration solves it; and, where the words of the cause say so (`ErrorText.by`), of
one country and rate. Its key stands in addresses and in mails. Only reads, and only
rows of the tenant in scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import JSON, ColumnElement, String, case, cast, func, literal, select

from core.models import Connection, Transfer, TransferState
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
from core.texts import grouping, solved_in_coupling

PER_CAUSE = 10
_PART = "~"
_MOST_VALUES = 2


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
    faulty = _all_faulty(since)
    group = _columns(faulty)
    number, newest = func.count().label("number"), func.max(faulty.c.id).label("newest")
    found = select(number, newest, *group).group_by(*group).subquery()
    rows = session().execute(
        select(Transfer, found)
        .join(found, found.c.newest == Transfer.id)
        .where(own(Transfer))
        .order_by(found.c.number.desc(), Transfer.code, Transfer.id)
    )
    return [
        Cause(newest, count, _trimmed(parts)) for newest, count, _id, *parts in rows
    ]


def causes_with_rows() -> list[Cause]:
    """Return the groups with the newest documents of each."""
    faulty = _all_faulty()
    group = _columns(faulty)
    rank = func.row_number().over(partition_by=group, order_by=faulty.c.id.desc())
    ranked = select(faulty.c.id, rank.label("rank"), *group).subquery()
    newest = select(ranked.c.id, *_columns(ranked)).where(ranked.c.rank <= PER_CAUSE)
    group_of = {key: _trimmed(parts) for key, *parts in session().execute(newest)}
    by_group: dict[Sequence[str], list[Row]] = {}
    for row in rows_of(lines().where(Transfer.id.in_(group_of))):
        by_group.setdefault(group_of[row.transfer.id], []).append(row)
    return [replace(cause, rows=by_group.get(cause.group, ())) for cause in causes()]


def group_of(key: str) -> tuple[str, ...]:
    """Return the group that a key names; a code by itself is all of its groups."""
    return tuple(unquote(part) for part in key.split(_PART))


def causes_of(key: str, page: Page) -> list[Cause]:
    """Return the groups that a key names, each with its documents of a page."""
    wanted = group_of(key)
    return [
        replace(cause, rows=[row for row in page.rows if _is_in(row, cause)])
        for cause in causes()
        if wanted in (cause.group, cause.group[:1])
    ]


def _is_in(row: Row, cause: Cause) -> bool:
    return key_of(row.transfer) == cause.key


def key_of(transfer: Transfer) -> str:
    """Return the key of the group that a document under Fouten is of."""
    names = grouping().get(transfer.code, ())
    is_coupling_s = transfer.code in solved_in_coupling()
    parts = (
        transfer.code,
        str(transfer.coupling_id) if is_coupling_s else "",
        *(str(transfer.params.get(name, "")) for name in names),
    )
    return _key(_trimmed(parts))


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


def _trimmed(parts: Sequence[str]) -> tuple[str, ...]:
    """Return a group without the parts at its end that divide nothing."""
    kept = list(parts)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


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
    wanted = select(Transfer.id, *_parts()).where(*_faulty())
    if since is not None:
        wanted = wanted.where(Transfer.changed_at >= since)
    return wanted.subquery()


def _columns(rows: Any) -> list[Any]:
    """Return what tells one group from another, of a subquery."""
    return [rows.c[part.name] for part in _parts()]


def _in_group(key: str) -> list[ColumnElement[bool]]:
    """Return what makes a document one of a group."""
    code, *rest = group_of(key)
    wanted = [code] if not rest else [code, *rest, "", "", ""]
    return [part == value for part, value in zip(_parts(), wanted, strict=False)]


def _parts() -> list[Any]:
    """Return what divides documents into groups: code, coupling and values."""
    in_coupling = Transfer.code.in_(solved_in_coupling())
    coupling = case((in_coupling, cast(Transfer.coupling_id, String)), else_="")
    code: Any = Transfer.code
    return [code, coupling.label("coupling"), *_values()]


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
