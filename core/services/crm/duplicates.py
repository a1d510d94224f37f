"""The list of relations that may be one party twice: flat as they grow.

Candidates are found by their shared keys (`core.rules.doubles`), which stand among the
words of the relations: a page takes four questions per `KEYS` shared keys it looks at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from core.domain.relations import RelationData
from core.models import Relation, RelationDistinct, RelationWord
from core.rules import doubles
from core.runtime.database import insert_for, session
from core.runtime.tenancy import current_scope
from core.services.crm import relations
from core.services.crm.merged import is_current
from core.services.reporting.overview import Page

PAGE = 25
KEYS = 50
"""Shared keys that are looked at at once."""
TURNS = 4
"""So often at most for one page."""
MEMBERS = 20
"""Relations that share one key and are compared; the others come when these went."""
_END = chr(ord(doubles.MARK) + 1)


@dataclass(frozen=True)
class Double:
    """Two relations that look like one."""

    one: Relation
    other: Relation
    reasons: tuple[str, ...]
    """What they have in common: `core.rules.doubles.REASONS`."""


def page(after: str = "") -> Page:
    """Return pairs behind a key; `Page.after` is the key where the next page begins."""
    found: list[Double] = []
    for _turn in range(TURNS):
        shared = _shared_keys(after)
        by_key = {key: _pairs(key, rows) for key, rows in _members(shared).items()}
        wanted = set(_undecided(pair for pairs in by_key.values() for pair in pairs))
        for key, pairs in by_key.items():
            found += [pair for pair in pairs if pair in wanted]
            if len(found) >= PAGE:
                return Page(found, key)
        if len(shared) < KEYS:
            return Page(found)
        after = shared[-1]
    return Page(found, after)


def of_relation(row: Relation) -> list[Double]:
    """Return the relations that look like one of them."""
    wanted = sorted(doubles.keys(relations.data_of(row)))
    found: dict[int, Double] = {}
    for members in _members(wanted, row.id).values():
        for other in members:
            reasons = doubles.reasons(relations.data_of(row), relations.data_of(other))
            if other.id != row.id and reasons:
                found.setdefault(other.id, Double(row, other, reasons))
    return _undecided(found.values())


def _shared_keys(after: str) -> list[str]:
    rows = session().scalars(
        select(RelationWord.word)
        .where(
            RelationWord.tenant_id == current_scope(),
            RelationWord.word > (after or doubles.MARK),
            RelationWord.word < _END,
        )
        .group_by(RelationWord.word)
        .having(func.count() > 1)
        .order_by(RelationWord.word)
        .limit(KEYS)
    )
    return list(rows)


def _members(keys: Iterable[str], also: int = 0) -> dict[str, list[Relation]]:
    """Return some relations of each key, in the order of the keys."""
    place = func.row_number().over(
        partition_by=RelationWord.word, order_by=RelationWord.relation_id
    )
    ranked = (
        select(RelationWord.word, RelationWord.relation_id, place.label("place"))
        .where(
            RelationWord.tenant_id == current_scope(), RelationWord.word.in_(list(keys))
        )
        .subquery()
    )
    pairs = session().execute(
        select(ranked.c.word, ranked.c.relation_id)
        .where(ranked.c.place <= MEMBERS)
        .order_by(ranked.c.word, ranked.c.relation_id)
    ).all()  # fmt: skip
    wanted = {relation_id for _word, relation_id in pairs} - {also}
    rows = session().scalars(
        select(Relation).where(Relation.id.in_(wanted), is_current())
    )
    by_id = {row.id: row for row in rows}
    found: dict[str, list[Relation]] = {}
    for word, relation_id in pairs:
        if relation_id in by_id:
            found.setdefault(word, []).append(by_id[relation_id])
    return found


def _pairs(key: str, members: list[Relation]) -> list[Double]:
    cards: list[RelationData] = [relations.data_of(row) for row in members]
    return [
        Double(members[left], members[right], reasons)
        for left, right, reasons in doubles.pairs(key, cards)
    ]


def _undecided(found: Iterable[Double]) -> list[Double]:
    """Leave out what the user said is no double."""
    pairs = list(found)
    ids = {row.id for pair in pairs for row in (pair.one, pair.other)}
    rows = session().execute(
        select(RelationDistinct.low_id, RelationDistinct.high_id).where(
            RelationDistinct.low_id.in_(ids)
        )
    )
    decided = {(low, high) for low, high in rows}
    return [pair for pair in pairs if _key(pair.one, pair.other) not in decided]


def _key(one: Relation, other: Relation) -> tuple[int, int]:
    return min(one.id, other.id), max(one.id, other.id)


def not_double(one: Relation, other: Relation, *, user_id: int | None = None) -> None:
    """*Geen dubbele*: these two are not offered again, in the caller's transaction."""
    low, high = _key(one, other)
    values: Mapping[str, object] = {
        "tenant_id": one.tenant_id, "low_id": low, "high_id": high, "user_id": user_id,
    }  # fmt: skip
    session().execute(
        insert_for(RelationDistinct)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["low_id", "high_id"])
    )
