"""Lists of relations and of their changes: paged by key, flat as they grow."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select, tuple_

from core.models import Connection, Relation, RelationChange, User
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words
from core.services.crm.merged import is_current
from core.services.reporting.overview import Page

PAGE = 50
CHANGES = 25
BATCH = 500


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; None and empty: everything."""

    search: str = ""
    """Words of the name, a number, the e-mail address or the city, from their start."""
    kind: str = ""
    relation_type: str = ""
    has_debtor_number: bool | None = None
    has_creditor_number: bool | None = None
    manager_id: int | None = None
    is_in_doubt: bool = False
    """Those with a value that came in and is not understood."""

    @property
    def is_set(self) -> bool:
        """Tell whether it leaves anything out."""
        return self != Filter()


@dataclass(frozen=True)
class HistoryLine:
    """A change with who made it and where it came from."""

    change: RelationChange
    user: str
    plugin: str


def page(wanted: Filter, after: int | None = None, size: int = PAGE) -> Page:
    """Return relations by name, behind the one with the id `after`."""
    rows = list(session().scalars(_query(wanted, after).limit(size + 1)))
    last = rows[size - 1].id if len(rows) > size else None
    return Page(rows[:size], last)


def everything(wanted: Filter) -> Iterator[Relation]:
    """Yield all relations of a filter in batches, so that memory stays flat."""
    after: int | None = None
    while True:
        found = page(wanted, after, BATCH)
        yield from found.rows
        if found.after is None:
            return
        after = found.rows[-1].id
        for row in found.rows:
            session().expunge(row)


def _query(wanted: Filter, after: int | None) -> Select[Relation]:
    query = (
        select(Relation)
        .where(Relation.tenant_id == current_scope(), *_conditions(wanted))
        .order_by(Relation.sort_name, Relation.id)
    )
    last = session().get(Relation, after) if after else None
    if last is None:
        return query
    key = tuple_(Relation.sort_name, Relation.id)
    return query.where(key > tuple_(last.sort_name, last.id))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found = [
        is_current(),
        *relation_words.found_by(current_scope() or 0, wanted.search),
    ]
    if wanted.kind:
        found.append(Relation.kind == wanted.kind)
    if wanted.relation_type:
        found.append(Relation.relation_type == wanted.relation_type)
    if wanted.manager_id:
        found.append(Relation.manager_id == wanted.manager_id)
    if wanted.is_in_doubt:
        found.append(Relation.doubts.is_not(None))
    for column, has in (
        (Relation.debtor_number, wanted.has_debtor_number),
        (Relation.creditor_number, wanted.has_creditor_number),
    ):
        if has is not None:
            found.append(column.is_not(None) if has else column.is_(None))
    return found


def history(relation_id: int, after: int | None = None) -> Page:
    """Return a relation's changes, newest first, behind the one with id `after`."""
    query = (
        select(RelationChange, User.name, User.email, Connection.plugin)
        .outerjoin(User, User.id == RelationChange.user_id)
        .outerjoin(Connection, Connection.id == RelationChange.connection_id)
        .where(RelationChange.relation_id == relation_id)
        .order_by(RelationChange.id.desc())
    )
    if after:
        query = query.where(RelationChange.id < after)
    rows = session().execute(query.limit(CHANGES + 1)).all()
    lines = [
        HistoryLine(change, name or email or "", plugin or "")
        for change, name, email, plugin in rows[:CHANGES]
    ]
    more = len(rows) > CHANGES
    return Page(lines, lines[-1].change.id if more else None)


@dataclass(frozen=True)
class Overwritten:
    """What a package had and the CRM wrote over, and whose."""

    change: RelationChange
    name: str


def overwritten(connection_id: int, after: int | None = None) -> Page:
    """Return what was overwritten in a package, newest first, behind an id."""
    query = (
        select(RelationChange, Relation.name)
        .join(Relation, Relation.id == RelationChange.relation_id)
        .where(
            RelationChange.connection_id == connection_id,
            RelationChange.action == "overwritten",
        )
        .order_by(RelationChange.id.desc())
    )
    if after:
        query = query.where(RelationChange.id < after)
    rows = session().execute(query.limit(CHANGES + 1)).all()
    found = [Overwritten(change, name) for change, name in rows[:CHANGES]]
    return Page(found, found[-1].change.id if len(rows) > CHANGES else None)


def managers() -> list[tuple[int, str]]:
    """Return who may be a relation manager: the people of the tenant in scope."""
    rows = session().execute(
        select(User.id, User.name, User.email)
        .where(User.tenant_id == current_scope())
        .order_by(User.name, User.email)
    )
    return [(user_id, name or email) for user_id, name, email in rows]
