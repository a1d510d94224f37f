"""The only writer of relations: what is saved, by whom, and what stood there before.

Everything happens in the caller's transaction. A save that changes nothing writes
nothing. Two who change the same version of a relation cannot both succeed.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.events import RelationChanged
from core.domain.relations import RelationData
from core.domain.strings import all_sendable
from core.models import (
    Connection,
    Relation,
    RelationChange,
    SalesInvoice,
)
from core.rules import received, relation_fields
from core.rules.relation_fields import KIND, Change
from core.runtime import log
from core.runtime.database import session
from core.runtime.extensions import koppelwerk
from core.runtime.tenancy import SYSTEM, current_scope
from core.services import events
from core.services.connections import connections
from core.services.crm import relation_doubts, relation_words
from core.services.crm.merged import is_current, refuse_merged
from core.services.crm.relation_history import (
    MERGE_ACTIONS,
    changes_since,
    is_making,
    keep_change,
)
from core.services.crm.relation_lists import Filter, page
from core.services.crm.relation_rows import (
    KEEP,
    OPTIONAL,
    Marks,
    as_kept,
    data_of,
    keep_beside,
    store,
)

__all__ = ["KEEP", "Filter", "changed_since", "data_of", "delete", "page", "save"]

MANAGER: Final = "manager_id"
"""The one field of a relation that no package knows."""
FIRST_DEBTOR, FIRST_CREDITOR = "10001", "20001"
"""Digitale Factuur's debtors begin with a 1, its creditors with a 2 (manual 002)."""


def on_invoice(row: Relation) -> RelationData:
    """Return a stored relation as its invoices have it: without numbers in doubt."""
    return relation_doubts.on_invoice(row, data_of(row))


def save(
    values: RelationData,
    row: Relation | None,
    *,
    user_id: int | None = None,
    origin_connection_id: int | None = None,
    action: str = "edited",
    manager_id: int | None = KEEP,
    assumed: frozenset[str] = frozenset(),
    unclear_name: bool = False,
) -> Relation:
    """Make or change a relation; tell the plugins which fields changed.

    Of what a package tells (`synced`), values that are not understood are marked;
    `assumed` are the fields that it left open, and with `unclear_name` it changed a
    person's name so that this one was kept.

    Raises AskUser `relation_debtor_number_taken` or `relation_creditor_number_taken`,
    `relation_changed_meanwhile` when another transaction was first, and
    `relation_merged` for a relation that was merged into another.
    """
    if row is not None:
        refuse_merged(row)
    tenant_id = row.tenant_id if row else _tenant_of(origin_connection_id)
    before = data_of(row) if row else None
    values = as_kept(all_sendable(values), before, action)
    home = relation_doubts.home_country(tenant_id, origin_connection_id)
    came = None
    if action == "synced":
        came = received.received(values, before, home)
        came = came.with_marks(assumed, unclear_name=unclear_name)
        values = came.data
    changes = relation_fields.changes(before, values)
    changes |= _manager_change(row, manager_id)
    marks = relation_doubts.noted(row, before, values, came, home)
    if row is not None and not changes:
        keep_beside(row, values, marks)
        return row
    is_new = row is None
    row = row or _new(tenant_id)
    refuse_taken(row.tenant_id, row.id, values)
    _write(row, values, manager_id, marks)
    relation_words.keep(row, values)
    made = "made" if is_new and action == "edited" else action
    keep_change(row, made, changes, user_id, origin_connection_id)
    _tell(row, relation_fields.top_level(changes), origin_connection_id)
    return row


def _new(tenant_id: int) -> Relation:
    return Relation(tenant_id=tenant_id, addresses=[])


def _tenant_of(connection_id: int | None) -> int:
    """Return whose a new relation is: the scope's tenant, or the connection's."""
    scope = current_scope()
    if scope not in (None, SYSTEM):
        return scope
    return session().get_one(Connection, connection_id).tenant_id


def _manager_change(row: Relation | None, manager_id: int | None) -> dict[str, Change]:
    before = row.manager_id if row else None
    if manager_id in (KEEP, before):
        return {}
    return {MANAGER: (str(before or ""), str(manager_id or ""))}


def refuse_taken(tenant_id: int, own_id: int | None, values: RelationData) -> None:
    """Refuse a number that another relation of the tenant has; name that relation.

    Raises AskUser `relation_debtor_number_taken`, `relation_creditor_number_taken`.
    """
    for name, other in holders(tenant_id, own_id, values):
        raise taken(name, other)


def holders(
    tenant_id: int, own_id: int | None, values: RelationData
) -> Iterator[tuple[str, Relation]]:
    """Yield the other relations that have one of the numbers, by field."""
    for name in OPTIONAL:
        number, column = getattr(values, name), getattr(Relation, name)
        if not number:
            continue
        with session().no_autoflush:
            other = session().scalar(
                select(Relation).where(
                    Relation.tenant_id == tenant_id, column == number
                )
            )
        if other is not None and other.id != own_id:
            yield name, other


def taken(name: str, holder: Relation) -> AskUser:
    """Return the refusal of a number that another relation has."""
    number, whose = getattr(holder, name), data_of(holder).full_name
    return AskUser(f"relation_{name}_taken", number=number, name=whose)


def _write(
    row: Relation, values: RelationData, manager_id: int | None, marks: Marks
) -> None:
    """Write the row; when another transaction was first, say with what.

    It is changed within the savepoint, so that a refusal leaves the caller's
    transaction whole and the row as it was.
    """
    own_id, tenant_id = row.id, row.tenant_id
    try:
        with session().begin_nested():
            store(row, values, manager_id, marks)
            session().add(row)
    except IntegrityError:
        refuse_taken(tenant_id, own_id, values)
        raise
    except StaleDataError as error:
        name = values.full_name
        raise AskUser("relation_changed_meanwhile", name=name) from error


def touch(row: Relation) -> None:
    """Give a relation a new version, where what belongs to it changed.

    Raises AskUser `relation_changed_meanwhile`.
    """
    name = data_of(row).full_name
    try:
        with session().begin_nested():
            row.changed_at = utcnow()
    except StaleDataError as error:
        raise AskUser("relation_changed_meanwhile", name=name) from error


def _tell(
    row: Relation,
    fields: frozenset[str],
    origin_connection_id: int | None,
    *,
    deleted: bool = False,
) -> None:
    event = RelationChanged(
        row.tenant_id, row.id, fields, origin_connection_id, deleted=deleted
    )
    enabled = connections.enabled_plugins(row.tenant_id)
    koppelwerk().registry.dispatch("on_relation_changed", enabled, event)
    events.relation_changed.send(row, fields=fields, deleted=deleted)


def refuse_delete(row: Relation) -> None:
    """Refuse to delete a relation that an invoice is of, or that was merged.

    Raises AskUser `relation_has_invoices`: an invoice's buyer stays known (AWR art. 52,
    seven years); `relation_merged`.
    """
    refuse_merged(row)
    invoices = session().scalar(
        select(func.count()).where(
            SalesInvoice.tenant_id == row.tenant_id, SalesInvoice.relation_id == row.id
        )
    )
    name = data_of(row).full_name
    if invoices:
        raise AskUser("relation_has_invoices", name=name, count=invoices)


def delete(
    row: Relation,
    *,
    user_id: int | None = None,
    origin_connection_id: int | None = None,
) -> None:
    """Delete a relation with its history; the log keeps its name and numbers.

    Plugins are told while its rows can still be read. Raises what `refuse_delete`
    does.
    """
    refuse_delete(row)
    name = data_of(row).full_name
    _tell(row, frozenset(), origin_connection_id, deleted=True)
    log.write(
        row.tenant_id,
        "relation_deleted",
        connection_id=origin_connection_id,
        user_id=user_id,
        name=name,
        number=row.debtor_number or row.creditor_number or "—",
    )
    session().delete(row)
    session().flush()


def put_back(
    change: RelationChange,
    *,
    user_id: int | None = None,
    only: Collection[str] | None = None,
) -> Relation:
    """*Terugzetten*: give the fields of one change (or `only` these) the values from
    before it.

    Raises AskUser `relation_change_is_first` for the change that made the relation,
    `relation_change_of_merge` for one that a merge made, and what `save` raises.
    """
    if is_making(change):
        raise AskUser("relation_change_is_first")
    if change.action in MERGE_ACTIONS:
        raise AskUser("relation_change_of_merge")
    row = session().get_one(Relation, change.relation_id)
    before = {
        name: str(pair[0])
        for name, pair in change.changes.items()
        if only is None or name in only
    }
    places = relation_fields.places_of(before if only is None else ())
    before |= {  # an address is put back whole, with what changed of it since
        name: was
        for name, (was, _) in changes_since(row, change.version).items()
        if name.partition(".")[0] in places and name not in change.changes
    }
    manager = before.pop(MANAGER, None)
    values = relation_fields.with_values(data_of(row), before)
    manager_id = KEEP if manager is None else int(manager or 0) or None
    return save(values, row, user_id=user_id, action="put_back", manager_id=manager_id)


def changed_since(
    moment: datetime, after_id: int, limit: int, *, tenant_id: int | None = None
) -> list[Relation]:
    """Return relations changed at or after a moment, oldest change first.

    Goes on behind the last row by its `changed_at` and id. What another transaction
    commits late may carry an earlier moment: begin a little before the last one.
    """
    mark = tuple_(Relation.changed_at, Relation.id)
    rows = session().scalars(
        select(Relation)
        .where(Relation.tenant_id == (tenant_id or current_scope()), is_current())
        .where(mark > tuple_(moment, after_id))
        .order_by(Relation.changed_at, Relation.id)
        .limit(limit)
    )
    return list(rows)


def next_debtor_number() -> str:
    """Propose a debtor number: one above the highest of the tenant in scope."""
    return _next("debtor_number", FIRST_DEBTOR)


def next_creditor_number() -> str:
    """Propose a creditor number: one above the highest of the tenant in scope."""
    return _next("creditor_number", FIRST_CREDITOR)


def _next(name: str, first: str) -> str:
    """Return one above the highest number of digits alone, as wide as it was."""
    column = getattr(Relation, name)
    highest = session().scalar(
        select(column)
        .where(
            Relation.tenant_id == current_scope(),
            column.is_not(None),
            func.ltrim(column, "0123456789") == "",
            func.length(column) < 19,
        )
        .order_by(func.length(column).desc(), column.desc())
        .limit(1)
    )
    return str(int(highest) + 1).zfill(len(highest)) if highest else first


def kind_of(data: RelationData) -> str:
    """Return the flat word for organisation or person."""
    return relation_fields.flat(data)[KIND]
