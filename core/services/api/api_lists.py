"""Lists as the API pages them: by id, or by moment and id for what changed.

A key says where a page begins, whatever became of the row it was made of.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from core.models import Relation, SalesInvoice, ShopOrder, Transfer
from core.runtime.database import session
from core.runtime.tenancy import current_scope
from core.services.crm import relation_words
from core.services.crm.merged import is_current


@dataclass(frozen=True)
class Key:
    """The place of a row in a list; the moment only where a list is by moments."""

    moment: datetime | None
    row_id: int


@dataclass(frozen=True)
class Found:
    """A page of rows and the key of its last one when there is more."""

    rows: list[Any]
    last: Key | None


def relations(
    size: int,
    after: Key | None,
    *,
    search: str = "",
    number: str = "",
    changed_since: datetime | None = None,
) -> Found:
    """Return relations; `number` is a debtor's or a creditor's."""
    wanted = relation_words.found_by(current_scope() or 0, search)
    if number:
        wanted.append(
            or_(Relation.debtor_number == number, Relation.creditor_number == number)
        )
    query = select(Relation).where(
        Relation.tenant_id == current_scope(), is_current(), *wanted
    )
    if changed_since is None:
        return _by_id(query, Relation.id, size, after)
    start = after or Key(changed_since, 0)
    mark = tuple_(Relation.changed_at, Relation.id)
    query = query.where(mark > tuple_(start.moment, start.row_id))
    query = query.order_by(Relation.changed_at, Relation.id).limit(size + 1)
    rows = list(session().scalars(query))
    last = rows[size - 1] if len(rows) > size else None
    return Found(rows[:size], Key(last.changed_at, last.id) if last else None)


def invoices(
    size: int,
    after: Key | None,
    *,
    state: str = "",
    number: str = "",
    relation_id: int | None = None,
) -> Found:
    """Return sales invoices, oldest first."""
    query = (
        select(SalesInvoice)
        .where(SalesInvoice.tenant_id == current_scope())
        .options(selectinload(SalesInvoice.attachments))
    )
    if state:
        query = query.where(SalesInvoice.state == state)
    if number:
        query = query.where(SalesInvoice.number == number)
    if relation_id is not None:
        query = query.where(SalesInvoice.relation_id == relation_id)
    return _by_id(query, SalesInvoice.id, size, after)


def orders(
    size: int,
    after: Key | None,
    *,
    number: str = "",
    source_id: str = "",
    shop_id: int | None = None,
) -> Found:
    """Return the orders of every shop, in the order in which they became known."""
    query = select(ShopOrder).where(ShopOrder.tenant_id == current_scope())
    if number:
        query = query.where(ShopOrder.number == number)
    if source_id:
        query = query.where(ShopOrder.source_id == source_id)
    if shop_id is not None:
        query = query.where(ShopOrder.connection_id == shop_id)
    return _by_id(query, ShopOrder.id, size, after)


def _by_id(
    query: Select[Any], column: InstrumentedAttribute[int], size: int, after: Key | None
) -> Found:
    if after is not None:
        query = query.where(column > after.row_id)
    rows = list(session().scalars(query.order_by(column).limit(size + 1)))
    return Found(
        rows[:size], Key(None, rows[size - 1].id) if len(rows) > size else None
    )


def transfers(subject: str, ids: list[int]) -> dict[int, list[Transfer]]:
    """Return what became of documents in the packages, by the document's id."""
    rows = session().scalars(
        select(Transfer)
        .where(Transfer.subject == subject, Transfer.subject_id.in_(ids))
        .order_by(Transfer.id)
    )
    found: dict[int, list[Transfer]] = {}
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found
