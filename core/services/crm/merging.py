"""Merging two relations into one, and undoing it.

The kept relation gets the other's invoices and contact persons, and its numbers with
their records in the packages where it has none itself. The other one leaves all lists
but stays as it was, its history and its numbers with it: nobody else can get them. What
it has in packages rests there, is not made anew and never deleted; `syncing.standing`
lists it. Sent invoices keep the name they were sent with.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm.exc import StaleDataError

from core.domain.clock import utcnow
from core.domain.errors import AskUser
from core.domain.relations import RelationData
from core.models import (
    Relation,
    RelationContact,
    RelationLink,
    RelationMerge,
    RelationTrouble,
    SalesInvoice,
)
from core.rules import merging, relation_fields
from core.rules.merging import NUMBERS, Offer
from core.runtime.database import session
from core.services import events
from core.services.crm import relation_history, relation_words, relations
from core.services.crm.merged import refuse_merged
from core.services.crm.relations import KEEP, MANAGER

ROLES: Final = {"debtor_number": "debtor", "creditor_number": "creditor"}
OTHER: Final = "merged_relation"
"""In the history: the name and number of the other relation."""
_MOVED: Final = {"invoices": SalesInvoice, "contacts": RelationContact}


@dataclass(frozen=True)
class Preview:
    """What merging would do, before it is confirmed."""

    kept: RelationData
    other: RelationData
    offers: list[Offer]
    numbers: dict[str, str]
    """Numbers that the kept relation takes over, by field."""
    resting: dict[str, str]
    """Numbers of the other relation that nobody gets any more, by field."""
    invoices: int
    contacts: int
    moves: list[RelationLink]
    """Records in packages that go on as the kept relation's."""
    rests: list[RelationLink]
    """Records that stay in their package, with nothing here that follows them."""


def preview(kept: Relation, other: Relation) -> Preview:
    """Tell what merging would do. Raises AskUser as `merge` for two that cannot be."""
    _refuse(kept, other)
    mine, theirs = relations.data_of(kept), relations.data_of(other)
    taken = merging.numbers_taken(mine, theirs)
    moves = _links_to_move(kept, other, taken)
    links = _links_of([other.id])
    return Preview(
        mine,
        theirs,
        merging.offers(mine, theirs),
        taken,
        {
            name: number
            for name in NUMBERS
            if (number := getattr(theirs, name)) and name not in taken
        },
        _count(SalesInvoice, other.id),
        _count(RelationContact, other.id),
        moves,
        [link for link in links if link not in moves],
    )


def merge(
    kept: Relation,
    other: Relation,
    taken: Collection[str] | None = None,
    *,
    takes_manager: bool = False,
    user_id: int | None = None,
) -> RelationMerge:
    """Merge `other` into `kept` in the caller's transaction.

    `taken`: the fields (`core.rules.merging.UNITS`) that the other's value is for;
    None: those that the kept one has not filled in. Raises AskUser
    `relation_merge_itself`, `relation_merged` for one that is merged away already, and
    `relation_changed_meanwhile`.
    """
    _refuse(kept, other)
    mine, theirs = relations.data_of(kept), relations.data_of(other)
    if taken is None:
        taken = {one.name for one in merging.offers(mine, theirs) if one.takes_other}
    wanted = merging.joined(mine, theirs, taken)
    numbers = merging.numbers_taken(mine, theirs)
    links = _links_to_move(kept, other, numbers)
    before = {
        name: pair[0] for name, pair in relation_fields.changes(mine, wanted).items()
    }
    manager_id = other.manager_id if takes_manager else KEEP
    if takes_manager:
        before[MANAGER] = str(kept.manager_id or "")
    _point(other, kept.id, dict.fromkeys(numbers))
    relations.save(
        wanted, kept, user_id=user_id, action="merged", manager_id=manager_id
    )
    row = RelationMerge(
        tenant_id=kept.tenant_id,
        kept_id=kept.id,
        merged_id=other.id,
        user_id=user_id,
        before=before,
        numbers=numbers,
        moved={
            **{name: _move_all(model, other, kept) for name, model in _MOVED.items()},
            "links": [link.id for link in links],
        },
    )
    _move_links(row.moved["links"], other, kept)
    session().execute(
        delete(RelationTrouble).where(RelationTrouble.relation_id == other.id)
    )
    relation_words.forget(other)
    _tell(kept, other, "merged", "merged_away", user_id)
    row.kept_version = kept.version
    session().add(row)
    session().flush()
    return row


def _refuse(kept: Relation, other: Relation) -> None:
    if kept.id == other.id:
        raise AskUser("relation_merge_itself")
    refuse_merged(kept)
    refuse_merged(other)


def _point(row: Relation, kept_id: int | None, numbers: dict[str, Any]) -> None:
    """Let a relation be merged away or not, with other numbers."""
    name = relations.data_of(row).full_name
    try:
        with session().begin_nested():
            row.merged_into_id = kept_id
            row.changed_at = utcnow()
            for column, number in numbers.items():
                setattr(row, column, number)
    except StaleDataError as error:
        raise AskUser("relation_changed_meanwhile", name=name) from error


def _move_all(model: Any, source: Relation, target: Relation) -> list[int]:
    ids = session().scalars(select(model.id).where(model.relation_id == source.id))
    return _move(model, ids.all(), source, target)


def _move(
    model: Any, ids: Iterable[int], source: Relation, target: Relation
) -> list[int]:
    """Give rows of one relation to another; return the ids of those that it had."""
    found: list[int] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        found += session().scalars(
            update(model)
            .where(
                model.relation_id == source.id,
                model.id.in_(wanted[start : start + 500]),
            )
            .values(relation_id=target.id)
            .returning(model.id)
            .execution_options(synchronize_session=False)
        )
    session().flush()
    for row in session():
        if isinstance(row, model):
            session().expire(row)
    return sorted(found)


def _links_of(ids: Collection[int]) -> list[RelationLink]:
    rows = session().scalars(
        select(RelationLink)
        .where(RelationLink.relation_id.in_(ids))
        .order_by(RelationLink.connection_id, RelationLink.role)
    )
    return list(rows)


def _links_to_move(
    kept: Relation, other: Relation, numbers: Collection[str]
) -> list[RelationLink]:
    """Return the links of the numbers that go over, where the kept one has none."""
    roles = {ROLES[name] for name in numbers}
    own = {(link.connection_id, link.role) for link in _links_of([kept.id])}
    return [
        link
        for link in _links_of([other.id])
        if link.role in roles and (link.connection_id, link.role) not in own
    ]


def _move_links(ids: Iterable[int], source: Relation, target: Relation) -> None:
    _move(RelationLink, ids, source, target)


def _tell(
    kept: Relation, other: Relation, here: str, there: str, user_id: int | None
) -> None:
    """Write both histories, and let programs that follow relations know."""
    relations.touch(kept)
    for row, action, about in ((kept, here, other), (other, there, kept)):
        relation_history.keep_change(row, action, {OTHER: ("", _named(about))}, user_id)
        events.relation_changed.send(
            row, fields=frozenset({"merged_into"}), deleted=False
        )
    for row in (kept, other):
        if row.merged_into_id is None:
            relation_words.keep(row, relations.data_of(row))


def _named(row: Relation) -> str:
    data = relations.data_of(row)
    number = data.debtor_number or data.creditor_number
    return f"{data.full_name} ({number})" if number else data.full_name


def merges_into(relation_id: int) -> list[tuple[RelationMerge, Relation]]:
    """Return what was merged into a relation and not undone, newest first."""
    rows = session().execute(
        select(RelationMerge, Relation)
        .join(Relation, Relation.id == RelationMerge.merged_id)
        .where(RelationMerge.kept_id == relation_id, RelationMerge.undone_at.is_(None))
        .order_by(RelationMerge.id.desc())
    )
    return [(merge, row) for merge, row in rows]


def merge_of(relation_id: int) -> RelationMerge | None:
    """Return the merge by which a relation was merged away."""
    return session().scalar(
        select(RelationMerge).where(
            RelationMerge.merged_id == relation_id, RelationMerge.undone_at.is_(None)
        )
    )


def holder(relation_id: int, role: str) -> int | None:
    """Return whose a relation's records of a role are: its own, or those of the
    relation that took over its number when it was merged; None: it is gone."""
    query = select(Relation.merged_into_id).where(Relation.id == relation_id)
    row = session().execute(query).first()
    if row is None:
        return None
    merge = merge_of(relation_id) if row.merged_into_id is not None else None
    field = next(name for name, one in ROLES.items() if one == role)
    if merge is not None and field in merge.numbers:
        return holder(merge.kept_id, role)
    return relation_id


def can_undo(merge: RelationMerge) -> bool:
    """Tell whether nothing changed since: see `undo`."""
    kept = session().get_one(Relation, merge.kept_id)
    is_same = kept.version == merge.kept_version and kept.merged_into_id is None
    return merge.undone_at is None and is_same


def undo(merge: RelationMerge, *, user_id: int | None = None) -> Relation:
    """Give both relations back as they were, in the caller's transaction.

    What came to the kept one since (new invoices) stays there. A record that was set
    inactive in its package stays inactive. Raises AskUser `relation_merge_undone`, and
    `relation_merge_changed` once the kept one was changed: its fields no longer tell
    what was whose.
    """
    if merge.undone_at is not None:
        raise AskUser("relation_merge_undone")
    kept = session().get_one(Relation, merge.kept_id)
    other = session().get_one(Relation, merge.merged_id)
    if not can_undo(merge):
        raise AskUser("relation_merge_changed", name=relations.data_of(kept).full_name)
    before = dict(merge.before)
    manager = before.pop(MANAGER, None)
    relations.save(
        relation_fields.with_values(relations.data_of(kept), before),
        kept,
        user_id=user_id,
        action="unmerged",
        manager_id=KEEP if manager is None else int(manager or 0) or None,
    )
    _point(other, None, dict(merge.numbers))
    for name, model in _MOVED.items():
        _move(model, merge.moved[name], kept, other)
    _move_links(merge.moved["links"], kept, other)
    _tell(kept, other, "unmerged", "unmerged", user_id)
    merge.undone_at = utcnow()
    session().flush()
    return other


def _count(model: Any, relation_id: int) -> int:
    return int(
        session().scalar(
            select(func.count()).select_from(model).where(
                model.relation_id == relation_id
            )
        )
        or 0
    )  # fmt: skip
