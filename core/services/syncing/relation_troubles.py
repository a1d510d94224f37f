"""What a run could not bring in step: kept until it is solved, for the user to see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from core.domain.clock import utcnow
from core.models import RelationTrouble
from core.runtime.database import session
from core.services.syncing.relation_links import parts

CONFLICTS = (
    "relation_number_twice", "relation_number_taken", "relation_role_changed",
    "relation_other_party",
)  # fmt: skip
"""Codes of `core.rules.sync.Conflict`: nothing was written for these."""
Key = tuple[int | None, str, str]
"""Relation, role and record of a trouble."""


@dataclass(frozen=True)
class Objection:
    """Why a relation or a record is not in step."""

    code: str
    role: str
    relation_id: int | None = None
    external_id: str = ""
    number: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    content_hash: str = ""
    not_before: datetime | None = None
    misses: int = 0
    sends: int = 0

    @property
    def key(self) -> Key:
        """Return what it is about."""
        return self.relation_id, self.role, self.external_id


def about(
    connection_id: int, relations: Iterable[int], records: Iterable[str]
) -> list[RelationTrouble]:
    """Return the troubles with some relations or records, detached."""
    found: dict[int, RelationTrouble] = {}
    for ids in parts(relations):
        found |= _found(connection_id, RelationTrouble.relation_id.in_(ids))
    for keys in parts(records):
        found |= _found(connection_id, RelationTrouble.external_id.in_(keys))
    return list(found.values())


def every(connection_id: int) -> list[RelationTrouble]:
    """Return all troubles of a connection, detached."""
    return list(_found(connection_id).values())


def page(
    connection_id: int, after: int, size: int, *, code: str = "", but: str = ""
) -> list[RelationTrouble]:
    """Return the next troubles behind an id, oldest first; of a code, or `but` one."""
    rows = session().scalars(
        select(RelationTrouble)
        .where(
            RelationTrouble.connection_id == connection_id,
            RelationTrouble.id > after,
            *_which(code, but),
        )
        .order_by(RelationTrouble.id)
        .limit(size)
    )
    return list(rows)


def _which(code: str, but: str = "") -> list[ColumnElement[bool]]:
    found = [RelationTrouble.code == code] if code else []
    return [*found, RelationTrouble.code != but] if but else found


def count(connection_id: int, *, code: str = "") -> int:
    """Count the troubles of a connection."""
    return session().execute(
        select(func.count()).where(
            RelationTrouble.connection_id == connection_id, *_which(code)
        )
    ).scalar_one()  # fmt: skip


def counts(connection_id: int) -> dict[str, int]:
    """Count the troubles: `conflicts` of numbers, and what was `refused`."""
    rows = session().execute(
        select(RelationTrouble.code, func.count())
        .where(RelationTrouble.connection_id == connection_id)
        .group_by(RelationTrouble.code)
    )
    found = {"conflicts": 0, "refused": 0}
    for code, number in rows:
        found["conflicts" if code in CONFLICTS else "refused"] += number
    return found


def next_look(connection_id: int) -> datetime | None:
    """Return when a write without an answer is next looked for; None: there is none."""
    return session().execute(
        select(func.min(RelationTrouble.not_before)).where(
            RelationTrouble.connection_id == connection_id
        )
    ).scalar_one()  # fmt: skip


def _found(
    connection_id: int, *which: ColumnElement[bool]
) -> dict[int, RelationTrouble]:
    rows = session().scalars(
        select(RelationTrouble).where(
            RelationTrouble.connection_id == connection_id, *which
        )
    )
    found = {row.id: row for row in rows}
    for row in found.values():
        session().expunge(row)
    return found


def note(tenant_id: int, connection_id: int, objection: Objection) -> None:
    """Keep an objection in the caller's transaction; a known one keeps its date."""
    row = session().scalar(
        select(RelationTrouble).where(
            RelationTrouble.connection_id == connection_id,
            RelationTrouble.relation_id.is_(None)
            if objection.relation_id is None
            else RelationTrouble.relation_id == objection.relation_id,
            RelationTrouble.role == objection.role,
            RelationTrouble.external_id == objection.external_id,
        )
    )
    if row is None:
        row = RelationTrouble(tenant_id=tenant_id, connection_id=connection_id)
        session().add(row)
    for name, value in _columns(objection).items():
        setattr(row, name, value)
    session().flush()


def _columns(objection: Objection) -> dict[str, Any]:
    return {
        "relation_id": objection.relation_id,
        "role": objection.role,
        "external_id": objection.external_id[:100],
        "number": objection.number[:20],
        "code": objection.code,
        "params": dict(objection.params),
        "content_hash": objection.content_hash,
        "not_before": objection.not_before,
        "misses": objection.misses,
        "sends": objection.sends,
        "noted_at": utcnow(),
    }


def solved(ids: Sequence[int]) -> None:
    """Forget troubles in the caller's transaction."""
    for some in parts(ids):
        session().execute(delete(RelationTrouble).where(RelationTrouble.id.in_(some)))
